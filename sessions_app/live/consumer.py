"""The socket of a page. It speaks and never acts: rows that changed, and text as it is written."""

import asyncio
import json
import logging
import uuid
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer

from sessions_app.live.groups import conversation_group, project_group, session_group
from sessions_app.live.log import Stream, live_log
from sessions_app.live.reader import newest_trees, read_cards, read_pane, read_side, read_tree
from sessions_app.live.subscription import Subscription, admit, parse_subscription
from sessions_app.models.mending import mending
from sessions_app.rendering.stream import Op, SetBlocks
from sessions_app.rows.outline import Shown

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

FAILED = 1011
NOT_SIGNED_IN = 4401
NOT_UNDERSTOOD = 4400
# The least time between two messages: below it, what comes together goes together.
SEND_SECONDS = 0.015
# Changes come in twos and threes (queued, claimed, running): they are read together. New text does not wait for this,
# and takes along what has changed.
RING_SECONDS = 0.06
# An outline costs as much as its tree is large, and nobody reads it thirty times a second.
OUTLINE_SECONDS = 0.5
RETRY_SECONDS = 1.0
# How long a page can be without what a lost ring would have told it, and a person keep a page they may no longer see.
RECHECK_SECONDS = 60.0
# Reads are short and share a few threads with connections of their own: making both anew took longer than a read.
READERS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="live")


def wire(op: Op) -> list[Any]:
    """An operation as the browser's stream.js takes it."""
    if isinstance(op, SetBlocks):
        return ["set", op.start, list(op.html)]
    return ["text", op.block, op.offset, op.text]


async def in_reader(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Database work of a socket. Channels gives all sockets one thread between them."""
    return await sync_to_async(mending(function), thread_sensitive=False, executor=READERS)(*args, **kwargs)


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types
    async def connect(self) -> None:
        self.user = self.scope["user"]
        self.shown = Subscription()
        self.changed_sessions: set[uuid.UUID] = set()
        self.changed_trees: set[uuid.UUID] = set()
        self.outlined_at = 0.0
        # What the page's outlines show, row by row; nothing is known of a page that just connected.
        self.outlines: dict[uuid.UUID, dict[uuid.UUID, Shown]] = defaultdict(dict)
        # Message → the stream its text comes from and the frame the page has seen of it.
        self.cursors: dict[int, tuple[Stream, int]] = {}
        self.bell = asyncio.Event()
        self.groups_joined: list[str] = []
        self.listening: list[uuid.UUID] = []
        self.checked_at = asyncio.get_running_loop().time()
        self.pumping: asyncio.Task[None] | None = None
        await self.accept()
        if not self.user.is_authenticated:
            await self.close(code=NOT_SIGNED_IN)

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Channels' own dispatch hops to a thread before every handler to close old database connections; here only
        # what reads the database does, and closes its own.
        await getattr(self, get_handler_name(message))(message)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self.user.is_authenticated:
            return
        try:
            said = json.loads(text_data or "")
            if isinstance(said, dict) and "resync" in said:
                self.cursors.pop(said["resync"], None)
                self.bell.set()
                return
            shown = parse_subscription(said)
        except (ValueError, TypeError):
            await self.close(code=NOT_UNDERSTOOD)
            return
        if self.pumping is None:
            await self.subscribe(shown)

    async def subscribe(self, shown: Subscription) -> None:
        self.shown, projects = await in_reader(admit, self.user, shown)
        self.groups_joined = [
            *(session_group(session) for session in self.shown.panes),
            *(conversation_group(tree) for tree in self.shown.all_trees),
            *(project_group(project) for project in projects),
        ]
        # Listen first, read then: what changes in between is read, or rings.
        for group in self.groups_joined:
            await self.channel_layer.group_add(group, self.channel_name)
        self.listening = list(self.shown.panes)
        for session in self.listening:
            live_log.listen(session, self.bell.set)
        self.changed_sessions = set(self.shown.panes)
        self.changed_trees = self.shown.all_trees
        if self.shown.home:
            self.changed_trees |= await in_reader(newest_trees, self.user)
        self.bell.set()
        self.pumping = asyncio.create_task(self.pump())

    async def changed(self, event: dict[str, Any]) -> None:
        """The doorbell."""
        session, conversation = uuid.UUID(event["session"]), uuid.UUID(event["conversation"])
        if session in self.shown.panes:
            self.changed_sessions.add(session)
        if self.shown.home or conversation in self.shown.all_trees:
            self.changed_trees.add(conversation)
        asyncio.get_running_loop().call_later(RING_SECONDS, self.bell.set)

    async def disconnect(self, code: int) -> None:
        if self.pumping is not None:
            self.pumping.cancel()
            await asyncio.wait([self.pumping])
        for session in self.listening:
            live_log.unlisten(session, self.bell.set)
        for group in self.groups_joined:
            await self.channel_layer.group_discard(group, self.channel_name)

    async def pump(self) -> None:
        """Send whatever is new, whenever there is any, and look for oneself now and then."""
        try:
            while await self.wait():
                try:
                    rows = await self.read_rows()
                except Exception:
                    # The page keeps what it has; it is asked for again in a moment.
                    logger.exception("could not read what changed")
                    continue
                ops = self.read_ops()
                if rows or ops:
                    revisions = {str(session): revision for session, revision in self.shown.panes.items()}
                    said = {"rows": rows, "ops": ops, "revisions": revisions}
                    await self.send(json.dumps(said, ensure_ascii=False, separators=(",", ":")))
                await asyncio.sleep(SEND_SECONDS)
        except Exception:
            logger.exception("a socket failed")
            # A page whose socket is closed connects again; one whose socket is dumb would not.
            await self.close(code=FAILED)

    async def wait(self) -> bool:
        """Until the bell rings, or it is time to look again; False when the page is no longer theirs to see."""
        try:
            async with asyncio.timeout_at(self.checked_at + RECHECK_SECONDS):
                await self.bell.wait()
        except TimeoutError:
            self.checked_at = asyncio.get_running_loop().time()
            if not await in_reader(self.is_signed_in):
                await self.close(code=NOT_SIGNED_IN)
                return False
            # A ring can get lost, and a person can lose a project: what is there and theirs is asked for anew.
            self.shown, _ = await in_reader(admit, self.user, self.shown)
            self.changed_sessions |= set(self.shown.panes)
            self.changed_trees |= self.shown.all_trees
        self.bell.clear()
        return True

    def is_signed_in(self) -> bool:
        """Whether the login the socket was opened with still stands."""
        login = self.scope["session"]
        return bool(login.exists(login.session_key))

    async def read_rows(self) -> list[str]:
        trees = self.due_trees()
        sessions, self.changed_sessions = self.changed_sessions, set()
        if not sessions and not trees:
            return []
        for session in sessions:
            # A row that is sent again shows its checkpoint; the live text follows from its beginning.
            for block in live_log.of(session):
                self.cursors.pop(block.message_id, None)
        try:
            return await in_reader(self.read, sessions, trees)
        except Exception:
            # Nothing else may ring for these: the last change of a turn is its end.
            self.changed_sessions |= sessions
            self.changed_trees |= trees
            for tree in trees:
                self.outlines.pop(tree, None)
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self.bell.set)
            raise

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

    def read(self, sessions: set[uuid.UUID], trees: set[uuid.UUID]) -> list[str]:
        rows: list[str] = []
        revisions = {}
        for session in sessions:
            revisions[session], changed = read_pane(self.user, session, self.shown.panes[session])
            rows += changed
        for tree in trees & self.shown.trees:
            rows += read_tree(self.user, tree, self.outlines[tree])
        if self.shown.side in trees and self.shown.side:
            rows += read_side(self.user, self.shown.side, self.shown.panes)
        if self.shown.home and trees:
            rows += read_cards(self.user, trees)
        # Last: what could not be read to the end is not sent, and has to be read again.
        self.shown.panes |= revisions
        return rows

    def read_ops(self) -> dict[str, list[list[Any]]]:
        """What was written since the last message, for every block that is being written on this page."""
        found: dict[str, list[list[Any]]] = {}
        seen, self.cursors = self.cursors, {}
        for session in self.shown.panes:
            for block in live_log.of(session):
                stream, cursor = seen.get(block.message_id, (block.stream, 0))
                # An attempt that was given up is written anew, in a stream of its own.
                cursor = cursor if stream is block.stream else 0
                number, ops = block.stream.ops_since(cursor)
                self.cursors[block.message_id] = (block.stream, number)
                if ops:
                    found[str(block.message_id)] = [wire(op) for op in ops]
        return found
