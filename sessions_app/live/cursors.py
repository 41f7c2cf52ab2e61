"""How far one page has read each text that is being written."""

import uuid
from collections.abc import Iterable
from typing import Any

from sessions_app.live.log import Stream, live_log
from sessions_app.rendering.stream import Op, SetBlocks


def wire(op: Op) -> list[Any]:
    """An operation as the browser's stream.js takes it."""
    if isinstance(op, SetBlocks):
        return ["set", op.start, list(op.html)]
    return ["text", op.block, op.offset, op.text]


class Cursors:
    """Message → the stream its text comes from and the frame the page has seen of it."""

    def __init__(self) -> None:
        self.seen: dict[int, tuple[Stream, int]] = {}

    def forget(self, message_id: int) -> None:
        """Its text is sent anew, from its beginning."""
        self.seen.pop(message_id, None)

    def forget_all_of(self, session: uuid.UUID) -> None:
        for block in live_log.of(session):
            self.forget(block.message_id)

    def read(self, sessions: Iterable[uuid.UUID]) -> dict[str, list[list[Any]]]:
        """What was written since the last call, for every block that is being written in one of `sessions`."""
        found: dict[str, list[list[Any]]] = {}
        seen, self.seen = self.seen, {}
        for session in sessions:
            for block in live_log.of(session):
                stream, cursor = seen.get(block.message_id, (block.stream, 0))
                # An attempt that was given up is written anew, in a stream of its own.
                cursor = cursor if stream is block.stream else 0
                number, ops = block.stream.ops_since(cursor)
                self.seen[block.message_id] = (block.stream, number)
                if ops:
                    found[str(block.message_id)] = [wire(op) for op in ops]
        return found
