"""The SDK's session store over our models: keeps each entry once, and composes a fork's history from its path."""

import json
import uuid
from typing import Any

from asgiref.sync import sync_to_async
from claude_agent_sdk import SessionKey, SessionStore, SessionStoreEntry
from django.db.models import QuerySet, Subquery

from sessions_app.agents.deferred import mark_deferred
from sessions_app.models import PermissionRequest, Session, TranscriptEntry
from sessions_app.models.path import Segment, path_of, set_aside

# Running totals of a session's cost: loaded into a fork they would count its ancestors' turns again (ARCHITECTURE D9).
NOT_INHERITED = ("cost-state",)


def stored_id(key: SessionKey) -> uuid.UUID:
    """The session an SDK key means.

    The project key changes with the working directory, which differs from branch to branch, so it must not matter:
    a uuid names a session by itself. Any other name is only unique within its project key, as the SDK's contract says.
    """
    try:
        return uuid.UUID(key["session_id"])
    except ValueError:
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{key['project_key']}/{key['session_id']}")


class DjangoSessionStore(SessionStore):  # the listing methods stay absent: a tree is listed from its own models
    """One instance serves one turn: what it appends is marked as written by `turn_id` (None: by no turn of ours)."""

    def __init__(self, turn_id: int | None = None) -> None:
        self.turn_id = turn_id

    async def append(self, key: SessionKey, entries: list[SessionStoreEntry]) -> None:
        await sync_to_async(self.append_now)(key, entries)

    async def load(self, key: SessionKey) -> list[SessionStoreEntry] | None:
        return await sync_to_async(load_history)(stored_id(key), key.get("subpath", ""))

    async def list_subkeys(self, key: Any) -> list[str]:
        """The subagent transcripts of the session itself; a fork does not take over its ancestors'."""
        own = Segment(stored_id(key), 0)
        found = TranscriptEntry.objects.filter(session_id=own.session_id).exclude(subpath="")
        found = found.exclude(set_aside(own, prefix="turn__"))
        return [subpath async for subpath in found.order_by("subpath").values_list("subpath", flat=True).distinct()]

    async def delete(self, key: SessionKey) -> None:
        doomed = TranscriptEntry.objects.filter(session_id=stored_id(key))
        if subpath := key.get("subpath"):
            doomed = doomed.filter(subpath=subpath)
        await doomed.adelete()

    def append_now(self, key: SessionKey, entries: list[SessionStoreEntry]) -> None:
        session_id, subpath = stored_id(key), key.get("subpath", "")
        rows = [
            TranscriptEntry(
                session_id=session_id,
                subpath=subpath,
                turn_id=self.turn_id,
                uuid=entry.get("uuid"),
                type=str(entry.get("type", ""))[:100],
                line=json.dumps(entry, separators=(",", ":")),
            )
            for entry in entries
        ]
        # The SDK sends a batch again when it did not hear that it arrived: an entry's uuid makes that harmless.
        TranscriptEntry.objects.bulk_create(rows, ignore_conflicts=True)


def load_history(session_id: uuid.UUID, subpath: str = "") -> list[SessionStoreEntry] | None:
    """A session's entries from the root to its tip, cut at each fork, without retried turns; None if there are none."""
    # A session that is not ours has no path but itself.
    segments = path_of(session_id) or [Segment(session_id, 0)]
    if subpath:
        segments = segments[-1:]
    session = Session.objects.select_related("forked_request__message").filter(pk=session_id).first()
    entries: list[SessionStoreEntry] = []
    before = 0
    for segment in segments:
        lines = segment_entries(segment, subpath).order_by("id").values_list("line", flat=True)
        before = len(entries)
        entries.extend(json.loads(line) for line in lines.iterator())
    if session and not subpath and len(entries) == before:
        mark_deferred(session, entries)
    return entries or None


def has_history(session_id: uuid.UUID) -> bool:
    """Whether there is a conversation to resume: at least one message of anybody's on the path."""
    return any(
        segment_entries(segment, "").filter(type__in=("user", "assistant")).exists()
        for segment in reversed(path_of(session_id))
    )


def segment_entries(segment: Segment, subpath: str) -> QuerySet[TranscriptEntry]:
    entries = TranscriptEntry.objects.filter(session_id=segment.session_id, subpath=subpath)
    if segment.upto:
        entries = entries.filter(turn__number__lte=segment.upto)
    if segment.request_id:
        left = PermissionRequest.objects.filter(pk=segment.request_id).values("entry_id")
        entries = entries.filter(id__lte=Subquery(left))
    # Entries of a retried turn stay in the database, for its page and for forks of it.
    return entries.exclude(set_aside(segment, prefix="turn__")).exclude(type__in=NOT_INHERITED)
