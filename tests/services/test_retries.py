"""Going on after a turn that ended badly."""

from collections.abc import Callable

import pytest

from sessions_app.models import Session, Turn, TurnKind, TurnStatus
from sessions_app.models.transcript import load_transcript
from sessions_app.rows.standing import Standing, standings
from sessions_app.services.errors import ServiceError
from sessions_app.services.forks import Approach, edit_and_resend, fork_session, last_finished_turn, turn_before
from sessions_app.services.prompts import send_prompt
from sessions_app.services.retries import RESUME_PROMPT, resume_turn, retry_turn
from tests.factories import make_conversation, make_session, make_turn, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def make_failed(status: TurnStatus = TurnStatus.FAILED) -> tuple[Session, Turn]:
    """A branch with a turn that is done and one that is not."""
    session = make_session(make_conversation())
    make_turn(session, 1)
    return session, make_turn(session, 2, status=status, prompt="Do it")


def retry(turn: Turn, *, end: TurnStatus = TurnStatus.FAILED) -> Turn:
    """Retry `turn`, and let the retry end."""
    added = retry_turn(user=turn.created_by, turn=turn)
    Turn.objects.filter(pk=added.pk).update(status=end, started_at=added.queued_at, ended_at=added.queued_at)
    return Turn.objects.get(pk=added.pk)


def set_aside(session: Session) -> dict[int, int]:
    """By number: the turns that are set aside, and what retries each."""
    transcript = load_transcript(session)
    return {turn.number: transcript.set_aside[turn.pk] for turn in transcript.turns if turn.pk in transcript.set_aside}


@pytest.mark.parametrize("status", [TurnStatus.FAILED, TurnStatus.INTERRUPTED])
def test_resume_adds_a_turn_that_goes_on(status: TurnStatus) -> None:
    session, turn = make_failed(status)
    person = make_user()
    added = resume_turn(user=person, turn=turn)
    assert (added.number, added.kind, added.prompt, added.created_by) == (3, TurnKind.RESUME, RESUME_PROMPT, person)
    assert added.status == TurnStatus.QUEUED
    assert set_aside(session) == {}


@pytest.mark.parametrize("status", [TurnStatus.FAILED, TurnStatus.INTERRUPTED])
def test_retry_adds_a_turn_with_the_same_words_and_sets_the_old_one_aside(status: TurnStatus) -> None:
    session, turn = make_failed(status)
    added = retry_turn(user=session.created_by, turn=turn)
    assert (added.number, added.kind, added.prompt, added.retry_of) == (3, TurnKind.RETRY, "Do it", turn)
    assert added.prompt_uuid != turn.prompt_uuid
    assert set_aside(session) == {2: 3}
    turn.refresh_from_db()
    assert (turn.status, turn.revision) == (status, added.revision)


def test_of_a_chain_of_retries_only_the_last_is_part_of_the_history() -> None:
    session, turn = make_failed()
    third = retry(turn)
    fourth = retry(third, end=TurnStatus.DONE)
    assert set_aside(session) == {2: 3, 3: 4}
    assert turn_before(fourth) == turn_before(third) == turn_before(turn) == session.turns.get(number=1)
    assert last_finished_turn(session) == fourth
    after = send_prompt(user=session.created_by, session=session, prompt="Thanks")
    assert turn_before(after) == fourth


def test_while_the_retry_runs_the_branch_forks_before_the_turn_that_is_retried() -> None:
    session, turn = make_failed()
    retry_turn(user=session.created_by, turn=turn)
    assert last_finished_turn(session) == session.turns.get(number=1)


def test_a_retry_that_is_asked_otherwise_forks_before_the_turn_it_retries() -> None:
    session, turn = make_failed()
    branch = edit_and_resend(user=session.created_by, turn=retry(turn), edited=Approach("Do it otherwise"))
    assert branch.forked_from == session.turns.get(number=1)
    assert branch.turns.get().number == 2


def test_a_fork_of_the_retried_turn_still_has_it_and_a_later_one_has_not() -> None:
    session, turn = make_failed()
    third = retry(turn, end=TurnStatus.DONE)
    (at,) = fork_session(user=session.created_by, turn=turn, approaches=[Approach("from there")])
    (after,) = fork_session(user=session.created_by, turn=third, approaches=[Approach("after that")])
    assert set_aside(at) == {}
    assert set_aside(after) == {2: 3}


def test_the_first_turn_of_a_fork_is_retried_there() -> None:
    root, turn = make_failed()
    (child,) = fork_session(user=root.created_by, turn=turn, approaches=[Approach("child")])
    child.turns.update(status=TurnStatus.FAILED, started_at=turn.started_at, ended_at=turn.ended_at)
    added = retry_turn(user=root.created_by, turn=child.turns.get())
    assert (added.number, turn_before(added)) == (4, turn)
    assert set_aside(child) == {3: 4}


def test_both_are_offered_on_the_last_turn_only() -> None:
    session, turn = make_failed()
    make_turn(session, 3, status=TurnStatus.INTERRUPTED, started_at=None)
    offered = standings(load_transcript(session))
    assert offered[turn.pk] == Standing(can_resume=True, can_retry=True)
    assert [each.can_resume for each in offered.values()] == [False, True, False]
    send_prompt(user=session.created_by, session=session, prompt="Never mind")
    assert not any(each.can_resume for each in standings(load_transcript(session)).values())


def test_a_decision_has_no_prompt_to_repeat_and_can_be_resumed() -> None:
    session = make_session(make_conversation())
    turn = make_turn(session, 1, status=TurnStatus.FAILED, kind=TurnKind.DECISION)
    assert standings(load_transcript(session))[turn.pk] == Standing(can_resume=True)
    with pytest.raises(ServiceError, match="resume it instead"):
        retry_turn(user=session.created_by, turn=turn)
    assert resume_turn(user=session.created_by, turn=turn).kind == TurnKind.RESUME


@pytest.mark.parametrize("again", [retry_turn, resume_turn])
@pytest.mark.parametrize("first", [retry_turn, resume_turn])
def test_of_two_people_one_wins_and_the_other_is_told(first: Callable[..., Turn], again: Callable[..., Turn]) -> None:
    session, turn = make_failed()
    first(user=make_user("ada"), turn=turn)
    done = "retried" if first is retry_turn else "resumed"
    with pytest.raises(ServiceError, match=f"Turn 2 was already {done} by ada: see turn 3"):
        again(user=make_user("bob"), turn=turn)
    assert session.turns.count() == 3


@pytest.mark.parametrize("status", [TurnStatus.QUEUED, TurnStatus.RUNNING, TurnStatus.DONE])
def test_what_did_not_end_badly_is_refused_in_words(status: TurnStatus) -> None:
    session, turn = make_failed(status)
    for again in (retry_turn, resume_turn):
        with pytest.raises(ServiceError, match=f"Turn 2 is {status}"):
            again(user=session.created_by, turn=turn)


def test_what_never_started_is_refused_in_words() -> None:
    session, _ = make_failed()
    turn = make_turn(session, 3, status=TurnStatus.INTERRUPTED, started_at=None)
    for again in (retry_turn, resume_turn):
        with pytest.raises(ServiceError, match="never reached the model"):
            again(user=session.created_by, turn=turn)


def test_a_prompt_that_came_in_between_is_named() -> None:
    session, turn = make_failed()
    send_prompt(user=make_user("eve"), session=session, prompt="Something else")
    with pytest.raises(ServiceError, match="already followed up by eve: see turn 3"):
        retry_turn(user=session.created_by, turn=turn)
