"""The live log: what the blocks now being written look like, for the sockets of this process to read."""

import uuid
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from sessions_app.rendering.stream import StreamingMarkdown, StreamingText

Stream = StreamingMarkdown | StreamingText


@dataclass(slots=True)
class LiveBlock:
    """A message whose text still grows. A reader keeps the stream's frame number and asks `stream.ops_since(it)`."""

    message_id: int
    stream: Stream


class LiveLog:
    """Blocks being written, by session. Writers and readers share one event loop, so nothing here locks."""

    def __init__(self) -> None:
        self.blocks: dict[uuid.UUID, dict[int, LiveBlock]] = defaultdict(dict)
        self.listeners: dict[uuid.UUID, set[Callable[[], None]]] = defaultdict(set)

    def open(self, session_id: uuid.UUID, block: LiveBlock) -> None:
        self.blocks[session_id][block.message_id] = block

    def close(self, session_id: uuid.UUID, message_id: int) -> None:
        """Forget a block; nothing happens when it is not there."""
        if session_id in self.blocks:
            self.blocks[session_id].pop(message_id, None)
            if not self.blocks[session_id]:
                del self.blocks[session_id]

    def of(self, session_id: uuid.UUID) -> list[LiveBlock]:
        return list(self.blocks[session_id].values()) if session_id in self.blocks else []

    def tell(self, session_id: uuid.UUID) -> None:
        """Wake the readers of a session: there is a new frame."""
        for listener in tuple(self.listeners.get(session_id, ())):
            listener()

    def listen(self, session_id: uuid.UUID, listener: Callable[[], None]) -> None:
        self.listeners[session_id].add(listener)

    def unlisten(self, session_id: uuid.UUID, listener: Callable[[], None]) -> None:
        self.listeners[session_id].discard(listener)
        if not self.listeners[session_id]:
            del self.listeners[session_id]


live_log = LiveLog()
