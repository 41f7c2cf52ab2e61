"""The reader: the rows a page has to be sent so that it shows what a fresh one would."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sessions_app.models import Conversation, Session, Turn, User
from sessions_app.models.transcript import end_of_portion
from sessions_app.models.tree import Tree
from sessions_app.rows.cards import load_cards
from sessions_app.rows.outline import Shown, changed_rows
from sessions_app.rows.panes import viewer_of
from sessions_app.rows.partials import (
    pane_rows,
    portion_rows,
    render_add,
    render_branch,
    render_card,
    render_needs,
    render_requests,
    render_side_tree,
    render_summary,
)
from sessions_app.rows.side import load_side_tree
from sessions_app.rows.waiting import count_waiting

HOME = 50
# Messages that are read and sent at once. A page that lacks thousands gets them in portions: others are served between.
MOST = 100


@dataclass(frozen=True, slots=True)
class Portion:
    """Rows of a pane, the revision they bring the page to, and whether that is all there is."""

    rows: list[str]
    revision: int
    is_last: bool = True


def read_pane(user: User, session_id: uuid.UUID, since: int) -> Portion:
    """What changed in a branch after revision `since`, up to about `MOST` messages of it.

    A session that is not there, or not visible to `user`, has nothing to say.
    """
    visible = Session.objects.visible_to(user).select_related("conversation", "forked_from")
    session = visible.filter(pk=session_id).first()
    if session is None or session.revision <= since:
        return Portion([], since)
    viewer = viewer_of(user, session.conversation.project_id)
    # Only a page that is many revisions behind can lack many messages: the others are spared the question.
    until = end_of_portion(session_id, since, MOST) if session.revision - since > MOST else None
    if until is not None:
        return Portion(portion_rows(session, viewer, since=since, until=until), until, is_last=False)
    place = Turn.objects.queue_place(session_id)
    return Portion(pane_rows(session, viewer, since=since, queue_place=place), session.revision)


def read_tree(user: User, conversation_id: uuid.UUID, shown: dict[uuid.UUID, Shown]) -> list[str]:
    """The rows of a tree's outline that differ from those in `shown`, which is brought up to date; and its totals."""
    conversation = Conversation.objects.visible_to(user).filter(pk=conversation_id).first()
    if conversation is None:
        return []
    tree = Tree.load(conversation)
    viewer = viewer_of(user, conversation.project_id)
    return [*(render_branch(row) for row in changed_rows(tree, shown)), render_summary(tree, viewer)]


def read_side(user: User, conversation_id: uuid.UUID, current: Collection[uuid.UUID]) -> list[str]:
    """The side list of a page that shows the branches `current` of a tree, and what a comparison of them can add."""
    conversation = Conversation.objects.visible_to(user).filter(pk=conversation_id).first()
    if conversation is None:
        return []
    side = load_side_tree(conversation, current)
    return [render_side_tree(side), render_add(side)] if len(current) > 1 else [render_side_tree(side)]


def newest_trees(user: User) -> set[uuid.UUID]:
    """Those that the home page begins with: which of them changed while it was away, it cannot say."""
    newest = Conversation.objects.visible_to(user).order_by("-touched_at").values_list("pk", flat=True)
    return set(newest[:HOME])


def read_cards(user: User, conversation_ids: set[uuid.UUID]) -> list[str]:
    """The home page's rows of these trees."""
    found = Conversation.objects.visible_to(user).filter(pk__in=conversation_ids)
    return [render_card(card) for card in load_cards(list(found))]


def read_requests(user: User, known: int, *, whole: bool) -> tuple[int, list[str]]:
    """How many requests wait for `user`, and what says so to a page that knows of `known`; with `whole`, the list."""
    count = count_waiting(user)
    rows = [render_needs(count)] if count != known else []
    return count, [*rows, render_requests(user)] if whole else rows
