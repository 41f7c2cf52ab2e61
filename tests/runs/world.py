"""What people do in a test of runs, one line each."""

import asyncio
import uuid
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.db import connections

from sessions_app.demo_model.server import DemoModel, RecordedRequest
from sessions_app.models import FINAL, PermissionRequest, Project, Session, Turn, TurnStatus, User
from sessions_app.runs.pool import Pool
from sessions_app.services.answers import Answer, answer_request
from sessions_app.services.forks import Approach, fork_session
from sessions_app.services.prompts import send_prompt, start_conversation
from sessions_app.services.retries import resume_turn, retry_turn
from sessions_app.services.stops import stop_turn

P = ParamSpec("P")
R = TypeVar("R")
PATIENCE = 60.0


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Database work as a request does it: in a thread and on connections of its own."""
    async with ThreadSensitiveContext():
        try:
            return await sync_to_async(function)(*args, **kwargs)
        finally:
            await sync_to_async(connections.close_all)()


class World:
    def __init__(self, model: DemoModel, pool: Pool, user: User) -> None:
        self.model, self.pool, self.user = model, pool, user

    async def start(self, prompt: str, *, wait: bool = True, mode: str = "") -> Session:
        def start() -> Session:
            project = Project.objects.visible_to(self.user).get()
            return start_conversation(user=self.user, project=project, prompt=prompt, mode=mode)

        session = await in_thread(start)
        if wait:
            await self.settled(session)
        return session

    async def send(self, session: Session, prompt: str, *, wait: bool = True) -> Turn:
        turn = await in_thread(send_prompt, user=self.user, session=session, prompt=prompt)
        if wait:
            await self.settled(session)
        return turn

    async def fork(self, session: Session, number: int, *prompts: str, wait: bool = True) -> list[Session]:
        """Fork at turn `number` of the session's own turns, one branch per prompt."""

        def fork() -> list[Session]:
            turn = Turn.objects.select_related("session__conversation").get(session=session, number=number)
            return fork_session(user=self.user, turn=turn, approaches=[Approach(prompt) for prompt in prompts])

        branches = await in_thread(fork)
        if wait:
            await self.settled(*branches)
        return branches

    async def retry(self, session: Session, number: int, *, wait: bool = True) -> Turn:
        return await self.again(retry_turn, session, number, wait=wait)

    async def resume(self, session: Session, number: int, *, wait: bool = True) -> Turn:
        return await self.again(resume_turn, session, number, wait=wait)

    async def again(self, service: Callable[..., Turn], session: Session, number: int, *, wait: bool) -> Turn:
        turn = await in_thread(service, user=self.user, turn=await self.turn(session, number))
        if wait:
            await self.settled(session)
        return await self.turn(session, turn.number)

    async def stop(self, turn: Turn) -> None:
        await in_thread(stop_turn, turn=turn)

    async def turn(self, session: Session, number: int) -> Turn:
        return await in_thread(Turn.objects.get, session=session, number=number)

    async def settled(self, *sessions: Session) -> None:
        """Wait until no turn of these sessions is left to run."""
        ids = [session.pk for session in sessions]
        await self.until(lambda: not Turn.objects.filter(session__in=ids).exclude(status__in=FINAL).exists())

    async def running(self, session: Session, number: int, *, saying: str = "") -> Turn:
        """Wait until a turn runs and its stored text contains `saying`."""
        turns = Turn.objects.filter(session=session, number=number, status=TurnStatus.RUNNING)
        if saying:
            turns = turns.filter(messages__text__contains=saying)
        await self.until(turns.exists)
        return await self.turn(session, number)

    async def asked(self, session: Session) -> PermissionRequest:
        """Wait until the branch waits for an answer; the oldest request that does."""
        waiting = PermissionRequest.objects.pending().filter(turn__session=session, turn__status=TurnStatus.WAITING)
        await self.until(waiting.exists)
        return await in_thread(waiting.select_related("message", "turn__session__conversation").earliest, "pk")

    async def answer(self, request: PermissionRequest, answer: Answer) -> PermissionRequest:
        return await in_thread(answer_request, user=self.user, request=request, answer=answer)

    async def until(self, condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not await in_thread(condition):  # noqa: ASYNC110 - rows change without telling a test
                await asyncio.sleep(0.05)

    def requests_of(self, session_id: uuid.UUID) -> list[RecordedRequest]:
        """The conversation requests the model received from this session, in order."""
        return [
            request for request in self.model.requests if request.session_id == str(session_id) and request.messages
        ]
