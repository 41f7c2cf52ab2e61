"""Forking, and editing a prompt."""

import pytest
from django.test import Client

from sessions_app.models import Session, TurnStatus
from tests.factories import make_session, make_turn
from tests.views.conftest import World

HTMX = {"HX-Request": "true"}


def test_the_dialog_is_a_page_and_a_fragment(owner: Client, world: World) -> None:
    page = owner.get(f"/turns/{world.turn.pk}/fork/").content.decode()
    assert "<html" in page
    assert "First prompt" in page
    fragment = owner.get(f"/turns/{world.turn.pk}/fork/", headers=HTMX).content.decode()
    assert "<html" not in fragment
    assert "First prompt" in fragment


def test_one_approach_opens_beside_its_parent(owner: Client, world: World) -> None:
    response = owner.post(f"/turns/{world.turn.pk}/fork/", {"prompt": "Try gRPC", "model": "opus"})
    branch = Session.objects.get(title="Try gRPC")
    assert branch.forked_from == world.turn
    assert branch.model == "opus"
    assert response["Location"] == f"/compare/?s={world.root.pk}&s={branch.pk}#prompt-{branch.pk}"


def test_several_approaches_open_beside_each_other(owner: Client, world: World) -> None:
    data = {"prompt": ["One", "", "Two", "Three"], "model": ["", "", "haiku", ""]}
    response = owner.post(f"/turns/{world.turn.pk}/fork/", data, headers=HTMX)
    branches = list(Session.objects.filter(title__in=["One", "Two", "Three"]).order_by("position"))
    assert [branch.model for branch in branches] == ["sonnet", "haiku", "sonnet"]
    query = "&".join(f"s={branch.pk}" for branch in branches)
    assert response["HX-Redirect"] == f"/compare/?{query}#prompt-{branches[0].pk}"


def test_more_than_fit_open_the_tree(owner: Client, world: World) -> None:
    response = owner.post(f"/turns/{world.turn.pk}/fork/", {"prompt": [f"Way {n}" for n in range(7)]})
    assert response["Location"] == f"/conversations/{world.conversation.pk}/"
    assert world.turn.forks.count() == 8


def test_without_script_another_approach_can_be_added(owner: Client, world: World) -> None:
    response = owner.post(f"/turns/{world.turn.pk}/fork/", {"prompt": ["Keep me"], "model": [""], "add": "1"})
    page = response.content.decode()
    assert "Keep me" in page
    assert "First prompt 2" in page
    assert world.turn.forks.count() == 1


def test_what_is_missing_is_said(owner: Client, world: World) -> None:
    response = owner.post(f"/turns/{world.turn.pk}/fork/", {"prompt": ["", " "]})
    assert response.status_code == 422
    assert "Write a prompt first." in response.content.decode()
    running = make_turn(world.child, 3, status=TurnStatus.RUNNING)
    response = owner.post(f"/turns/{running.pk}/fork/", {"prompt": "Now"}, headers=HTMX)
    assert response.status_code == 422
    assert "still running" in response.content.decode()


def test_the_composer_forks_from_the_last_turn_that_ended(owner: Client, world: World) -> None:
    make_turn(world.child, 3, status=TurnStatus.RUNNING)
    page = owner.get(f"/sessions/{world.child.pk}/fork/").content.decode()
    assert "Turn 3 has not ended yet" in page
    assert f'action="/turns/{world.child_turn.pk}/fork/"' in page


def test_the_composer_says_when_nothing_has_ended(owner: Client, world: World) -> None:
    fresh = make_session(world.conversation, title="Fresh")
    make_turn(fresh, 1, status=TurnStatus.RUNNING)
    assert "Nothing to fork yet" in owner.get(f"/sessions/{fresh.pk}/fork/").content.decode()


def test_edit_forks_the_turn_before(owner: Client, world: World) -> None:
    assert "Make it GraphQL." in owner.get(f"/turns/{world.child_turn.pk}/edit/").content.decode()
    response = owner.post(f"/turns/{world.child_turn.pk}/edit/", {"prompt": "Make it gRPC."})
    branch = Session.objects.get(title="Make it gRPC.")
    assert branch.forked_from == world.turn
    assert f"s={world.child.pk}&s={branch.pk}" in response["Location"]


def test_editing_the_first_prompt_starts_another_root(owner: Client, world: World) -> None:
    owner.post(f"/turns/{world.turn.pk}/edit/", {"prompt": "Start over"}, headers=HTMX)
    assert Session.objects.get(title="Start over").forked_from is None
    response = owner.post(f"/turns/{world.turn.pk}/edit/", {"prompt": ""})
    assert response.status_code == 422


@pytest.mark.parametrize("name", ["fork", "edit"])
def test_strangers_readers_methods(owner: Client, reader: Client, stranger: Client, world: World, name: str) -> None:
    address = f"/turns/{world.turn.pk}/{name}/"
    for method in ("get", "post"):
        assert getattr(stranger, method)(address, {"prompt": "Hi"}).status_code == 404
        assert getattr(reader, method)(address, {"prompt": "Hi"}).status_code == 403
    assert owner.delete(address).status_code == 405
    assert Session.objects.count() == 2


def test_the_composers_fork_strangers_readers_methods(
    owner: Client, reader: Client, stranger: Client, world: World
) -> None:
    address = f"/sessions/{world.child.pk}/fork/"
    assert stranger.get(address).status_code == 404
    assert reader.get(address).status_code == 403
    assert owner.post(address).status_code == 405
