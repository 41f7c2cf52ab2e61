"""Decisions: decide a call that waits in another way, in a branch of its own. The branch that asked goes on waiting."""

from django.db import transaction
from django.utils import timezone

from sessions_app.agents.deferred import GO_ON, open_calls
from sessions_app.models import (
    Message,
    MessageKind,
    MessageState,
    PermissionRequest,
    RequestKind,
    RequestState,
    Session,
    TranscriptEntry,
    Turn,
    TurnKind,
    User,
)
from sessions_app.rendering.numbers import count
from sessions_app.services.answers import Answer, fields_of
from sessions_app.services.errors import ServiceError
from sessions_app.services.prompts import add_branch, add_turn
from sessions_app.services.titles import title_from


def why_not(request: PermissionRequest) -> str:
    """Why no branch can leave at this request; empty when one can."""
    if request.state != RequestState.PENDING:
        return "This was answered meanwhile. Fork from the turn's end instead, once it has ended."
    if request.agent_id:
        return "A subagent asks this. Only a call of the branch's own agent can be decided in another branch."
    waiting = open_calls(request.turn)
    if request.message.tool_use_id not in waiting:
        return "The call is not in the transcript yet. Try again in a moment."
    if len(waiting) > 1:
        return (
            f"The agent made {count(len(waiting), 'call')} at once, and only one that waits alone can be decided in "
            "another branch: the others would be lost there. Answer until one is left, or fork from an earlier turn."
        )
    return ""


@transaction.atomic
def fork_at_request(*, user: User, request: PermissionRequest, answer: Answer) -> Session:
    """A branch that shares everything up to this call, and decides it with `answer`. Nothing is copied.

    Raise ServiceError when no branch can leave here.
    """
    turn = Turn.objects.select_related("session__conversation").get(pk=request.turn_id)
    # An answer to the request takes the same lock: until this commits, the parent's agent stands still.
    Session.objects.select_for_update().get(pk=turn.session_id)
    request.refresh_from_db(fields=["state", "entry"])
    if reason := why_not(request):
        raise ServiceError(reason)
    if request.entry_id is None:
        request.entry = TranscriptEntry.objects.filter(turn=turn, subpath="").latest("id")
        request.save(update_fields=["entry"])
    branch = add_branch(
        user=user,
        conversation=turn.session.conversation,
        forked_from=turn,
        forked_request=request,
        title=title_of(request, answer),
        model=turn.session.model,
        mode=turn.session.permission_mode,
    )
    decided = add_turn(user=user, session=branch, prompt=GO_ON, number=turn.number + 1, kind=TurnKind.DECISION)
    repeat_call(user=user, request=request, answer=answer, turn=decided)
    return branch


def repeat_call(*, user: User, request: PermissionRequest, answer: Answer, turn: Turn) -> None:
    """The new branch's own row of the call, whose result will be another one, and what was decided about it."""
    call, now = request.message, timezone.now()
    shared = {"turn": turn, "tool": call.tool, "tool_use_id": call.tool_use_id, "revision": turn.revision}
    Message.objects.create(position=0, kind=MessageKind.TOOL, input=call.input, **shared)
    asked = Message.objects.create(
        position=1, kind=MessageKind.REQUEST, state=MessageState.DONE, ended_at=now, input=call.input, **shared
    )
    PermissionRequest.objects.create(
        message=asked, turn=turn, kind=request.kind, decided_by=user, decided_at=now, **fields_of(answer)
    )


def title_of(request: PermissionRequest, answer: Answer) -> str:
    given = request.message.input or {}
    if request.kind == RequestKind.QUESTION:
        chosen = (answer.input or {}).get("answers", {})
        return title_from("; ".join(str(words) for words in chosen.values()) or f"Instead: {answer.note}")
    if request.kind == RequestKind.PLAN:
        return title_from("Plan approved" if answer.allow else f"Plan revised: {answer.note}")
    verb = "Denied" if not answer.allow else "Allowed, edited" if answer.input else "Allowed"
    subject = (answer.input or given).get("command") or given.get("file_path") or given.get("url") or ""
    return title_from(f"{verb}: {request.message.tool} {str(subject).rpartition('/workspaces/')[2]}")
