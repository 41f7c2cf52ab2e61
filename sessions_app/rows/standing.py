"""Where a turn stands among the others of its branch: what its row says and offers besides its own state."""

from dataclasses import dataclass
from itertools import pairwise

from sessions_app.models import Turn, TurnKind, TurnStatus
from sessions_app.models.transcript import Transcript


@dataclass(slots=True)
class Standing:
    """`place`: among those that wait in the branch, from 1; 0 for a turn that does not wait.

    `retried_as`, `retries`: the number of the turn that retries this one, and of the turn that this one retries; 0 for
    none.
    """

    place: int = 0
    can_move_up: bool = False
    can_move_down: bool = False
    can_resume: bool = False
    can_retry: bool = False
    retried_as: int = 0
    retries: int = 0


def standings(transcript: Transcript) -> dict[int, Standing]:
    """By turn. Whatever this follows from is stamped when it changes: see `TurnQuerySet.restand`."""
    set_aside = transcript.set_aside
    found = {turn.pk: Standing(retried_as=set_aside.get(turn.pk, 0)) for turn in transcript.turns}
    numbers = {turn.pk: turn.number for turn in transcript.turns}
    for turn in transcript.turns:
        found[turn.pk].retries = numbers.get(turn.retry_of_id or 0, 0)
    own = transcript.own_turns
    stand_in_line([turn for turn in own if turn.status == TurnStatus.QUEUED], found)
    last = next((turn for turn in reversed(own) if not turn.never_started), None)
    if last is not None and last.ended_badly:
        found[last.pk].can_resume = True
        found[last.pk].can_retry = last.kind != TurnKind.DECISION
    return found


def stand_in_line(queued: list[Turn], found: dict[int, Standing]) -> None:
    for place, turn in enumerate(queued, start=1):
        found[turn.pk].place = place
    for before, behind in pairwise(queued):
        # A retry or a resume goes on from the turn that just ended: nothing moves before it.
        if before.is_movable and behind.is_movable:
            found[before.pk].can_move_down = found[behind.pk].can_move_up = True
