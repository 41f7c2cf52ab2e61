"""The whole output of a tool call."""

from django.test import Client

from sessions_app.models import MessageKind
from tests.factories import make_message
from tests.views.conftest import World


def test_it_shows_everything(owner: Client, reader: Client, world: World) -> None:
    lines = "\n".join(f"line {number}" for number in range(500))
    call = make_message(world.turn, 1, kind=MessageKind.TOOL, tool="Bash", input={"command": "ls"}, text=lines)
    page = owner.get(f"/sessions/{world.root.pk}/").content.decode()
    assert "Show all (500 lines)" in page
    assert "line 499" not in page
    address = f"/messages/{call.pk}/output/"
    assert "line 499" in owner.get(address).content.decode()
    assert "line 499" in reader.get(address).content.decode()
    assert "<html" not in owner.get(address, headers={"HX-Request": "true"}).content.decode()


def test_strangers_methods_and_other_messages(owner: Client, stranger: Client, world: World) -> None:
    call = make_message(world.turn, 1, kind=MessageKind.TOOL, tool="Bash", input={"command": "ls"})
    text = make_message(world.turn, 2)
    assert stranger.get(f"/messages/{call.pk}/output/").status_code == 404
    assert owner.get(f"/messages/{text.pk}/output/").status_code == 404
    assert owner.post(f"/messages/{call.pk}/output/").status_code == 405
