"""Changing the title of a branch."""

from django.test import Client

from tests.views.conftest import World


def test_it_asks_on_a_page_and_in_place(owner: Client, world: World) -> None:
    address = f"/sessions/{world.root.pk}/title/"
    assert b"<h1>" in owner.get(address).content
    assert b"<h1>" not in owner.get(address, headers={"HX-Request": "true"}).content


def test_it_renames(owner: Client, world: World) -> None:
    response = owner.post(f"/sessions/{world.root.pk}/title/", {"title": " Better "})
    assert response.status_code == 302
    world.root.refresh_from_db()
    assert world.root.title == "Better"


def test_htmx_gets_the_head_back(owner: Client, world: World) -> None:
    response = owner.post(f"/sessions/{world.root.pk}/title/", {"title": "Better"}, headers={"HX-Request": "true"})
    assert f'id="head-{world.root.pk}"' in response.content.decode()
    assert "Better" in response.content.decode()


def test_an_empty_title_is_refused_in_words(owner: Client, world: World) -> None:
    response = owner.post(f"/sessions/{world.root.pk}/title/", {"title": " "})
    assert response.status_code == 422
    assert "at least one letter" in response.content.decode()


def test_strangers_get_404(stranger: Client, world: World) -> None:
    assert stranger.get(f"/sessions/{world.root.pk}/title/").status_code == 404
    assert stranger.post(f"/sessions/{world.root.pk}/title/", {"title": "Mine"}).status_code == 404


def test_readers_get_403(reader: Client, world: World) -> None:
    assert reader.post(f"/sessions/{world.root.pk}/title/", {"title": "Mine"}).status_code == 403
    world.root.refresh_from_db()
    assert world.root.title == "Design a REST API"


def test_wrong_method(owner: Client, world: World) -> None:
    assert owner.put(f"/sessions/{world.root.pk}/title/").status_code == 405
