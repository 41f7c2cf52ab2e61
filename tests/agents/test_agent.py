"""An agent always ends, however its client behaves."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sessions_app.agents.agent import Agent
from sessions_app.agents.events import Ended, Outcome
from sessions_app.agents.options import TurnSpec
from sessions_app.agents.processes import tag_of
from sessions_app.models import PermissionMode


class Client:
    """The SDK's client as a busy machine shows it: it stops talking when told, and takes its time to go."""

    def __init__(self, *, interrupts: bool = True, leaves_after: float = 0.0) -> None:
        self.interrupts, self.leaves_after = interrupts, leaves_after
        self.told_to_stop = asyncio.Event()
        self.gone = False

    async def connect(self) -> None:
        return None

    async def query(self, prompt: AsyncIterator[dict[str, Any]]) -> None:
        assert [message["message"]["content"] async for message in prompt] == ["Hello"]

    async def receive_messages(self) -> AsyncIterator[Any]:
        await self.told_to_stop.wait()
        return
        yield

    async def interrupt(self) -> None:
        if self.interrupts:
            self.told_to_stop.set()
        else:
            raise RuntimeError("the control request failed")

    async def disconnect(self) -> None:
        await asyncio.sleep(self.leaves_after)
        self.gone = True


def make_agent(tmp_path: Path, client: Client) -> Agent:
    spec = TurnSpec(
        turn_id=0,
        session_id=uuid.uuid4(),
        prompt="Hello",
        prompt_uuid=uuid.uuid4(),
        resume=False,
        model="sonnet",
        mode=PermissionMode.ASK,
        workspace=tmp_path,
        config_dir=tmp_path,
        home=tmp_path,
        tmp=tmp_path / "tmp",
        tag=tag_of(tmp_path, 0),
        credentials={},
    )
    agent = Agent(spec, interrupt_seconds=0.1)  # shorter than the client takes to leave
    agent.client = client  # type: ignore[assignment]
    return agent


@pytest.mark.parametrize(
    "client", [{"leaves_after": 0.5}, {"interrupts": False}, {"interrupts": False, "leaves_after": 0.5}]
)
async def test_a_stop_ends_the_turn_and_waits_until_the_agent_is_gone(tmp_path: Path, client: dict[str, Any]) -> None:
    slow = Client(**client)
    agent = make_agent(tmp_path, slow)
    asyncio.get_running_loop().call_later(0.05, agent.stop)
    async with asyncio.timeout(5):
        events = [event async for event in agent.events()]
    assert [type(event) for event in events] == [Ended]
    assert isinstance(events[0], Ended)
    assert events[0].outcome is Outcome.INTERRUPTED
    assert slow.gone


async def test_a_failure_without_words_is_a_failure_and_not_a_stop(tmp_path: Path) -> None:
    class Mute(Client):
        async def connect(self) -> None:
            raise ConnectionError

    (ended,) = [event async for event in make_agent(tmp_path, Mute()).events()]
    assert isinstance(ended, Ended)
    assert (ended.outcome, ended.error_kind) == (Outcome.FAILED, "cli_failed")
    assert "ConnectionError" in ended.error
