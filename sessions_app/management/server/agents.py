"""The agents' side of the server: the demo model where there is no real one, and the pool that runs turns.

Imported once the ready line is out, because the SDK takes as long to import as all the rest takes to start.
"""

import asyncio
from collections.abc import Mapping

from django.conf import settings

from sessions_app.agents.processes import end_processes, tag_of
from sessions_app.demo_model.server import DemoModel
from sessions_app.management.server.farewell import stopped, stopping
from sessions_app.management.server.streams import report
from sessions_app.runs.pool import Pool


class Agents:
    """Without `credentials`, they talk to the demo model."""

    def __init__(self, credentials: Mapping[str, str]) -> None:
        self.credentials = credentials
        self.demo: DemoModel | None = None
        self.pool: Pool | None = None

    async def start(self) -> None:
        if not self.credentials:
            self.demo = DemoModel(host=settings.HOST, port=0)
            await self.demo.start()
            self.credentials = {"ANTHROPIC_BASE_URL": self.demo.url, "ANTHROPIC_API_KEY": "demo"}
        pool = Pool(credentials=self.credentials)
        await pool.start()
        self.pool = pool

    async def stop(self, patience: int) -> None:
        """Let the turns that run go on for `patience` seconds, interrupt the rest, and say what became of them."""
        if self.pool:
            if line := stopping(await self.pool.close(), patience):
                report(line)
            if line := stopped(await self.pool.stop(patience=patience)):
                report(line)
        # Of turns that did not end in time.
        await asyncio.to_thread(end_processes, tag_of(settings.DATA_DIR), grace=0)
        if self.demo:
            await self.demo.stop()
