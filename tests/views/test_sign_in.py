"""Signing in and out."""

import pytest
from django.test import Client

from sessions_app.services.sign_in import create_sign_in_link
from tests.views.conftest import World


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_link_signs_in_once(client: Client, world: World, slash: str) -> None:
    token = create_sign_in_link(user=world.owner)
    response = client.get(f"/sign-in/{token}{slash}")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    refused = Client().get(f"/sign-in/{token}{slash}")
    assert refused.status_code == 403
    assert "make link" in refused.content.decode()


def test_it_goes_where_the_person_wanted_but_never_elsewhere(client: Client, world: World) -> None:
    token = create_sign_in_link(user=world.owner)
    assert client.get(f"/sign-in/{token}?next=/compare/")["Location"] == "/compare/"
    token = create_sign_in_link(user=world.owner)
    assert client.get(f"/sign-in/{token}?next=https://evil.example/")["Location"] == "/"


def test_a_used_link_is_no_trouble_for_who_is_in(owner: Client) -> None:
    assert owner.get("/sign-in/used-long-ago")["Location"] == "/"


def test_the_sign_in_page(client: Client, owner: Client) -> None:
    page = client.get("/sign-in/")
    assert page.status_code == 200
    assert "make link" in page.content.decode()
    assert owner.get("/sign-in/").status_code == 302


def test_a_form_of_a_page_that_was_signed_out_moves_the_browser(client: Client, world: World) -> None:
    response = client.get("/sign-in/", headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == "/sign-in/"


def test_sign_out(owner: Client) -> None:
    assert owner.get("/sign-out/").status_code == 405
    assert owner.post("/sign-out/")["Location"] == "/sign-in/"
    assert owner.get("/").status_code == 302


def test_wrong_method(client: Client) -> None:
    assert client.post("/sign-in/").status_code == 405
    assert client.post("/sign-in/token").status_code == 405
