"""Claims: exactly one owner for each turn, and none for turns whose owner died."""

from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.utils import timezone

from sessions_app.agents.unfinished import keep_unfinished
from sessions_app.live.publish import publish_session
from sessions_app.models import ACTIVE, Session, Turn, TurnStatus
from sessions_app.rendering.failures import failure
from sessions_app.runs.closing import close_rows


def claim_next() -> Turn | None:
    """Take the oldest queued turn whose session is free; None when there is none. Safe against any number of rivals."""
    for turn in Turn.objects.claimable()[:20]:
        if claim(turn):
            return Turn.objects.select_related("session__conversation").get(pk=turn.pk)
    return None


def claim(turn: Turn) -> bool:
    """Whether it is ours now: one UPDATE that only one can win, and a constraint that allows one turn per session."""
    # Asked anew under the session's lock: the turn may have been moved behind another one since it was chosen.
    queued = Turn.objects.claimable().filter(pk=turn.pk)
    try:
        with transaction.atomic():
            revision = Session.objects.bump(turn.session_id)
            if queued.update(status=TurnStatus.RUNNING, started_at=timezone.now(), revision=revision) != 1:
                return False
            # Those behind it have moved up.
            Turn.objects.restand(turn.session_id, revision)
            publish_session(turn.session_id)
    except IntegrityError:
        return False
    return True


def interrupt_orphans(owned: Collection[int] = (), kind: str = "server_died") -> int:
    """Mark every running turn but the `owned` ones as interrupted, with the text it had; return how many.

    `kind` says why they have no owner: their server died, or it could not write down their end.

    Only for a server that knows that no other one runs turns on this database: a turn has side effects, so it is
    never run again unasked (ARCHITECTURE D3).
    """
    kind, sentence = failure(kind)
    orphans = list(Turn.objects.filter(status__in=ACTIVE).exclude(pk__in=owned))
    for turn in orphans:
        keep_unfinished(turn)
        with transaction.atomic():
            revision, now = Session.objects.bump(turn.session_id), timezone.now()
            close_rows(turn_id=turn.pk, session_id=turn.session_id, revision=revision, now=now)
            Turn.objects.filter(pk=turn.pk, status__in=ACTIVE).update(
                status=TurnStatus.INTERRUPTED, ended_at=now, error_kind=kind, error=sentence, revision=revision
            )
            publish_session(turn.session_id)
    return len(orphans)


def publish_queue() -> None:
    """Tell the pages of waiting branches that their place in the queue has changed."""
    waiting = Turn.objects.filter(status=TurnStatus.QUEUED).order_by("queued_at").values_list("session_id", flat=True)
    for session_id in sorted(set(waiting[:50])):
        with transaction.atomic():
            Session.objects.bump(session_id)
            publish_session(session_id)
