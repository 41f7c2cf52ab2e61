"""Answers: what people say to a call, a question or a plan that waits for them. The first valid answer wins."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from sessions_app.live.publish import publish_requests, publish_session
from sessions_app.models import (
    Message,
    MessageState,
    PermissionMode,
    PermissionRequest,
    PermissionRule,
    RequestKind,
    RequestState,
    Session,
    Turn,
    TurnStatus,
    User,
)
from sessions_app.models.storable import storable
from sessions_app.runs.controls import request_look
from sessions_app.services.errors import ServiceError

MAX_NOTE = 20_000


class AlreadyAnsweredError(ServiceError):
    """Somebody was faster, or nobody can answer any more; the text says which."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`input` replaces what the call was asked with; `note` goes to the model with a denial."""

    allow: bool
    input: dict[str, Any] | None = None
    note: str = ""
    then_mode: PermissionMode | None = None
    rule: PermissionRule | None = None


@transaction.atomic
def answer_request(*, user: User, request: PermissionRequest, answer: Answer) -> PermissionRequest:
    """Decide what waits; the agent goes on. Raise AlreadyAnsweredError when it does not wait any more."""
    # Session first, as everywhere: whoever locks in another order waits for each other forever.
    session_id = Turn.objects.values_list("session_id", flat=True).get(pk=request.turn_id)
    revision = Session.objects.bump(session_id)
    now = timezone.now()
    won = PermissionRequest.objects.filter(pk=request.pk).pending()
    if not won.update(decided_by=user, decided_at=now, **fields_of(answer)):
        raise AlreadyAnsweredError(who_was_faster(request))
    Message.objects.filter(pk=request.message_id).update(state=MessageState.DONE, ended_at=now, revision=revision)
    turn = Turn.objects.filter(pk=request.turn_id, status=TurnStatus.WAITING)
    if PermissionRequest.objects.filter(turn=request.turn_id).pending().exists():
        turn.update(revision=revision)
    else:
        turn.update(status=TurnStatus.RUNNING, revision=revision)
    request_look(request.turn_id)
    publish_requests(session_id)
    publish_session(session_id)
    request.refresh_from_db()
    return request


def fields_of(answer: Answer) -> dict[str, Any]:
    """What of a request's row an answer sets."""
    return {
        "state": RequestState.ALLOWED if answer.allow else RequestState.DENIED,
        "updated_input": answer.input,
        "note": clean_note(answer.note),
        "then_mode": answer.then_mode or "",
        "rule": answer.rule,
    }


def clean_note(note: str) -> str:
    return note.replace("\x00", "").replace("\r\n", "\n").strip()[:MAX_NOTE]


def who_was_faster(request: PermissionRequest) -> str:
    now = PermissionRequest.objects.select_related("decided_by").get(pk=request.pk)
    who = now.decided_by.username if now.decided_by else "a rule"
    match now.state:
        case RequestState.ALLOWED:
            return f"Already answered: {who} allowed this."
        case RequestState.DENIED:
            return f"Already answered: {who} denied this."
        case RequestState.EXPIRED:
            return "Too late: nobody answered in time, and the turn was stopped."
    return "Too late: the turn has ended, and nothing waits for this answer any more."


def allow(request: PermissionRequest, changes: Mapping[str, str] | None = None, whole: str | None = None) -> Answer:
    """Let a call happen, with `changes` to the texts of its input, or with `whole`, JSON, instead of it.

    Raise ServiceError for changes without sense.
    """
    given = request.message.input or {}
    return Answer(allow=True, input=changed_input(given, changes or {}) if whole is None else whole_input(given, whole))


def whole_input(given: dict[str, Any], whole: str) -> dict[str, Any] | None:
    """What `whole` says; None when that is `given`."""
    try:
        changed = storable(json.loads(whole))
    except (ValueError, RecursionError) as error:
        raise ServiceError("What you changed is not valid JSON; the call was not made.") from error
    if not isinstance(changed, dict):
        raise ServiceError("The input of a call is a JSON object; the call was not made.")
    return changed if changed != given else None


def changed_input(given: dict[str, Any], changes: Mapping[str, str]) -> dict[str, Any] | None:
    """`given` with changed texts; None when nothing is different."""
    texts = {name: text for name, text in changes.items() if isinstance(given.get(name), str)}
    edited = {name: storable(lines(text)) for name, text in texts.items() if lines(text) != lines(given[name])}
    return {**given, **edited} if edited else None


def lines(text: str) -> str:
    """With LF at the ends of lines: browsers send CRLF for all of them, also in a text that nobody touched."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def deny(reason: str = "") -> Answer:
    """Refuse a call, or send a plan back; the model gets `reason`."""
    return Answer(allow=False, note=reason)


def answer_questions(request: PermissionRequest, chosen: Sequence[Sequence[str]]) -> Answer:
    """`chosen` holds, for each question in order, the labels or own words chosen. Raise ServiceError for a gap."""
    given = request.message.input or {}
    asked = given.get("questions")
    questions = [question for question in asked if isinstance(question, dict)] if isinstance(asked, list) else []
    answers: dict[str, str] = {}
    for question, labels in zip(questions, chosen, strict=False):
        words = [label.strip() for label in labels if label.strip()]
        if words and not question.get("multiSelect"):
            words = words[-1:]
        answers[str(question.get("question"))] = clean_note(", ".join(words))
    if missing := next((question for question, words in answers.items() if not words), None):
        raise ServiceError(f"Choose an answer, or write your own: {missing}")
    return Answer(allow=True, input={**given, "answers": answers})


def approve_plan(request: PermissionRequest, *, accept_edits: bool) -> Answer:
    """Let the agent begin, asking as before, or editing files without asking."""
    mode = PermissionMode.ACCEPT_EDITS if accept_edits else PermissionMode.ASK
    return Answer(allow=True, then_mode=mode)


def refuse_wrong_kind(request: PermissionRequest, *kinds: RequestKind) -> None:
    if request.kind not in kinds:
        raise ServiceError("This cannot be answered that way.")
