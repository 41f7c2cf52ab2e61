"""How a turn that did not end well is told on its page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sessions_app.models import MessageKind, Session, TurnStatus
from sessions_app.rendering.failures import FAILURES, failure
from tests.factories import make_message, make_turn
from tests.views.conftest import World


def page_of(client: Client, session: Session) -> str:
    return client.get(f"/sessions/{session.pk}/").content.decode()


def fail(world: World, kind: str, **particulars: object) -> None:
    known, sentence = failure(kind, **particulars)  # type: ignore[arg-type]  # there is no `said` among them
    turn = world.child_turn
    turn.status, turn.ended_at, turn.error_kind, turn.error = TurnStatus.FAILED, timezone.now(), known, sentence
    turn.save()


def test_it_says_what_happened_what_was_kept_and_what_to_do(owner: Client, world: World) -> None:
    fail(world, "stalled", seconds=180)
    page = page_of(owner, world.child)
    for words in ("The model fell silent.", "Nothing came from it for 180 s", FAILURES["stalled"].kept):
        assert words in page
    assert FAILURES["stalled"].advice in page


def test_a_turn_in_which_only_notices_stand_has_kept_its_prompt(owner: Client, world: World) -> None:
    fail(world, "overloaded", times="5 times")
    world.child_turn.messages.all().delete()
    make_message(world.child_turn, kind=MessageKind.NOTICE, text="The model was overloaded (529).")
    page = page_of(owner, world.child)
    assert "turned the request away 5 times (529)" in page
    assert FAILURES["overloaded"].prompt_kept in page


def test_who_may_only_read_is_not_told_what_to_do(reader: Client, world: World) -> None:
    fail(world, "stalled", seconds=180)
    page = page_of(reader, world.child)
    assert "Nothing came from it for 180 s" in page
    assert FAILURES["stalled"].advice not in page


@pytest.mark.parametrize("kind", ["", "of_an_older_version"])
def test_a_kind_without_words_is_a_failed_turn(owner: Client, world: World, kind: str) -> None:
    make_turn(world.child, 3, status=TurnStatus.FAILED, error_kind=kind, error="")
    page = page_of(owner, world.child)
    assert "This turn failed." in page
    assert "No reason was given." in page


def test_a_notice_that_waits_has_a_countdown(owner: Client, world: World) -> None:
    until = timezone.now() + timedelta(minutes=4, seconds=30)
    wait = {"until": until.isoformat(), "attempt": 2, "attempts": 5}
    make_message(world.child_turn, 1, kind=MessageKind.NOTICE, text="The model is overloaded (529).", input=wait)
    page = page_of(owner, world.child)
    assert f'<time datetime="{until.isoformat(timespec="milliseconds")}" role="timer" data-until>in 4 min' in page
    assert "</time>: attempt 2 of 5." in page
