"""Retries in words: what a turn's notice says while the model is about to be asked again, and afterwards."""

from datetime import datetime, timedelta
from typing import Any

from sessions_app.agents.events import Retrying

# (while it lasts, afterwards)
REASONS = {
    401: ("The model refused the credentials (401)", "The model refused the credentials (401)"),
    429: ("The model's rate limit is used up for the moment (429)", "The model's rate limit was used up (429)"),
    529: ("The model is overloaded (529)", "The model was overloaded (529)"),
}
FAILED = "The model's service failed ({status})"
BROKEN = "The answer broke off in the middle"
UNREACHED = ("The model cannot be reached", "The model could not be reached")


def words(retrying: Retrying) -> tuple[str, str]:
    if retrying.status is None:
        return (BROKEN, BROKEN) if retrying.answered else UNREACHED
    failed = FAILED.format(status=retrying.status)
    return REASONS.get(retrying.status, (failed, failed))


def reason(retrying: Retrying) -> str:
    return f"{words(retrying)[0]}."


def wait(retrying: Retrying, now: datetime) -> dict[str, Any]:
    """For the page, which counts down to it: attempts are counted from the first time the model was asked."""
    until = now + timedelta(milliseconds=retrying.delay_ms)
    attempts = retrying.attempts + 1 if retrying.attempts else None
    return {"until": until.isoformat(), "attempt": retrying.attempt + 1, "attempts": attempts}


def outcome(retrying: Retrying, *, answered: bool) -> str:
    was = words(retrying)[1]
    return f"{was}; attempt {retrying.attempt + 1} was answered." if answered else f"{was}."
