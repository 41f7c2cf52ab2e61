"""The outline of a tree, and its title."""

import uuid
from decimal import Decimal

from django.test import Client
from pytest_django import DjangoAssertNumQueries

from sessions_app.models import Message, Session, Turn, TurnStatus
from tests.factories import make_turn
from tests.views.conftest import World


def test_it_lists_the_branches_with_their_numbers(owner: Client, world: World) -> None:
    Turn.objects.filter(pk=world.turn.pk).update(cost_usd=Decimal("0.021"), input_tokens=8_100)
    make_turn(world.child, 3, status=TurnStatus.RUNNING)
    page = owner.get(f"/conversations/{world.conversation.pk}/").content.decode()
    assert 'aria-label="Design a REST API, done"' in page
    assert 'aria-label="GraphQL instead, running"' in page
    assert 'aria-label="Select GraphQL instead"' in page
    assert "$0.021" in page
    assert "Here is the resource model." in page
    assert "1 running" in page


def test_strangers_get_404(stranger: Client, world: World) -> None:
    assert stranger.get(f"/conversations/{world.conversation.pk}/").status_code == 404
    assert stranger.get(f"/conversations/{uuid.uuid4()}/").status_code == 404
    assert stranger.post(f"/conversations/{world.conversation.pk}/title/", {"title": "Mine"}).status_code == 404


def test_readers_read(reader: Client, world: World) -> None:
    page = reader.get(f"/conversations/{world.conversation.pk}/")
    assert page.status_code == 200
    assert "Rename" not in page.content.decode()
    assert reader.post(f"/conversations/{world.conversation.pk}/title/", {"title": "Mine"}).status_code == 403


def test_wrong_method(owner: Client, world: World) -> None:
    assert owner.post(f"/conversations/{world.conversation.pk}/").status_code == 405
    assert owner.delete(f"/conversations/{world.conversation.pk}/title/").status_code == 405


def test_it_renames(owner: Client, world: World) -> None:
    address = f"/conversations/{world.conversation.pk}/title/"
    assert owner.get(address).status_code == 200
    assert owner.post(address, {"title": "Better"}).status_code == 302
    world.conversation.refresh_from_db()
    assert world.conversation.title == "Better"
    rows = owner.post(address, {"title": "Best"}, headers={"HX-Request": "true"}).content.decode()
    assert f'id="summary-{world.conversation.pk}"' in rows
    assert "Best" in rows
    assert owner.post(address, {"title": ""}).status_code == 422


def test_1000_sessions_need_at_most_10_queries(
    owner: Client, world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sessions = Session.objects.bulk_create(
        Session(
            conversation=world.conversation,
            forked_from=world.turn,
            position=position,
            title=f"Branch {position}",
            model="sonnet",
            created_by=world.owner,
        )
        for position in range(2, 1_000)
    )
    turns = Turn.objects.bulk_create(
        Turn(session=session, conversation=world.conversation, number=2, prompt="Go on", created_by=world.owner)
        for session in sessions
    )
    Message.objects.bulk_create(
        Message(turn=turn, position=0, kind="text", state="done", text="Done.", revision=1) for turn in turns
    )
    with django_assert_max_num_queries(10):
        page = owner.get(f"/conversations/{world.conversation.pk}/").content.decode()
    assert page.count("<tr id=") == 1_000
