"""Portions: whoever is far behind gets everything once, in pieces of a bounded size."""

import random

import pytest

from sessions_app.models import Session
from sessions_app.models.transcript import end_of_portion, load_changes
from tests.factories import make_conversation, make_message, make_session, make_turn

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
MOST = 4


def make_changes(seed: int) -> Session:
    """Turns and messages that last changed in any order, some of them together."""
    dice = random.Random(seed)
    session = make_session(make_conversation())
    for number in range(1, 13):
        turn = make_turn(session, number, revision=dice.randint(1, 60))
        for position in range(dice.randint(0, 6)):
            make_message(turn, position, revision=dice.randint(1, 60))
    Session.objects.filter(pk=session.pk).update(revision=60)
    return session


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("since", [0, 20])
def test_portions_add_up_to_everything_that_changed(seed: int, since: int) -> None:
    session = make_changes(seed)
    turns, messages = load_changes(session.pk, since)
    behind = {turn.pk for turn in turns}
    alone = {message.pk for message in messages if message.turn_id not in behind}
    got_turns: list[int] = []
    got_messages: set[int] = set()
    at, portions = since, 0
    while True:
        until = end_of_portion(session.pk, at, MOST)
        turns, messages = load_changes(session.pk, at, until)
        got_turns += [turn.pk for turn in turns]
        # A message finds its place only where its turn already is.
        assert {message.turn_id for message in messages} & behind <= set(got_turns)
        got_messages |= {message.pk for message in messages}
        portions += 1
        if until is None:
            break
        assert until > at
        at = until
    assert portions > 2
    assert sorted(got_turns) == sorted(behind), "each turn comes once"
    assert alone <= got_messages


def test_what_changed_together_is_not_divided() -> None:
    session = make_session(make_conversation())
    for number in range(1, 11):
        make_turn(session, number, revision=7)
    make_turn(session, 11, revision=8)
    assert end_of_portion(session.pk, 0, MOST) == 7
    assert end_of_portion(session.pk, 7, MOST) is None
