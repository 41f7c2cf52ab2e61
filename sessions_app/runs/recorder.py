"""The recorder: turns an agent's events into rows that last and frames that are seen at once."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async

from sessions_app.agents.events import (
    BlockDropped,
    BlockFinished,
    BlockGrew,
    BlockKind,
    BlockStarted,
    Ended,
    Event,
    ModelNamed,
    Noticed,
    Retrying,
    ToolDenied,
    ToolReturned,
)
from sessions_app.live.log import LiveBlock, Stream, live_log
from sessions_app.models import Turn
from sessions_app.rendering.stream import StreamingMarkdown, StreamingText
from sessions_app.runs.writer import TurnWriter

P = ParamSpec("P")
R = TypeVar("R")
FRAME_SECONDS = 0.035
CHECKPOINT_SECONDS = 1.0


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run database work in the turn's own thread."""
    return await sync_to_async(function)(*args, **kwargs)


@dataclass(slots=True)
class Growing:
    """A text or thinking block that is being written."""

    message_id: int
    kind: BlockKind
    stream: Stream
    # Fed since its last frame.
    waiting: bool = False
    checkpointed: int = 0


class Recorder:
    """Record every event of one turn, in order. `checkpoint()` is called about once a second in between."""

    def __init__(self, turn: Turn) -> None:
        self.session_id = turn.session_id
        self.writer = TurnWriter(turn)
        self.growing: dict[int, Growing] = {}
        # Blocks of an attempt that was given up: their rows show what came, until the next attempt writes into them.
        self.dropped: list[Growing] = []
        self.tools: dict[int, int] = {}
        self.calls: dict[str, int] = {}
        self.model = ""
        self.retry_notice: int | None = None
        self.timer: asyncio.TimerHandle | None = None
        self.framed_at = 0.0
        # Rows and checkpoints are written by one thread, one at a time, in order.
        self.lock = asyncio.Lock()

    async def record(self, event: Event) -> None:
        if isinstance(event, BlockGrew):
            self.grow(event)
            return
        async with self.lock:
            await self.write(event)

    async def write(self, event: Event) -> None:
        match event:
            case BlockStarted():
                await self.start(event)
            case BlockFinished():
                await self.finish(event)
            case BlockDropped():
                if block := self.growing.pop(event.block, None):
                    self.dropped.append(block)
            case ToolDenied() if message_id := self.calls.get(event.tool_use_id):
                await in_thread(self.writer.deny_tool, message_id)
            case ToolReturned() if message_id := self.calls.get(event.tool_use_id):
                await in_thread(self.writer.return_tool, message_id, event)
            case ModelNamed() if event.model != self.model:
                self.model = event.model
                await in_thread(self.writer.name_model, event.model)
            case Retrying() | Noticed():
                await self.notice(event)
            case Ended():
                await self.end(event)

    async def start(self, event: BlockStarted) -> None:
        if event.kind is BlockKind.TOOL:
            message_id = await in_thread(self.writer.add_message, event)
            self.tools[event.block] = self.calls[event.tool_use_id] = message_id
            return
        stream = StreamingMarkdown() if event.kind is BlockKind.TEXT else StreamingText()
        again = next((block for block in self.dropped if block.kind is event.kind), None)
        if again is not None:
            self.dropped.remove(again)
            message_id = again.message_id
        else:
            message_id = await in_thread(self.writer.add_message, event)
        self.growing[event.block] = Growing(message_id, event.kind, stream)
        live_log.open(self.session_id, LiveBlock(message_id, stream))
        self.framed_at = 0.0  # the first words are shown at once

    def grow(self, event: BlockGrew) -> None:
        if block := self.growing.get(event.block):
            block.stream.feed(event.text)
            block.waiting = True
            self.schedule()

    def schedule(self) -> None:
        """A frame now when the last one is old enough, else as soon as it is."""
        if self.timer is not None:
            return
        wait = self.framed_at + FRAME_SECONDS - time.monotonic()
        if wait <= 0:
            self.frame()
        else:
            self.timer = asyncio.get_running_loop().call_later(wait, self.frame)

    def frame(self) -> None:
        self.timer = None
        now = self.framed_at = time.monotonic()
        for block in self.growing.values():
            if block.waiting and block.stream.due(now):
                block.stream.frame()
                block.waiting = False
        live_log.tell(self.session_id)
        if any(block.waiting for block in self.growing.values()):
            # A long tail is rendered less often than a frame lasts: come back for it.
            self.schedule()

    async def finish(self, event: BlockFinished) -> None:
        if block := self.growing.pop(event.block, None):
            await in_thread(self.writer.complete_text, block.message_id, event.text)
            live_log.close(self.session_id, block.message_id)
        elif message_id := self.tools.get(event.block):
            await in_thread(self.writer.call_tool, message_id, event.input)

    async def notice(self, event: Retrying | Noticed) -> None:
        if isinstance(event, Noticed):
            await in_thread(self.writer.notice, event.text)
            return
        said = f" (status {event.status})" if event.status else ""
        text = f"The model did not answer{said}. Asking again: attempt {event.attempt} of {event.attempts}."
        self.retry_notice = await in_thread(self.writer.notice, text, self.retry_notice)

    async def checkpoint(self) -> None:
        async with self.lock:
            texts: dict[int, str] = {}
            for block in self.growing.values():
                text = block.stream.text
                if len(text) > block.checkpointed:
                    texts[block.message_id] = text
                    block.checkpointed = len(text)
            if texts:
                await in_thread(self.writer.checkpoint, texts)

    async def end(self, event: Ended) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        for block in [*self.growing.values(), *self.dropped]:
            await in_thread(self.writer.cut_text, block.message_id, block.stream.text)
        await in_thread(self.writer.end, event)
        for block in [*self.growing.values(), *self.dropped]:
            live_log.close(self.session_id, block.message_id)
