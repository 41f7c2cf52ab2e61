"""The socket of a page. It speaks and never acts: rows that changed, and text as it is written."""

import asyncio
import json
import logging
import uuid
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from sessions_app.live.cursors import Cursors
from sessions_app.live.groups import conversation_group, project_group, requests_group, session_group
from sessions_app.live.log import live_log
from sessions_app.live.reader import Portion, newest_trees, read_cards, read_pane, read_requests, read_side, read_tree
from sessions_app.live.rounds import Found, rounds, take_away
from sessions_app.live.subscription import Subscription, SubscriptionError, admit, parse_resync, parse_subscription
from sessions_app.live.threads import in_reader
from sessions_app.rows.outline import Shown

logger = logging.getLogger(__name__)

FAILED = 1011
NOT_UNDERSTOOD = 4400
NOT_SIGNED_IN = 4401
SAID_NOTHING = 4408
TOO_MANY = 4429
# The least time between two messages: below it, what comes together goes together.
SEND_SECONDS = 0.015
# Changes come in twos and threes (queued, claimed, running): they are read together. New text does not wait for this,
# and takes along what has changed.
RING_SECONDS = 0.06
# An outline costs as much as its tree is large, and nobody reads it thirty times a second.
OUTLINE_SECONDS = 0.5
RETRY_SECONDS = 1.0
# A page cannot see that its connection is dead; it can see that nothing comes (static/js/live.js).
BEAT_SECONDS = 20.0
# A page subscribes as soon as it is connected.
SUBSCRIBE_SECONDS = 10.0
# Of one sign-in. Nobody has that many pages; a script may.
MOST_SOCKETS = 500


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types
    async def connect(self) -> None:
        self.user = self.scope["user"]
        self.user_id = self.user.pk
        self.login = self.scope["session"].session_key
        self.shown = Subscription()
        self.changed_sessions: set[uuid.UUID] = set()
        self.changed_trees: set[uuid.UUID] = set()
        self.changed_requests = False
        self.outlined_at = 0.0
        # What the page's outlines show, row by row; nothing is known of a page that just connected.
        self.outlines: dict[uuid.UUID, dict[uuid.UUID, Shown]] = defaultdict(dict)
        self.cursors = Cursors()
        self.bell = asyncio.Event()
        self.groups_joined: list[str] = []
        self.listening: list[uuid.UUID] = []
        self.spoke_at = 0.0
        # The one thing that runs beside the handlers: first a wait for the subscription, then the pump.
        self.running: asyncio.Task[None] | None = None
        self.subscribed = False
        await self.accept()
        if not self.user.is_authenticated:
            await self.close(code=NOT_SIGNED_IN, reason="not signed in")
            return
        await self.say({"front": settings.FRONT_END})
        self.running = asyncio.create_task(self.expect_subscription())

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Channels' own dispatch hops to a thread before every handler to close old database connections; here only
        # what reads the database does, and closes its own.
        await getattr(self, get_handler_name(message))(message)

    async def say(self, message: dict[str, Any]) -> None:
        """Return when the browser has room for more: one that reads slowly is told less often, and then all at once."""
        await self.send(json.dumps(message, ensure_ascii=False, separators=(",", ":")))
        self.spoke_at = asyncio.get_running_loop().time()

    async def expect_subscription(self) -> None:
        await asyncio.sleep(SUBSCRIBE_SECONDS)
        await self.close(code=SAID_NOTHING, reason=f"no subscription within {SUBSCRIBE_SECONDS:.0f} seconds")

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self.user.is_authenticated:
            return
        try:
            said = json.loads(text_data or "")
            if isinstance(said, dict) and "resync" in said:
                self.cursors.forget(parse_resync(said))
                self.bell.set()
                return
            if self.subscribed:
                raise SubscriptionError("a page subscribes once")
            shown = parse_subscription(said)
        except (ValueError, TypeError, RecursionError) as error:
            await self.close(code=NOT_UNDERSTOOD, reason=f"not understood: {error}"[:120])
            return
        await self.subscribe(shown)

    async def subscribe(self, asked: Subscription) -> None:
        self.subscribed = True
        await self.stop_running()
        self.shown, projects = await in_reader(admit, self.user, asked)
        # Nothing is awaited between the two: of many that come at once, no more than that are let in.
        if rounds.number_of(self.login) >= MOST_SOCKETS:
            await self.close(code=TOO_MANY, reason=f"this sign-in has {MOST_SOCKETS} pages open")
            return
        await rounds.join(self)
        self.groups_joined = [
            *(session_group(session) for session in self.shown.panes),
            *(conversation_group(tree) for tree in self.shown.all_trees),
            *(project_group(project) for project in projects if self.shown.home),
            *(requests_group(project) for project in projects),
        ]
        # Listen first, read then: what changes in between is read, or rings.
        for group in self.groups_joined:
            await self.channel_layer.group_add(group, self.channel_name)
        self.listening = list(self.shown.panes)
        for session in self.listening:
            live_log.listen(session, self.bell.set)
        self.changed_sessions = set(self.shown.panes)
        self.changed_trees = self.shown.all_trees
        self.changed_requests = True
        if self.shown.home:
            self.changed_trees |= await in_reader(newest_trees, self.user)
        self.bell.set()
        self.running = asyncio.create_task(self.pump())

    async def changed(self, event: dict[str, Any]) -> None:
        """The doorbell."""
        session, conversation = uuid.UUID(event["session"]), uuid.UUID(event["conversation"])
        if session in self.shown.panes:
            self.changed_sessions.add(session)
        if self.shown.home or conversation in self.shown.all_trees:
            self.changed_trees.add(conversation)
        asyncio.get_running_loop().call_later(RING_SECONDS, self.bell.set)

    async def asked(self, event: dict[str, Any]) -> None:
        """Somebody is asked for permission, or no longer is."""
        self.changed_requests = True
        self.bell.set()

    async def look_again(self, found: Found, changed: Collection[uuid.UUID]) -> None:
        """The round. A ring can get lost, and a person can lose a project or sign out elsewhere."""
        if self.login not in found.logins:
            await self.close(code=NOT_SIGNED_IN, reason="no longer signed in")
            return
        take_away(self.shown, self.user_id, found)
        missed = {session for session, has in self.shown.panes.items() if found.sessions[session][1] > has}
        trees = self.shown.all_trees & set(changed)
        if self.shown.home:
            trees |= set(found.touched)
        if found.waiting.get(self.user_id, 0) != self.shown.needs:
            self.changed_requests = True
            self.bell.set()
        if missed or trees:
            self.changed_sessions |= missed
            self.changed_trees |= trees
            self.bell.set()

    async def disconnect(self, code: int) -> None:
        await self.stop_running()
        rounds.leave(self)
        for session in self.listening:
            live_log.unlisten(session, self.bell.set)
        for group in self.groups_joined:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def stop_running(self) -> None:
        if self.running is not None:
            self.running.cancel()
            await asyncio.wait([self.running])

    async def pump(self) -> None:
        """Send whatever is new, whenever there is any; and something, when there has been nothing for a while."""
        try:
            while True:
                await self.wait()
                try:
                    rows = await self.read_rows()
                except Exception:
                    # The page keeps what it has; it is asked for again in a moment.
                    logger.exception("could not read what changed")
                    continue
                ops = self.cursors.read(self.shown.panes)
                if rows or ops:
                    revisions = {str(session): revision for session, revision in self.shown.panes.items()}
                    await self.say({"rows": rows, "ops": ops, "revisions": revisions})
                await asyncio.sleep(SEND_SECONDS)
        except Exception:
            logger.exception("a socket failed")
            # A page whose socket is closed connects again; one whose socket is dumb would not.
            await self.close(code=FAILED)

    async def wait(self) -> None:
        """Until the bell rings."""
        while not self.bell.is_set():
            try:
                async with asyncio.timeout_at(self.spoke_at + BEAT_SECONDS):
                    await self.bell.wait()
            except TimeoutError:
                await self.say({})
        self.bell.clear()

    async def read_rows(self) -> list[str]:
        trees = self.due_trees()
        sessions, self.changed_sessions = self.changed_sessions & set(self.shown.panes), set()
        requests, self.changed_requests = self.changed_requests, False
        if not sessions and not trees and not requests:
            return []
        for session in sessions:
            # A row that is sent again shows its checkpoint; the live text follows from its beginning.
            self.cursors.forget_all_of(session)
        panes = {session: self.shown.panes[session] for session in sessions}
        try:
            portions, rows = await in_reader(self.read, panes, trees, requests)
        except Exception:
            # Nothing else may ring for these: the last change of a turn is its end.
            self.changed_sessions |= sessions
            self.changed_trees |= trees
            self.changed_requests |= requests
            for tree in trees:
                self.outlines.pop(tree, None)
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self.bell.set)
            raise
        for session, portion in portions.items():
            if session in self.shown.panes:
                self.shown.panes[session] = portion.revision
            if not portion.is_last:
                self.changed_sessions.add(session)
                self.bell.set()
        return [*(row for portion in portions.values() for row in portion.rows), *rows]

    def due_trees(self) -> set[uuid.UUID]:
        if not self.changed_trees:
            return set()
        loop = asyncio.get_running_loop()
        wait = self.outlined_at + OUTLINE_SECONDS - loop.time()
        if wait > 0:
            loop.call_later(wait, self.bell.set)
            return set()
        self.outlined_at = loop.time()
        trees, self.changed_trees = self.changed_trees, set()
        return trees

    def read(
        self, panes: dict[uuid.UUID, int], trees: set[uuid.UUID], requests: bool
    ) -> tuple[dict[uuid.UUID, Portion], list[str]]:
        """What changed in these panes, the rows of these trees, and with `requests` what waits for an answer."""
        portions = {session: read_pane(self.user, session, since) for session, since in panes.items()}
        rows: list[str] = []
        for tree in trees & self.shown.trees:
            rows += read_tree(self.user, tree, self.outlines[tree])
        if self.shown.side in trees and self.shown.side:
            rows += read_side(self.user, self.shown.side, self.shown.panes)
        if self.shown.home and trees:
            rows += read_cards(self.user, trees)
        if requests:
            self.shown.needs, waiting = read_requests(self.user, self.shown.needs, whole=self.shown.requests)
            rows += waiting
        return portions, rows
