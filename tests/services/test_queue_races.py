"""Two at the same moment, each on a connection of its own: a turn is claimed while a person changes it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from sessions_app.models import Turn, TurnStatus
from sessions_app.runs.claims import claim
from sessions_app.services.errors import ServiceError
from sessions_app.services.queue import edit_queued, move_queued, withdraw_queued
from sessions_app.services.retries import resume_turn, retry_turn
from tests.factories import make_conversation, make_session, make_turn, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

ROUNDS = range(6)


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """What each returned, or the refusal it met."""
    barrier = Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        try:
            barrier.wait(30)
            return action()
        except ServiceError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))


def make_two() -> tuple[Turn, Turn]:
    session = make_session(make_conversation())
    first, second = (make_turn(session, number, status=TurnStatus.QUEUED) for number in (1, 2))
    return first, second


@pytest.mark.parametrize("_", ROUNDS)
def test_a_prompt_is_edited_before_it_starts_or_not_at_all(_: int) -> None:
    turn, _other = make_two()
    claimed, edited = at_once(partial(claim, turn), partial(edit_queued, turn=turn, prompt="Better"))
    turn.refresh_from_db()
    assert claimed
    assert turn.status == TurnStatus.RUNNING
    assert turn.prompt == ("Prompt 1" if isinstance(edited, ServiceError) else "Better")


@pytest.mark.parametrize("_", ROUNDS)
def test_a_turn_is_withdrawn_or_runs(_: int) -> None:
    turn, _other = make_two()
    claimed, withdrawn = at_once(partial(claim, turn), partial(withdraw_queued, turn=turn))
    turn.refresh_from_db()
    assert claimed is isinstance(withdrawn, ServiceError)
    assert turn.status == (TurnStatus.RUNNING if claimed else TurnStatus.INTERRUPTED)
    assert (turn.started_at is not None) is claimed


@pytest.mark.parametrize("_", ROUNDS)
def test_a_turn_starts_where_it_stands_or_is_moved(_: int) -> None:
    first, second = make_two()
    claimed, moved = at_once(partial(claim, first), partial(move_queued, turn=second, up=True))
    first.refresh_from_db()
    second.refresh_from_db()
    # Moved behind another one, it is not its turn any more: turns run in the order of their numbers.
    assert claimed is isinstance(moved, ServiceError)
    assert (first.number, second.number) == ((1, 2) if claimed else (2, 1))


@pytest.mark.parametrize("_", ROUNDS)
def test_of_two_who_press_at_once_one_wins_and_one_is_told(_: int) -> None:
    session = make_session(make_conversation())
    turn = make_turn(session, 1, status=TurnStatus.FAILED)
    outcomes = at_once(
        partial(retry_turn, user=make_user(), turn=turn),
        partial(retry_turn, user=make_user(), turn=turn),
        partial(resume_turn, user=make_user(), turn=turn),
    )
    refusals = [str(each) for each in outcomes if isinstance(each, ServiceError)]
    assert len(refusals) == 2
    assert all("was already re" in each for each in refusals)
    assert session.turns.count() == 2
