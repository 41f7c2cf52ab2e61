"""Permission: what an agent may not do unasked waits for a person, and goes on with what the person says."""

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from sessions_app.models import (
    Message,
    MessageKind,
    PermissionMode,
    PermissionRequest,
    PermissionRule,
    RequestKind,
    RequestState,
    RuleScope,
    Session,
    TurnStatus,
)
from sessions_app.services.answers import (
    AlreadyAnsweredError,
    Answer,
    allow,
    answer_questions,
    approve_plan,
    deny,
)
from sessions_app.services.rules import always_allow, revoke_rule
from tests.runs.world import World, in_thread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
ASKS = "Do something that needs permission"


@pytest.fixture(autouse=True)
def ask_first(settings: Settings, world: World) -> None:
    settings.PERMISSION_MODE = "ask"


def tool_of(session: Session, number: int = 1) -> Message:
    return Message.objects.filter(turn__session=session, turn__number=number, kind=MessageKind.TOOL).latest("position")


def told(world: World, session: Session) -> str:
    return str(world.requests_of(session.pk)[-1].messages[-2:])


async def test_a_call_waits_until_it_is_allowed_and_then_happens(world: World) -> None:
    session = await world.start(ASKS, wait=False)
    request = await world.asked(session)
    assert (request.kind, request.message.tool) == (RequestKind.CALL, "Bash")
    assert (request.message.input or {})["command"].startswith("curl")
    assert request.expires_at

    await world.answer(request, allow(request))
    await world.settled(session)
    assert (await world.turn(session, 1)).status == TurnStatus.DONE
    assert "curl: (7)" in (await in_thread(tool_of, session)).text
    assert "curl: (7)" in told(world, session)


async def test_a_denial_reaches_the_model_in_the_persons_words(world: World) -> None:
    session = await world.start(ASKS, wait=False)
    request = await world.asked(session)
    await world.answer(request, deny("Not on a Friday.\r\nAsk on Monday."))
    await world.settled(session)
    tool = await in_thread(tool_of, session)
    assert tool.denied
    assert "Not on a Friday.\nAsk on Monday." in tool.text
    assert "Not on a Friday." in told(world, session)
    assert (await world.turn(session, 1)).status == TurnStatus.DONE


async def test_an_edited_call_runs_as_it_was_edited(world: World) -> None:
    session = await world.start(ASKS, wait=False)
    request = await world.asked(session)
    await world.answer(request, allow(request, {"command": "echo changed by hand"}))
    await world.settled(session)
    assert "changed by hand" in (await in_thread(tool_of, session)).text


async def test_of_two_answers_the_first_wins_and_the_second_is_told(world: World) -> None:
    session = await world.start(ASKS, wait=False)
    request = await world.asked(session)
    await world.answer(request, allow(request))
    with pytest.raises(AlreadyAnsweredError, match=r"you allowed this"):
        await world.answer(request, deny())
    await world.settled(session)
    assert not (await in_thread(tool_of, session)).denied


async def test_a_rule_allows_what_it_covers_until_it_is_revoked(world: World) -> None:
    session = await world.start(ASKS, wait=False)
    request = await world.asked(session)
    rule = await in_thread(always_allow, user=world.user, request=request, choice=1, scope=RuleScope.CONVERSATION)
    await world.settled(session)

    # In a fork too: the rule is the tree's. The row says what allowed it.
    (fork,) = await world.fork(session, 1, ASKS)
    (again,) = await in_thread(list, PermissionRequest.objects.filter(turn__session=fork))
    assert (again.state, again.rule_id, again.decided_by_id) == (RequestState.ALLOWED, rule.pk, None)

    await in_thread(revoke_rule, user=world.user, rule=rule)
    await world.send(fork, ASKS, wait=False)
    await world.answer(await world.asked(fork), deny())
    await world.settled(fork)


async def test_a_rule_also_answers_what_waits_elsewhere_and_is_covered(world: World) -> None:
    one = await world.start(ASKS, wait=False)
    request = await world.asked(one)
    two = await world.start(ASKS, wait=False)
    await world.asked(two)
    await in_thread(always_allow, user=world.user, request=request, choice=0, scope=RuleScope.PROJECT)
    await world.settled(one, two)
    assert await in_thread(PermissionRule.objects.count) == 1
    assert (await world.turn(two, 1)).status == TurnStatus.DONE


async def test_questions_are_answered_with_labels_and_own_words(world: World) -> None:
    session = await world.start("Ask me a question", wait=False)
    request = await world.asked(session)
    assert request.kind == RequestKind.QUESTION
    await world.answer(request, answer_questions(request, [["gRPC"], ["Pagination", "and search"]]))
    await world.settled(session)
    assert '"Which style should the API have?"="gRPC"' in told(world, session)
    assert "Pagination, and search" in told(world, session)


@pytest.mark.parametrize(("accept_edits", "then"), [(False, PermissionMode.ASK), (True, PermissionMode.ACCEPT_EDITS)])
async def test_an_approved_plan_changes_the_mode_of_its_branch(
    world: World, accept_edits: bool, then: PermissionMode
) -> None:
    session = await world.start("Make a plan", wait=False, mode=PermissionMode.PLAN)
    request = await world.asked(session)
    assert request.kind == RequestKind.PLAN
    assert "# Plan" in (request.message.input or {})["plan"]
    await world.answer(request, approve_plan(request, accept_edits=accept_edits))
    await world.settled(session)
    await in_thread(session.refresh_from_db)
    assert session.permission_mode == then
    assert "approved your plan" in told(world, session)


async def test_a_plan_that_is_sent_back_leaves_the_branch_planning(world: World) -> None:
    session = await world.start("Make a plan", wait=False)
    request = await world.asked(session)
    await in_thread(session.refresh_from_db)
    assert session.permission_mode == PermissionMode.PLAN
    await world.answer(request, deny("Start with the tests"))
    await world.settled(session)
    await in_thread(session.refresh_from_db)
    assert session.permission_mode == PermissionMode.PLAN
    assert "Start with the tests" in told(world, session)


async def test_nothing_is_written_while_a_branch_plans(world: World) -> None:
    session = await world.start("Write a file", mode=PermissionMode.PLAN)
    assert (await in_thread(tool_of, session)).denied
    assert "plan mode" in told(world, session)
    assert not await in_thread(PermissionRequest.objects.exists)


async def test_an_unanswered_request_stops_the_turn_and_says_so(world: World, settings: Settings) -> None:
    settings.ANSWER_TIME = timedelta(seconds=1)
    session = await world.start(ASKS)
    turn = await world.turn(session, 1)
    assert (turn.status, turn.error_kind) == (TurnStatus.INTERRUPTED, "unanswered")
    assert "within 1 second" in turn.error
    (request,) = await in_thread(list, PermissionRequest.objects.all())
    assert request.state == RequestState.EXPIRED
    with pytest.raises(AlreadyAnsweredError, match="Too late"):
        await world.answer(request, Answer(allow=True))
    await world.send(session, "Give a plain answer")
    assert (await world.turn(session, 2)).status == TurnStatus.DONE


async def test_a_stop_closes_what_waited(world: World) -> None:
    session = await world.start(ASKS, wait=False)
    request = await world.asked(session)
    await world.stop(request.turn)
    await world.settled(session)
    await in_thread(request.refresh_from_db)
    assert request.state == RequestState.CLOSED
    assert (await world.turn(session, 1)).status == TurnStatus.INTERRUPTED


async def test_a_branch_that_bypassed_asks_again_once_the_server_does_not_permit_it(
    world: World, settings: Settings
) -> None:
    settings.ALLOW_BYPASS = True
    session = await world.start("Give a plain answer", mode=PermissionMode.BYPASS)
    settings.ALLOW_BYPASS = False
    await world.send(session, ASKS, wait=False)
    await world.answer(await world.asked(session), deny())
    await world.settled(session)
    await in_thread(session.refresh_from_db)
    assert session.permission_mode == PermissionMode.ASK
