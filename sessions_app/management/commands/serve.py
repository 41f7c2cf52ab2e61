"""`manage.py serve`: start everything the personal profile needs, print the sign-in link, run until stopped."""

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from sessions_app.agents.credentials import find_credentials
from sessions_app.agents.processes import kill, tag_of
from sessions_app.management.server.agent_cli import CliTrial, find_cli
from sessions_app.management.server.data_dir import DataDirLock, prepare_data_dir
from sessions_app.management.server.database import migrate_database
from sessions_app.management.server.errors import CannotStartError
from sessions_app.management.server.listening import listen
from sessions_app.management.server.memory import set_aside_what_is_loaded, share_arenas
from sessions_app.management.server.secret_key import keep_secret_key
from sessions_app.management.server.streams import announce, keep_standard_streams
from sessions_app.services.sign_in import create_sign_in_link, ensure_owner

if TYPE_CHECKING:
    from sessions_app.management.server.agents import Agents


class Command(BaseCommand):
    help = "Run Espalier on this machine, for one person."
    requires_system_checks = []  # they take as long as the rest of the start; `make test` runs them

    def handle(self, *args: Any, **options: Any) -> None:
        keep_standard_streams()
        share_arenas()
        try:
            lock = prepare_data_dir(settings.DATA_DIR)
            try:
                serve(lock)
            finally:
                lock.release()
        except CannotStartError as error:
            self.stderr.write(str(error))
            sys.exit(1)
        # Everything was ended in order. Python itself would still wait for threads, such as one that loads the SDK.
        sys.stderr.flush()
        os._exit(0)


def serve(lock: DataDirLock) -> None:
    """Each step that can fail comes before the line that says all is well."""
    keep_secret_key(settings.SECRET_KEY_FILE)
    listening = listen(settings.HOST, settings.PORT)
    address = f"http://{settings.HOST}:{settings.PORT}"
    lock.name(address)
    with CliTrial(find_cli()) as trial:
        migrate_database()
        link = f"{address}/sign-in/{create_sign_in_link(user=ensure_owner())}"
        connections.close_all()
        # Imported here, while the CLI answers: what was wrong so far is said without waiting for them.
        from config.asgi import application
        from sessions_app.management.server.web import WebServer

        trial.finish()

    credentials = {} if os.environ.get("ESPALIER_DEMO") == "1" else find_credentials(os.environ)
    settings.DEMO_MODEL = not credentials
    agents: list[Agents] = []

    def load_agents() -> None:
        from sessions_app.management.server.agents import Agents

        agents.append(Agents(credentials))

    async def start() -> None:
        announce(f"Espalier is ready: {link}")
        await asyncio.to_thread(load_agents)
        await agents[0].start()
        set_aside_what_is_loaded()

    async def stop(patience: int) -> None:
        for running in agents:
            await running.stop(patience)

    def abort() -> None:
        kill(tag_of(settings.DATA_DIR))

    patience = settings.STOP_SECONDS
    WebServer(application, listening, start=start, stop=stop, abort=abort, patience=patience).run()
    connections.close_all()
