"""Prompts: start a conversation, continue a branch, ask several branches the same thing."""

import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from sessions_app.live.publish import publish_session
from sessions_app.models import (
    Conversation,
    PermissionMode,
    PermissionRequest,
    Project,
    Session,
    Turn,
    TurnKind,
    User,
)
from sessions_app.runs.dispatch import enqueue
from sessions_app.services.errors import ServiceError
from sessions_app.services.titles import title_from

MAX_PROMPT = 200_000


def clean_prompt(prompt: str) -> str:
    """The prompt as it will be sent. Raise ServiceError when it is empty or beyond 200,000 characters."""
    # Browsers send CRLF; databases refuse NUL.
    cleaned = prompt.replace("\x00", "").replace("\r\n", "\n").strip()
    if not cleaned:
        raise ServiceError("Write a prompt first.")
    if len(cleaned) > MAX_PROMPT:
        raise ServiceError(f"This prompt has {len(cleaned):,} characters; the most that can be sent is {MAX_PROMPT:,}.")
    return cleaned


def clean_model(model: str) -> str:
    """An offered model, the default for an empty choice. Raise ServiceError for any other."""
    if not model:
        return str(settings.DEFAULT_MODEL)
    if model not in settings.MODELS:
        raise ServiceError(f"The model “{model}” is not offered here. Choose one of {', '.join(settings.MODELS)}.")
    return model


def clean_mode(mode: str) -> PermissionMode:
    """A mode that may be chosen here, the default for an empty choice. Raise ServiceError for any other."""
    chosen = mode or settings.PERMISSION_MODE
    if chosen not in PermissionMode.values:
        raise ServiceError(f"There is no permission mode “{mode}”.")
    if chosen == PermissionMode.BYPASS and not settings.ALLOW_BYPASS:
        raise ServiceError("Bypassing permissions is not allowed on this server. Choose another mode.")
    return PermissionMode(chosen)


def modes_offered() -> list[PermissionMode]:
    return [mode for mode in PermissionMode if mode != PermissionMode.BYPASS or settings.ALLOW_BYPASS]


@transaction.atomic
def start_conversation(*, user: User, project: Project, prompt: str, model: str = "", mode: str = "") -> Session:
    """A new tree with one branch and its first turn. Raise ServiceError for an unusable prompt, model or mode."""
    prompt, model, mode = clean_prompt(prompt), clean_model(model), clean_mode(mode)
    conversation = Conversation.objects.create(project=project, title=title_from(prompt), created_by=user)
    session = add_branch(
        user=user, conversation=conversation, forked_from=None, title=title_from(prompt), model=model, mode=mode
    )
    add_turn(user=user, session=session, prompt=prompt, number=1)
    return session


def add_branch(
    *,
    user: User,
    conversation: Conversation,
    forked_from: Turn | None,
    title: str,
    model: str,
    mode: str,
    forked_request: PermissionRequest | None = None,
) -> Session:
    """A new session without a turn; the caller holds the transaction, has cleaned what it passes, and adds the turn."""
    # Positions are given out one at a time: the conversation's row is the lock.
    Conversation.objects.select_for_update().get(pk=conversation.pk)
    return Session.objects.create(
        conversation=conversation,
        forked_from=forked_from,
        forked_request=forked_request,
        position=conversation.sessions.count(),
        title=title,
        model=model,
        permission_mode=mode,
        created_by=user,
    )


def add_turn(
    *,
    user: User,
    session: Session,
    prompt: str,
    number: int,
    kind: TurnKind = TurnKind.PROMPT,
    retry_of: Turn | None = None,
) -> Turn:
    revision = Session.objects.bump(session.pk)
    Turn.objects.restand(session.pk, revision)
    turn = Turn.objects.create(
        session=session,
        conversation_id=session.conversation_id,
        number=number,
        kind=kind,
        retry_of=retry_of,
        prompt=prompt,
        created_by=user,
        revision=revision,
    )
    Conversation.objects.filter(pk=session.conversation_id).update(touched_at=timezone.now())
    enqueue(turn)
    publish_session(session.pk)
    return turn


@transaction.atomic
def send_prompt(*, user: User, session: Session, prompt: str) -> Turn:
    """Continue a branch; while a turn of it runs, the new one waits. Raise ServiceError as clean_prompt does."""
    prompt = clean_prompt(prompt)
    locked = lock(session.pk)
    return add_turn(user=user, session=locked, prompt=prompt, number=next_number(locked))


def lock(session_id: uuid.UUID) -> Session:
    """The session's row, under whose lock turn numbers are given out, changed and claimed."""
    return Session.objects.select_for_update(of=("self",)).select_related("forked_from").get(pk=session_id)


def next_number(session: Session) -> int:
    last = session.turns.order_by("-number").values_list("number", flat=True).first()
    return (last or (session.forked_from.number if session.forked_from else 0)) + 1


@transaction.atomic
def send_to_all(*, user: User, sessions: Sequence[Session], prompt: str) -> list[Turn]:
    """The same prompt to each branch. Raise ServiceError, and send nothing, when it is unusable."""
    # All locks at once and in one order: two people may ask the same branches in different ones.
    list(Session.objects.select_for_update().filter(pk__in=[session.pk for session in sessions]).order_by("pk"))
    return [send_prompt(user=user, session=session, prompt=prompt) for session in sessions]
