"""Home, and starting a tree from it."""

from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from sessions_app.models import Conversation, Session
from tests.factories import make_conversation, make_session, make_turn
from tests.views.conftest import World


def test_it_lists_the_trees_you_can_see(owner: Client, stranger: Client, world: World) -> None:
    assert "REST API design" in owner.get("/").content.decode()
    assert "2 branches" in owner.get("/").content.decode()
    assert "REST API design" not in stranger.get("/").content.decode()


def test_without_trees_it_says_what_to_do(stranger: Client) -> None:
    assert "becomes the root of your first tree" in stranger.get("/").content.decode()


def test_readers_see_no_box(reader: Client) -> None:
    page = reader.get("/").content.decode()
    assert "<textarea" not in page
    assert "ask an owner" in page


def test_wrong_method(owner: Client) -> None:
    assert owner.post("/").status_code == 405
    assert owner.get("/conversations/").status_code == 405


def test_many_trees_need_no_more_queries(
    owner: Client, world: World, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(60):
        make_turn(make_session(make_conversation(world.project, title=f"Tree {number}")))
    with django_assert_max_num_queries(9):
        page = owner.get("/").content.decode()
    assert "Older" in page
    assert "Newer" in owner.get("/?page=2").content.decode()


def test_start_opens_the_new_branch(owner: Client, world: World) -> None:
    response = owner.post("/conversations/", {"prompt": "Design an API", "model": "haiku"})
    session = Session.objects.get(title="Design an API")
    assert response.status_code == 302
    assert response["Location"] == f"/sessions/{session.pk}/"
    assert (session.model, session.turns.get().prompt) == ("haiku", "Design an API")


def test_start_with_htmx_sends_the_browser_there(owner: Client, world: World) -> None:
    response = owner.post("/conversations/", {"prompt": "Design an API"}, headers={"HX-Request": "true"})
    assert response["HX-Redirect"].startswith("/sessions/")


def test_an_empty_prompt_is_refused_and_what_was_typed_is_kept(owner: Client, world: World) -> None:
    response = owner.post("/conversations/", {"prompt": "  "})
    assert response.status_code == 422
    assert "Write a prompt first." in response.content.decode()
    response = owner.post("/conversations/", {"prompt": "Keep me", "model": "nope"})
    assert "Keep me" in response.content.decode()
    assert "not offered" in response.content.decode()
    assert Conversation.objects.count() == 1


def test_readers_cannot_start(reader: Client) -> None:
    assert reader.post("/conversations/", {"prompt": "Hello"}).status_code == 403


def test_a_project_of_others_is_not_used(stranger: Client, world: World) -> None:
    response = stranger.post("/conversations/", {"prompt": "Hello", "project": str(world.project.pk)})
    assert response.status_code == 403
    assert not Session.objects.filter(title="Hello").exists()


def test_a_banner_says_when_the_demo_model_answers(owner: Client, settings: Settings) -> None:
    settings.DEMO_MODEL = True
    page = owner.get("/").content.decode()
    assert "Demo model:" in page
    assert "data-try" in page
    settings.DEMO_MODEL = False
    assert "Demo model:" not in owner.get("/").content.decode()
