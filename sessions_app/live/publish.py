"""Ring the doorbell: say, once the change is committed, that a session has something new."""

import uuid

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from sessions_app.live.groups import conversation_group, project_group, session_group
from sessions_app.models import Session


def publish_session(session_id: uuid.UUID) -> None:
    """Tell every page that shows this session, its tree or its project. Nothing but ids travels (ARCHITECTURE D6)."""
    transaction.on_commit(lambda: ring(session_id))


def ring(session_id: uuid.UUID) -> None:
    row = Session.objects.filter(pk=session_id).values_list("conversation_id", "conversation__project_id").first()
    if row is None:
        return
    conversation_id, project_id = row
    event = {"type": "changed", "session": str(session_id), "conversation": str(conversation_id)}
    send = async_to_sync(get_channel_layer().group_send)
    for group in (session_group(session_id), conversation_group(conversation_id), project_group(project_id)):
        send(group, event)
