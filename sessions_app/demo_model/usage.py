"""Token counts that look like the real API's and depend on nothing but the request and the reply."""

import json

from sessions_app.demo_model.reply import Call, Reply
from sessions_app.demo_model.request import JSON

CHARS_PER_TOKEN = 4
UNCACHED = 6  # what stays after the last cache breakpoint in a real conversation: a handful of tokens


def tokens(text: str) -> int:
    """An estimate of the tokens in `text`, at least 1."""
    return max(1, len(text) // CHARS_PER_TOKEN)


def input_tokens(body: JSON) -> int:
    """An estimate of all input tokens of a request body."""
    return sum(tokens(json.dumps(body[key])) for key in ("system", "tools", "messages") if body.get(key))


def output_tokens(reply: Reply) -> int:
    """An estimate of the tokens of a reply."""
    return sum(
        tokens(block.name + json.dumps(block.input) if isinstance(block, Call) else block.text)
        for block in reply.blocks
    )


def usage(body: JSON, *, output: int) -> dict[str, object]:
    """The `usage` object of a message.

    Without cache breakpoints everything is plain input. With them, all up to the last answer counts as read from
    the cache and the rest as written to it, as when the previous request of the same conversation filled it.
    """
    total = input_tokens(body)
    read = written = 0
    messages = body["messages"]
    # Clients that cache mark the end of the conversation; looking there alone spares long ones another pass.
    if '"cache_control"' in json.dumps([body.get("system"), *messages[-3:]]):
        answered = max((i + 1 for i, message in enumerate(messages) if message.get("role") == "assistant"), default=0)
        new = input_tokens({"messages": messages[answered:]})
        read = max(0, total - new - UNCACHED) if answered else 0
        written = max(0, total - read - UNCACHED)
    return {
        "input_tokens": total - read - written,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": read,
        "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
        "output_tokens": output,
        "service_tier": "standard",
    }
