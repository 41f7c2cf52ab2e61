"""The watchdog: says when an agent has given no sign of life for too long."""

import time
from dataclasses import dataclass

from sessions_app.agents.events import BlockFinished, BlockKind, BlockStarted, Event, Retrying, ToolReturned
from sessions_app.rendering.failures import failure

# Run by the model's provider within its answer: they return no result of their own.
PROVIDERS = "srvtoolu_"


@dataclass(frozen=True, slots=True)
class Call:
    """A tool that runs."""

    tool_use_id: str
    name: str


class Watchdog:
    """Show it every event; ask `verdict` now and then. The model may be silent for `stall` seconds, a tool for `tool`.

    While a person is asked, nobody else is expected to say anything: `hold` it now and then instead.
    """

    def __init__(self, *, stall: float, tool: float) -> None:
        self.stall, self.tool = stall, tool
        self.begun: dict[int, Call] = {}
        self.running: dict[str, Call] = {}
        # What was heard before this moment, on the monotonic clock, counts from it: a start, a wait that was announced.
        self.not_before = time.monotonic()

    def see(self, event: Event) -> None:
        match event:
            case BlockStarted(kind=BlockKind.TOOL) if not event.tool_use_id.startswith(PROVIDERS):
                self.begun[event.block] = Call(event.tool_use_id, event.tool)
            case BlockFinished() if call := self.begun.pop(event.block, None):
                self.running[call.tool_use_id] = call
            case ToolReturned():
                self.running.pop(event.tool_use_id, None)
            case Retrying():
                self.not_before = time.monotonic() + event.delay_ms / 1000

    def hold(self) -> None:
        """A person is asked: silence counts from now on."""
        self.not_before = max(self.not_before, time.monotonic())

    def verdict(self, heard_at: float) -> tuple[str, str] | None:
        """(kind, sentence) when it has been silent for too long since `heard_at`, on the monotonic clock."""
        silence = time.monotonic() - max(heard_at, self.not_before)
        if self.running:
            if silence >= self.tool:
                return failure("tool_stalled", tool=next(iter(self.running.values())).name, seconds=round(self.tool))
        elif silence >= self.stall:
            return failure("stalled", seconds=round(self.stall))
        return None
