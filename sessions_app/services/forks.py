"""Forks: take a finished turn and go on from it in one or several new ways."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from sessions_app.models import FINAL, UNFINISHED, Session, Turn, User
from sessions_app.models.path import Segment, set_aside
from sessions_app.services.errors import ServiceError
from sessions_app.services.prompts import clean_model, clean_prompt, start_branch

MAX_APPROACHES = 12
# A turn that was stopped before it started is on the page and not in the history.
NEVER_STARTED = {"status__in": FINAL, "started_at": None}


@dataclass(frozen=True, slots=True)
class Approach:
    """One way to go on: its first prompt, and the model to ask ("" = the one of the branch that is forked)."""

    prompt: str
    model: str = ""


@transaction.atomic
def fork_session(*, user: User, turn: Turn, approaches: Sequence[Approach]) -> list[Session]:
    """One new branch per approach, each continuing from `turn`. Nothing is copied: a branch is a pointer to its turn.

    Raise ServiceError when the turn has not ended, or for unusable prompts, models or numbers of approaches.
    """
    return make_branches(user=user, beside=turn.session, forked_from=turn, approaches=approaches)


@transaction.atomic
def edit_and_resend(*, user: User, turn: Turn, prompt: str, model: str = "") -> Session:
    """A branch that asks something else at this turn: a fork of the turn before it, or another root for the first.

    Raise ServiceError when the turn before has not ended, or for an unusable prompt or model.
    """
    return make_branches(
        user=user, beside=turn.session, forked_from=turn_before(turn), approaches=[Approach(prompt, model)]
    )[0]


def turn_before(turn: Turn) -> Turn | None:
    """The turn that `turn` continues, in its own session or in the one it forks; None for the first of a root.

    A retry continues what the turn that it retries continued.
    """
    earlier = Turn.objects.filter(session=turn.session_id, number__lt=turn.number).exclude(**NEVER_STARTED)
    earlier = earlier.exclude(set_aside(Segment(turn.session_id, turn.number)))
    return earlier.order_by("-number").first() or turn.session.forked_from


def last_finished_turn(session: Session) -> Turn | None:
    """Where "Fork" in a branch's composer forks: its last turn that has ended, else the turn it was forked from."""
    own = session.turns.filter(status__in=FINAL).exclude(**NEVER_STARTED).exclude(set_aside(Segment(session.pk, 0)))
    if unfinished := session.turns.filter(status__in=UNFINISHED).order_by("number").first():
        own = own.filter(number__lt=unfinished.number)
    return own.order_by("-number").first() or session.forked_from


def refuse_unfinished(turn: Turn) -> None:
    """Raise ServiceError when the history up to `turn` is not there yet, or when `turn` never became part of it."""
    upto = Turn.objects.filter(session=turn.session_id, number__lte=turn.number, status__in=UNFINISHED)
    if unfinished := upto.order_by("number").first():
        number, status = unfinished.number, unfinished.status
        raise ServiceError(f"Turn {number} is still {status}: fork from an earlier turn, or wait until it ends.")
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
    cleaned = [(clean_prompt(approach.prompt), clean_model(approach.model or beside.model)) for approach in approaches]
    return [
        start_branch(user=user, conversation=beside.conversation, forked_from=forked_from, prompt=prompt, model=model)
        for prompt, model in cleaned
    ]
