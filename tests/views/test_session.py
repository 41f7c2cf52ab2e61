"""The page of one branch."""

import uuid

from django.test import Client
from pytest_django import DjangoAssertNumQueries

from sessions_app.models import MessageKind, MessageState, TurnStatus
from tests.factories import make_message, make_session, make_turn
from tests.views.conftest import World


def test_it_shows_inherited_and_own_turns(owner: Client, world: World) -> None:
    page = owner.get(f"/sessions/{world.child.pk}/").content.decode()
    assert "Inherited" in page
    assert "<strong>resource model</strong>" in page
    assert "Make it GraphQL." in page
    assert f'id="turn-{world.child_turn.pk}"' in page
    # The inherited turn must not take the id under which live updates look for it.
    assert f'id="turn-{world.turn.pk}-in-{world.child.pk}"' in page


def test_a_reader_sees_it_without_anything_to_write(reader: Client, world: World) -> None:
    page = reader.get(f"/sessions/{world.child.pk}/").content.decode()
    assert "Four types." in page
    for word in ("<textarea", "Fork from here", "Edit and resend", ">Send<", "Rename"):
        assert word not in page


def test_strangers_get_404(stranger: Client, world: World) -> None:
    assert stranger.get(f"/sessions/{world.child.pk}/").status_code == 404
    assert stranger.get(f"/sessions/{uuid.uuid4()}/").status_code == 404


def test_it_needs_a_sign_in(client: Client, world: World) -> None:
    response = client.get(f"/sessions/{world.child.pk}/")
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/")


def test_wrong_method(owner: Client, world: World) -> None:
    assert owner.post(f"/sessions/{world.child.pk}/").status_code == 405


def test_a_failed_turn_says_what_happened_and_what_was_kept(owner: Client, world: World) -> None:
    failed = make_turn(world.child, 3, status=TurnStatus.FAILED, error="The model's service is overloaded.")
    make_message(failed, text="Half an", state=MessageState.CUT)
    page = owner.get(f"/sessions/{world.child.pk}/").content.decode()
    assert "The model&#x27;s service is overloaded." in page
    assert "What was written until then is kept." in page


def test_a_running_branch_offers_to_queue_and_to_stop(owner: Client, world: World) -> None:
    turn = make_turn(world.child, 3, status=TurnStatus.RUNNING)
    make_message(turn, text="Growing", state=MessageState.LIVE)
    page = owner.get(f"/sessions/{world.child.pk}/").content.decode()
    assert f'formaction="/turns/{turn.pk}/stop/"' in page
    assert ">Queue<" in page
    assert 'data-live="' in page


def test_hostile_text_stays_text(owner: Client, world: World) -> None:
    hostile = "<script>alert(1)</script>"
    turn = make_turn(world.child, 3, prompt=hostile)
    make_message(turn, 0, text=hostile)
    make_message(turn, 1, text=hostile, kind=MessageKind.THINKING)
    make_message(turn, 2, text=hostile, kind=MessageKind.TOOL, tool=hostile, input={"command": hostile}, is_error=False)
    make_message(turn, 3, text=hostile, kind=MessageKind.NOTICE)
    world.child.title = hostile
    world.child.save()
    page = owner.get(f"/sessions/{world.child.pk}/").content.decode()
    assert "<script>alert" not in page


def test_200_turns_need_at_most_12_queries(
    owner: Client, world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    long = make_session(world.conversation, title="Long", forked_from=world.turn)
    for number in range(2, 202):
        make_message(make_turn(long, number), text=f"Answer {number}")
    make_turn(long, 202, status=TurnStatus.QUEUED)
    with django_assert_max_num_queries(13):
        page = owner.get(f"/sessions/{long.pk}/").content.decode()
    assert "Answer 201" in page
