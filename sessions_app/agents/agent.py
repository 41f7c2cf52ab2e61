"""An agent: one turn of one session, run through the SDK's client from connect to disconnect."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from claude_agent_sdk import (
    ClaudeSDKClient,
    ClaudeSDKError,
    CLIConnectionError,
    CLINotFoundError,
    PermissionResultDeny,
    ToolPermissionContext,
)

from sessions_app.agents.events import Ended, Event, Outcome, ToolDenied
from sessions_app.agents.fold import Fold
from sessions_app.agents.options import TurnSpec, build_options
from sessions_app.agents.result import KEPT, failure
from sessions_app.agents.session_store import DjangoSessionStore

logger = logging.getLogger(__name__)

DENIED = "Denied: nobody can be asked about this here, and it is not allowed without asking."
STOPPED = Ended(Outcome.INTERRUPTED, "stopped", f"Stopped. {KEPT}")
INTERRUPT_SECONDS = 3.0


class Agent:
    """Iterate `events()` once; the last event is an `Ended`, whatever happens. `stop()` may be called at any time."""

    def __init__(self, spec: TurnSpec) -> None:
        self.spec = spec
        self.stderr: deque[str] = deque(maxlen=50)
        self.queue: asyncio.Queue[Event] = asyncio.Queue()
        self.stopping = asyncio.Event()
        # mypy takes the protocol's absent optional methods for abstract ones.
        store = DjangoSessionStore(spec.turn_id)  # type: ignore[abstract]
        options = build_options(spec, store=store, can_use_tool=self.refuse, stderr=self.stderr.append)
        self.client = ClaudeSDKClient(options)

    def stop(self) -> None:
        """Interrupt: the model stops, tools end, what was written so far is kept. Call it in the agent's loop."""
        self.stopping.set()

    async def events(self) -> AsyncIterator[Event]:
        # The SDK wants connect to disconnect in one task, and a stop must be able to end that task in any phase.
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
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def watch(self, task: asyncio.Task[None]) -> None:
        await self.stopping.wait()
        try:
            async with asyncio.timeout(INTERRUPT_SECONDS):
                await self.client.interrupt()
                await asyncio.shield(task)
        except (ClaudeSDKError, TimeoutError):
            # Not connected yet, or deaf: end the task, and with it the process.
            task.cancel()

    async def run(self) -> None:
        end: Ended | None = None
        try:
            end = await self.converse()
        except asyncio.CancelledError:
            end = STOPPED
            raise
        except Exception as error:
            end = self.explain(error)
        finally:
            # Entries still come in while the CLI shuts down: a turn ends when its transcript is complete.
            await self.disconnect()
            self.queue.put_nowait(end or STOPPED)

    async def disconnect(self) -> None:
        try:
            await self.client.disconnect()
        except Exception:
            logger.warning("turn %s: the agent did not disconnect cleanly", self.spec.turn_id, exc_info=True)

    async def converse(self) -> Ended:
        await self.client.connect()
        if self.stopping.is_set():
            return STOPPED
        await self.client.query(self.prompt())
        fold = Fold()
        async for message in self.client.receive_messages():
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
        if isinstance(error, CLINotFoundError):
            return Ended(
                Outcome.FAILED, "cli_missing", "The Claude CLI is missing. Run `make run` again to install it."
            )
        said = next((line for line in reversed(self.stderr) if line.strip()), "") or str(error).splitlines()[0]
        return Ended(Outcome.FAILED, *failure("cli_failed", said))
