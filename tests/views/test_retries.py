"""Retry and Resume."""

import pytest
from django.test import Client

from sessions_app.models import Turn, TurnKind, TurnStatus
from sessions_app.services.forks import Approach, fork_session
from sessions_app.services.retries import RESUME_PROMPT, retry_turn
from tests.factories import make_turn
from tests.views.conftest import World

HTMX = {"HX-Request": "true"}


@pytest.fixture
def failed(world: World) -> Turn:
    return make_turn(world.child, 3, status=TurnStatus.FAILED, prompt="Do it", error="It broke.")


@pytest.mark.parametrize(
    ("name", "kind", "prompt"), [("retry", TurnKind.RETRY, "Do it"), ("resume", TurnKind.RESUME, RESUME_PROMPT)]
)
def test_it_goes_on(owner: Client, world: World, failed: Turn, name: str, kind: TurnKind, prompt: str) -> None:
    response = owner.post(f"/turns/{failed.pk}/{name}/")
    added = world.child.turns.get(number=4)
    assert (added.kind, added.prompt, added.created_by) == (kind, prompt, world.owner)
    assert response["Location"] == f"/sessions/{world.child.pk}/#turn-{added.pk}"


@pytest.mark.parametrize("name", ["retry", "resume"])
def test_htmx_gets_the_new_turn_and_the_old_one_without_its_buttons(
    owner: Client, world: World, failed: Turn, name: str
) -> None:
    data = {f"revision-{world.child.pk}": str(world.child.revision)}
    rows = owner.post(f"/turns/{failed.pk}/{name}/", data, headers=HTMX).content.decode()
    assert [f'id="turn-{turn.pk}"' in rows for turn in world.child.turns.order_by("number")] == [False, True, True]
    assert f"/turns/{failed.pk}/retry/" not in rows
    assert ("Set aside" in rows, "Retry of turn 3" in rows) == (name == "retry", name == "retry")


def test_both_are_offered_to_writers_on_the_last_turn(
    owner: Client, reader: Client, world: World, failed: Turn
) -> None:
    address = f"/sessions/{world.child.pk}/"
    buttons = [f"/turns/{failed.pk}/retry/", f"/turns/{failed.pk}/resume/"]
    page = owner.get(address).content.decode()
    assert all(button in page for button in buttons)
    assert not any(button in reader.get(address).content.decode() for button in buttons)
    owner.post(f"/sessions/{world.child.pk}/turns/", {"prompt": "Never mind"})
    page = owner.get(address).content.decode()
    assert not any(button in page for button in buttons)


def test_nothing_of_a_turn_that_is_set_aside_is_lost(owner: Client, world: World, failed: Turn) -> None:
    retry = retry_turn(user=world.owner, turn=failed)
    Turn.objects.filter(pk=retry.pk).update(status="done", started_at=retry.queued_at, ended_at=retry.queued_at)
    (at,) = fork_session(user=world.owner, turn=failed, approaches=[Approach("from there")])
    retry.refresh_from_db()
    (after,) = fork_session(user=world.owner, turn=retry, approaches=[Approach("after that")])
    for session, marked in ((world.child, True), (at, False), (after, True)):
        page = owner.get(f"/sessions/{session.pk}/").content.decode()
        assert "It broke." in page
        assert ("retried as turn 4" in page) is marked, session.title


def test_who_comes_second_is_told(owner: Client, world: World, failed: Turn) -> None:
    owner.post(f"/turns/{failed.pk}/retry/")
    for headers in ({}, HTMX):
        response = owner.post(f"/turns/{failed.pk}/resume/", headers=headers)
        assert response.status_code == 422
        assert "Turn 3 was already retried by owner: see turn 4." in response.content.decode()
    assert world.child.turns.count() == 3


@pytest.mark.parametrize("name", ["retry", "resume"])
def test_strangers_readers_methods(
    owner: Client, reader: Client, stranger: Client, world: World, failed: Turn, name: str
) -> None:
    address = f"/turns/{failed.pk}/{name}/"
    assert stranger.post(address).status_code == 404
    assert reader.post(address).status_code == 403
    assert owner.get(address).status_code == 405
    assert world.child.turns.count() == 2
