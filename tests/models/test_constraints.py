"""What the database itself refuses, whoever asks."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from sessions_app.models import Turn, TurnStatus
from tests.factories import make_conversation, make_session, make_turn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def test_a_session_has_one_active_turn_at_most() -> None:
    session = make_session(make_conversation())
    make_turn(session, 1, status=TurnStatus.RUNNING)
    with pytest.raises(IntegrityError, match=r"(?i)one_active|session_id"):
        make_turn(session, 2, status=TurnStatus.RUNNING)


def test_any_number_of_turns_may_wait() -> None:
    session = make_session(make_conversation())
    for number in (1, 2, 3):
        make_turn(session, number, status=TurnStatus.QUEUED)
    assert session.turns.count() == 3


def test_turn_numbers_are_unique_within_a_session() -> None:
    session = make_session(make_conversation())
    make_turn(session, 1)
    with pytest.raises(IntegrityError):
        make_turn(session, 1)


def test_turn_numbers_count_from_one() -> None:
    session = make_session(make_conversation())
    with pytest.raises(IntegrityError):
        make_turn(session, 0)


def test_a_fork_point_belongs_to_the_same_conversation() -> None:
    elsewhere = make_turn(make_session(make_conversation()))
    here = make_conversation()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_session(here, forked_from=elsewhere)


def test_a_fork_point_cannot_be_moved_to_another_conversation_later() -> None:
    here, elsewhere = make_conversation(), make_conversation()
    turn = make_turn(make_session(here))
    fork = make_session(here, forked_from=turn)
    foreign = make_turn(make_session(elsewhere))
    with pytest.raises(IntegrityError), transaction.atomic():
        type(fork).objects.filter(pk=fork.pk).update(forked_from=foreign)


def test_a_turn_belongs_to_the_conversation_of_its_session() -> None:
    session, elsewhere = make_session(make_conversation()), make_conversation()
    turn = make_turn(session)
    with pytest.raises(IntegrityError), transaction.atomic():
        Turn.objects.filter(pk=turn.pk).update(conversation=elsewhere)


@pytest.mark.parametrize("fields", [{"status": "done"}, {"ended_at": timezone.now()}, {"status": "dreaming"}])
def test_a_turn_has_ended_exactly_when_its_status_is_final(fields: dict[str, object]) -> None:
    turn = make_turn(make_session(make_conversation()), status=TurnStatus.RUNNING)
    with pytest.raises(IntegrityError), transaction.atomic():
        Turn.objects.filter(pk=turn.pk).update(**fields)


def test_positions_are_unique_within_a_conversation() -> None:
    conversation = make_conversation()
    session = make_session(conversation)
    other = make_session(conversation)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(session).objects.filter(pk=other.pk).update(position=session.position)
