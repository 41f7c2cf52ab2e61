"""The round: once a minute, all sockets of this process together are checked for what they missed or may not see."""

import asyncio
import logging
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.contrib.sessions.models import Session as Login
from django.db.models import Sum
from django.utils import timezone

from sessions_app.live.subscription import Subscription
from sessions_app.live.threads import in_reader
from sessions_app.models import Conversation, Membership, Session
from sessions_app.rows.waiting import waiting_for

logger = logging.getLogger(__name__)

# How long a page can be without what a lost ring would have told it, and a person keep a page they may no longer see.
ROUND_SECONDS = 60.0
# A change is stamped before it is committed, and perhaps by another clock.
SLACK = timedelta(seconds=5)

Mark = tuple[Any, ...]


class Socket(Protocol):
    """What the round needs of a socket."""

    shown: Subscription
    login: str
    user_id: int

    async def look_again(self, found: "Found", changed: Collection[uuid.UUID]) -> None:
        """Compare what the page shows with what was found; `changed` are the trees that did since the last round."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the database says at one moment of everything that any page shows.

    `members` are pairs of a user and a project. A tree's mark differs when anything in it has changed.
    """

    logins: Collection[str] = ()
    members: Collection[tuple[int, int]] = ()
    sessions: dict[uuid.UUID, tuple[int, int]] = field(default_factory=dict)  # its project and revision
    trees: dict[uuid.UUID, tuple[int, Mark]] = field(default_factory=dict)  # its project and mark
    touched: dict[uuid.UUID, int] = field(default_factory=dict)  # recently; its project
    waiting: dict[int, int] = field(default_factory=dict)  # user → requests they could answer


def marks_of(trees: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[int, Mark]]:
    """Each tree's project and mark."""
    marked = Conversation.objects.filter(pk__in=trees).annotate(revisions=Sum("sessions__revision"))
    values = marked.values_list("pk", "project_id", "title", "touched_at", "revisions")
    return {tree: (project, tuple(mark)) for tree, project, *mark in values}


def find(shown: list[Subscription], logins: set[str], users: set[int], since: datetime) -> Found:
    """Six queries at most, however many pages there are."""
    panes = {session for each in shown for session in each.panes}
    trees = {tree for each in shown for tree in each.all_trees}
    sessions = Session.objects.filter(pk__in=panes).values_list("pk", "conversation__project_id", "revision")
    touched: dict[uuid.UUID, int] = {}
    if any(each.home for each in shown):
        recent = Conversation.objects.filter(project__memberships__user__in=users, touched_at__gt=since - SLACK)
        touched = dict(recent.values_list("pk", "project_id"))
    return Found(
        logins=set(
            Login.objects.filter(pk__in=logins, expire_date__gt=timezone.now()).values_list("session_key", flat=True)
        ),
        members=set(
            Membership.objects.filter(user__in=users, user__is_active=True).values_list("user_id", "project_id")
        ),
        sessions={session: (project, revision) for session, project, revision in sessions},
        trees=marks_of(trees),
        touched=touched,
        waiting=waiting_for(users),
    )


def take_away(shown: Subscription, user_id: int, found: Found) -> None:
    """Leave in `shown` what its person may still see."""
    projects = {project for user, project in found.members if user == user_id}
    trees = {tree for tree, (project, _) in found.trees.items() if project in projects}
    for session in tuple(shown.panes):
        if session not in found.sessions or found.sessions[session][0] not in projects:
            del shown.panes[session]
    shown.trees &= trees
    shown.side = shown.side if shown.side in trees else None


class Rounds:
    """Keeps the sockets of this process, and goes round as long as there are any."""

    def __init__(self) -> None:
        self.sockets: set[Socket] = set()
        # How each tree was at the last round, or when the first page that shows it came.
        self.marks: dict[uuid.UUID, Mark] = {}
        self.since = timezone.now()
        self.timer: asyncio.TimerHandle | None = None
        self.going: asyncio.Task[None] | None = None

    async def join(self, socket: Socket) -> None:
        """From now on, the round looks after `socket`. Join first, read then: what changes in between is noticed."""
        self.sockets.add(socket)
        if self.timer is None:
            self.since = timezone.now()
            self.plan()
        if unknown := socket.shown.all_trees - set(self.marks):
            found = await in_reader(marks_of, unknown)
            self.marks = {tree: mark for tree, (_, mark) in found.items()} | self.marks

    def leave(self, socket: Socket) -> None:
        self.sockets.discard(socket)
        if not self.sockets and self.timer:
            self.timer.cancel()
            self.timer = None
            self.marks = {}

    def number_of(self, login: str) -> int:
        """How many sockets one sign-in has."""
        return sum(socket.login == login for socket in self.sockets)

    def plan(self) -> None:
        self.timer = asyncio.get_running_loop().call_later(ROUND_SECONDS, self.begin)

    def begin(self) -> None:
        self.going = asyncio.create_task(self.go())
        self.plan()

    async def go(self) -> None:
        sockets = list(self.sockets)
        shown = [socket.shown for socket in sockets]
        logins, users = {socket.login for socket in sockets}, {socket.user_id for socket in sockets}
        since, self.since = self.since, timezone.now()
        try:
            found = await in_reader(find, shown, logins, users, since)
        except Exception:
            logger.exception("could not check what pages show")
            self.since = since
            return
        marks = {tree: mark for tree, (_, mark) in found.trees.items()}
        changed = {tree for tree, mark in marks.items() if self.marks.get(tree) != mark}
        shown_now = {tree for socket in self.sockets for tree in socket.shown.all_trees}
        self.marks = {tree: mark for tree, mark in (self.marks | marks).items() if tree in shown_now}
        for socket in sockets:
            if socket in self.sockets:
                await socket.look_again(found, changed)


rounds = Rounds()
