"""An agent: one turn of one session, run through the SDK's client from connect to disconnect."""

import asyncio
import logging
import os
import shutil
import time
import warnings
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from claude_agent_sdk import (
    CanUseToolShadowedWarning,
    ClaudeSDKClient,
    CLIConnectionError,
    PermissionResultAllow,
    PermissionResultDeny,
    ToolPermissionContext,
)

from sessions_app.agents.decision import Decision
from sessions_app.agents.events import Ended, Event, Outcome, PermissionAsked, ToolDenied
from sessions_app.agents.failures import Evidence, why_broken
from sessions_app.agents.fold import Fold
from sessions_app.agents.launcher import cli_path
from sessions_app.agents.options import TurnSpec, build_options
from sessions_app.agents.processes import end_processes
from sessions_app.agents.session_store import DjangoSessionStore
from sessions_app.rendering.failures import failure

logger = logging.getLogger(__name__)

STOPPED = Ended(Outcome.INTERRUPTED, *failure("stopped"))
# All in all a stop has five seconds: to fall silent, to go after that, and to be ended.
INTERRUPT_SECONDS = 2.5
LEAVE_SECONDS = 1.5


class Agent:
    """Iterate `events()` once; the last event is an `Ended`, whatever happens. `stop()` may be called at any time.

    After each `PermissionAsked` the agent waits for `decide()`.
    """

    def __init__(self, spec: TurnSpec, *, interrupt_seconds: float = INTERRUPT_SECONDS) -> None:
        self.spec = spec
        self.interrupt_seconds = interrupt_seconds
        self.stderr: deque[str] = deque(maxlen=50)
        self.queue: asyncio.Queue[Event] = asyncio.Queue()
        # When it last gave a sign of life, on the monotonic clock; also of what folds into no event.
        self.heard_at = time.monotonic()
        self.stopping = asyncio.Event()
        # Set when nothing more is said, and only the CLI's end is waited for.
        self.silent = asyncio.Event()
        # Tool use id → what the call waits for.
        self.asked: dict[str, asyncio.Future[Decision]] = {}
        # mypy takes the protocol's absent optional methods for abstract ones.
        store = DjangoSessionStore(spec.turn_id)  # type: ignore[abstract]
        options = build_options(spec, store=store, can_use_tool=self.ask, stderr=self.stderr.append)
        self.client = ClaudeSDKClient(options)

    def stop(self) -> None:
        """Interrupt: the model stops, tools end, what was written so far is kept. Call it in the agent's loop."""
        self.stopping.set()

    async def events(self) -> AsyncGenerator[Event, None]:
        # The SDK wants connect to disconnect in one task, and a stop must be able to end the talking in any phase.
        task = asyncio.create_task(self.run())
        watch = asyncio.create_task(self.watch(task))
        try:
            while True:
                event = await self.queue.get()
                yield event
                if isinstance(event, Ended):
                    return
        finally:
            watch.cancel()
            if not self.silent.is_set():
                task.cancel()
            await asyncio.wait([task])

    async def watch(self, task: asyncio.Task[None]) -> None:
        await self.stopping.wait()
        try:
            async with asyncio.timeout(self.interrupt_seconds):
                await self.client.interrupt()
                await self.silent.wait()
        except Exception as error:
            logger.debug("turn %s: not connected yet, or deaf (%r)", self.spec.turn_id, error)
        if self.silent.is_set():
            # On its way out: the last of its transcript is still coming.
            await asyncio.wait([task], timeout=LEAVE_SECONDS)
        if not task.done():
            # The SDK waits five seconds for a CLI that does not answer, and for one that is gone not at all.
            await asyncio.to_thread(end_processes, self.spec.tag)
        if not self.silent.is_set():
            task.cancel()

    async def run(self) -> None:
        end = Ended(Outcome.FAILED, *failure("unknown", ""))
        try:
            try:
                end = await self.converse()
            except asyncio.CancelledError:
                end = STOPPED
            except Exception as error:
                end = self.explain(error)
            self.silent.set()
            # Entries still come in while the CLI shuts down: a turn ends when its transcript is complete.
            await self.disconnect()
            await asyncio.to_thread(self.leave_nothing)
        finally:
            self.queue.put_nowait(end)

    async def disconnect(self) -> None:
        try:
            await self.client.disconnect()
        except Exception:
            logger.warning("turn %s: the agent did not disconnect cleanly", self.spec.turn_id, exc_info=True)

    def leave_nothing(self) -> None:
        """What the turn's tools left running ends with it, and its temporary files go."""
        if left := end_processes(self.spec.tag):
            logger.info("turn %s: ended %d processes that it had left", self.spec.turn_id, left)
        shutil.rmtree(self.spec.tmp, ignore_errors=True)

    async def converse(self) -> Ended:
        if self.stopping.is_set():
            return STOPPED
        if not os.access(cli_path(), os.X_OK):
            # The launcher is always there; what it would start is not.
            return Ended(Outcome.FAILED, *failure("cli_missing", path=cli_path()))
        with warnings.catch_warnings():
            # In Bypass mode the callback hears of questions and plans only, as the SDK warns: that is what it is for.
            warnings.simplefilter("ignore", CanUseToolShadowedWarning)
            await self.client.connect()
        if self.stopping.is_set():
            return STOPPED
        if not self.spec.decides:
            await self.client.query(self.prompt())
        fold = Fold(Evidence(self.spec.model, self.spec.budget_usd, self.spec.steps))
        async for message in self.client.receive_messages():
            self.heard_at = time.monotonic()
            for event in fold.fold(message):
                if isinstance(event, Ended):
                    return event
                self.queue.put_nowait(event)
        return self.explain(CLIConnectionError("the agent's process ended before it gave a result"))

    async def prompt(self) -> AsyncIterator[dict[str, Any]]:
        yield {
            "type": "user",
            "message": {"role": "user", "content": self.spec.prompt},
            "parent_tool_use_id": None,
            # Becomes the transcript's uuid of the prompt: the same prompt cannot be posted twice.
            "uuid": str(self.spec.prompt_uuid),
        }

    async def ask(
        self, tool: str, given: dict[str, Any], context: ToolPermissionContext
    ) -> PermissionResultAllow | PermissionResultDeny:
        """Called by the SDK for what may not happen unasked. It waits as long as it takes; an interrupt cancels it."""
        call = context.tool_use_id or ""
        self.asked[call] = asyncio.get_running_loop().create_future()
        why = context.decision_reason or context.blocked_path or ""
        self.queue.put_nowait(PermissionAsked(call, tool, given, context.agent_id or "", why))
        try:
            decision = await self.asked[call]
        finally:
            del self.asked[call]
        if not decision.allow:
            self.queue.put_nowait(ToolDenied(call))
        return decision.for_sdk()

    def decide(self, tool_use_id: str, decision: Decision) -> None:
        """Let a call that was asked about go on. One that is not waiting (any more) is left alone."""
        waiting = self.asked.get(tool_use_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(decision)

    def explain(self, error: Exception) -> Ended:
        if self.stopping.is_set():
            return STOPPED
        logger.warning("turn %s failed", self.spec.turn_id, exc_info=error)
        said = next((line for line in reversed(self.stderr) if line.strip()), "")
        return Ended(Outcome.FAILED, *why_broken(error, said))
