"""Stopping a turn."""

from django.test import Client

from sessions_app.models import TurnStatus
from tests.factories import make_turn
from tests.views.conftest import World


def test_it_stops(owner: Client, world: World) -> None:
    turn = make_turn(world.child, 3, status=TurnStatus.QUEUED)
    response = owner.post(f"/turns/{turn.pk}/stop/")
    assert response["Location"] == f"/sessions/{world.child.pk}/#turn-{turn.pk}"
    turn.refresh_from_db()
    assert turn.status == TurnStatus.INTERRUPTED


def test_htmx_gets_rows(owner: Client, world: World) -> None:
    turn = make_turn(world.child, 3, status=TurnStatus.RUNNING)
    data = {f"revision-{world.child.pk}": str(world.child.revision)}
    rows = owner.post(f"/turns/{turn.pk}/stop/", data, headers={"HX-Request": "true"}).content.decode()
    assert f'id="turn-{turn.pk}"' in rows
    assert "Stopping…" in rows


def test_a_turn_that_ended_stays_as_it_is(owner: Client, world: World) -> None:
    assert owner.post(f"/turns/{world.turn.pk}/stop/").status_code == 302
    world.turn.refresh_from_db()
    assert world.turn.status == TurnStatus.DONE


def test_strangers_readers_methods(owner: Client, reader: Client, stranger: Client, world: World) -> None:
    turn = make_turn(world.child, 3, status=TurnStatus.QUEUED)
    address = f"/turns/{turn.pk}/stop/"
    assert stranger.post(address).status_code == 404
    assert reader.post(address).status_code == 403
    assert owner.get(address).status_code == 405
    turn.refresh_from_db()
    assert turn.status == TurnStatus.QUEUED
