"""The transcript of a branch: its turns from root to tip, each with its messages."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Value

from sessions_app.models.message import Message
from sessions_app.models.numbers import Numbers
from sessions_app.models.path import on_path, path_of
from sessions_app.models.session import Session
from sessions_app.models.tree import status_of
from sessions_app.models.turn import Turn


@dataclass(slots=True)
class Transcript:
    """`turns` are in order of their numbers, inherited ones first; `turn.parts` of each are its messages in order."""

    session: Session
    turns: list[Turn]
    messages: dict[int, list[Message]] = field(default_factory=dict)

    @property
    def inherited(self) -> list[Turn]:
        return [turn for turn in self.turns if turn.session_id != self.session.pk]

    @property
    def own_turns(self) -> list[Turn]:
        return [turn for turn in self.turns if turn.session_id == self.session.pk]

    @property
    def status(self) -> str:
        return status_of(self.own_turns)

    @property
    def own(self) -> Numbers:
        return Numbers.of(self.own_turns)

    @property
    def path(self) -> Numbers:
        return Numbers.of(self.turns)

    @property
    def shared(self) -> Numbers:
        """What the inherited turns cost: counted once in the tree, whoever inherits them."""
        return Numbers.of(self.inherited)


def load_transcript(session: Session, *, bodies: bool = True) -> Transcript:
    """Read one branch in three queries; without `bodies`, just the turns and their numbers, in two."""
    turns = Turn.objects.filter(on_path(path_of(session.pk))).order_by("number").select_related("created_by")
    transcript = Transcript(session, list(turns if bodies else turns.defer("prompt")))
    if bodies:
        transcript.messages = messages_of(turn.pk for turn in transcript.turns)
    return transcript


def load_transcripts(sessions: Iterable[Session]) -> list[Transcript]:
    """Read several branches (one path query each); messages that they share are read once."""
    transcripts = [load_transcript(session, bodies=False) for session in sessions]
    shared = messages_of({turn.pk for transcript in transcripts for turn in transcript.turns})
    for transcript in transcripts:
        transcript.messages = shared
    return transcripts


def messages_of(turn_ids: Iterable[int]) -> dict[int, list[Message]]:
    """The messages of each turn, in order; turns without any are left out."""
    found: dict[int, list[Message]] = {}
    for message in Message.objects.filter(turn_id__in=list(turn_ids)).order_by("turn_id", "position"):
        found.setdefault(message.turn_id, []).append(message)
    return found


def end_of_portion(session_id: uuid.UUID, revision: int, most: int) -> int | None:
    """Up to which revision the changes after `revision` are about `most` messages; None when that is all of them.

    Bodies are not read. One turn is never divided, nor is what changed together.
    """
    turns = Turn.objects.filter(session_id=session_id, revision__gt=revision).annotate(size=Count("messages") + 1)
    alone = Message.objects.filter(
        turn__session_id=session_id, revision__gt=revision, turn__revision__lte=revision
    ).annotate(size=Value(1))
    found = [list(each.order_by("revision").values_list("revision", "size")[: most + 1]) for each in (turns, alone)]
    total, end = 0, None
    for changed_at, size in sorted(found[0] + found[1]):
        if total >= most and changed_at != end:
            return end
        total, end = total + size, changed_at
    # More than was looked at changed together.
    return end if max(map(len, found)) > most else None


def load_changes(session_id: uuid.UUID, revision: int, until: int | None = None) -> tuple[list[Turn], list[Message]]:
    """The session's own turns and messages that changed after `revision`, in order.

    With `until`, only those that changed up to it; messages of a turn that changed later are left to that turn.
    """
    turns = Turn.objects.filter(session_id=session_id, revision__gt=revision)
    messages = Message.objects.filter(turn__session_id=session_id, revision__gt=revision)
    if until is not None:
        turns = turns.filter(revision__lte=until)
        messages = messages.filter(revision__lte=until, turn__revision__lte=until)
    return list(turns.order_by("number").select_related("created_by")), list(
        messages.select_related("turn").order_by("turn__number", "position")
    )
