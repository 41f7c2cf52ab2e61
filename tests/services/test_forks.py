"""Forking: a pointer to a finished turn, and nothing copied."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_app.models import Message, RequestState, Session, TranscriptEntry, TurnKind, TurnStatus
from sessions_app.models.path import path_of
from sessions_app.models.tree import Tree
from sessions_app.services.errors import ServiceError
from sessions_app.services.forks import (
    MAX_APPROACHES,
    Approach,
    edit_and_resend,
    fork_session,
    last_finished_turn,
    turn_before,
)
from tests.factories import make_conversation, make_message, make_request, make_session, make_turn

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def make_root(turns: int = 3) -> Session:
    root = make_session(make_conversation())
    for number in range(1, turns + 1):
        make_message(make_turn(root, number))
    return root


def fork(root: Session, number: int, *prompts: str) -> list[Session]:
    turn = root.turns.select_related("session__conversation").get(number=number)
    return fork_session(user=root.created_by, turn=turn, approaches=[Approach(prompt) for prompt in prompts])


def test_a_fork_is_a_pointer_and_a_turn_for_each_approach() -> None:
    root = make_root()
    before = (Message.objects.count(), TranscriptEntry.objects.count())
    branches = fork(root, 2, "GraphQL instead", "Add authentication", "gRPC")
    assert [branch.title for branch in branches] == ["GraphQL instead", "Add authentication", "gRPC"]
    assert [branch.turns.get().number for branch in branches] == [3, 3, 3]
    assert [branch.colour for branch in branches] == [1, 2, 3]
    assert (Message.objects.count(), TranscriptEntry.objects.count()) == before
    assert [(segment.session_id, segment.upto) for segment in path_of(branches[0].pk)] == [
        (root.pk, 2),
        (branches[0].pk, 0),
    ]


def test_a_fork_costs_the_same_number_of_queries_whatever_the_history() -> None:
    counts = []
    for turns in (3, 60):
        root = make_root(turns)
        with CaptureQueriesContext(connection) as queries:
            fork(root, turns, "Go another way")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_forking_an_inherited_turn_forks_the_branch_that_owns_it() -> None:
    root = make_root()
    (child,) = fork(root, 3, "child")
    inherited = root.turns.get(number=1)
    (other,) = fork_session(user=root.created_by, turn=inherited, approaches=[Approach("other")])
    assert other.forked_from == inherited
    tree = Tree.load(root.conversation)
    assert [branch.session.pk for branch in tree] == [root.pk, child.pk, other.pk]
    assert [branch.depth for branch in tree] == [0, 1, 1]


def test_each_approach_may_ask_another_model() -> None:
    root = make_root()
    turn = root.turns.get(number=1)
    approaches = [Approach("a"), Approach("b", "opus")]
    branches = fork_session(user=root.created_by, turn=turn, approaches=approaches)
    assert [branch.model for branch in branches] == ["sonnet", "opus"]


@pytest.mark.parametrize("status", [TurnStatus.QUEUED, TurnStatus.RUNNING])
def test_a_turn_that_has_not_ended_cannot_be_forked(status: TurnStatus) -> None:
    root = make_root(1)
    make_turn(root, 2, status=status)
    with pytest.raises(ServiceError, match=f"still {status}"):
        fork(root, 2, "too early")


@pytest.mark.parametrize("prompts", [[], ["fine", " "], ["x"] * (MAX_APPROACHES + 1)])
def test_unusable_approaches_make_no_branch_at_all(prompts: list[str]) -> None:
    root = make_root()
    with pytest.raises(ServiceError):
        fork(root, 1, *prompts)
    assert Session.objects.count() == 1


def test_edit_and_resend_forks_the_turn_before() -> None:
    root = make_root()
    third = root.turns.get(number=3)
    branch = edit_and_resend(user=root.created_by, turn=third, edited=Approach("Ask it differently"))
    assert branch.forked_from == root.turns.get(number=2)
    assert branch.turns.get().number == 3


def test_editing_the_first_prompt_starts_another_root() -> None:
    root = make_root()
    branch = edit_and_resend(user=root.created_by, turn=root.turns.get(number=1), edited=Approach("From scratch"))
    assert (branch.forked_from, branch.turns.get().number) == (None, 1)
    assert branch.conversation == root.conversation
    assert len(Tree.load(root.conversation).roots) == 2


def test_editing_the_first_turn_of_a_fork_forks_where_it_was_forked() -> None:
    root = make_root()
    (child,) = fork(root, 2, "child")
    assert turn_before(child.turns.get()) == root.turns.get(number=2)


def test_the_first_prompt_of_a_branch_that_left_a_turn_half_way_cannot_be_asked_otherwise() -> None:
    """Its decision was withdrawn, so it continues the middle of a turn, whose end is another history."""
    root = make_root(1)
    request = make_request(root.turns.get(), 1, state=RequestState.CLOSED, decided_at=timezone.now())
    child = make_session(root.conversation, forked_from=root.turns.get(), forked_request=request)
    make_turn(child, 2, status=TurnStatus.INTERRUPTED, kind=TurnKind.DECISION, started_at=None)
    prompted = make_turn(child, 3)
    with pytest.raises(ServiceError, match="in the middle of a turn"):
        edit_and_resend(user=root.created_by, turn=prompted, edited=Approach("Otherwise"))
    assert child.conversation.sessions.count() == 2


def test_a_prompt_behind_a_turn_that_still_runs_cannot_be_asked_otherwise_yet() -> None:
    root = make_root(1)
    make_turn(root, 2, status=TurnStatus.RUNNING)
    waiting = make_turn(root, 3, status=TurnStatus.QUEUED)
    with pytest.raises(ServiceError, match="still running"):
        edit_and_resend(user=root.created_by, turn=waiting, edited=Approach("Too early"))


def test_a_turn_behind_one_that_still_runs_cannot_be_forked_even_when_it_is_over() -> None:
    root = make_root(1)
    make_turn(root, 2, status=TurnStatus.RUNNING)
    make_turn(root, 3, status=TurnStatus.INTERRUPTED)
    with pytest.raises(ServiceError, match="Turn 2 is still running"):
        fork(root, 3, "too early")
    assert last_finished_turn(root) == root.turns.get(number=1)


def test_a_turn_that_never_reached_the_model_is_no_place_to_fork() -> None:
    root = make_root(1)
    make_turn(root, 2, status=TurnStatus.INTERRUPTED, started_at=None)
    third = make_turn(root, 3)
    with pytest.raises(ServiceError, match="never reached the model"):
        fork(root, 2, "from nothing")
    assert turn_before(third) == root.turns.get(number=1)


def test_a_running_branch_forks_at_its_last_finished_turn() -> None:
    root = make_root(2)
    make_turn(root, 3, status=TurnStatus.RUNNING)
    assert last_finished_turn(root) == root.turns.get(number=2)
    (child,) = fork(root, 1, "child")
    assert last_finished_turn(child) == root.turns.get(number=1)
