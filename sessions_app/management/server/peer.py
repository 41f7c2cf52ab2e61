"""One browser's end of a socket, as the server sees it: what it may send, and how much it may leave unread."""

import asyncio
import socket
from typing import Any

from daphne.ws_protocol import WebSocketProtocol

MOST_BYTES = 64 * 1024  # of one message of theirs; a page's own are a hundredth of that
# What the system keeps for a browser that does not read; it doubles this. Twisted keeps as much again, then we wait.
SEND_BUFFER = 128 * 1024
TEXT_FRAME = 1
LONGEST_REASON = 123  # bytes; the protocol's limit
FLOODED = 4429
MOST_MESSAGES = 100
FLOOD_SECONDS = 10.0


class Peer(WebSocketProtocol):  # type: ignore[misc] # Daphne has no type information
    """Daphne's own, with three things it lacks: the reason of a close, waiting for a slow reader, a limit to talk."""

    def onOpen(self) -> None:  # noqa: N802 Autobahn's name
        super().onOpen()
        self.writable = asyncio.Event()
        self.writable.set()
        self.heard = 0
        self.counted_since = 0.0
        self.transport.getHandle().setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        # Twisted tells one producer when to pause. It still tells the HTTP request that this connection began as.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self, True)

    def pauseProducing(self) -> None:  # noqa: N802 Twisted's name
        """More waits for the browser than it reads. Neither is it heard: answers to it would wait in memory too."""
        self.writable.clear()
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:  # noqa: N802
        self.writable.set()
        self.transport.resumeProducing()

    def stopProducing(self) -> None:  # noqa: N802
        self.writable.set()

    async def drained(self) -> None:
        """Return when the browser has read on, or has gone: one that never reads answers no ping and is cut off."""
        if self.state == self.STATE_OPEN:
            await self.writable.wait()

    def onClose(self, was_clean: bool, code: int | None, reason: str | None) -> None:  # noqa: N802
        if hasattr(self, "writable"):
            self.writable.set()
        super().onClose(was_clean, code, reason)

    def onMessage(self, payload: bytes, is_binary: bool) -> None:  # noqa: N802
        if self.state != self.STATE_OPEN:
            return
        # Counted here: everything that is passed on waits in a queue without a limit.
        now = asyncio.get_running_loop().time()
        if now - self.counted_since > FLOOD_SECONDS:
            self.counted_since, self.heard = now, 0
        self.heard += 1
        if self.heard > MOST_MESSAGES:
            self.sendClose(FLOODED, f"more than {MOST_MESSAGES} messages in {FLOOD_SECONDS:.0f} seconds")
            return
        super().onMessage(payload, is_binary)

    def handle_reply(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.close" and self.state == self.STATE_OPEN:
            reason = str(message.get("reason") or "").encode("ascii", "replace")[:LONGEST_REASON]
            # Not sendClose, which refuses to say that the server failed.
            self.sendCloseFrame(code=message.get("code") or 1000, reasonUtf8=reason, isReply=False)
        else:
            super().handle_reply(message)

    def serverSend(self, content: str, binary: bool = False) -> None:  # noqa: N802
        # Not sendMessage, which holds us to the limit that is meant for browsers.
        if self.state == self.STATE_OPEN:
            self.sendFrame(opcode=TEXT_FRAME, payload=content.encode())
