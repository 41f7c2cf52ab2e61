"""Peers of the server's socket that are not our page: well-behaved ones, and one that speaks bytes."""

import base64
import json
import os
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.support.client import Client
from tests.support.server import ServerProcess

PATIENCE = 30.0  # seconds
TEXT, CLOSE = 1, 8


class Peer:
    """Reads and keeps what it is told, as a page would."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def say(self, message: Any) -> None:
        self.socket.send(message if isinstance(message, str) else json.dumps(message))

    def hear(self, patience: float = PATIENCE) -> dict[str, Any]:
        return dict(json.loads(self.socket.recv(timeout=patience)))

    def hear_until(self, heard: Callable[[dict[str, Any]], bool], patience: float = PATIENCE) -> dict[str, Any]:
        while not heard(message := self.hear(patience)):
            pass
        return message


@contextmanager
def open_peer(server: ServerProcess, client: Client) -> Iterator[Peer]:
    with connect(
        f"ws://127.0.0.1:{server.port}/live/",
        origin=Origin(server.url),
        additional_headers={"Cookie": client.cookie_header()},
        proxy=None,
        max_size=None,
        open_timeout=PATIENCE,
    ) as opened:
        yield Peer(opened)


class RawPeer:
    """Says what it is told to, byte for byte, and reads only when it is asked to."""

    def __init__(self, server: ServerProcess, client: Client) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), PATIENCE)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            "GET /live/ HTTP/1.1",
            f"Host: 127.0.0.1:{server.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            f"Origin: {server.url}",
            f"Cookie: {client.cookie_header()}",
        ]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self.stream = self.socket.makefile("rb")
        assert b" 101 " in self.stream.readline()
        while self.stream.readline().strip():
            pass

    def say(self, payload: bytes, *, opcode: int = TEXT, length: int | None = None, last: bool = True) -> None:
        """One frame; `length` is what its head claims when that is not the truth; a message ends with its `last`."""
        size = len(payload) if length is None else length
        head = bytes([(0x80 if last else 0) | opcode])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 2**16:
            head += bytes([0x80 | 126]) + struct.pack(">H", size)
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", size)
        # A mask of zeros changes nothing.
        self.socket.sendall(head + bytes(4) + payload)

    def hear(self) -> tuple[int, bytes]:
        """The next frame: its opcode and its payload."""
        first, second = self._read(2)
        size = second & 127
        if size == 126:
            (size,) = struct.unpack(">H", self._read(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", self._read(8))
        return first & 15, self._read(size)

    def hear_close(self) -> tuple[int, str]:
        """The code and the reason that the server closes with."""
        while True:
            opcode, payload = self.hear()
            if opcode == CLOSE:
                return int.from_bytes(payload[:2]), payload[2:].decode()

    @property
    def port(self) -> int:
        """Its own: by it, the server's end can be found."""
        return int(self.socket.getsockname()[1])

    def _read(self, size: int) -> bytes:
        found = self.stream.read(size)
        if len(found) < size:
            raise ConnectionError("the server ended the connection without a word")
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()
        self.socket.close()
