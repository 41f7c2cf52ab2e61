"""Starting, continuing, and asking several branches the same thing."""

import pytest

from sessions_app.models import Conversation, Session, Turn, TurnStatus
from sessions_app.services.errors import ServiceError
from sessions_app.services.prompts import MAX_PROMPT, send_prompt, send_to_all, start_conversation
from sessions_app.services.titles import rename_conversation, rename_session, title_from
from tests.factories import make_conversation, make_project, make_session, make_turn, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_a_prompt_starts_a_tree_with_one_branch_and_one_queued_turn() -> None:
    user = make_user()
    session = start_conversation(user=user, project=make_project(user), prompt="Design a REST API\nfor invoices")
    turn = session.turns.get()
    assert (session.title, session.conversation.title) == ("Design a REST API", "Design a REST API")
    assert (turn.number, turn.status, turn.prompt) == (1, TurnStatus.QUEUED, "Design a REST API\nfor invoices")
    assert session.forked_from is None
    assert session.colour == 0


def test_turn_numbers_go_on_from_the_turn_that_was_forked() -> None:
    conversation = make_conversation()
    root = make_session(conversation)
    fork = make_session(conversation, forked_from=make_turn(root, 4))
    user = fork.created_by
    assert [send_prompt(user=user, session=fork, prompt=prompt).number for prompt in ("a", "b")] == [5, 6]
    assert send_prompt(user=user, session=root, prompt="c").number == 5


def test_every_change_moves_the_branch_to_a_new_revision_that_its_rows_carry() -> None:
    session = make_session(make_conversation())
    turn = send_prompt(user=session.created_by, session=session, prompt="a")
    session.refresh_from_db()
    assert turn.revision == session.revision == 2


@pytest.mark.parametrize("prompt", ["", "  \n ", "\x00"])
def test_an_empty_prompt_is_refused_in_words(prompt: str) -> None:
    session = make_session(make_conversation())
    with pytest.raises(ServiceError, match="Write a prompt first"):
        send_prompt(user=session.created_by, session=session, prompt=prompt)


def test_a_prompt_beyond_the_limit_is_refused_with_both_numbers() -> None:
    session = make_session(make_conversation())
    with pytest.raises(ServiceError, match=r"200,001.*200,000"):
        send_prompt(user=session.created_by, session=session, prompt="x" * (MAX_PROMPT + 1))


def test_a_model_that_is_not_offered_is_refused_and_nothing_is_made() -> None:
    user = make_user()
    with pytest.raises(ServiceError, match="not offered"):
        start_conversation(user=user, project=make_project(user), prompt="Hello", model="gpt")
    assert not Conversation.objects.exists()


def test_what_a_browser_and_a_database_cannot_agree_on_is_cleaned() -> None:
    session = make_session(make_conversation())
    turn = send_prompt(user=session.created_by, session=session, prompt="one\r\ntwo\x00 ")
    assert turn.prompt == "one\ntwo"


def test_all_branches_are_asked_or_none() -> None:
    conversation = make_conversation()
    sessions = [make_session(conversation) for _ in range(3)]
    user = conversation.created_by
    with pytest.raises(ServiceError):
        send_to_all(user=user, sessions=sessions, prompt=" ")
    assert not Turn.objects.exists()
    turns = send_to_all(user=user, sessions=sessions, prompt="And the costs?")
    assert [turn.session_id for turn in turns] == [session.pk for session in sessions]


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("# **Design** a `REST` API\nmore", "Design a REST API"),
        ("word " * 40, "word word word word word word word word word word word word…"),
        ("\n\n  second line  counts ", "second line counts"),
        ("***", "Untitled"),
        ("x" * 90, "x" * 60 + "…"),
    ],
)
def test_a_title_is_the_first_line_of_the_prompt_without_its_marks(prompt: str, title: str) -> None:
    assert title_from(prompt) == title


def test_titles_are_changed_by_hand_and_pages_are_told() -> None:
    session = make_session(make_conversation())
    rename_session(session=session, title="  A \n better\x00 name ")
    rename_conversation(conversation=session.conversation, title="Billing")
    fresh = Session.objects.select_related("conversation").get(pk=session.pk)
    assert (fresh.title, fresh.conversation.title) == ("A better name", "Billing")
    assert fresh.revision == 3


def test_a_title_cannot_be_emptied() -> None:
    session = make_session(make_conversation())
    with pytest.raises(ServiceError, match="at least one letter"):
        rename_session(session=session, title=" ")
