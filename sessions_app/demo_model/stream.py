"""A reply as server-sent events, at its tempo, and the same reply as one JSON message."""

import asyncio
import base64
import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator
from hashlib import sha256
from typing import Any
from zlib import crc32

from sessions_app.demo_model.reply import Block, Call, Reply, Tempo, Text, Thinking
from sessions_app.demo_model.request import ModelRequest
from sessions_app.demo_model.usage import output_tokens, usage

WORD = re.compile(r"\s*\S+\s*")
PING_EVERY = 40  # deltas; the real API sends one now and then


class CutError(Exception):
    """The connection is to be closed without an end."""


def encode(event: str, data: dict[str, object]) -> bytes:
    """One server-sent event."""
    return f"event: {event}\ndata: {json.dumps(data)}\n\n".encode()


def message(request: ModelRequest, reply: Reply) -> dict[str, object]:
    """The reply as the JSON message of a request that does not stream."""
    return envelope(request, output=output_tokens(reply)) | {
        "content": [whole(block) for block in reply.blocks],
        "stop_reason": reply.reason,
    }


def envelope(request: ModelRequest, *, output: int) -> dict[str, Any]:
    """A message without content, as message_start has it."""
    return {
        "id": f"msg_{secrets.token_hex(12)}",
        "type": "message",
        "role": "assistant",
        "model": request.body["model"],
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage(request.body, output=output),
    }


async def events(request: ModelRequest, reply: Reply, *, pace: Callable[[], float]) -> AsyncIterator[bytes]:
    """The reply's events, each at its time. Raises CutError where the reply says that the connection breaks."""
    start = envelope(request, output=1)
    yield encode("message_start", {"type": "message_start", "message": start})
    yield encode("ping", {"type": "ping"})
    metronome = Metronome(reply.tempo, pace=pace, seed=request.seed)
    sent = 0
    for index, block in enumerate(reply.blocks):
        at = {"index": index}
        yield encode("content_block_start", {"type": "content_block_start", **at, "content_block": empty(block)})
        for delta in deltas(block, reply.tempo):
            if reply.breakage and sent == reply.breakage.after:
                yield await broken(reply.breakage.how)
                return
            await metronome.tick()
            yield encode("content_block_delta", {"type": "content_block_delta", **at, "delta": delta})
            sent += 1
            if sent % PING_EVERY == 0:
                yield encode("ping", {"type": "ping"})
        yield encode("content_block_stop", {"type": "content_block_stop", **at})
    ending = {"stop_reason": reply.reason, "stop_sequence": None}
    final = {**start["usage"], "output_tokens": output_tokens(reply)}
    yield encode("message_delta", {"type": "message_delta", "delta": ending, "usage": final})
    yield encode("message_stop", {"type": "message_stop"})


async def broken(how: str) -> bytes:
    """What a stream ends with when it goes wrong; a stall never returns."""
    if how == "cut":
        raise CutError
    if how == "stall":
        await asyncio.Event().wait()
    error = {"type": "overloaded_error", "message": "Overloaded"}
    return encode("error", {"type": "error", "error": error})


class Metronome:
    """Ticks on an absolute schedule, so that slow writes do not add up to drift. `pace` is asked at each tick."""

    def __init__(self, tempo: Tempo, *, pace: Callable[[], float], seed: int) -> None:
        self._exact = tempo.exact
        self._rate = tempo.rate
        self._pace = pace
        self._seed = seed
        self._count = 0
        self._due = time.monotonic()

    async def tick(self) -> None:
        """Wait until the next delta is due."""
        period = (1.0 if self._exact else self._pace()) / self._rate
        if not period:
            self._due = time.monotonic()
            return
        jitter = 1.0 if self._exact else 0.6 + 0.8 * (crc32(b"%d %d" % (self._seed, self._count)) % 1000) / 1000
        self._count += 1
        self._due += period * jitter
        if (left := self._due - time.monotonic()) > 0:
            await asyncio.sleep(left)


def empty(block: Block) -> dict[str, object]:
    """The block as content_block_start announces it."""
    if isinstance(block, Thinking):
        return {"type": "thinking", "thinking": "", "signature": ""}
    if isinstance(block, Text):
        return {"type": "text", "text": ""}
    return {"type": "tool_use", "id": f"toolu_{secrets.token_hex(12)}", "name": block.name, "input": {}}


def whole(block: Block) -> dict[str, object]:
    """The block as a message that is not streamed has it."""
    if isinstance(block, Thinking):
        return {"type": "thinking", "thinking": block.text, "signature": signature(block)}
    if isinstance(block, Text):
        return {"type": "text", "text": block.text}
    return empty(block) | {"input": dict(block.input)}


def deltas(block: Block, tempo: Tempo) -> Iterator[dict[str, object]]:
    """The block's deltas, in order."""
    if isinstance(block, Call):
        for piece in pieces(json.dumps(block.input), tempo.piece or 24):
            yield {"type": "input_json_delta", "partial_json": piece}
    elif isinstance(block, Thinking):
        for piece in pieces(block.text, tempo.piece):
            yield {"type": "thinking_delta", "thinking": piece}
        yield {"type": "signature_delta", "signature": signature(block)}
    else:
        for piece in pieces(block.text, tempo.piece):
            yield {"type": "text_delta", "text": piece}


def pieces(text: str, size: int) -> Iterator[str]:
    """`text` cut into words, each with the space around it, or into `size` characters."""
    if size:
        yield from (text[start : start + size] for start in range(0, len(text), size))
    elif text.strip():
        yield from WORD.findall(text)
    elif text:
        yield text


def signature(block: Thinking) -> str:
    """A stand-in for the API's signature of a thinking block: clients store it and send it back unread."""
    return base64.b64encode(sha256(block.text.encode()).digest() * 3).decode()
