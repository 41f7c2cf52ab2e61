"""How turns run: queued, claimed once, stopped, failed in words, and never left running."""

import asyncio
import shutil
import uuid
from decimal import Decimal
from itertools import pairwise

import pytest
from asgiref.sync import sync_to_async
from pytest_django.fixtures import Settings

from sessions_app.models import Message, MessageState, Session, Turn, TurnStatus
from sessions_app.rendering.failures import FAILURES
from sessions_app.runs.claims import claim, claim_next, interrupt_orphans
from sessions_app.runs.pool import Pool
from tests.runs.world import World, in_thread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def messages_of(session: Session, number: int) -> list[Message]:
    return list(Message.objects.filter(turn__session=session, turn__number=number).order_by("position"))


async def test_a_turn_ends_done_with_its_text_model_cost_and_tokens(world: World) -> None:
    session = await world.start("Help me design a REST API")
    turn = await world.turn(session, 1)
    messages = await in_thread(messages_of, session, 1)

    assert turn.status == TurnStatus.DONE
    assert turn.model.startswith("claude-")
    assert turn.cost_usd
    assert turn.output_tokens
    assert turn.duration_ms
    assert [message.state for message in messages] == [MessageState.DONE] * len(messages)
    assert "Endpoints" in messages[-1].text


async def test_turns_of_one_branch_run_one_after_the_other_in_order(world: World) -> None:
    session = await world.start("stream 20 deltas/s for 2 s", wait=False)
    await world.send(session, "second", wait=False)
    await world.send(session, "third", wait=False)
    await world.running(session, 1)
    assert (await world.turn(session, 2)).status == TurnStatus.QUEUED
    await world.settled(session)
    turns = [await world.turn(session, number) for number in (1, 2, 3)]
    assert [turn.status for turn in turns] == [TurnStatus.DONE] * 3
    ended_then_started = [(a.ended_at, b.started_at) for a, b in pairwise(turns)]
    assert all(ended and started and ended <= started for ended, started in ended_then_started)


async def test_an_agent_sees_no_repository_but_its_own(world: World, settings: Settings) -> None:
    # As in a fresh clone, where the data directory lies inside the repository.
    settings.DATA_DIR = inside = settings.BASE_DIR / f"data/test-{uuid.uuid4().hex[:8]}"
    try:
        session = await world.start("Run a command")
        told = str([request.body for request in world.requests_of(session.pk)])
        assert "(clean)" in told
        assert "../../" not in told
    finally:
        shutil.rmtree(inside)


async def test_no_more_turns_run_at_once_than_the_limit_and_the_rest_know_their_place(world: World) -> None:
    sessions = [await world.start(f"stream 20 deltas/s for 3 s ({n})", wait=False) for n in range(5)]
    await world.until(lambda: Turn.objects.filter(status=TurnStatus.RUNNING).count() == 3)
    places = [await in_thread(Turn.objects.queue_place, session.pk) for session in sessions]
    assert places == [None, None, None, 1, 2]
    await world.settled(*sessions)
    assert await in_thread(Turn.objects.filter(status=TurnStatus.DONE).count) == 5


async def test_stop_keeps_the_text_and_the_branch_goes_on(world: World) -> None:
    session = await world.start("stream 20 deltas/s for 30 s", wait=False)
    turn = await world.running(session, 1, saying="w0010")
    await world.stop(turn)
    await world.settled(session)

    (message,) = await in_thread(messages_of, session, 1)
    assert (await world.turn(session, 1)).status == TurnStatus.INTERRUPTED
    assert message.text.startswith("w0001 w0002 w0003")
    assert message.state != MessageState.LIVE
    assert (await world.send(session, "Go on")).number == 2
    assert (await world.turn(session, 2)).status == TurnStatus.DONE
    # What the page shows of the stopped turn is what the model is told of it.
    told = str(world.requests_of(session.pk)[-1].messages)
    assert "w0001 w0002 w0003" in told


async def test_stopping_a_queued_turn_ends_it_before_it_starts(world: World) -> None:
    session = await world.start("stream 20 deltas/s for 2 s", wait=False)
    waiting = await world.send(session, "never sent", wait=False)
    await world.stop(waiting)
    await world.settled(session)
    turn = await world.turn(session, 2)
    assert (turn.status, turn.started_at) == (TurnStatus.INTERRUPTED, None)
    assert all(request.prompt != "never sent" for request in world.model.requests)


async def test_a_model_error_is_told_in_a_sentence_and_the_branch_goes_on(world: World) -> None:
    session = await world.start("Fail with authentication error")
    turn = await world.turn(session, 1)
    assert turn.status == TurnStatus.FAILED
    assert turn.error_kind == "authentication_failed"
    assert turn.error == FAILURES["authentication_failed"].sentence
    await world.send(session, "Hello again")
    assert (await world.turn(session, 2)).status == TurnStatus.DONE


async def test_a_connection_cut_mid_answer_leaves_the_text_once(world: World) -> None:
    session = await world.start("Cut the stream once")
    texts = [message.text for message in await in_thread(messages_of, session, 1) if message.kind == "text"]
    assert (await world.turn(session, 1)).status == TurnStatus.DONE
    assert len(texts) == 1
    assert await in_thread(Message.objects.filter(turn__session=session, kind="notice").exists)


async def test_a_server_that_stops_interrupts_its_turns_with_their_text(world: World) -> None:
    session = await world.start("stream 20 deltas/s for 30 s", wait=False)
    await world.running(session, 1, saying="w0005")
    await world.pool.stop(grace=4.0)
    turn = await world.turn(session, 1)
    assert (turn.status, turn.error_kind) == (TurnStatus.INTERRUPTED, "server_stopped")
    assert "w0005" in (await in_thread(messages_of, session, 1))[0].text


async def test_after_a_crash_nothing_stays_running_and_the_text_is_kept(world: World) -> None:
    await world.pool.stop()
    session = await world.start("Whatever", wait=False)
    turn = await in_thread(claim_next)
    assert turn is not None
    await sync_to_async(Message.objects.create)(turn=turn, position=0, kind="text", text="half a sen", revision=1)

    again = Pool(credentials=world.pool.credentials)
    await again.start()
    await again.stop()

    turn = await world.turn(session, 1)
    (message,) = await in_thread(messages_of, session, 1)
    assert (turn.status, turn.error_kind) == (TurnStatus.INTERRUPTED, "server_died")
    assert (message.text, message.state) == ("half a sen", MessageState.CUT)
    assert await in_thread(interrupt_orphans) == 0


async def test_of_many_rivals_exactly_one_claims_a_turn(world: World) -> None:
    await world.pool.stop()
    await world.start("Whatever", wait=False)
    turn = await in_thread(Turn.objects.get)
    won = await asyncio.gather(*(in_thread(claim, turn) for _ in range(6)))
    assert sorted(won) == [False] * 5 + [True]


async def test_the_tree_costs_what_its_turns_cost_and_shared_history_once(world: World) -> None:
    root = await world.start("Help me design a REST API")
    one, two = await world.fork(root, 1, "GraphQL instead", "gRPC instead")
    turns = [await world.turn(session, number) for session, number in ((root, 1), (one, 2), (two, 2))]
    requests = [request for session in (root, one, two) for request in world.requests_of(session.pk)]
    assert all(turn.cost_usd and turn.output_tokens for turn in turns)
    # Each fork's own turn costs less than if it carried its parent's total along.
    first = turns[0].cost_usd or Decimal(0)
    assert all((turn.cost_usd or Decimal(0)) < first for turn in turns[1:])
    assert len(requests) >= 3
