"""The rows of a tree's outline, and which of them a page lacks."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models.functions import Left

from sessions_app.models import Message, MessageKind, MessageState
from sessions_app.models.numbers import Numbers
from sessions_app.models.tree import Branch, Tree

EXCERPT = 240
BAR = 48
DEEPEST = 12


@dataclass(frozen=True, slots=True)
class BranchRow:
    """One branch in the outline; `bar` is the length of its cost in px of 48."""

    branch: Branch
    order: int
    status: str
    own: Numbers
    bar: int
    answer: str

    @property
    def depth(self) -> int:
        """Steps of indentation; deeper branches stand below each other."""
        return min(self.branch.depth, DEEPEST)

    @property
    def sid(self) -> uuid.UUID:
        return self.branch.session.pk


# Everything a row shows follows from these: the branch's revision, its place, and the scale of the bars.
Shown = tuple[int, int, Decimal]


def cost_scale(numbers: Iterable[Numbers]) -> Decimal:
    """What a full bar stands for: the dearest branch, rounded up (cents, doubled) so that it rarely changes."""
    dearest = max((own.cost_usd or Decimal(0) for own in numbers), default=Decimal(0))
    scale = Decimal("0.01")
    while scale < dearest:
        scale *= 2
    return scale


def outline_rows(tree: Tree) -> list[BranchRow]:
    """All rows in order, in one query."""
    return make_rows(tree, {})


def changed_rows(tree: Tree, shown: dict[uuid.UUID, Shown]) -> list[BranchRow]:
    """The rows that differ from what the page shows; `shown` is brought up to date.

    From the bottom up: when a new branch comes in between, the rows below it have already moved on by one.
    """
    return list(reversed(make_rows(tree, shown)))


def make_rows(tree: Tree, shown: dict[uuid.UUID, Shown]) -> list[BranchRow]:
    numbers = {branch.session.pk: branch.own for branch in tree}
    scale = cost_scale(numbers.values())
    wanted: list[tuple[int, Branch]] = []
    for order, branch in enumerate(tree):
        now = (branch.session.revision, order, scale)
        if shown.get(branch.session.pk) != now:
            wanted.append((order, branch))
        shown[branch.session.pk] = now
    answers = last_answers([branch for _, branch in wanted])
    rows = []
    for order, branch in wanted:
        own = numbers[branch.session.pk]
        bar = max(2, round(own.cost_usd / scale * BAR)) if own.cost_usd else 0
        rows.append(BranchRow(branch, order, branch.status, own, bar, answers.get(branch.session.pk, "")))
    return rows


def last_answers(branches: list[Branch]) -> dict[uuid.UUID, str]:
    """The beginning of the last finished text in the last turn of each branch that has started."""
    started = {branch.session.pk: [turn.pk for turn in branch.turns if turn.started_at] for branch in branches}
    last_turns = {turns[-1]: sid for sid, turns in started.items() if turns}
    texts = Message.objects.filter(turn_id__in=list(last_turns), kind=MessageKind.TEXT, parent_tool_use_id="").exclude(
        state=MessageState.LIVE
    )
    beginnings = texts.order_by("turn_id", "position").values_list("turn_id", Left("text", EXCERPT))
    return {last_turns[turn_id]: text for turn_id, text in beginnings}
