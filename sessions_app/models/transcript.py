"""The transcript of a branch: its turns from root to tip, each with its messages."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, F, Min, Value

from sessions_app.models.message import Message
from sessions_app.models.numbers import Numbers
from sessions_app.models.path import Segment, on_path, path_of
from sessions_app.models.session import Session
from sessions_app.models.tree import status_of
from sessions_app.models.turn import Turn

# What became of a request stands beside it on the page.
WITH_REQUEST = ("request__decided_by", "request__rule")


@dataclass(slots=True)
class Transcript:
    """`turns` are in order of their numbers, inherited ones first; `messages` are those of each turn's id, in order.

    `left_at`: of a turn that a fork leaves at a call, the position of that call, which the fork decides otherwise.
    """

    session: Session
    turns: list[Turn]
    messages: dict[int, list[Message]] = field(default_factory=dict)
    left_at: dict[int, int] = field(default_factory=dict)

    def messages_of(self, turn: Turn) -> list[Message]:
        """The messages of a turn, as far as this branch has it."""
        upto = self.left_at.get(turn.pk)
        found = self.messages.get(turn.pk, [])
        return found if upto is None else [message for message in found if message.position < upto]

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
        return Numbers.of(turn for turn in self.turns if turn.pk not in self.left_at)

    @property
    def shared(self) -> Numbers:
        """What the inherited turns cost: counted once in the tree, whoever inherits them.

        What a turn had cost by the time a branch left it half way is not known, so it is not counted.
        """
        return Numbers.of(turn for turn in self.inherited if turn.pk not in self.left_at)


def load_transcript(session: Session, *, bodies: bool = True) -> Transcript:
    """Read one branch in three queries; without `bodies`, just the turns and their numbers, in two."""
    path = path_of(session.pk)
    turns = Turn.objects.filter(on_path(path)).order_by("number").select_related("created_by")
    transcript = Transcript(session, list(turns if bodies else turns.defer("prompt")), left_at=left_at(path))
    if bodies:
        transcript.messages = messages_of(turn.pk for turn in transcript.turns)
    return transcript


def left_at(path: Iterable[Segment]) -> dict[int, int]:
    """For each turn that the path leaves at a call: the position of the first message of that call."""
    requests = [segment.request_id for segment in path if segment.request_id]
    if not requests:
        return {}
    calls = Message.objects.filter(
        turn__permission_requests__in=requests, tool_use_id=F("turn__permission_requests__message__tool_use_id")
    )
    return dict(calls.order_by().values_list("turn").annotate(Min("position")))


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
    messages = Message.objects.filter(turn_id__in=list(turn_ids)).select_related(*WITH_REQUEST)
    for message in messages.order_by("turn_id", "position"):
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
        messages.select_related("turn", *WITH_REQUEST).order_by("turn__number", "position")
    )
