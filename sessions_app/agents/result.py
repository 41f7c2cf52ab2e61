"""How a turn ended: the SDK's result, in words and numbers of ours."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from claude_agent_sdk import ResultMessage

from sessions_app.agents.events import Ended, Outcome, Usage
from sessions_app.agents.failures import Evidence, why_failed, why_stored_badly
from sessions_app.rendering.failures import failure

INTERRUPTED_REASONS = ("aborted_streaming", "aborted_tools")


def flatten(content: object) -> str:
    """The text of a tool result or message, whatever shape the SDK gives it; what is not text is named."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, Sequence):
        return str(content)
    return "\n".join(part_text(part) for part in content)


def part_text(part: object) -> str:
    if isinstance(part, dict):
        return str(part["text"]) if "text" in part else f"[{part.get('type', 'something')}]"
    return str(getattr(part, "text", "") or f"[{type(part).__name__}]")


def ended(result: ResultMessage, evidence: Evidence) -> Ended:
    """The end of a turn from its result. `subtype` says "success" on API failures too, so `is_error` decides."""
    usage = usage_of(result)
    if evidence.store_error:
        return Ended(Outcome.FAILED, *why_stored_badly(evidence.store_error), usage)
    if result.terminal_reason in INTERRUPTED_REASONS:
        return Ended(Outcome.INTERRUPTED, *failure("stopped"), usage)
    if not result.is_error:
        return Ended(Outcome.DONE, usage=usage)
    return Ended(Outcome.FAILED, *why_failed(evidence, result), usage)


def usage_of(result: ResultMessage) -> Usage:
    tokens: dict[str, Any] = result.usage or {}
    cost = None if result.total_cost_usd is None else Decimal(str(result.total_cost_usd)).quantize(Decimal("0.000001"))
    return Usage(
        cost_usd=cost,
        input_tokens=tokens.get("input_tokens"),
        cache_read_tokens=tokens.get("cache_read_input_tokens"),
        cache_write_tokens=tokens.get("cache_creation_input_tokens"),
        output_tokens=tokens.get("output_tokens"),
    )
