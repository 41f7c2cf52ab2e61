"""Why a turn failed: reads a kind and its particulars out of what the SDK reports."""

import errno
import re
import signal
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from claude_agent_sdk import ProcessError, RateLimitInfo, ResultMessage
from django.utils import timezone

from sessions_app.rendering.failures import failure, times
from sessions_app.rendering.numbers import clock, usd

KINDS_OF_REASON = {
    "prompt_too_long": "context_too_long",
    "image_error": "request_too_large",
    "max_turns": "max_turns",
    "budget_exhausted": "budget_exhausted",
}
KINDS_OF_ERROR = {
    "billing_error": "billing_error",
    "max_output_tokens": "output_limit",
    "model_not_found": "model_not_found",
    "overloaded": "overloaded",
    "rate_limit": "rate_limit",
}
KINDS_OF_STATUS = {
    401: "authentication_failed",
    402: "billing_error",
    403: "permission_denied",
    413: "request_too_large",
    429: "rate_limit",
    529: "overloaded",
}
# The kinds whose sentence says it all; of the others, what the other side said may be the only clue.
QUOTED = frozenset(("authentication_failed", "permission_denied", "unreachable", "invalid_request", "unknown"))
# The CLI puts its own advice before and behind the words of the API; "API Error: 401 " is where those begin.
API_SAID = re.compile(r"API Error: (?:\d{3} )?(.*)", re.DOTALL)
LIMITS = {
    "five_hour": "The 5-hour limit of this login",
    "seven_day": "The weekly limit of this login",
    "seven_day_opus": "The weekly limit of this login for Opus",
    "seven_day_sonnet": "The weekly limit of this login for Sonnet",
}
FULL = ("database or disk is full", "No space left on device", "ENOSPC", "disk quota exceeded")


@dataclass(slots=True)
class Evidence:
    """What a turn shows on its way that its result does not repeat. The first three are what it was started with."""

    model: str = ""
    budget_usd: Decimal | None = None
    steps: int | None = None
    # The CLI's report of an API failure, which comes in place of an answer: its word for it, and its sentence.
    error: str = ""
    said: str = ""
    # Of the request that is under way: how often it was sent, whether any of its answer came, whether that just broke.
    asked: int = 1
    answered: bool = False
    broke: bool = False
    compacted: bool = False
    limits_hit: int = 0
    limit: RateLimitInfo | None = None
    store_error: str = ""

    def next_request(self) -> None:
        """The one before was answered in full."""
        self.asked, self.answered, self.broke = 1, False, False

    def break_off(self) -> None:
        """The answer broke off: the CLI asks again, perhaps without a stream and without a word about it."""
        self.asked += 1
        self.broke = True

    def ask_again(self, status: int | None) -> None:
        # Without a status, this is the word about the stream that broke; with one, the request after it failed, too.
        if not self.broke or status is not None:
            self.asked += 1
        self.answered = self.broke = False


def why_failed(evidence: Evidence, result: ResultMessage) -> tuple[str, str]:
    kind = kind_of(evidence, result)
    said = evidence.said or result.result or "; ".join(result.errors or [])
    quoted = said_by_the_api(said, kind) if kind in QUOTED else ""
    return failure(kind, quoted, **particulars(evidence, result))


def kind_of(evidence: Evidence, result: ResultMessage) -> str:
    status = result.api_error_status
    kind = KINDS_OF_REASON.get(result.terminal_reason or "") or KINDS_OF_ERROR.get(evidence.error)
    kind = kind or ("refusal" if result.stop_reason == "refusal" else KINDS_OF_STATUS.get(status or 0))
    if kind is None:
        kind = kind_without_status(evidence) if status is None else kind_of_other_status(status)
    if kind == "context_too_long" and not evidence.compacted and alone(evidence.said):
        return "prompt_too_long"
    return "usage_limit" if kind == "rate_limit" and evidence.limit else kind


def kind_of_other_status(status: int) -> str:
    return "server_error" if status >= 500 else "invalid_request"


def kind_without_status(evidence: Evidence) -> str:
    """Nobody answered: there was nobody to ask, no way, or the way broke."""
    match evidence.error:
        case "authentication_failed":
            return "no_credentials"
        case "server_error" if evidence.answered or "ECONNRESET" in evidence.said:
            return "connection_lost"
        case "server_error":
            return "unreachable"
        case "invalid_request":
            return "invalid_request"
    return "unknown"


def alone(said: str) -> bool:
    return "single-exchange" in said


def said_by_the_api(said: str, kind: str) -> str:
    match = API_SAID.search(said)
    if match:
        return match[1]
    # Without that mark it is the CLI's own advice, which is for its own users: "Please run /login".
    return "" if kind == "authentication_failed" else said


def particulars(evidence: Evidence, result: ResultMessage) -> dict[str, Any]:
    times_asked = evidence.limits_hit if evidence.error == "max_output_tokens" else evidence.asked
    return {
        "model": evidence.model,
        "times": times(times_asked),
        "status": result.api_error_status,
        "steps": "1 step" if evidence.steps == 1 else f"{evidence.steps} steps",
        "budget": usd(evidence.budget_usd),
        "cost": usd(result.total_cost_usd),
        **limit_words(evidence.limit),
    }


def limit_words(limit: RateLimitInfo | None) -> dict[str, str]:
    if limit is None:
        return {}
    moment = datetime.fromtimestamp(limit.resets_at, UTC) if limit.resets_at else None
    return {
        "limit": LIMITS.get(limit.rate_limit_type or "", "The usage limit of this login"),
        "reset": clock(timezone.localtime(moment)) if moment else "at a time that was not said",
    }


def why_stored_badly(said: str) -> tuple[str, str]:
    """Of what the session store could not do."""
    return failure("disk_full" if any(word in said for word in FULL) else "store_failed")


def why_broken(error: Exception, stderr: str) -> tuple[str, str]:
    """Of an agent that ended without a result; `stderr` is the last thing it wrote there."""
    if isinstance(error, ProcessError) and error.exit_code is not None and error.exit_code < 0:
        return failure("cli_killed", signal=signal_name(-error.exit_code))
    return failure("cli_failed", stderr or first_line(error))


def signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def why_espalier_failed(error: BaseException) -> tuple[str, str]:
    """Of what went wrong in the server itself."""
    if is_disk_full(error):
        return failure("disk_full")
    if isinstance(error, OSError) and error.filename:
        return failure("directory_failed", path=error.filename, reason=(error.strerror or "").lower())
    return failure("espalier_failed", error=type(error).__name__)


def is_disk_full(error: BaseException) -> bool:
    """Whether the disk, or what we may use of it, is the reason, as the system and both databases say it."""
    return any(
        (isinstance(each, OSError) and each.errno in (errno.ENOSPC, errno.EDQUOT))
        or (isinstance(each, sqlite3.Error) and getattr(each, "sqlite_errorname", "") == "SQLITE_FULL")
        or getattr(each, "sqlstate", "") == "53100"
        for each in causes(error)
    )


def causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
