"""The runner: carries one claimed turn from its prompt to its end."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import aclosing, suppress
from dataclasses import replace

from asgiref.sync import ThreadSensitiveContext
from django.conf import settings
from django.db import Error, connections

from sessions_app.agents.agent import Agent
from sessions_app.agents.events import Ended, ModeChanged, Outcome, PermissionAsked
from sessions_app.agents.failures import why_espalier_failed
from sessions_app.models import Turn, TurnKind
from sessions_app.rendering.failures import failure
from sessions_app.rendering.numbers import span
from sessions_app.runs.asking import Asking
from sessions_app.runs.controls import Controls, add_controls, remove_controls
from sessions_app.runs.dispatch import ring
from sessions_app.runs.gate import Gate
from sessions_app.runs.in_thread import in_thread
from sessions_app.runs.prepare import prepare
from sessions_app.runs.recorder import CHECKPOINT_SECONDS, Recorder
from sessions_app.runs.watchdog import Watchdog

logger = logging.getLogger(__name__)


class Runner:
    """Runs one turn that has been claimed. `stop(reason)` interrupts it; `run()` always leaves it in a final state."""

    def __init__(self, turn: Turn, credentials: Mapping[str, str]) -> None:
        self.turn = turn
        self.credentials = credentials
        self.agent: Agent | None = None
        self.gate: Gate | None = None
        self.recorder = Recorder(turn)
        self.watchdog = Watchdog(stall=settings.STALL_SECONDS, tool=settings.TOOL_SECONDS)
        self.loop = asyncio.get_running_loop()
        self.stopping = False
        self.answered = asyncio.Event()
        self.reason: Ended | None = None

    def stop(self, reason: Ended | None = None) -> None:
        """Interrupt; `reason` is how the turn ended when it was not a person's wish."""
        self.stopping = True
        self.reason = self.reason or reason
        if self.agent is not None:
            self.agent.stop()

    def stop_soon(self) -> None:
        """`stop` from any thread."""
        self.loop.call_soon_threadsafe(self.stop)

    @property
    def is_waiting(self) -> bool:
        """Whether it stands still until a person answers."""
        return self.gate is not None and bool(self.gate.waiting)

    def look_soon(self) -> None:
        """Look for answers to what was asked; from any thread."""
        self.loop.call_soon_threadsafe(self.answered.set)

    async def run(self) -> None:
        # A thread of its own: otherwise all turns, sockets and pages would share one for their database work.
        async with ThreadSensitiveContext():
            add_controls(self.turn.pk, Controls(stop=self.stop_soon, look=self.look_soon))
            watches = [asyncio.create_task(self.watch()), asyncio.create_task(self.pass_answers_on())]
            try:
                await self.converse()
            except Exception as error:
                logger.exception("turn %s failed in the server", self.turn.pk)
                await self.recorder.record(Ended(Outcome.FAILED, *why_espalier_failed(error)))
            finally:
                remove_controls(self.turn.pk)
                for watch in watches:
                    watch.cancel()
                    with suppress(asyncio.CancelledError):
                        await watch
                await in_thread(connections.close_all)

    async def converse(self) -> None:
        spec = await in_thread(prepare, self.turn, self.credentials)
        self.agent = Agent(spec)
        self.gate = Gate(self.turn, self.agent, Asking(self.turn, self.recorder.writer, spec.workspace))
        if spec.mode != self.gate.mode:
            await self.gate.change_mode(ModeChanged(spec.mode))
        if self.turn.kind == TurnKind.DECISION:
            await self.recorder.begin()
        if self.stopping:
            self.agent.stop()
        # Closed before the turn is ended, whatever happens: nothing may go on writing behind a turn that is over.
        async with aclosing(self.agent.events()) as events:
            async for event in events:
                match event:
                    case PermissionAsked():
                        await self.gate.ask(event)
                        if self.is_waiting:
                            ring()
                        continue
                    case ModeChanged():
                        await self.gate.change_mode(event)
                        continue
                    case Ended():
                        event = self.name_the_end(event)
                self.watchdog.see(event)
                await self.recorder.record(event)

    def name_the_end(self, ended: Ended) -> Ended:
        if ended.outcome is Outcome.INTERRUPTED and self.reason:
            return replace(self.reason, usage=ended.usage)
        return ended

    async def watch(self) -> None:
        """Once a second: keep what was written so far; look for a silence, and for a stop asked for elsewhere."""
        while True:
            await asyncio.sleep(CHECKPOINT_SECONDS)
            self.end_a_silence()
            try:
                await self.recorder.checkpoint()
                if not self.stopping and await in_thread(self.stop_requested):
                    self.stop()
                if self.gate and await self.gate.is_overdue():
                    self.stop(Ended(Outcome.INTERRUPTED, *failure("unanswered", time=span(settings.ANSWER_TIME))))
                # The net under the nudge.
                self.answered.set()
            except Error:
                logger.warning("turn %s: no checkpoint this time", self.turn.pk, exc_info=True)

    def end_a_silence(self) -> None:
        if self.is_waiting:
            self.watchdog.hold()
        elif self.agent is not None and not self.stopping and (verdict := self.watchdog.verdict(self.agent.heard_at)):
            self.stop(Ended(Outcome.FAILED, *verdict))

    async def pass_answers_on(self) -> None:
        while True:
            await self.answered.wait()
            self.answered.clear()
            if self.gate is None:
                continue
            try:
                await self.gate.look()
            except Error:
                logger.warning("turn %s: could not look for answers this time", self.turn.pk, exc_info=True)

    def stop_requested(self) -> bool:
        return Turn.objects.filter(pk=self.turn.pk, stop_requested_at__isnull=False).exists()
