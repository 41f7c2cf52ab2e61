"""Closing a turn's rows: what was still being written, running or asked when the turn ended."""

import uuid
from datetime import datetime

from sessions_app.live.publish import publish_requests
from sessions_app.models import Message, MessageKind, MessageState, PermissionRequest, RequestState


def close_rows(*, turn_id: int, session_id: uuid.UUID, revision: int, now: datetime) -> None:
    """Inside the transaction that ends the turn. What there is of a text stays, and a request cannot be answered."""
    live = Message.objects.filter(turn_id=turn_id, state=MessageState.LIVE)
    live.update(state=MessageState.CUT, ended_at=now, revision=revision)
    # A retry that was counted down to does not come any more.
    waits = Message.objects.filter(turn_id=turn_id, kind=MessageKind.NOTICE, input__isnull=False)
    waits.update(input=None, revision=revision)
    pending = PermissionRequest.objects.filter(turn_id=turn_id).pending()
    if pending.update(state=RequestState.CLOSED, decided_at=now):
        publish_requests(session_id)
