"""The recorder: turns an agent's events into rows that last and frames that are seen at once."""

import asyncio
import logging
import time
from dataclasses import dataclass

from django.db import DatabaseError
from django.utils import timezone

from sessions_app.agents.events import (
    AttemptCompleted,
    BlockDropped,
    BlockFinished,
    BlockGrew,
    BlockKind,
    BlockStarted,
    Ended,
    Event,
    ModelNamed,
    Noticed,
    Outcome,
    Retrying,
    ToolDenied,
    ToolReturned,
)
from sessions_app.agents.failures import why_espalier_failed
from sessions_app.live.log import LiveBlock, Stream, live_log
from sessions_app.models import Turn
from sessions_app.rendering.stream import StreamingMarkdown, StreamingText
from sessions_app.runs import api_retries
from sessions_app.runs.in_thread import in_thread
from sessions_app.runs.writer import TurnWriter

logger = logging.getLogger(__name__)

FRAME_SECONDS = 0.035
# Below the second that a crash may cost: writing takes its time, too.
CHECKPOINT_SECONDS = 0.8


@dataclass(slots=True)
class Block:
    """A block that has begun and not finished. A tool call has no stream: its input is shown when it is complete."""

    message_id: int
    kind: BlockKind
    stream: Stream | None = None
    # Fed since its last frame.
    waiting: bool = False
    checkpointed: int = 0


class Recorder:
    """Record every event of one turn, in order. `checkpoint()` is called about once a second in between."""

    def __init__(self, turn: Turn) -> None:
        self.session_id = turn.session_id
        self.writer = TurnWriter(turn)
        self.open: dict[int, Block] = {}
        # Blocks of an attempt that was given up: their rows show what came, until the next attempt writes into them.
        self.dropped: list[Block] = []
        self.calls: dict[str, int] = {}
        self.denied: set[str] = set()
        self.model = ""
        # What is waited for, and the row that says so.
        self.retry: Retrying | None = None
        self.retry_notice: int | None = None
        # What a notice said last, with no block since.
        self.noticed = ""
        self.timer: asyncio.TimerHandle | None = None
        self.framed_at = 0.0
        # Rows and checkpoints are written by one thread, one at a time, in order.
        self.lock = asyncio.Lock()

    async def begin(self) -> None:
        """Before the first event of a turn that goes on with a call: that call is there already."""
        self.calls = await in_thread(self.writer.go_on)

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
                if block := self.open.pop(event.block, None):
                    self.dropped.append(block)
            case AttemptCompleted():
                await self.settle()
                await self.end_retry(answered=True)
            case ToolDenied() | ToolReturned():
                await self.answer(event)
            case ModelNamed() if event.model != self.model:
                self.model = event.model
                await in_thread(self.writer.name_model, event.model)
            case Retrying() | Noticed():
                await self.notice(event)
            case Ended():
                await self.end(event)

    async def start(self, event: BlockStarted) -> None:
        again = next((block for block in self.dropped if block.kind is event.kind), None)
        if again is None:
            block = Block(await in_thread(self.writer.add_message, event), event.kind)
        else:
            self.dropped.remove(again)
            block = Block(again.message_id, event.kind)
        self.open[event.block] = block
        self.noticed = ""
        if event.kind is BlockKind.TOOL:
            self.calls[event.tool_use_id] = block.message_id
            if again is not None:
                await in_thread(self.writer.restart_tool, block.message_id, event)
            if event.tool_use_id in self.denied:
                await in_thread(self.writer.deny_tool, block.message_id)
            return
        block.stream = StreamingMarkdown() if event.kind is BlockKind.TEXT else StreamingText()
        live_log.open(self.session_id, LiveBlock(block.message_id, block.stream))
        self.framed_at = 0.0  # the first words are shown at once

    async def answer(self, event: ToolDenied | ToolReturned) -> None:
        message_id = self.calls.get(event.tool_use_id)
        if isinstance(event, ToolDenied):
            # It may come before the block of its call: it does not take the same way.
            self.denied.add(event.tool_use_id)
            if message_id:
                await in_thread(self.writer.deny_tool, message_id)
        elif message_id:
            await in_thread(self.writer.return_tool, message_id, event)

    def grow(self, event: BlockGrew) -> None:
        block = self.open.get(event.block)
        if block and block.stream:
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
        for block in self.open.values():
            if block.waiting and block.stream and block.stream.due(now):
                block.stream.frame()
                block.waiting = False
        live_log.tell(self.session_id)
        if any(block.waiting for block in self.open.values()):
            # A long tail is rendered less often than a frame lasts: come back for it.
            self.schedule()

    async def finish(self, event: BlockFinished) -> None:
        block = self.open[event.block]
        if block.stream is None:
            await in_thread(self.writer.call_tool, block.message_id, event.input)
        else:
            await in_thread(self.writer.complete_text, block.message_id, event.text)
            live_log.close(self.session_id, block.message_id)
        # Not before it is written: what could not be is still open, and cut off at the end.
        del self.open[event.block]

    async def settle(self) -> None:
        """What was dropped and not written anew stays as it is: cut off."""
        while self.dropped:
            await self.cut(self.dropped[-1])
            self.dropped.pop()

    async def cut(self, block: Block) -> None:
        await in_thread(self.writer.cut_message, block.message_id, block.stream.text if block.stream else "")
        live_log.close(self.session_id, block.message_id)

    async def notice(self, event: Retrying | Noticed) -> None:
        if isinstance(event, Noticed):
            # Twice in a row it says nothing new.
            if event.text != self.noticed:
                await in_thread(self.writer.notice, event.text)
            self.noticed = event.text
            return
        self.retry = event
        said, wait = api_retries.reason(event), api_retries.wait(event, timezone.now())
        self.retry_notice = await in_thread(self.writer.notice, said, self.retry_notice, wait)

    async def end_retry(self, *, answered: bool) -> None:
        """Nothing is waited for any more: the notice says what there was."""
        if self.retry is not None:
            await in_thread(self.writer.notice, api_retries.outcome(self.retry, answered=answered), self.retry_notice)
            self.retry = self.retry_notice = None

    async def checkpoint(self) -> None:
        async with self.lock:
            texts: dict[int, str] = {}
            for block in [*self.open.values(), *self.dropped]:
                text = block.stream.text if block.stream else ""
                if len(text) > block.checkpointed:
                    texts[block.message_id] = text
                    block.checkpointed = len(text)
            if texts:
                await in_thread(self.writer.checkpoint, texts)

    async def end(self, event: Ended) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        self.dropped += [block for block in self.open.values() if block.stream]
        try:
            event = await self.last_words(event)
            await in_thread(self.writer.end, event)
        finally:
            for block in [*self.open.values(), *self.dropped]:
                live_log.close(self.session_id, block.message_id)

    async def last_words(self, event: Ended) -> Ended:
        """Write what is still to be written; the end of a turn for which that fails says why."""
        try:
            await self.settle()
            await self.end_retry(answered=event.outcome is Outcome.DONE)
        except DatabaseError as error:
            logger.warning("the last words of a turn could not be written", exc_info=error)
            return Ended(Outcome.FAILED, *why_espalier_failed(error), event.usage)
        return event
