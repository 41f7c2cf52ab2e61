"""The transcript of a branch: its turns from root to tip, each with its messages."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

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
    def set_aside(self) -> dict[int, int]:
        """Turn → number of the turn that retries it on this path: it is shown, and the model no longer receives it."""
        return {turn.retry_of_id: turn.number for turn in self.turns if turn.retry_of_id}

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


def load_changes(session_id: uuid.UUID, revision: int) -> tuple[list[Turn], list[Message]]:
    """The session's own turns and messages that changed after `revision`, in order."""
    turns = Turn.objects.filter(session_id=session_id, revision__gt=revision).order_by("number")
    messages = Message.objects.filter(turn__session_id=session_id, revision__gt=revision)
    return list(turns.select_related("created_by")), list(
        messages.select_related("turn").order_by("turn__number", "position")
    )
