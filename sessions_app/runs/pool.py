"""The pool: runs queued turns as tasks of the server process, a limited number at a time."""

import asyncio
import contextvars
import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from asgiref.sync import ThreadSensitiveContext
from django.conf import settings
from django.db import connections

from sessions_app.agents.events import Ended, Outcome
from sessions_app.models import Turn, TurnStatus
from sessions_app.rendering.failures import failure
from sessions_app.runs import dispatch
from sessions_app.runs.claims import claim_next, interrupt_orphans, publish_queue
from sessions_app.runs.in_thread import in_thread
from sessions_app.runs.runner import Runner

logger = logging.getLogger(__name__)

# The bell is prompt; this is the net under it.
POLL_SECONDS = 2.0
# Turns that run and wait, as a multiple of those that may run.
MOST_WAITING = 4
SERVER_STOPPED = Ended(Outcome.INTERRUPTED, *failure("server_stopped"))


@dataclass(frozen=True, slots=True)
class Ending:
    """How many of the turns that ran at a stop came to which end, and how many wait for the next start."""

    finished: int
    failed: int
    interrupted: int
    waiting: int


def count_ending(ran: Collection[int]) -> Ending:
    ends = list(Turn.objects.filter(pk__in=ran).values_list("status", flat=True))
    finished, failed = ends.count(TurnStatus.DONE), ends.count(TurnStatus.FAILED)
    # Also one whose end could not be written: the next start marks it.
    interrupted = len(ends) - finished - failed
    return Ending(finished, failed, interrupted, Turn.objects.filter(status=TurnStatus.QUEUED).count())


class Pool:
    """Start and stop it in one event loop. `credentials` are the variables that let an agent reach its model."""

    def __init__(self, *, credentials: Mapping[str, str], limit: int | None = None) -> None:
        self.credentials = credentials
        self.limit = limit or settings.PARALLEL_TURNS
        self.runners: dict[asyncio.Task[None], Runner] = {}
        self.bell = asyncio.Event()
        self.claiming: asyncio.Task[None] | None = None
        self.closing = False

    async def start(self) -> None:
        """Mark the turns of a server that died as interrupted, then run what is queued."""
        self.loop = asyncio.get_running_loop()
        async with ThreadSensitiveContext():
            await in_thread(interrupt_orphans)
            await in_thread(connections.close_all)
        dispatch.add_bell(self.wake)
        self.claiming = asyncio.create_task(self.claim_forever())

    async def close(self) -> int:
        """Take no more turns; return how many are running."""
        self.closing = True
        dispatch.remove_bell(self.wake)
        if self.claiming is not None:
            # Let a claim that is under way finish: its turn must get a runner, or it would be nobody's.
            self.bell.set()
            await self.claiming
        return len(self.runners)

    async def stop(self, *, patience: float = 0.0, grace: float = 4.0) -> Ending:
        """Close; let running turns go on for `patience` seconds; interrupt the rest, which have `grace` to end."""
        await self.close()
        ran = [runner.turn.pk for runner in self.runners.values()]
        if self.runners and patience:
            await asyncio.wait(self.runners, timeout=patience)
        for runner in self.runners.values():
            runner.stop(SERVER_STOPPED)
        if self.runners:
            _, late = await asyncio.wait(self.runners, timeout=grace)
            for task in late:
                logger.warning("a turn did not end within %.1f s", grace)
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=1.0)
        async with ThreadSensitiveContext():
            ending = await in_thread(count_ending, ran)
            await in_thread(connections.close_all)
        return ending

    def wake(self) -> None:
        """Look for queued turns; from any thread."""
        self.loop.call_soon_threadsafe(self.bell.set)

    async def claim_forever(self) -> None:
        async with ThreadSensitiveContext():
            while not self.closing:
                self.bell.clear()
                try:
                    # A turn whose end could not be written is nobody's any more.
                    mine = [runner.turn.pk for runner in self.runners.values()]
                    await in_thread(interrupt_orphans, mine, "end_lost")
                    await self.claim()
                except Exception:
                    logger.exception("could not look for queued turns; trying again")
                await self.wait()
            await in_thread(connections.close_all)

    async def claim(self) -> None:
        while self.has_room() and not self.closing:
            turn = await in_thread(claim_next)
            if turn is None:
                return
            runner = Runner(turn, self.credentials)
            # An empty context: a ThreadSensitiveContext inside another one is no context at all, and all turns would
            # share this loop's thread.
            task = asyncio.create_task(runner.run(), context=contextvars.Context())
            self.runners[task] = runner
            task.add_done_callback(self.ended)
            await in_thread(publish_queue)

    def has_room(self) -> bool:
        """A turn that waits for a person keeps no other from running; as a process, it has a limit, too."""
        working = sum(not runner.is_waiting for runner in self.runners.values())
        return working < self.limit and len(self.runners) < self.limit * MOST_WAITING

    async def wait(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self.bell.wait()
        except TimeoutError:
            return

    def ended(self, task: asyncio.Task[None]) -> None:
        self.runners.pop(task, None)
        if not task.cancelled() and (error := task.exception()):
            logger.error("a runner failed", exc_info=error)
        self.bell.set()
