"""The scripted model on an event loop of its own in a daemon thread, for tests that are not coroutines."""

import asyncio
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from sessions_app.demo_model.catalogue import DEFAULT_SCRIPTS
from sessions_app.demo_model.scripts import Script
from sessions_app.demo_model.server import DemoModel, RecordedRequest

PATIENCE = 10  # seconds; only a broken machine needs that long to open or close a port


class DemoModelThread:
    """A context manager: `with DemoModelThread() as model: ... model.url ... model.requests`.

    Unlike DemoModel it records and does not pause by default, because that is what tests want.
    Entering raises OSError when the port is taken.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        record: bool = True,
        pace: float = 0.0,
        scripts: Sequence[Script] = DEFAULT_SCRIPTS,
    ) -> None:
        self.model = DemoModel(host=host, port=port, record=record, pace=pace, scripts=scripts)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="demo-model", daemon=True)

    @property
    def url(self) -> str:
        """The address to give as ANTHROPIC_BASE_URL."""
        return self.model.url

    @property
    def requests(self) -> list[RecordedRequest]:
        """A copy of what was recorded, oldest first."""
        return self.model.requests

    def forget(self) -> None:
        """Drop what was recorded."""
        self.model.forget()

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self.model.start(), self._loop).result(PATIENCE)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            asyncio.run_coroutine_threadsafe(self.model.stop(), self._loop).result(PATIENCE)
        finally:
            self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()
