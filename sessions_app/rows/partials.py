"""The rows of a page, rendered alike for a page, for the answer to a form and for the socket."""

from collections.abc import Mapping
from typing import Any

from django.template.loader import get_template

from sessions_app.models import Message, Session, Turn, User
from sessions_app.models.transcript import load_changes, load_transcript, messages_of
from sessions_app.models.tree import Tree
from sessions_app.rows.cards import Card
from sessions_app.rows.outline import BranchRow
from sessions_app.rows.panes import Pane, TurnRow, Viewer
from sessions_app.rows.side import SideTree
from sessions_app.rows.waiting import waiting_entries


def render(name: str, context: Mapping[str, Any]) -> str:
    return str(get_template(name).render(dict(context)))


def render_head(pane: Pane) -> str:
    return render("sessions/_head.html", {"pane": pane})


def render_actions(pane: Pane) -> str:
    return render("sessions/_actions.html", {"pane": pane})


def render_turn(row: TurnRow) -> str:
    return render("sessions/_turn.html", {"row": row})


def render_message(message: Message, viewer: Viewer) -> str:
    return render("sessions/_message.html", {"message": message, "scope": "", "viewer": viewer})


def render_branch(branch_row: BranchRow) -> str:
    return render("conversations/_branch.html", {"row": branch_row})


def render_summary(tree: Tree, viewer: Viewer) -> str:
    return render("conversations/_summary.html", {"tree": tree, "viewer": viewer})


def render_notice(words: str) -> str:
    """The quiet line at the bottom of every page."""
    return render("shell/_notice.html", {"words": words})


def render_needs(count: int) -> str:
    return render("shell/_needs.html", {"needs": count})


def render_requests(user: User) -> str:
    return render("requests/_list.html", {"entries": waiting_entries(user)})


def render_side_tree(side: SideTree) -> str:
    return render("shell/_side_tree.html", {"side": side})


def render_add(side: SideTree) -> str:
    """The menu of a comparison that adds another branch."""
    return render("compare/_add.html", {"side": side})


def render_card(card: Card) -> str:
    return render("conversations/_card.html", {"card": card})


def pane_rows(session: Session, viewer: Viewer, *, since: int, queue_place: int | None = None) -> list[str]:
    """Everything in the pane of `session` that changed after revision `since`, then its head and actions.

    Read `session` before calling: what is written meanwhile is then sent twice at worst, and never missed.
    """
    turns, messages = load_changes(session.pk, since)
    # What came after `session` was read does not count: it would stand for a change that was no message's.
    told = {message.revision for message in messages if message.revision <= session.revision}
    if not turns and len(told) >= session.revision - since > 0:
        # Every change was one of a message: the head has nothing new to say, and the first words are on their way.
        return [render_message(message, viewer) for message in messages]
    pane = Pane(load_transcript(session, bodies=False), viewer, queue_place)
    return [*changed_rows(turns, messages, pane), render_head(pane), render_actions(pane)]


def portion_rows(session: Session, viewer: Viewer, *, since: int, until: int) -> list[str]:
    """What changed after revision `since` and up to `until`; the head and the actions come with the last portion."""
    return changed_rows(*load_changes(session.pk, since, until), Pane(load_transcript(session, bodies=False), viewer))


def changed_rows(turns: list[Turn], messages: list[Message], pane: Pane) -> list[str]:
    """Turns as a whole, and messages whose turn is not among them."""
    pane.transcript.messages = messages_of(turn.pk for turn in turns)
    rows = [render_turn(pane.row(turn)) for turn in turns]
    whole = {turn.pk for turn in turns}
    return rows + [render_message(message, pane.viewer) for message in messages if message.turn_id not in whole]
