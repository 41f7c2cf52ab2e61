"""The fork tree of a conversation, joined in memory from two indexed queries that read no bodies."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sessions_app.models.conversation import Conversation
from sessions_app.models.numbers import Numbers
from sessions_app.models.session import Session
from sessions_app.models.turn import ACTIVE, Turn, TurnStatus

IDLE = "idle"


def status_of(turns: Iterable[Turn]) -> str:
    """The status of a branch: waiting, else running, else queued, else how its last turn ended; idle without turns.

    A turn that was taken back before it started says nothing about the branch, unless there is no other.
    """
    known = list(turns)
    statuses = [turn.status for turn in known if not turn.never_started] or [turn.status for turn in known]
    for unfinished in (*reversed(ACTIVE), TurnStatus.QUEUED):
        if unfinished in statuses:
            return str(unfinished)
    return str(statuses[-1]) if statuses else IDLE


@dataclass(slots=True)
class Branch:
    """One session in its tree. `turns` are its own, without prompts and errors; `depth` is 0 for a root."""

    session: Session
    turns: list[Turn]
    parent: "Branch | None" = None
    forked_at: Turn | None = None
    depth: int = 0
    children: list["Branch"] = field(default_factory=list)

    @property
    def status(self) -> str:
        return status_of(self.turns)

    @property
    def own(self) -> Numbers:
        """What this branch's own turns cost."""
        return Numbers.of(self.turns)

    def path_turns(self) -> list[Turn]:
        """All turns from the root to the tip, inherited ones first."""
        lineage: list[tuple[Branch, int]] = []
        branch: Branch | None = self
        upto = 0
        while branch is not None:
            lineage.append((branch, upto))
            upto = branch.forked_at.number if branch.forked_at else 0
            branch = branch.parent
        return [turn for branch, upto in reversed(lineage) for turn in branch.turns if not upto or turn.number <= upto]

    @property
    def path(self) -> Numbers:
        """What it took to get here: own turns and inherited ones."""
        return Numbers.of(self.path_turns())


@dataclass(slots=True)
class Tree:
    conversation: Conversation
    roots: list[Branch]
    by_id: dict[uuid.UUID, Branch]

    @classmethod
    def load(cls, conversation: Conversation) -> "Tree":
        turns: dict[uuid.UUID, list[Turn]] = defaultdict(list)
        by_turn_id: dict[int, Turn] = {}
        light = Turn.objects.filter(conversation=conversation).defer("prompt", "error").order_by("number")
        for turn in light:
            turns[turn.session_id].append(turn)
            by_turn_id[turn.pk] = turn
        sessions = Session.objects.filter(conversation=conversation).order_by("position")
        by_id = {session.pk: Branch(session, turns[session.pk]) for session in sessions}
        roots: list[Branch] = []
        # A fork is made after what it forks, so in order of creation every parent is already complete.
        for branch in by_id.values():
            forked_at = by_turn_id.get(branch.session.forked_from_id or 0)
            if forked_at is None:
                roots.append(branch)
                continue
            parent = by_id[forked_at.session_id]
            branch.parent, branch.forked_at, branch.depth = parent, forked_at, parent.depth + 1
            parent.children.append(branch)
        return cls(conversation, roots, by_id)

    def __iter__(self) -> Iterator[Branch]:
        """All branches in the order of an outline: each followed by its forks, oldest first."""
        waiting = list(reversed(self.roots))
        while waiting:
            branch = waiting.pop()
            yield branch
            waiting.extend(reversed(branch.children))

    def __len__(self) -> int:
        return len(self.by_id)

    @property
    def total(self) -> Numbers:
        """The sum of all turns: shared history once (ARCHITECTURE D9)."""
        return Numbers.of(turn for branch in self.by_id.values() for turn in branch.turns)

    def count(self, status: str) -> int:
        return sum(branch.status == status for branch in self.by_id.values())
