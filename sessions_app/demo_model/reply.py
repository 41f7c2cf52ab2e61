"""What a script answers with: blocks of a message, or a failure, and how they are played on the wire."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Text:
    """A text block."""

    text: str


@dataclass(frozen=True, slots=True)
class Thinking:
    """A thinking block. Left out when the request did not ask for thinking, as the real API does."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """A tool_use block: the tool's `name` and its JSON `input`."""

    name: str
    input: Mapping[str, object]


Block = Text | Thinking | Call


@dataclass(frozen=True, slots=True)
class Tempo:
    """How fast a reply is streamed.

    `rate` is deltas per second. `wait` is seconds before the first byte. `piece` is characters per delta, 0 for one
    word per delta. An `exact` tempo is what the prompt spelled out in numbers: no jitter, and the server's `pace`
    does not scale it, so that a benchmark gets the rate it asked for.
    """

    rate: float = 38.0
    wait: float = 0.2
    piece: int = 0
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Breakage:
    """How a stream goes wrong after `after` deltas: its connection is cut, an error event comes, or it falls silent."""

    how: Literal["cut", "error", "stall"]
    after: int = 12


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the model to one API request.

    `otherwise` is said instead when a tool that `blocks` calls is not offered by the request.
    """

    blocks: tuple[Block, ...]
    stop_reason: str = ""
    tempo: Tempo = field(default_factory=Tempo)
    breakage: Breakage | None = None
    otherwise: str = ""

    @property
    def calls(self) -> tuple[Call, ...]:
        """The tool calls among the blocks."""
        return tuple(block for block in self.blocks if isinstance(block, Call))

    @property
    def reason(self) -> str:
        """The stop_reason on the wire."""
        return self.stop_reason or ("tool_use" if self.calls else "end_turn")

    @property
    def text(self) -> str:
        """All text blocks, joined."""
        return "".join(block.text for block in self.blocks if isinstance(block, Text))


@dataclass(frozen=True, slots=True)
class Failure:
    """An API error instead of an answer: HTTP `status`, the API's error type, its message, seconds of retry-after.

    With `resets_in`, it also says as the API does to those who signed in: their 5-hour limit is used up for so long.
    """

    status: int
    kind: str
    message: str
    retry_after: int | None = None
    resets_in: int | None = None

    @property
    def body(self) -> dict[str, object]:
        """The API's error shape."""
        return {"type": "error", "error": {"type": self.kind, "message": self.message}}

    @property
    def headers(self) -> dict[str, str]:
        """The API's headers beside it."""
        headers = {} if self.retry_after is None else {"retry-after": str(self.retry_after)}
        if self.resets_in is not None:
            reset = str(int(time.time()) + self.resets_in)
            prefix = "anthropic-ratelimit-unified"
            headers |= {f"{prefix}-status": "rejected", f"{prefix}-reset": reset}
            headers |= {f"{prefix}-representative-claim": "five_hour"}
            headers |= {f"{prefix}-5h-status": "rejected", f"{prefix}-5h-reset": reset}
        return headers


Answer = Reply | Failure


def say(text: str, *, thinking: str = "") -> Reply:
    """A reply that is just text, after an optional thinking block."""
    return Reply((Thinking(thinking), Text(text)) if thinking else (Text(text),))
