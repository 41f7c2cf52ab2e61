"""After Resume the model receives what came before and what was cut off; after Retry as if it had not happened."""

import pytest

from sessions_app.demo_model.server import RecordedRequest
from sessions_app.models import Session, Turn, TurnStatus
from sessions_app.services.queue import edit_queued, move_queued, withdraw_queued
from sessions_app.services.retries import RESUME_PROMPT
from tests.runs.spoken import Said, sent, shown
from tests.runs.world import World, in_thread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

ENDLESS = "stream 30 deltas/s for 60 s"


def last_request(world: World, session: Session) -> RecordedRequest:
    return world.requests_of(session.pk)[-1]


def prompts_in(request: RecordedRequest) -> list[str]:
    return [words for speaker, kind, words in sent(request.messages) if (speaker, kind) == ("user", "text")]


async def start_and_stop(world: World) -> Session:
    session = await world.start(ENDLESS, wait=False)
    await stop_mid_answer(world, session, 1)
    return session


async def stop_mid_answer(world: World, session: Session, number: int) -> None:
    await world.stop(await world.running(session, number, saying="w0010"))
    await world.settled(session)
    assert (await world.turn(session, number)).status == TurnStatus.INTERRUPTED


async def assert_sent_as_shown(world: World, session: Session, turn: Turn) -> list[Said]:
    """The last request of the branch carried what its page shows up to the prompt of `turn`, which it returns."""
    told = sent(last_request(world, session).messages)
    assert told == await in_thread(shown, session, upto=turn.number)
    return told


async def test_a_first_turn_that_is_retried_is_asked_once(world: World) -> None:
    session = await start_and_stop(world)
    retry = await world.retry(session, 1, wait=False)
    assert await world.running(session, 2, saying="w0003")
    assert await assert_sent_as_shown(world, session, retry) == [("user", "text", ENDLESS)]
    await stop_mid_answer(world, session, 2)

    again = await world.retry(session, 2, wait=False)
    await world.running(session, 3, saying="w0003")
    assert await assert_sent_as_shown(world, session, again) == [("user", "text", ENDLESS)]
    await stop_mid_answer(world, session, 3)

    after = await world.send(session, "Give a plain answer")
    assert after.number == 4
    told = await assert_sent_as_shown(world, session, after)
    assert [words for _, _, words in told].count(ENDLESS) == 1
    assert "w0010" in told[1][2], "what the last of them said is part of the history"


async def test_a_later_turn_that_is_retried_leaves_the_history_of_what_comes_after(world: World) -> None:
    session = await world.start("Write a file please")
    await world.send(session, ENDLESS, wait=False)
    await stop_mid_answer(world, session, 2)
    retry = await world.retry(session, 2, wait=False)
    await world.running(session, 3, saying="w0003")
    told = await assert_sent_as_shown(world, session, retry)
    assert prompts_in(last_request(world, session)) == ["Write a file please", ENDLESS]
    assert ("user", "result") in {said[:2] for said in told}
    await stop_mid_answer(world, session, 3)
    await assert_sent_as_shown(world, session, await world.send(session, "Give a plain answer"))


async def test_resume_sends_the_partial_answer_and_the_prompt_to_go_on(world: World) -> None:
    session = await start_and_stop(world)
    resume = await world.resume(session, 1)
    assert resume.status == TurnStatus.DONE
    told = await assert_sent_as_shown(world, session, resume)
    assert told[0] == ("user", "text", ENDLESS)
    assert "w0010" in told[1][2]
    assert told[-1] == ("user", "text", RESUME_PROMPT)


async def test_a_turn_that_failed_is_retried_and_resumed(world: World) -> None:
    session = await world.start("Fail with prompt too long")
    assert (await world.turn(session, 1)).status == TurnStatus.FAILED
    retry = await world.retry(session, 1)
    assert retry.status == TurnStatus.FAILED
    assert prompts_in(last_request(world, session)) == ["Fail with prompt too long"]

    await world.resume(session, 2)
    assert await assert_sent_as_shown(world, session, await world.turn(session, 3))
    assert prompts_in(last_request(world, session)) == ["Fail with prompt too long", RESUME_PROMPT]


async def test_forks_of_forks_of_retried_turns_send_what_they_show(world: World) -> None:
    root = await start_and_stop(world)
    await world.retry(root, 1, wait=False)
    await stop_mid_answer(world, root, 2)
    (of_retried,) = await world.fork(root, 1, "A fork of the turn that was retried")
    (of_retry,) = await world.fork(root, 2, ENDLESS, wait=False)
    await stop_mid_answer(world, of_retry, 3)
    retried_there = await world.retry(of_retry, 3, wait=False)
    await world.running(of_retry, 4, saying="w0003")
    await assert_sent_as_shown(world, of_retry, retried_there)
    await stop_mid_answer(world, of_retry, 4)
    (deep,) = await world.fork(of_retry, 4, "A fork of a retry in a fork of a retry")
    (beside,) = await world.fork(of_retry, 3, "A fork of the turn that was retried there")

    for session, number, prompts in [
        (of_retried, 2, 2),
        (deep, 5, 3),
        (beside, 4, 3),
    ]:
        told = await assert_sent_as_shown(world, session, await world.turn(session, number))
        texts = [said for said in told if said[:2] == ("user", "text") and "interrupted" not in said[2]]
        assert len(texts) == prompts, told


async def test_what_waited_is_sent_as_it_was_edited_and_in_the_order_it_was_moved_to(world: World) -> None:
    session = await world.start(ENDLESS, wait=False)
    waiting = [await world.send(session, prompt, wait=False) for prompt in ("First", "Second", "Third", "Fourth")]
    await world.running(session, 1, saying="w0003")
    await in_thread(move_queued, turn=waiting[2], up=True)
    await in_thread(move_queued, turn=waiting[2], up=True)
    await in_thread(edit_queued, turn=waiting[1], prompt="Second, in other words")
    await in_thread(withdraw_queued, turn=waiting[0])
    await stop_mid_answer(world, session, 1)
    assert prompts_in(last_request(world, session))[-3:] == ["Third", "Second, in other words", "Fourth"]
    await assert_sent_as_shown(world, session, await world.turn(session, 5))
