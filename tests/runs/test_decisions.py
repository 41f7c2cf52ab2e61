"""Branch on a decision: one call, decided otherwise in each branch, and the history of each is what it shows."""

import pytest
from pytest_django.fixtures import Settings

from sessions_app.models import Message, MessageKind, PermissionRequest, RequestState, Session, TurnStatus
from sessions_app.services.answers import allow, answer_questions, approve_plan, deny
from sessions_app.services.decisions import fork_at_request, why_not
from tests.runs.spoken import sent, shown
from tests.runs.world import World, in_thread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]
ASKS = "Do something that needs permission"


@pytest.fixture(autouse=True)
def ask_first(settings: Settings, world: World) -> None:
    settings.PERMISSION_MODE = "ask"


async def stored(world: World, request: PermissionRequest) -> PermissionRequest:
    """The same, once the call it is about is in the transcript: a person takes longer than that."""
    await world.until(lambda: "not in the transcript yet" not in why_not(request))
    return request


async def assert_model_received_what_is_shown(world: World, session: Session) -> None:
    """The last request carried the branch as its page has it, but for the answer to that request."""
    last = world.requests_of(session.pk)[-1]
    told = await in_thread(shown, session)
    received = sent(last.messages)
    assert received == told[: len(received)]
    assert [kind for _, kind, _ in told[len(received) :]] in (["text"], ["thinking", "text"])


async def test_one_call_is_allowed_here_denied_there_and_edited_elsewhere(world: World) -> None:
    parent = await world.start(ASKS, wait=False)
    request = await stored(world, await world.asked(parent))
    denied = await in_thread(fork_at_request, user=world.user, request=request, answer=deny("Use wget"))
    edited = await in_thread(
        fork_at_request, user=world.user, request=request, answer=allow(request, {"command": "echo by hand"})
    )
    await world.settled(denied, edited)
    # The parent was not touched: it still waits, and goes on with its own answer.
    await in_thread(request.refresh_from_db, fields=["state"])
    assert request.state == RequestState.PENDING
    await world.answer(request, allow(request))
    await world.settled(parent)

    for session, outcome in ((parent, "curl: (7)"), (denied, "Use wget"), (edited, "by hand")):
        call = await in_thread(Message.objects.filter(turn__session=session, kind=MessageKind.TOOL).get)
        assert outcome in call.text
        await assert_model_received_what_is_shown(world, session)
    assert (await world.turn(denied, 2)).status == TurnStatus.DONE
    # And on from there: another turn, a fork of it, and another fork of that.
    await world.send(denied, "What did I say so far?")
    (fork,) = await world.fork(denied, 2, "Go another way")
    (deeper,) = await world.fork(fork, 3, "And another")
    for session in (denied, fork, deeper):
        await assert_model_received_what_is_shown(world, session)


async def test_a_question_is_answered_otherwise(world: World) -> None:
    parent = await world.start("Ask me a question", wait=False)
    request = await stored(world, await world.asked(parent))
    other = await in_thread(
        fork_at_request, user=world.user, request=request, answer=answer_questions(request, [["gRPC"], ["Webhooks"]])
    )
    await world.settled(other)
    await world.answer(request, answer_questions(request, [["REST"], ["Pagination"]]))
    await world.settled(parent)
    chose_grpc = 'API have?"="gRPC"'
    assert chose_grpc in str(world.requests_of(other.pk)[-1].messages)
    assert chose_grpc not in str(world.requests_of(parent.pk)[-1].messages)
    await assert_model_received_what_is_shown(world, other)


async def test_a_plan_is_approved_here_and_sent_back_there(world: World) -> None:
    parent = await world.start("Make a plan", wait=False, mode="plan")
    request = await stored(world, await world.asked(parent))
    approved = await in_thread(
        fork_at_request, user=world.user, request=request, answer=approve_plan(request, accept_edits=True)
    )
    await world.settled(approved)
    await world.answer(request, deny("Smaller steps"))
    await world.settled(parent)
    await in_thread(approved.refresh_from_db)
    await in_thread(parent.refresh_from_db)
    assert (approved.permission_mode, parent.permission_mode) == ("accept_edits", "plan")
    assert "Smaller steps" in str(world.requests_of(parent.pk)[-1].messages[-3:])


async def test_calls_that_wait_together_cannot_be_decided_apart_and_the_reason_is_said(world: World) -> None:
    session = await world.start("Fetch two pages at once", wait=False)
    request = await stored(world, await world.asked(session))
    reason = await in_thread(why_not, request)
    assert "2 calls at once" in reason
    await world.answer(request, deny())
    # The other one waits alone now.
    await world.until(PermissionRequest.objects.filter(turn__session=session).pending().exists)
    second = await world.asked(session)
    await world.until(lambda: why_not(second) == "")
    await world.answer(second, deny())
    await world.settled(session)
    assert "answered meanwhile" in await in_thread(
        why_not, await in_thread(PermissionRequest.objects.get, pk=second.pk)
    )
