"""An agent: one turn of one session, run through the SDK's client from connect to disconnect."""

import asyncio
import logging
import os
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from claude_agent_sdk import (
    ClaudeSDKClient,
    CLIConnectionError,
    PermissionResultDeny,
    ToolPermissionContext,
)

from sessions_app.agents.events import Ended, Event, Outcome, ToolDenied
from sessions_app.agents.failures import Evidence, why_broken
from sessions_app.agents.fold import Fold
from sessions_app.agents.launcher import cli_path
from sessions_app.agents.options import TurnSpec, build_options
from sessions_app.agents.session_store import DjangoSessionStore
from sessions_app.rendering.failures import failure

logger = logging.getLogger(__name__)

DENIED = "Denied: nobody can be asked about this here, and it is not allowed without asking."
STOPPED = Ended(Outcome.INTERRUPTED, *failure("stopped"))
INTERRUPT_SECONDS = 3.0


class Agent:
    """Iterate `events()` once; the last event is an `Ended`, whatever happens. `stop()` may be called at any time."""

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
        # mypy takes the protocol's absent optional methods for abstract ones.
        store = DjangoSessionStore(spec.turn_id)  # type: ignore[abstract]
        options = build_options(spec, store=store, can_use_tool=self.refuse, stderr=self.stderr.append)
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
        except Exception:
            # Not connected yet, or deaf. Once it is silent it is on its way out, and takes the time it needs.
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
        finally:
            self.queue.put_nowait(end)

    async def disconnect(self) -> None:
        try:
            await self.client.disconnect()
        except Exception:
            logger.warning("turn %s: the agent did not disconnect cleanly", self.spec.turn_id, exc_info=True)

    async def converse(self) -> Ended:
        if not os.access(cli_path(), os.X_OK):
            # The launcher is always there; what it would start is not.
            return Ended(Outcome.FAILED, *failure("cli_missing", path=cli_path()))
        await self.client.connect()
        if self.stopping.is_set():
            return STOPPED
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

    async def refuse(self, tool: str, given: dict[str, Any], context: ToolPermissionContext) -> PermissionResultDeny:
        """What would ask a person is denied, and seen to be denied."""
        if context.tool_use_id:
            self.queue.put_nowait(ToolDenied(context.tool_use_id))
        return PermissionResultDeny(message=DENIED)

    def explain(self, error: Exception) -> Ended:
        if self.stopping.is_set():
            return STOPPED
        logger.warning("turn %s failed", self.spec.turn_id, exc_info=error)
        said = next((line for line in reversed(self.stderr) if line.strip()), "")
        return Ended(Outcome.FAILED, *why_broken(error, said))
