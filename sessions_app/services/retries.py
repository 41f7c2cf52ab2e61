"""Going on after a turn that ended badly: resume it where it ended, or retry it from its beginning."""

from django.db import transaction

from sessions_app.models import Session, Turn, TurnKind, User
from sessions_app.services.errors import ServiceError
from sessions_app.services.forks import NEVER_STARTED
from sessions_app.services.prompts import add_turn, lock, next_number

RESUME_PROMPT = "Go on where you were interrupted."
GONE_ON = {TurnKind.RETRY: "retried", TurnKind.RESUME: "resumed"}


@transaction.atomic
def resume_turn(*, user: User, turn: Turn) -> Turn:
    """Ask the agent to go on; what it did and said until then stays part of the history.

    Raise ServiceError when `turn` did not fail and was not interrupted, or is no longer the last of its branch.
    """
    session, _ = take_last(turn)
    return add_turn(user=user, session=session, prompt=RESUME_PROMPT, number=next_number(session), kind=TurnKind.RESUME)


@transaction.atomic
def retry_turn(*, user: User, turn: Turn) -> Turn:
    """Send the same prompt again; `turn` stays on the page and leaves the history of what comes after.

    Raise ServiceError as resume_turn does, and for a turn that decided a call of another branch: it has no prompt.
    """
    session, last = take_last(turn)
    if last.kind == TurnKind.DECISION:
        raise ServiceError(f"Turn {last.number} began with a decision, not with a prompt: resume it instead.")
    return add_turn(
        user=user,
        session=session,
        prompt=last.prompt,
        number=next_number(session),
        kind=TurnKind.RETRY,
        retry_of=last,
    )


def take_last(turn: Turn) -> tuple[Session, Turn]:
    """The session, locked, and `turn` as it is now. Raise ServiceError unless it can be resumed: see resume_turn.

    The lock makes two people who press at once come one after the other; the second finds that there is a later turn.
    """
    session = lock(turn.session_id)
    now = Turn.objects.get(pk=turn.pk)
    if now.never_started:
        raise ServiceError(f"Turn {now.number} never reached the model: there is nothing to go on from.")
    if not now.ended_badly:
        raise ServiceError(f"Turn {now.number} is {now.status}: only a failed or interrupted turn can be gone on with.")
    later = session.turns.filter(number__gt=now.number).exclude(**NEVER_STARTED).order_by("number").first()
    if later is None:
        return session, now
    done = GONE_ON.get(TurnKind(later.kind), "followed up")
    raise ServiceError(f"Turn {now.number} was already {done} by {later.created_by.username}: see turn {later.number}.")
