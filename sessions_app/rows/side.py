"""The side list: the outline of the tree a page belongs to, in two light queries whatever its size."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sessions_app.models import UNFINISHED, Conversation, Session, Turn

# A longer outline is cut to the branches around the ones shown: the tree's own page has them all.
MOST = 40
DEEPEST = 8
# Branches that fit side by side.
MOST_COMPARED = 6


@dataclass(frozen=True, slots=True)
class SideBranch:
    sid: uuid.UUID
    title: str
    colour: int
    depth: int
    is_current: bool
    status: str


@dataclass(frozen=True, slots=True)
class SideTree:
    conversation: Conversation
    branches: list[SideBranch]
    hidden: int

    @property
    def others(self) -> list[SideBranch]:
        """The branches that a comparison of the current ones can still take up."""
        others = [branch for branch in self.branches if not branch.is_current]
        return others if len(self.branches) - len(others) < MOST_COMPARED else []


def load_side_tree(conversation: Conversation, current: Collection[uuid.UUID]) -> SideTree:
    sessions = list(
        Session.objects.filter(conversation=conversation)
        .order_by("position")
        .select_related("forked_from")
        .only("title", "position", "forked_from__session_id")
    )
    # Of a branch that runs or waits and has more in the queue, the later word in the alphabet is kept: not "queued".
    active = Turn.objects.filter(conversation=conversation, status__in=UNFINISHED).order_by("status")
    statuses: dict[uuid.UUID, str] = dict(active.values_list("session_id", "status"))
    parents = {s.pk: s.forked_from.session_id if s.forked_from else None for s in sessions}
    keep = set(parents) if len(sessions) <= MOST else around(parents, current)
    children: dict[uuid.UUID | None, list[Session]] = defaultdict(list)
    for session in sessions:
        children[parents[session.pk]].append(session)
    branches: list[SideBranch] = []
    waiting = [(root, 0) for root in reversed(children[None])]
    while waiting:
        session, depth = waiting.pop()
        if session.pk in keep:
            status = statuses.get(session.pk, "idle")
            shown = SideBranch(
                session.pk, session.title, session.colour, min(depth, DEEPEST), session.pk in current, status
            )
            branches.append(shown)
        waiting += [(child, depth + 1) for child in reversed(children[session.pk])]
    return SideTree(conversation, branches, len(sessions) - len(branches))


def around(parents: dict[uuid.UUID, uuid.UUID | None], current: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """The ancestors of each current branch, then its forks and siblings, up to about `MOST`."""
    keep: set[uuid.UUID] = set()
    for start in current:
        at: uuid.UUID | None = start
        while at is not None and at not in keep and len(keep) < MOST:
            keep.add(at)
            at = parents.get(at)
    near = set(current) | {parents.get(sid) for sid in current}
    for sid, parent in parents.items():
        if len(keep) >= MOST:
            break
        if parent in near:
            keep.add(sid)
    return keep
