"""Which model answers: the one the person's credentials reach, or the scripted one of the demo."""

from collections.abc import Mapping

from django.conf import settings

from sessions_app.agents.credentials import find_credentials
from sessions_app.demo_model.server import DemoModel


class Model:
    """`credentials` are the variables that reach it; known after `start`."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.credentials = {} if environ.get("ESPALIER_DEMO") == "1" else find_credentials(environ)
        self.demo: DemoModel | None = None

    async def start(self) -> None:
        if self.credentials:
            return
        self.demo = DemoModel(host=settings.HOST, port=0)
        await self.demo.start()
        self.credentials = {"ANTHROPIC_BASE_URL": self.demo.url, "ANTHROPIC_API_KEY": "demo"}
        settings.DEMO_MODEL = True

    async def stop(self) -> None:
        if self.demo:
            await self.demo.stop()
