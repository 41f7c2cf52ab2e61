"""The queue of a branch: prompts that wait are edited, moved and withdrawn, until they start."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from sessions_app.live.publish import publish_session
from sessions_app.models import ACTIVE, Session, Turn, TurnKind, TurnStatus
from sessions_app.runs.claims import publish_queue
from sessions_app.services.errors import ServiceError
from sessions_app.services.prompts import clean_prompt, lock

WITHDRAWN = "Withdrawn before it started: the model never got this prompt."


@transaction.atomic
def edit_queued(*, turn: Turn, prompt: str) -> None:
    """Give a prompt that waits other words. Raise ServiceError when it has started, or for an unusable prompt."""
    prompt = clean_prompt(prompt)
    lock(turn.session_id)
    revision = Session.objects.bump(turn.session_id)
    if waiting(turn, kind=TurnKind.PROMPT).update(prompt=prompt, revision=revision) != 1:
        raise ServiceError(why_not(turn, "Its prompt can no longer be changed; ask otherwise with “Edit and resend”."))
    publish_session(turn.session_id)


@transaction.atomic
def move_queued(*, turn: Turn, up: bool) -> None:
    """Let a prompt that waits change places with the one before (`up`) or behind it.

    Raise ServiceError when it has started, or when there is nothing to change places with. A retry or a resume goes on
    from the turn that just ended, so nothing moves before it.
    """
    lock(turn.session_id)
    queued = list(Turn.objects.filter(session=turn.session_id, status=TurnStatus.QUEUED).order_by("number"))
    here = next((index for index, each in enumerate(queued) if each.pk == turn.pk), None)
    if here is None:
        raise ServiceError(why_not(turn, "It can no longer be moved."))
    there = here - 1 if up else here + 1
    if not 0 <= there < len(queued):
        raise ServiceError(f"Turn {queued[here].number} is already the {'first' if up else 'last'} that waits.")
    moved, other = queued[here], queued[there]
    if not (moved.is_movable and other.is_movable):
        raise ServiceError("A retry or a resume starts before everything else that waits in its branch.")
    revision = Session.objects.bump(turn.session_id)
    # Numbers are unique at every moment, so one of the two steps aside.
    aside = Turn.objects.filter(session=turn.session_id).order_by("-number").values_list("number", flat=True)[0] + 1
    for each, number in ((moved, aside), (other, moved.number), (moved, other.number)):
        waiting(each).update(number=number)
    stand_anew(turn, revision)


@transaction.atomic
def withdraw_queued(*, turn: Turn) -> None:
    """End a turn that waits before it starts; its words stay readable. Raise ServiceError when it has started."""
    lock(turn.session_id)
    revision, now = Session.objects.bump(turn.session_id), timezone.now()
    ended = waiting(turn).update(
        status=TurnStatus.INTERRUPTED, ended_at=now, error_kind="withdrawn", error=WITHDRAWN, revision=revision
    )
    if ended != 1:
        raise ServiceError(why_not(turn, "Stop it to end it."))
    let_go(turn, revision)


def let_go(turn: Turn, revision: int) -> None:
    """After `turn` has ended without ever starting: what it would have repeated is part of the history again."""
    Turn.objects.filter(pk=turn.pk, kind=TurnKind.RETRY).update(kind=TurnKind.PROMPT, retry_of=None)
    stand_anew(turn, revision)


def stand_anew(turn: Turn, revision: int) -> None:
    """The places of those that wait have changed, in the branch and in the queue of all branches."""
    Turn.objects.restand(turn.session_id, revision)
    publish_session(turn.session_id)
    # After the commit: each of the other branches has a lock of its own.
    transaction.on_commit(publish_queue, robust=True)


def waiting(turn: Turn, **more: str) -> QuerySet[Turn]:
    """The turn as long as it waits: an update of this changes nothing once it runs."""
    return Turn.objects.filter(pk=turn.pk, status=TurnStatus.QUEUED, **more)


def why_not(turn: Turn, instead: str) -> str:
    """Why a turn can no longer be treated as one that waits, in words."""
    now = Turn.objects.get(pk=turn.pk)
    if now.status in ACTIVE:
        return f"Turn {now.number} has just started. {instead}"
    if now.never_started:
        return f"Turn {now.number} was already withdrawn."
    if now.status == TurnStatus.QUEUED:
        return f"Turn {now.number} repeats or resumes an earlier turn, so its prompt is given."
    return f"Turn {now.number} is already over. {instead}"
