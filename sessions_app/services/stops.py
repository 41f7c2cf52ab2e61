"""Stop: interrupt what runs, take back what waits."""

from django.db import transaction
from django.utils import timezone

from sessions_app.live.publish import publish_session
from sessions_app.models import FINAL, Session, Turn, TurnStatus
from sessions_app.rendering.failures import failure
from sessions_app.runs.controls import request_stop
from sessions_app.services.queue import let_go


@transaction.atomic
def stop_turn(*, turn: Turn) -> Turn:
    """Interrupt a running turn (its text is kept); end a queued one before it starts. One that ended stays as it is."""
    # Session first, as everywhere: whoever locks in another order waits for each other forever.
    Session.objects.select_for_update().get(pk=turn.session_id)
    locked = Turn.objects.select_for_update().get(pk=turn.pk)
    if locked.status in FINAL or locked.stop_requested_at:
        return locked
    now = timezone.now()
    revision = Session.objects.bump(locked.session_id)
    if locked.status == TurnStatus.QUEUED:
        locked.status, locked.ended_at = TurnStatus.INTERRUPTED, now
        locked.error_kind, locked.error = failure("stopped_before")
    locked.stop_requested_at, locked.revision = now, revision
    locked.save(update_fields=["status", "ended_at", "error_kind", "error", "stop_requested_at", "revision"])
    if locked.never_started:
        let_go(locked, revision)
    request_stop(locked)
    publish_session(locked.session_id)
    return locked
