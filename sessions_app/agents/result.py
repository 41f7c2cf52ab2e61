"""How a turn ended: the SDK's result, in words and numbers of ours."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from claude_agent_sdk import ResultMessage

from sessions_app.agents.events import Ended, Outcome, Usage

KEPT = "Everything shown here is kept, and the branch can be continued or forked."
SENTENCES = {
    "authentication_failed": "The model refused the credentials. Check ANTHROPIC_API_KEY and restart Espalier.",
    "billing_error": "The account has no credit left for this request.",
    "rate_limit": "The model's rate limit is used up for now. Wait a little, then send the prompt again.",
    "overloaded": "The model is overloaded. Wait a little, then send the prompt again.",
    "server_error": "The model's service failed. Send the prompt again in a while.",
    "model_not_found": "There is no such model, or it is not open to these credentials. Fork with another model.",
    "invalid_request": "The model refused the request as it stands.",
    "max_turns": "The turn took more steps than it may.",
    "budget_exhausted": "The turn cost as much as it may.",
    "store_failed": "The transcript could not be stored, so this turn cannot be continued from.",
    "cli_failed": "The agent's process ended unexpectedly.",
    "unknown": "The turn failed for a reason the agent did not name.",
}
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


def failure(kind: str, detail: str) -> tuple[str, str]:
    """A kind we know, and a sentence that ends in what the service itself said, when it said anything."""
    known = kind if kind in SENTENCES else "unknown"
    said = detail.removeprefix("API Error: ").strip()
    return known, f"{SENTENCES[known]} It said: {said[:500]}" if said else SENTENCES[known]


def ended(result: ResultMessage, api_error: tuple[str, str], store_failed: str) -> Ended:
    """The end of a turn from its result. `subtype` says "success" on API failures too, so `is_error` decides."""
    usage = usage_of(result)
    if store_failed:
        return Ended(Outcome.FAILED, *failure("store_failed", store_failed), usage)
    if result.terminal_reason in INTERRUPTED_REASONS:
        return Ended(Outcome.INTERRUPTED, "stopped", f"Stopped. {KEPT}", usage)
    if not result.is_error:
        return Ended(Outcome.DONE, usage=usage)
    kind, sentence = api_error
    if not kind:
        detail = result.result or "; ".join(result.errors or [])
        kind, sentence = failure(result.terminal_reason or "unknown", detail)
    return Ended(Outcome.FAILED, kind, sentence, usage)


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
