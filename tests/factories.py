"""Rows for tests that need no agent, with just what a row must have."""

import uuid
from typing import Any

from django.utils import timezone

from sessions_app.models import (
    FINAL,
    Conversation,
    Membership,
    Message,
    MessageKind,
    MessageState,
    PermissionRequest,
    Project,
    Role,
    Session,
    Turn,
    TurnStatus,
    User,
)


def make_user(name: str = "") -> User:
    return User.objects.create_user(username=name or f"person-{uuid.uuid4().hex[:8]}")


def make_project(owner: User | None = None, *, name: str = "billing-service") -> Project:
    project = Project.objects.create(name=name)
    Membership.objects.create(project=project, user=owner or make_user(), role=Role.OWNER)
    return project


def make_conversation(project: Project | None = None, *, title: str = "REST API design") -> Conversation:
    project = project or make_project()
    owner = User.objects.get(memberships__project=project, memberships__role=Role.OWNER)
    return Conversation.objects.create(project=project, title=title, created_by=owner)


def make_session(
    conversation: Conversation, *, title: str = "A branch", forked_from: Turn | None = None, **fields: Any
) -> Session:
    return Session.objects.create(
        conversation=conversation,
        forked_from=forked_from,
        position=conversation.sessions.count(),
        title=title,
        model="sonnet",
        created_by=conversation.created_by,
        **fields,
    )


def make_turn(session: Session, number: int = 1, *, status: TurnStatus = TurnStatus.DONE, **fields: Any) -> Turn:
    now = timezone.now()
    times = {} if status == TurnStatus.QUEUED else {"started_at": now}
    times |= {"ended_at": now} if status in FINAL else {}
    return Turn.objects.create(
        session=session,
        conversation_id=session.conversation_id,
        number=number,
        status=status,
        created_by=session.created_by,
        **{"prompt": f"Prompt {number}", **times, **fields},
    )


def make_request(turn: Turn, position: int = 0, **fields: Any) -> PermissionRequest:
    """One that waits for an answer, about a command unless `tool` and `input` say otherwise."""
    asked = {"tool": fields.pop("tool", "Bash"), "input": fields.pop("input", {"command": "curl http://127.0.0.1:9/"})}
    message = make_message(
        turn,
        position,
        text="",
        kind=MessageKind.REQUEST,
        state=MessageState.LIVE,
        tool_use_id=f"call-{turn.pk}-{position}",
        **asked,
    )
    return PermissionRequest.objects.create(message=message, turn=turn, **fields)


def make_message(turn: Turn, position: int = 0, *, text: str = "An answer.", **fields: Any) -> Message:
    return Message.objects.create(
        turn=turn,
        position=position,
        text=text,
        **{"kind": MessageKind.TEXT, "state": MessageState.DONE, "revision": 1, **fields},
    )
