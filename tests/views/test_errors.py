"""Requests that cannot be answered are answered in words."""

import pytest
from django.test import Client, RequestFactory

from sessions_app.views import errors
from tests.views.conftest import World


def test_404_403_and_400_speak(owner: Client, reader: Client, world: World) -> None:
    assert "nothing here for you" in owner.get("/nowhere/").content.decode()
    response = reader.post(f"/sessions/{world.root.pk}/turns/", {"prompt": "Hi"})
    assert "You can read this" in response.content.decode()
    refused = owner.get("/", headers={"Host": "evil.example"})
    assert refused.status_code == 400
    assert "evil.example" not in refused.content.decode()


def test_a_form_without_token_is_refused_in_words(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.owner)
    response = client.post("/conversations/", {"prompt": "Hi"})
    assert response.status_code == 403
    assert "This form is too old" in response.content.decode()


@pytest.mark.urls("tests.views.broken_urls")
def test_500_shows_no_exception(owner: Client) -> None:
    owner.raise_request_exception = False
    response = owner.get("/broken/")
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
    assert "secret detail" not in response.content.decode()


def test_500_needs_nothing() -> None:
    assert errors.server_error(RequestFactory().get("/")).status_code == 500


def test_pages_forbid_inline_script_and_style(owner: Client, world: World) -> None:
    for address in ("/", f"/sessions/{world.child.pk}/", f"/compare/?s={world.root.pk}&s={world.child.pk}"):
        response = owner.get(address)
        policy = response["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        page = response.content.decode()
        assert " style=" not in page
        assert "<style" not in page
        assert " onclick" not in page
