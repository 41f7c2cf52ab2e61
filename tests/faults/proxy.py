"""A proxy between a browser and the server that cuts connections, holds them up or delays them, as networks do."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self, TypeVar

PATIENCE = 10  # seconds
CHUNK = 64 * 1024

R = TypeVar("R")


class Link:
    """One connection through the proxy."""

    def __init__(self, near: asyncio.StreamWriter, far: asyncio.StreamWriter) -> None:
        self.writers = (near, far)
        self.open = asyncio.Event()
        self.open.set()

    def cut(self) -> None:
        for writer in self.writers:
            writer.transport.abort()


class Proxy:
    """`with Proxy(port) as proxy:` forwards 127.0.0.1:proxy.port to 127.0.0.1:port, in a thread of its own.

    A connection that is stalled stays open at both ends, and nothing more goes through it, either way: as when a
    machine sleeps, or a network goes without a word. Connections made later are not affected.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.delay = 0.0
        self.links: set[Link] = set()
        self.refusing = False
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="proxy", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stall(self) -> int:
        """Hold up all connections there are, for good; how many these were."""
        return self._ask(self._stall())

    def release(self) -> None:
        """What was held up goes on, with all that was sent meanwhile."""
        self._ask(self._release())

    def cut(self) -> int:
        """End all connections there are, with a reset; how many these were."""
        return self._ask(self._cut())

    def refuse(self, refusing: bool = True) -> None:
        """End connections that are made from now on at once, or do no longer."""
        self.refusing = refusing

    def slow_down(self, delay: float) -> None:
        """Hold each piece for so many seconds."""
        self.delay = delay

    async def _stall(self) -> int:
        for link in self.links:
            link.open.clear()
        return len(self.links)

    async def _release(self) -> None:
        for link in self.links:
            link.open.set()

    async def _cut(self) -> int:
        cut = tuple(self.links)
        for link in cut:
            link.cut()
        return len(cut)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refusing:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        link = Link(writer, far_writer)
        self.links.add(link)
        try:
            await asyncio.gather(
                self._forward(link, reader, far_writer), self._forward(link, far_reader, writer), return_exceptions=True
            )
        finally:
            self.links.discard(link)
            link.cut()

    async def _forward(self, link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(CHUNK):
                await asyncio.sleep(self.delay)
                await link.open.wait()
                writer.write(piece)
                await writer.drain()
            await link.open.wait()
            writer.write_eof()
        except OSError:
            link.cut()

    async def _listen(self) -> None:
        self.server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = int(self.server.sockets[0].getsockname()[1])

    async def _end(self) -> None:
        self.server.close()
        await self._cut()
        await self._release()
        if rest := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(rest, timeout=PATIENCE)

    def _ask(self, coroutine: Coroutine[Any, Any, R]) -> R:
        asked: Future[R] = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        return asked.result(PATIENCE)

    def __enter__(self) -> Self:
        self.thread.start()
        self._ask(self._listen())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ask(self._end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(PATIENCE)
        self.loop.close()
