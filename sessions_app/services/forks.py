"""Forks: take a finished turn and go on from it in one or several new ways."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from sessions_app.models import FINAL, UNFINISHED, Session, Turn, TurnKind, TurnStatus, User
from sessions_app.models.path import Segment, set_aside
from sessions_app.services.errors import ServiceError
from sessions_app.services.prompts import add_branch, add_turn, clean_mode, clean_model, clean_prompt
from sessions_app.services.titles import title_from

MAX_APPROACHES = 12
# A turn that was stopped before it started is on the page and not in the history.
NEVER_STARTED = {"status__in": FINAL, "started_at": None}


@dataclass(frozen=True, slots=True)
class Approach:
    """One way to go on: its first prompt, the model to ask and the permission mode ("" = the branch's own)."""

    prompt: str
    model: str = ""
    mode: str = ""


@transaction.atomic
def fork_session(*, user: User, turn: Turn, approaches: Sequence[Approach]) -> list[Session]:
    """One new branch per approach, each continuing from `turn`. Nothing is copied: a branch is a pointer to its turn.

    Raise ServiceError when the turn has not ended, or for unusable prompts, models or numbers of approaches.
    """
    return make_branches(user=user, beside=turn.session, forked_from=turn, approaches=approaches)


@transaction.atomic
def edit_and_resend(*, user: User, turn: Turn, edited: Approach) -> Session:
    """A branch that asks something else at this turn: a fork of the turn before it, or another root for the first.

    Raise ServiceError when the turn before has not ended, when there is no prompt to edit, or for an unusable one.
    """
    if turn.kind == TurnKind.DECISION:
        raise ServiceError("This turn decides a call; it has no prompt to edit. Fork from it instead.")
    before = turn_before(turn)
    return make_branches(user=user, beside=turn.session, forked_from=before, approaches=[edited])[0]


def turn_before(turn: Turn) -> Turn | None:
    """The turn that `turn` continues, in its own session or in the one it forks; None for the first of a root.

    A retry continues what the turn that it retries continued. Raise ServiceError when that was the middle of a turn.
    """
    earlier = Turn.objects.filter(session=turn.session_id, number__lt=turn.number).exclude(**NEVER_STARTED)
    earlier = earlier.exclude(set_aside(Segment(turn.session_id, turn.number)))
    if before := earlier.order_by("-number").first():
        return before
    if turn.session.forked_request_id:
        # What it continues is the middle of a turn, where only a decision can leave.
        raise ServiceError(
            "This branch left its parent in the middle of a turn: fork from the end of this turn instead."
        )
    return turn.session.forked_from


def last_finished_turn(session: Session) -> Turn | None:
    """Where "Fork" in a branch's composer forks: its last turn that has ended, else the turn it was forked from."""
    own = session.turns.filter(status__in=FINAL).exclude(**NEVER_STARTED).exclude(set_aside(Segment(session.pk, 0)))
    if unfinished := session.turns.filter(status__in=UNFINISHED).order_by("number").first():
        own = own.filter(number__lt=unfinished.number)
    # A branch that left its parent in the middle of a turn has no end of its own to fork before its first turn has.
    return own.order_by("-number").first() or (None if session.forked_request_id else session.forked_from)


def refuse_unfinished(turn: Turn) -> None:
    """Raise ServiceError when the history up to `turn` is not there yet, or when `turn` never became part of it."""
    upto = Turn.objects.filter(session=turn.session_id, number__lte=turn.number, status__in=UNFINISHED)
    if unfinished := upto.order_by("number").first():
        number, status = unfinished.number, TurnStatus(unfinished.status)
        state = "waiting for an answer" if status == TurnStatus.WAITING else status
        raise ServiceError(f"Turn {number} is still {state}: fork from an earlier turn, or wait until it ends.")
    if turn.started_at is None:
        raise ServiceError(f"Turn {turn.number} never reached the model: fork from the turn before it.")


def make_branches(
    *, user: User, beside: Session, forked_from: Turn | None, approaches: Sequence[Approach]
) -> list[Session]:
    if forked_from is not None:
        refuse_unfinished(forked_from)
    if not approaches:
        raise ServiceError("Describe at least one approach.")
    if len(approaches) > MAX_APPROACHES:
        raise ServiceError(f"Fork at most {MAX_APPROACHES} ways at once.")
    cleaned = [
        Approach(
            clean_prompt(approach.prompt),
            clean_model(approach.model or beside.model),
            clean_mode(approach.mode or beside.permission_mode),
        )
        for approach in approaches
    ]
    return [start_branch(user=user, beside=beside, forked_from=forked_from, approach=way) for way in cleaned]


def start_branch(*, user: User, beside: Session, forked_from: Turn | None, approach: Approach) -> Session:
    branch = add_branch(
        user=user,
        conversation=beside.conversation,
        forked_from=forked_from,
        title=title_from(approach.prompt),
        model=approach.model,
        mode=approach.mode,
    )
    number = (forked_from.number if forked_from else 0) + 1
    add_turn(user=user, session=branch, prompt=approach.prompt, number=number)
    return branch
