"""Branches side by side."""

import re
import uuid
from collections import Counter

from django.test import Client

from tests.factories import make_conversation, make_session, make_turn
from tests.views.conftest import World


def address(*ids: object, **more: str) -> str:
    return "/compare/?" + "&".join([f"s={pk}" for pk in ids] + [f"{key}={value}" for key, value in more.items()])


def test_it_shows_each_branch_and_what_they_share_once(owner: Client, world: World) -> None:
    other = make_session(world.conversation, title="gRPC instead", forked_from=world.turn)
    make_turn(other, 2, prompt="Make it gRPC.")
    page = owner.get(address(world.child.pk, other.pk)).content.decode()
    assert page.count('class="pane ') == 2
    assert "Shared history" in page
    assert page.count("Design a REST API.</div>") == 1
    assert "Send to all" in page


def test_no_id_stands_twice_when_a_branch_inherits_from_another_on_the_page(owner: Client, world: World) -> None:
    grandchild = make_session(world.conversation, title="Grandchild", forked_from=world.child_turn)
    make_turn(grandchild, 3)
    page = owner.get(address(world.root.pk, world.child.pk, grandchild.pk)).content.decode()
    repeated = [name for name, times in Counter(re.findall(r' id="([^"]+)"', page)).items() if times > 1]
    assert repeated == []


def test_numbers(owner: Client, world: World) -> None:
    page = owner.get(address(world.root.pk, world.child.pk, view="numbers")).content.decode()
    assert "Shared history, counted once" in page
    assert 'class="pane ' not in page


def test_readers_read(reader: Client, world: World) -> None:
    page = reader.get(address(world.root.pk, world.child.pk))
    assert page.status_code == 200
    assert "<textarea" not in page.content.decode()


def test_what_cannot_be_compared_is_said(owner: Client, world: World) -> None:
    response = owner.get(address(world.root.pk))
    assert response.status_code == 400
    assert "at least 2" in response.content.decode()
    many = [make_session(world.conversation).pk for _ in range(7)]
    assert "At most 6" in owner.get(address(*many)).content.decode()
    assert owner.get("/compare/").status_code == 400
    elsewhere = make_session(make_conversation(world.project))
    assert "different trees" in owner.get(address(world.root.pk, elsewhere.pk)).content.decode()


def test_strangers_and_unknown_ids_get_404(owner: Client, stranger: Client, world: World) -> None:
    assert stranger.get(address(world.root.pk, world.child.pk)).status_code == 404
    assert owner.get(address(world.root.pk, uuid.uuid4())).status_code == 404
    assert owner.get(address(world.root.pk, "x")).status_code == 404


def test_wrong_method(owner: Client) -> None:
    assert owner.post("/compare/").status_code == 405
