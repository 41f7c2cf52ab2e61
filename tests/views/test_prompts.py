"""Prompts to one branch and to several."""

from django.test import Client

from sessions_app.models import Turn
from tests.views.conftest import World

HTMX = {"HX-Request": "true"}


def test_send_adds_a_turn(owner: Client, world: World) -> None:
    response = owner.post(f"/sessions/{world.child.pk}/turns/", {"prompt": "Go on"})
    turn = world.child.turns.get(number=3)
    assert turn.prompt == "Go on"
    assert response.status_code == 302
    assert response["Location"] == f"/sessions/{world.child.pk}/#turn-{turn.pk}"


def test_send_returns_to_where_the_form_was_but_never_elsewhere(owner: Client, world: World) -> None:
    address = f"/sessions/{world.child.pk}/turns/"
    assert owner.post(address, {"prompt": "Go on", "back": "/compare/?s=x"})["Location"] == "/compare/?s=x"
    assert owner.post(address, {"prompt": "On", "back": "https://evil.example/"})["Location"].startswith("/sessions/")


def test_htmx_gets_what_changed_since_its_revision(owner: Client, world: World) -> None:
    data = {"prompt": "Go on", f"revision-{world.child.pk}": str(world.child.revision)}
    rows = owner.post(f"/sessions/{world.child.pk}/turns/", data, headers=HTMX).content.decode()
    turn = world.child.turns.get(number=3)
    assert f'id="turn-{turn.pk}"' in rows
    assert f'id="turn-{world.child_turn.pk}"' not in rows
    assert f'id="head-{world.child.pk}"' in rows
    assert f'id="actions-{world.child.pk}"' in rows


def test_a_page_that_names_no_revision_gets_everything(owner: Client, world: World) -> None:
    data = {"prompt": "Go on", f"revision-{world.child.pk}": "9" * 30}
    rows = owner.post(f"/sessions/{world.child.pk}/turns/", data, headers=HTMX).content.decode()
    assert f'id="turn-{world.child_turn.pk}"' in rows


def test_an_empty_prompt_is_refused_in_words(owner: Client, world: World) -> None:
    address = f"/sessions/{world.child.pk}/turns/"
    for headers in ({}, HTMX):
        response = owner.post(address, {"prompt": " "}, headers=headers)
        assert response.status_code == 422
        assert "Write a prompt first." in response.content.decode()


def test_what_could_not_be_sent_is_not_lost(owner: Client, world: World) -> None:
    response = owner.post(f"/sessions/{world.child.pk}/turns/", {"prompt": "word " * 50_000})
    assert response.status_code == 422
    assert "word word word" in response.content.decode()


def test_send_strangers_readers_methods(owner: Client, reader: Client, stranger: Client, world: World) -> None:
    address = f"/sessions/{world.child.pk}/turns/"
    assert stranger.post(address, {"prompt": "Hi"}).status_code == 404
    assert reader.post(address, {"prompt": "Hi"}).status_code == 403
    assert owner.get(address).status_code == 405
    assert Turn.objects.count() == 2


def test_send_all_reaches_each_branch(owner: Client, world: World) -> None:
    both = [str(world.root.pk), str(world.child.pk)]
    response = owner.post("/compare/prompt/", {"s": both, "prompt": "All of you"})
    assert response.status_code == 302
    assert response["Location"] == f"/compare/?s={both[0]}&s={both[1]}"
    assert Turn.objects.filter(prompt="All of you").count() == 2
    rows = owner.post("/compare/prompt/", {"s": both, "prompt": "Again"}, headers=HTMX).content.decode()
    assert all(f'id="head-{pk}"' in rows for pk in both)


def test_send_all_refuses_in_words(owner: Client, world: World) -> None:
    both = [str(world.root.pk), str(world.child.pk)]
    for headers in ({}, HTMX):
        response = owner.post("/compare/prompt/", {"s": both, "prompt": ""}, headers=headers)
        assert response.status_code == 422
        assert "Write a prompt first." in response.content.decode()
    assert owner.post("/compare/prompt/", {"prompt": "Nobody"}).status_code == 400


def test_send_all_strangers_readers_methods(owner: Client, reader: Client, stranger: Client, world: World) -> None:
    data = {"s": [str(world.root.pk), str(world.child.pk)], "prompt": "Hi"}
    assert stranger.post("/compare/prompt/", data).status_code == 404
    assert reader.post("/compare/prompt/", data).status_code == 403
    assert owner.get("/compare/prompt/").status_code == 405
    assert Turn.objects.count() == 2
