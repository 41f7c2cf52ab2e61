"""The web server: Daphne on a socket that is already open, with a start and a stop of its own."""

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from daphne.server import Server, reactor
from twisted.internet.defer import Deferred

from sessions_app.management.server.peer import MOST_BYTES, Peer

logger = logging.getLogger(__name__)

STOP_SECONDS = 5.5  # what a stop may take, all in all, on top of the patience it is given
CLOSE_SECONDS = 1.0  # of these, what open requests and sockets may take to end
CLOSE_HANDSHAKE_SECONDS = 5
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class WebServer(Server):  # type: ignore[misc] # Daphne has no type information
    """Serves `application` on `listening`. There is no ASGI lifespan here, so `start` and `stop` are called instead.

    `start` runs once the port is served, `stop` before open requests and sockets are ended. When `start` raises, the
    server stops and `run` raises the same. SIGTERM gives `stop` the seconds of `patience`, Ctrl+C none; a second signal
    ends the server at once, after `abort`.
    """

    def __init__(
        self,
        application: Callable[..., Awaitable[None]],
        listening: socket.socket,
        *,
        start: Callable[[], Awaitable[None]],
        stop: Callable[[int], Awaitable[None]],
        abort: Callable[[], object],
        patience: int,
    ) -> None:
        super().__init__(
            application,
            endpoints=["adopted below"],
            signal_handlers=False,
            ready_callable=self.begin,
            ping_interval=20,
            ping_timeout=30,
            websocket_max_message_size=MOST_BYTES,
            websocket_max_frame_size=MOST_BYTES,
            application_close_timeout=5,
            server_name="",
            verbosity=0,
        )
        self.endpoints: list[str] = []  # the constructor insists on one, but ours is a socket, not an address
        self.listening = listening
        self.on_start = start
        self.on_stop = stop
        self.on_abort = abort
        self.patience = patience
        self.port: Any = None
        self.asked_to_stop = False
        self.failure: BaseException | None = None

    def run(self) -> None:
        super().run()
        if self.failure:
            raise self.failure

    def begin(self) -> None:
        """Called by Daphne just before its event loop runs."""
        self.ws_factory.protocol = Peer
        # Who breaks the protocol is told why; who does not leave then is cut off.
        self.ws_factory.setProtocolOptions(
            failByDrop=False,
            closeHandshakeTimeout=CLOSE_HANDSHAKE_SECONDS,
            allowNullOrigin=True,  # as Daphne has it: config/origin.py decides about origins
        )
        self.port = reactor.adoptStreamPort(self.listening.fileno(), socket.AF_INET, self.http_factory)
        self.listening.close()  # the reactor has a descriptor of its own
        loop = asyncio.get_event_loop()
        for number in SIGNALS:
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # `nohup` means it
                loop.add_signal_handler(number, self.ask_to_stop, number)
        self.starting = loop.create_task(self.start())

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Every answer of the application. What is sent over a socket is sent once the browser has room for it."""
        await super().handle_reply(protocol, message)
        if message["type"] == "websocket.send":
            await protocol.drained()

    async def start(self) -> None:
        try:
            await self.on_start()
        except Exception as error:
            self.failure = error
            if not self.asked_to_stop:
                self.ask_to_stop(signal.SIGINT)

    def ask_to_stop(self, number: signal.Signals) -> None:
        if self.asked_to_stop:
            self.on_abort()
            os._exit(130)  # asked twice: at once, whatever it costs
        self.asked_to_stop = True
        if number != signal.SIGTERM:
            self.patience = 0
        overdue = threading.Timer(self.patience + STOP_SECONDS, self.give_up)
        overdue.daemon = True
        overdue.start()
        reactor.stop()

    def kill_all_applications(self) -> Deferred[None]:
        """What Daphne calls, and waits for, before the event loop ends."""
        return Deferred.fromFuture(asyncio.ensure_future(self.end()))

    async def end(self) -> None:
        if not self.starting.done():
            self.starting.cancel()
            await asyncio.wait([self.starting])
        try:
            # Meanwhile pages are served: what still runs can be watched, and stopped.
            await self.on_stop(self.patience)
        except Exception:
            logger.exception("the server did not stop cleanly")
        self.port.stopListening()
        # Pages that were told of the end by now are cut off, and nothing is left for the loop to complain about.
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        if rest:
            await asyncio.wait(rest, timeout=CLOSE_SECONDS)

    def give_up(self) -> None:
        sys.stderr.write(f"Espalier did not stop within {self.patience + STOP_SECONDS} s and was ended.\n")
        self.on_abort()
        os._exit(1)
