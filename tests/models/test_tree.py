"""The tree, the path and the numbers of a conversation."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sessions_app.models import Conversation, Session, Turn, TurnStatus
from sessions_app.models.numbers import Numbers
from sessions_app.models.transcript import load_transcript
from sessions_app.models.tree import Tree
from tests.factories import make_conversation, make_session, make_turn

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def make_tree() -> tuple[Conversation, Session, Session]:
    conversation = make_conversation()
    root = make_session(conversation, title="root")
    costs = [Decimal("0.010"), Decimal("0.020"), Decimal("0.040")]
    turns = [make_turn(root, number, cost_usd=cost, output_tokens=100) for number, cost in enumerate(costs, 1)]
    child = make_session(conversation, title="child", forked_from=turns[1])
    make_turn(child, 3, cost_usd=Decimal("0.100"), output_tokens=7)
    return conversation, root, child


def test_a_tree_costs_the_sum_of_its_turns_with_shared_history_once() -> None:
    conversation, root, child = make_tree()
    tree = Tree.load(conversation)
    assert tree.total.cost_usd == Decimal("0.170")
    assert tree.by_id[root.pk].own.cost_usd == Decimal("0.070")
    assert tree.by_id[child.pk].own.cost_usd == Decimal("0.100")
    assert tree.by_id[child.pk].path.cost_usd == Decimal("0.130")
    assert tree.total.tokens == 307


def test_a_branch_and_its_transcript_tell_the_same_numbers() -> None:
    conversation, _, child = make_tree()
    branch, transcript = Tree.load(conversation).by_id[child.pk], load_transcript(child)
    assert (transcript.own, transcript.path) == (branch.own, branch.path)
    assert transcript.shared.cost_usd == Decimal("0.030")
    assert [turn.number for turn in transcript.turns] == [1, 2, 3]
    assert [turn.pk for turn in branch.path_turns()] == [turn.pk for turn in transcript.turns]


def test_what_nobody_reported_is_unknown_and_not_zero() -> None:
    session = make_session(make_conversation())
    turn = make_turn(session, status=TurnStatus.RUNNING)
    assert Numbers.of([turn]) == Numbers(turns=1, cost_usd=None, tokens=None, duration_ms=None)


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        ([], "idle"),
        (["done"], "done"),
        (["done", "failed"], "failed"),
        (["running", "queued"], "running"),
        (["done", "queued"], "queued"),
        (["interrupted"], "interrupted"),
    ],
)
def test_a_branch_is_what_its_turns_are(statuses: list[str], status: str) -> None:
    session = make_session(make_conversation())
    for number, each in enumerate(statuses, 1):
        make_turn(session, number, status=TurnStatus(each))
    assert Tree.load(session.conversation).by_id[session.pk].status == status


def test_a_tree_of_any_size_is_two_queries() -> None:
    conversation = make_conversation()
    turn: Turn | None = None
    for _ in range(30):
        turn = make_turn(make_session(conversation, forked_from=turn), turn.number + 1 if turn else 1)
    with CaptureQueriesContext(connection) as queries:
        tree = Tree.load(conversation)
        assert max(branch.depth for branch in tree) == 29
        assert tree.total.turns == 30
    assert len(queries) == 2


def test_a_deep_path_is_three_queries() -> None:
    conversation = make_conversation()
    turn: Turn | None = None
    for _ in range(60):
        session = make_session(conversation, forked_from=turn)
        turn = make_turn(session, turn.number + 1 if turn else 1)
    with CaptureQueriesContext(connection) as queries:
        transcript = load_transcript(session)
    assert [turn.number for turn in transcript.turns] == list(range(1, 61))
    assert len(queries) == 3
