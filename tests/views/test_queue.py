"""Editing, moving and withdrawing what waits."""

import pytest
from django.test import Client

from sessions_app.models import Turn, TurnStatus
from tests.factories import make_turn
from tests.views.conftest import World

HTMX = {"HX-Request": "true"}


@pytest.fixture
def queue(world: World) -> list[Turn]:
    """Two prompts that wait behind a turn that runs."""
    make_turn(world.child, 3, status=TurnStatus.RUNNING)
    return [
        make_turn(world.child, number, status=TurnStatus.QUEUED, prompt=prompt)
        for number, prompt in ((4, "first"), (5, "second"))
    ]


def prompts(world: World) -> list[str]:
    waiting = world.child.turns.filter(status=TurnStatus.QUEUED)
    return list(waiting.order_by("number").values_list("prompt", flat=True))


def test_what_waits_says_its_place_and_offers_what_makes_sense(
    owner: Client, reader: Client, world: World, queue: list[Turn]
) -> None:
    page = owner.get(f"/sessions/{world.child.pk}/").content.decode()
    assert "<b>next</b> in this branch" in page
    assert "<b>2nd</b> in this branch" in page
    for turn in queue:
        for name in ("prompt", "withdraw"):
            assert f'formaction="/turns/{turn.pk}/{name}/"' in page
        assert f"/turns/{turn.pk}/edit/" not in page
    moves = [f"/turns/{turn.pk}/{way}/" in page for turn in queue for way in ("up", "down")]
    assert moves == [False, True, True, False]
    read_only = reader.get(f"/sessions/{world.child.pk}/").content.decode()
    assert "<b>2nd</b> in this branch" in read_only
    assert "/withdraw/" not in read_only


def test_the_form_is_a_page_and_a_fragment(owner: Client, queue: list[Turn]) -> None:
    page = owner.get(f"/turns/{queue[0].pk}/prompt/").content.decode()
    fragment = owner.get(f"/turns/{queue[0].pk}/prompt/", headers=HTMX).content.decode()
    assert ("<html" in page, "<html" in fragment) == (True, False)
    for shown in (page, fragment):
        assert "Queued prompt</label>" in shown
        assert ">first</textarea>" in shown


def test_it_edits(owner: Client, world: World, queue: list[Turn]) -> None:
    response = owner.post(f"/turns/{queue[0].pk}/prompt/", {"prompt": "better"})
    assert response["Location"] == f"/sessions/{world.child.pk}/#turn-{queue[0].pk}"
    assert prompts(world) == ["better", "second"]
    rows = owner.post(f"/turns/{queue[1].pk}/prompt/", {"prompt": "best"}, headers=HTMX).content.decode()
    assert rows.startswith(f'<div id="edit-{queue[1].pk}" class="edit-slot"></div>')
    assert "best" in rows


def test_what_could_not_be_saved_is_not_lost_and_said(owner: Client, world: World, queue: list[Turn]) -> None:
    over = {"status": TurnStatus.DONE, "started_at": queue[0].queued_at, "ended_at": queue[0].queued_at}
    Turn.objects.filter(pk=queue[0].pk).update(**over)
    response = owner.post(f"/turns/{queue[0].pk}/prompt/", {"prompt": "too late"})
    assert response.status_code == 422
    assert "already over" in response.content.decode()
    assert "too late" in response.content.decode()
    response = owner.post(f"/turns/{queue[1].pk}/prompt/", {"prompt": ""}, headers=HTMX)
    assert response.status_code == 422
    assert f'id="problem-edit-{queue[1].pk}"' in response.content.decode()
    assert "Write a prompt first." in response.content.decode()
    assert prompts(world) == ["second"]


def test_it_moves(owner: Client, world: World, queue: list[Turn]) -> None:
    response = owner.post(f"/turns/{queue[1].pk}/up/", {"back": "/compare/?s=x"})
    assert response["Location"] == "/compare/?s=x"
    assert prompts(world) == ["second", "first"]
    data = {f"revision-{world.child.pk}": str(world.child.revision)}
    rows = owner.post(f"/turns/{queue[1].pk}/down/", data, headers=HTMX).content.decode()
    assert prompts(world) == ["first", "second"]
    assert [f'id="turn-{turn.pk}"' in rows for turn in (*queue, world.child_turn)] == [True, True, False]


def test_it_withdraws(owner: Client, world: World, queue: list[Turn]) -> None:
    response = owner.post(f"/turns/{queue[0].pk}/withdraw/")
    assert response["Location"] == f"/sessions/{world.child.pk}/#turn-{queue[0].pk}"
    assert prompts(world) == ["second"]
    page = owner.get(f"/sessions/{world.child.pk}/").content.decode()
    assert "Withdrawn before it started: the model never got this prompt." in page
    rows = owner.post(f"/turns/{queue[1].pk}/withdraw/", headers=HTMX).content.decode()
    assert f'id="turn-{queue[1].pk}"' in rows
    assert prompts(world) == []


@pytest.mark.parametrize("name", ["up", "down", "withdraw"])
def test_what_is_refused_is_said_with_what_changed(owner: Client, world: World, queue: list[Turn], name: str) -> None:
    running = world.child.turns.get(number=3)
    for headers in ({}, HTMX):
        response = owner.post(f"/turns/{running.pk}/{name}/", headers=headers)
        assert response.status_code == 422
        said = response.content.decode()
        assert f'id="problem-{world.child.pk}" class="problem-line" role="alert">Turn 3 has just started.' in said
        assert f'id="turn-{running.pk}"' in said
    assert prompts(world) == ["first", "second"]


@pytest.mark.parametrize("name", ["prompt", "up", "down", "withdraw"])
def test_strangers_readers_methods(
    owner: Client, reader: Client, stranger: Client, world: World, queue: list[Turn], name: str
) -> None:
    for turn in queue:
        address = f"/turns/{turn.pk}/{name}/"
        assert stranger.post(address, {"prompt": "Hi"}).status_code == 404
        assert reader.post(address, {"prompt": "Hi"}).status_code == 403
        assert owner.delete(address).status_code == 405
    if name == "prompt":
        assert stranger.get(address).status_code == 404
        assert reader.get(address).status_code == 403
    else:
        assert owner.get(address).status_code == 405
    assert prompts(world) == ["first", "second"]
