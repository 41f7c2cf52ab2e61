"""A row is the same wherever it is rendered: in a page, in the answer to a form, for the socket."""

import re
import uuid

from django.test import Client

from sessions_app.models import MessageKind, MessageState, Session, TurnStatus
from sessions_app.models.tree import Tree
from sessions_app.rows.cards import load_cards
from sessions_app.rows.outline import Shown, changed_rows
from sessions_app.rows.panes import Viewer, viewer_of
from sessions_app.rows.partials import pane_rows, render_branch, render_card, render_message, render_summary
from tests.factories import make_message, make_session, make_turn
from tests.views.conftest import World


def squeezed(html: str) -> str:
    return re.sub(r"\s+", " ", html)


def viewer(world: World) -> Viewer:
    return viewer_of(world.owner, world.project.pk)


def test_the_rows_of_a_pane_are_those_of_its_page(owner: Client, world: World) -> None:
    turn = make_turn(world.child, 3, status=TurnStatus.RUNNING)
    make_message(turn, 0, text="A table:\n\n| a |\n|---|\n| 1 |", state=MessageState.LIVE)
    make_message(turn, 1, text="hm", kind=MessageKind.THINKING, state=MessageState.LIVE)
    make_message(turn, 2, text="x\n" * 99, kind=MessageKind.TOOL, tool="Bash", input={"command": "ls"}, is_error=True)
    page = squeezed(owner.get(f"/sessions/{world.child.pk}/").content.decode())
    session = Session.objects.select_related("conversation").get(pk=world.child.pk)
    rows = pane_rows(session, viewer(world), since=0)
    # Two turns, the head and the actions.
    assert len(rows) == 4
    for row in rows:
        assert squeezed(row).strip() in page


def test_only_what_is_newer_is_sent(world: World) -> None:
    turn = make_turn(world.child, 3, status=TurnStatus.RUNNING, revision=5)
    make_message(turn, 0, revision=6)
    late = make_message(turn, 1, revision=9)
    rows = pane_rows(world.child, viewer(world), since=8)
    assert [row.split('"')[1] for row in rows] == [
        f"message-{late.pk}",
        f"head-{world.child.pk}",
        f"actions-{world.child.pk}",
    ]
    assert rows[0] == render_message(late, viewer(world))


def test_the_head_comes_too_when_a_message_is_written_after_the_session_was_read(world: World) -> None:
    """One change, of the head alone, between what the page has and what was read; then a message that came after."""
    turn = make_turn(world.child, 3, status=TurnStatus.RUNNING, revision=1)
    world.child.revision = 5
    make_message(turn, 0, revision=6)
    rows = pane_rows(world.child, viewer(world), since=4)
    assert f'id="head-{world.child.pk}"' in "".join(rows)


def test_the_rows_of_a_tree_are_those_of_its_page(owner: Client, world: World) -> None:
    page = squeezed(owner.get(f"/conversations/{world.conversation.pk}/").content.decode())
    tree = Tree.load(world.conversation)
    for row in [*(render_branch(row) for row in changed_rows(tree, {})), render_summary(tree, viewer(world))]:
        assert squeezed(row).strip() in page


def test_only_changed_branches_are_sent_and_a_new_one_last(world: World) -> None:
    late = make_session(world.conversation, title="Another root")
    known: dict[uuid.UUID, Shown] = {}
    assert len(changed_rows(Tree.load(world.conversation), known)) == 3
    assert changed_rows(Tree.load(world.conversation), known) == []
    new = make_session(world.conversation, title="New fork", forked_from=world.child_turn)
    rows = changed_rows(Tree.load(world.conversation), known)
    # What stands below the new branch has moved on by one, and says so before the new one comes in.
    assert [row.sid for row in rows] == [late.pk, new.pk]


def test_the_rows_of_home_are_those_of_its_page(owner: Client, world: World) -> None:
    page = squeezed(owner.get("/").content.decode())
    (card,) = load_cards([world.conversation])
    assert squeezed(render_card(card)).strip() in page
