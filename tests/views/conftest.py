"""Three people: the owner of a project, a teammate who may only read it, and a stranger with a project of their own."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client

from sessions_app.models import Conversation, Membership, Project, Role, Session, Turn, User
from tests.factories import make_conversation, make_message, make_project, make_session, make_turn, make_user

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _database(db: None) -> None:
    pass


@dataclass(frozen=True)
class World:
    owner: User
    reader: User
    stranger: User
    project: Project
    conversation: Conversation
    root: Session
    # The root's only turn, and a fork of it.
    turn: Turn
    child: Session
    child_turn: Turn


@pytest.fixture
def world() -> World:
    owner, reader, stranger = make_user("owner"), make_user("reader"), make_user("stranger")
    project = make_project(owner)
    Membership.objects.create(project=project, user=reader, role=Role.VIEWER)
    make_project(stranger, name="Elsewhere")
    conversation = make_conversation(project)
    root = make_session(conversation, title="Design a REST API")
    turn = make_turn(root, 1, prompt="Design a REST API.")
    make_message(turn, text="Here is the **resource model**.")
    child = make_session(conversation, title="GraphQL instead", forked_from=turn)
    child_turn = make_turn(child, 2, prompt="Make it GraphQL.")
    make_message(child_turn, text="Four types.")
    return World(owner, reader, stranger, project, conversation, root, turn, child, child_turn)


@pytest.fixture
def sign_in() -> SignIn:
    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def owner(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.owner)


@pytest.fixture
def reader(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.reader)


@pytest.fixture
def stranger(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.stranger)
