"""The history the model receives is the history the branch shows, for every fork of every fork."""

import json
import uuid
from pathlib import Path

import pytest
from claude_agent_sdk import ClaudeAgentOptions, ResultMessage, query

from sessions_app.agents.launcher import LAUNCHER, launch_env
from sessions_app.agents.session_store import DjangoSessionStore
from sessions_app.models import Session, TranscriptEntry
from tests.runs.spoken import sent, shown
from tests.runs.world import World, in_thread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def entries_of(session: Session) -> list[str]:
    return list(TranscriptEntry.objects.filter(session=session).order_by("id").values_list("line", flat=True))


async def assert_model_received_what_is_shown(world: World, session: Session, *numbers: int) -> None:
    """The first request of each of these turns carried exactly the turns before it, and its prompt."""
    requests = world.requests_of(session.pk)
    for number in numbers:
        turn = await world.turn(session, number)
        first = next(request for request in requests if request.prompt == turn.prompt)
        assert sent(first.messages) == await in_thread(shown, session, upto=number), f"turn {number} of {session}"


async def test_every_branch_of_a_tree_of_three_levels_sends_what_it_shows(world: World) -> None:
    root = await world.start("Help me design a REST API")
    await world.send(root, "Write a file please")
    await world.send(root, "Keep REST, add cursor pagination")
    before = await in_thread(entries_of, root)

    (head,) = await world.fork(root, 3, "Fork at the head: what next?")
    middle, beside = await world.fork(
        root, 2, "Now let's redesign this as a GraphQL API", "Can you add authentication?"
    )
    (inherited,) = await world.fork(root, 1, "Fork of a turn that others inherit: gRPC instead")
    await world.send(middle, "And subscriptions?")
    (deep,) = await world.fork(middle, 3, "A fork of a fork: keep only queries")
    (deepest,) = await world.fork(deep, 4, "A fork of a fork of a fork: name the trade-offs")
    assert await in_thread(entries_of, root) == before, "a fork changed its parent's transcript"

    await world.send(root, "stream 30 deltas/s for 60 s", wait=False)
    talking = await world.running(root, 4, saying="w0010")
    during = await in_thread(entries_of, root)
    (of_running,) = await world.fork(root, 3, "A fork of a branch that is still talking")
    assert (await world.turn(root, 4)).status == "running"
    await world.stop(talking)
    await world.settled(root)
    after = await in_thread(entries_of, root)
    assert after[: len(during)] == during

    for session, numbers in [
        (root, [1, 2, 3, 4]),
        (head, [4]),
        (middle, [3, 4]),
        (beside, [3]),
        (inherited, [2]),
        (deep, [4]),
        (deepest, [5]),
        (of_running, [4]),
    ]:
        await assert_model_received_what_is_shown(world, session, *numbers)


async def test_a_continued_branch_keeps_its_id_and_a_fork_gets_its_own(world: World) -> None:
    root = await world.start("Help me design a REST API")
    (fork,) = await world.fork(root, 1, "A word of its own: quokka")
    await world.send(root, "Go on with the original")

    assert len({request.session_id for request in world.requests_of(root.pk)}) == 1
    assert len(world.requests_of(root.pk)) == 2
    assert fork.pk != root.pk
    assert world.requests_of(fork.pk), "the fork speaks under its own id"
    await assert_model_received_what_is_shown(world, root, 1, 2)
    assert all("quokka" not in line for line in await in_thread(entries_of, root))


async def test_a_fork_sends_what_the_sdks_own_fork_from_the_same_point_sends(world: World, tmp_path: Path) -> None:
    root = await world.start("Write a file please")
    await world.send(root, "Help me design a REST API")
    await world.send(root, "This comes after the fork point")
    (ours,) = await world.fork(root, 2, "What would you change?")

    def last_message_of_turn_two() -> str:
        entries = TranscriptEntry.objects.filter(session=root, turn__number=2, type="assistant")
        return str(json.loads(entries.order_by("-id")[0].line)["uuid"])

    theirs = uuid.uuid4()
    options = ClaudeAgentOptions(
        resume=str(root.pk),
        fork_session=True,
        session_id=str(theirs),
        resume_session_at=await in_thread(last_message_of_turn_two),
        session_store=DjangoSessionStore(),  # type: ignore[abstract]
        cli_path=LAUNCHER,
        cwd=tmp_path,
        env=launch_env(
            credentials=world.pool.credentials,
            config_dir=tmp_path / "oracle",
            home=tmp_path,
            tmp=tmp_path,
            tag="oracle/",
        ),
        setting_sources=[],
        verbatim_prompts=True,
        max_buffer_size=64 << 20,
    )
    results = [message async for message in query(prompt="What would you change?", options=options)]
    assert isinstance(results[-1], ResultMessage)

    our_first = world.requests_of(ours.pk)[0]
    their_first = world.requests_of(theirs)[0]
    assert sent(our_first.messages) == sent(their_first.messages)
    assert len(sent(our_first.messages)) > 5
