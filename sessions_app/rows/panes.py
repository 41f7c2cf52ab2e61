"""What a pane shows: one branch, for one viewer, with the turns that belong in it."""

import uuid
from dataclasses import dataclass, field

from sessions_app.models import UNFINISHED, WRITERS, Membership, Message, MessageKind, Session, Turn, User
from sessions_app.models.transcript import Transcript
from sessions_app.rows.standing import Standing, standings


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: which prompts are their own, and whether they may write."""

    user_id: int
    writable: bool


def viewer_of(user: User, project_id: int) -> Viewer:
    """One query: the role is read anew for each page, because it can change while a page is open."""
    writable = Membership.objects.filter(user=user, project=project_id, role__in=WRITERS).exists()
    return Viewer(user.pk, writable)


@dataclass(frozen=True, slots=True)
class TurnRow:
    """One turn as it stands in one pane.

    `scope` is appended to every id inside: an inherited turn can stand in several panes of a page, and ids must not
    repeat. It is empty where the turn belongs to the pane's own session, which is where live updates go. `is_left`: the
    branch leaves the turn at a call, which it decides otherwise.
    """

    turn: Turn
    messages: list[Message]
    viewer: Viewer
    scope: str = ""
    is_left: bool = False
    standing: Standing = field(default_factory=Standing)

    @property
    def has_answer(self) -> bool:
        """Whether the agent wrote or did anything; what Espalier noted itself does not count."""
        return any(message.kind != MessageKind.NOTICE for message in self.messages)

    @property
    def is_mine(self) -> bool:
        return self.turn.created_by_id == self.viewer.user_id


@dataclass(slots=True)
class Pane:
    """`shared_turns` turns at the beginning are shown elsewhere on the page (the shared history of a comparison)."""

    transcript: Transcript
    viewer: Viewer
    queue_place: int | None = None
    shared_turns: int = 0
    # Shown among others: can be maximised, and its title leads to the branch's own page.
    in_comparison: bool = False
    # Where a form without script returns to; and, after a prompt that could not be sent, the words and what was typed.
    back: str = ""
    problem: str = ""
    draft: str = ""
    status: str = field(init=False)
    standings: dict[int, Standing] = field(init=False)

    def __post_init__(self) -> None:
        self.status = self.transcript.status
        self.standings = standings(self.transcript)

    @property
    def session(self) -> Session:
        return self.transcript.session

    @property
    def sid(self) -> uuid.UUID:
        return self.session.pk

    @property
    def is_active(self) -> bool:
        """Whether there is something to stop."""
        return self.status in ("running", "waiting", "queued")

    @property
    def unfinished(self) -> Turn | None:
        """What "Stop" stops: the turn that runs, else the one that waits longest."""
        turns = [turn for turn in self.transcript.own_turns if turn.status in UNFINISHED]
        return turns[0] if turns else None

    @property
    def own_rows(self) -> list[TurnRow]:
        return [self.row(turn) for turn in self.transcript.turns[self.shared_turns :] if turn.session_id == self.sid]

    @property
    def inherited_rows(self) -> list[TurnRow]:
        inherited = [turn for turn in self.transcript.turns[self.shared_turns :] if turn.session_id != self.sid]
        return [self.row(turn, scope=f"-in-{self.sid}") for turn in inherited]

    def row(self, turn: Turn, scope: str = "") -> TurnRow:
        standing = self.standings.get(turn.pk) or Standing()
        left = turn.pk in self.transcript.left_at
        return TurnRow(turn, self.transcript.messages_of(turn), self.viewer, scope, left, standing)
