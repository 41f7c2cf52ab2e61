"""Titles: taken from the first prompt, changed by hand."""

import re
import uuid

from django.db import transaction

from sessions_app.live.publish import publish_session
from sessions_app.models import Conversation, Session
from sessions_app.services.errors import ServiceError

MAX_TITLE = 200
SHORT = 60


def title_from(prompt: str) -> str:
    """The first line of a prompt, cut at a word to about 60 characters; "Untitled" when it has no words."""
    first = next((line for line in prompt.splitlines() if line.strip()), "")
    words = re.sub(r"\s+", " ", re.sub(r"[#*_`>]+", "", first)).strip()
    if len(words) > SHORT:
        words = words[:SHORT].rsplit(" ", 1)[0].rstrip(" ,;:.-") + "…"
    return words or "Untitled"


def clean_title(title: str) -> str:
    cleaned = re.sub(r"\s+", " ", title.replace("\x00", "")).strip()[:MAX_TITLE]
    if not cleaned:
        raise ServiceError("A title needs at least one letter.")
    return cleaned


@transaction.atomic
def rename_session(*, session: Session, title: str) -> Session:
    """Raise ServiceError for an empty title."""
    session.title = clean_title(title)
    session.revision = Session.objects.bump(session.pk)
    session.save(update_fields=["title"])
    publish_session(session.pk)
    return session


@transaction.atomic
def rename_conversation(*, conversation: Conversation, title: str) -> Conversation:
    """Raise ServiceError for an empty title."""
    conversation.title = clean_title(title)
    # Session first, as everywhere: whoever locks in another order waits for each other forever.
    root: uuid.UUID = conversation.sessions.order_by("position").values_list("pk", flat=True)[0]
    Session.objects.bump(root)
    conversation.save(update_fields=["title"])
    publish_session(root)
    return conversation
