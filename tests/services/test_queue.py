"""What waits in a branch: edited, moved and withdrawn until it starts, and never after."""

from collections.abc import Callable
from functools import partial

import pytest

from sessions_app.models import Session, Turn, TurnKind, TurnStatus
from sessions_app.models.transcript import load_transcript
from sessions_app.rows.standing import Standing, standings
from sessions_app.runs.claims import claim, claim_next
from sessions_app.services.errors import ServiceError
from sessions_app.services.forks import Approach, fork_session, last_finished_turn
from sessions_app.services.prompts import send_prompt
from sessions_app.services.queue import edit_queued, move_queued, withdraw_queued
from sessions_app.services.retries import retry_turn
from sessions_app.services.stops import stop_turn
from tests.factories import make_conversation, make_session, make_turn

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def make_queue(*prompts: str) -> tuple[Session, list[Turn]]:
    """A branch whose first turn runs, with these prompts behind it."""
    session = make_session(make_conversation())
    make_turn(session, 1, status=TurnStatus.RUNNING)
    return session, [send_prompt(user=session.created_by, session=session, prompt=prompt) for prompt in prompts]


def prompts(session: Session) -> list[str]:
    return list(session.turns.filter(number__gt=1).order_by("number").values_list("prompt", flat=True))


def standing_of(turn: Turn) -> Standing:
    return standings(load_transcript(turn.session))[turn.pk]


def test_a_queued_prompt_gets_other_words_and_pages_are_told() -> None:
    session, (first, _) = make_queue("a", "b")
    edit_queued(turn=first, prompt=" a,\r\nbut better ")
    assert prompts(session) == ["a,\nbut better", "b"]
    session.refresh_from_db()
    first.refresh_from_db()
    assert first.revision == session.revision == 4


def test_queued_prompts_change_places_and_keep_their_numbers_without_a_gap() -> None:
    session, (a, b, c) = make_queue("a", "b", "c")
    move_queued(turn=c, up=True)
    assert prompts(session) == ["a", "c", "b"]
    move_queued(turn=a, up=False)
    assert prompts(session) == ["c", "a", "b"]
    assert list(session.turns.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4]
    with pytest.raises(ServiceError, match="Turn 2 is already the first"):
        move_queued(turn=c, up=True)
    with pytest.raises(ServiceError, match="Turn 4 is already the last"):
        move_queued(turn=b, up=False)


def test_they_start_in_their_new_order() -> None:
    session, (_, b) = make_queue("a", "b")
    move_queued(turn=b, up=True)
    stopped = session.turns.get(number=1)
    session.turns.filter(pk=stopped.pk).update(status=TurnStatus.DONE, ended_at=stopped.started_at)
    claimed = claim_next()
    assert claimed is not None
    assert (claimed.prompt, claimed.number) == ("b", 2)


def test_a_withdrawn_turn_is_readable_and_no_part_of_the_history() -> None:
    session, (a, b) = make_queue("a", "b")
    withdraw_queued(turn=a)
    a.refresh_from_db()
    assert (a.status, a.error_kind, a.prompt, a.never_started) == (TurnStatus.INTERRUPTED, "withdrawn", "a", True)
    assert "never got this prompt" in a.error
    assert standing_of(b).place == 1
    session.turns.filter(number=1).update(status=TurnStatus.DONE, ended_at=a.ended_at)
    assert last_finished_turn(session) == session.turns.get(number=1)
    with pytest.raises(ServiceError, match="never reached the model"):
        fork_session(user=session.created_by, turn=a, approaches=[Approach("from nothing")])


def test_one_can_move_past_a_withdrawn_one() -> None:
    session, (a, b, c) = make_queue("a", "b", "c")
    withdraw_queued(turn=b)
    move_queued(turn=c, up=True)
    assert prompts(session) == ["c", "b", "a"]
    assert (standing_of(c).place, standing_of(a).place) == (1, 2)


def test_a_branch_is_what_it_was_when_all_that_waited_is_withdrawn() -> None:
    session, (a,) = make_queue("a")
    session.turns.filter(number=1).update(status=TurnStatus.DONE, ended_at=a.queued_at)
    withdraw_queued(turn=a)
    assert load_transcript(session).status == TurnStatus.DONE


def test_rows_say_where_they_stand_and_are_stamped_when_that_changes() -> None:
    session, (a, b, c) = make_queue("a", "b", "c")
    assert [standing_of(turn).place for turn in (a, b, c)] == [1, 2, 3]
    assert [(standing_of(turn).can_move_up, standing_of(turn).can_move_down) for turn in (a, b, c)] == [
        (False, True),
        (True, True),
        (True, False),
    ]
    session.refresh_from_db()
    before = session.revision
    withdraw_queued(turn=b)
    assert not session.turns.filter(status=TurnStatus.QUEUED, revision__lte=before).exists()
    session.turns.filter(number=1).update(status=TurnStatus.DONE, ended_at=a.queued_at)
    session.refresh_from_db()
    before = session.revision
    assert claim(a)
    c.refresh_from_db()
    assert c.revision > before
    assert standing_of(c) == Standing(place=1)


@pytest.mark.parametrize(
    "act",
    [
        partial(edit_queued, prompt="too late"),
        partial(move_queued, up=True),
        partial(move_queued, up=False),
        withdraw_queued,
    ],
)
def test_what_has_started_or_is_over_is_left_alone_in_words(act: Callable[..., None]) -> None:
    session, (a, b) = make_queue("a", "b")
    session.turns.filter(number=1).update(status=TurnStatus.DONE, ended_at=a.queued_at)
    assert claim(a)
    rows = list(session.turns.order_by("number").values())
    with pytest.raises(ServiceError, match="Turn 2 has just started"):
        act(turn=a)
    session.turns.filter(pk=a.pk).update(status=TurnStatus.DONE, ended_at=a.queued_at)
    with pytest.raises(ServiceError, match="Turn 2 is already over"):
        act(turn=a)
    session.turns.filter(pk=a.pk).update(status=TurnStatus.RUNNING, ended_at=None)
    assert list(session.turns.order_by("number").values()) == rows
    withdraw_queued(turn=b)
    with pytest.raises(ServiceError, match="Turn 3 was already withdrawn"):
        act(turn=b)


def make_retry() -> tuple[Session, Turn, Turn]:
    """A branch whose failed turn is about to be retried, with a prompt behind the retry."""
    session = make_session(make_conversation())
    failed = make_turn(session, 1, status=TurnStatus.FAILED)
    retry = retry_turn(user=session.created_by, turn=failed)
    send_prompt(user=session.created_by, session=session, prompt="after it")
    return session, failed, retry


def test_nothing_moves_before_a_retry_and_its_prompt_is_given() -> None:
    session, _, retry = make_retry()
    with pytest.raises(ServiceError, match="starts before everything else"):
        move_queued(turn=retry, up=False)
    with pytest.raises(ServiceError, match="starts before everything else"):
        move_queued(turn=session.turns.get(number=3), up=True)
    with pytest.raises(ServiceError, match="its prompt is given"):
        edit_queued(turn=retry, prompt="other words")
    assert standing_of(retry) == Standing(place=1, retries=1)


@pytest.mark.parametrize("take_back", [withdraw_queued, stop_turn])
def test_a_retry_that_is_taken_back_gives_its_turn_back_to_the_history(take_back: Callable[..., object]) -> None:
    session, failed, retry = make_retry()
    withdraw_queued(turn=session.turns.get(number=3))
    assert standing_of(failed) == Standing(retried_as=2)
    session.refresh_from_db()
    before = session.revision
    take_back(turn=retry)
    assert standing_of(failed) == Standing(can_resume=True, can_retry=True)
    failed.refresh_from_db()
    assert failed.revision > before
    again = retry_turn(user=session.created_by, turn=failed)
    assert (again.kind, again.retry_of, again.number) == (TurnKind.RETRY, failed, 4)
