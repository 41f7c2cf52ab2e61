"""Events: what happens during a turn, in our own words. Above this package nobody sees an SDK type."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sessions_app.models import PermissionMode


class BlockKind(StrEnum):
    TEXT = "text"
    THINKING = "thinking"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class ModelNamed:
    """The model that answers, in full."""

    model: str


@dataclass(frozen=True, slots=True)
class BlockStarted:
    """A content block begins. `block` numbers the blocks of the turn from 0; a block may begin and never finish."""

    block: int
    kind: BlockKind
    tool: str = ""
    tool_use_id: str = ""
    parent_tool_use_id: str = ""


@dataclass(frozen=True, slots=True)
class BlockGrew:
    """More text of a text or thinking block."""

    block: int
    text: str


@dataclass(frozen=True, slots=True)
class BlockFinished:
    """The block as it stands in the transcript; `text` replaces whatever was streamed. `input` is a tool call's."""

    block: int
    text: str = ""
    input: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class BlockDropped:
    """The attempt that streamed this block was given up: the model is asked again and will begin anew."""

    block: int


@dataclass(frozen=True, slots=True)
class AttemptCompleted:
    """The model's answer arrived whole: blocks dropped before it will not be written anew."""


@dataclass(frozen=True, slots=True)
class PermissionAsked:
    """The agent waits for `Agent.decide(tool_use_id, …)`: a call it may not make unasked, a question, or a plan.

    `agent_id` is set when a subagent asks; `why` is the CLI's reason, often nothing. It may come before the block of
    its call.
    """

    tool_use_id: str
    tool: str
    input: dict[str, Any]
    agent_id: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class ModeChanged:
    """What the agent may do unasked is now something else."""

    mode: PermissionMode


@dataclass(frozen=True, slots=True)
class ToolDenied:
    """A call was refused, by a person or because it may not even be asked about; its result follows."""

    tool_use_id: str


@dataclass(frozen=True, slots=True)
class ToolReturned:
    tool_use_id: str
    text: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class Retrying:
    """The model did not answer, or (`answered`) not to the end, and is asked again after `delay_ms` milliseconds.

    This is time `attempt` of `attempts` (0: of how many is not known) that it is asked *again*.
    """

    attempt: int
    attempts: int
    delay_ms: int
    status: int | None
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Noticed:
    """Something worth a quiet line: history compacted, another model stepped in."""

    text: str


class Outcome(StrEnum):
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Usage:
    """What the run cost, as the SDK counts it; None = not said."""

    cost_usd: Decimal | None = None
    input_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The last event of a turn. `error_kind` is a word for code, `error` a sentence for people; empty when done."""

    outcome: Outcome
    error_kind: str = ""
    error: str = ""
    usage: Usage = field(default_factory=Usage)


Event = (
    ModelNamed
    | BlockStarted
    | BlockGrew
    | BlockFinished
    | BlockDropped
    | AttemptCompleted
    | PermissionAsked
    | ModeChanged
    | ToolDenied
    | ToolReturned
    | Retrying
    | Noticed
    | Ended
)
