"""Ring the doorbell: say, once the change is committed, that a session has something new."""

import uuid
from functools import lru_cache

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from sessions_app.live.groups import conversation_group, project_group, requests_group, session_group
from sessions_app.models import Session


def publish_session(session_id: uuid.UUID) -> None:
    """Tell every page that shows this session, its tree or its project. Nothing but ids travels (ARCHITECTURE D6)."""
    # What is committed is committed: a doorbell that fails must not make the change look as if it had.
    transaction.on_commit(lambda: ring(session_id), robust=True)


def publish_requests(session_id: uuid.UUID) -> None:
    """Tell every page of the session's project that what waits for an answer is not what it was."""
    transaction.on_commit(lambda: ring_requests(session_id), robust=True)


def ring_requests(session_id: uuid.UUID) -> None:
    _, project_id = place_of(session_id)
    async_to_sync(send_to_all)((requests_group(project_id),), {"type": "asked"})


def ring(session_id: uuid.UUID) -> None:
    conversation_id, project_id = place_of(session_id)
    event = {"type": "changed", "session": str(session_id), "conversation": str(conversation_id)}
    groups = (session_group(session_id), conversation_group(conversation_id), project_group(project_id))
    # One hop to the event loop for all three.
    async_to_sync(send_to_all)(groups, event)


async def send_to_all(groups: tuple[str, ...], event: dict[str, str]) -> None:
    layer = get_channel_layer()
    for group in groups:
        await layer.group_send(group, event)


@lru_cache(maxsize=10_000)
def place_of(session_id: uuid.UUID) -> tuple[uuid.UUID, int]:
    """The conversation and the project a session belongs to, for good."""
    return Session.objects.values_list("conversation_id", "conversation__project_id").get(pk=session_id)
