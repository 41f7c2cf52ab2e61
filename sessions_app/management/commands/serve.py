"""`manage.py serve`: start everything the personal profile needs, print the sign-in link, run until stopped."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from sessions_app.management.server.data_dir import DataDirLock, prepare_data_dir
from sessions_app.management.server.database import migrate_database
from sessions_app.management.server.errors import CannotStartError
from sessions_app.management.server.listening import listen
from sessions_app.management.server.secret_key import keep_secret_key
from sessions_app.management.server.streams import announce, keep_standard_streams


class Command(BaseCommand):
    help = "Run Espalier on this machine, for one person."
    requires_system_checks = []  # they take as long as the rest of the start; `make test` runs them

    def handle(self, *args: Any, **options: Any) -> None:
        keep_standard_streams()
        try:
            lock = prepare_data_dir(settings.DATA_DIR)
            try:
                serve(lock)
            finally:
                lock.release()
        except CannotStartError as error:
            self.stderr.write(str(error))
            sys.exit(1)


def serve(lock: DataDirLock) -> None:
    """Each step that can fail comes before anything is shown or started."""
    keep_secret_key(settings.SECRET_KEY_FILE)
    listening = listen(settings.HOST, settings.PORT)
    address = f"http://{settings.HOST}:{settings.PORT}"
    lock.name(address)

    # Imported late, because they take a while: what is wrong with the directory or the port is said before.
    from sessions_app.agents.launcher import cli_path
    from sessions_app.management.server.agent_cli import CliTrial

    with CliTrial(cli_path()) as trial:
        migrate_database()
        from config.asgi import application
        from sessions_app.management.server.model import Model
        from sessions_app.management.server.web import WebServer
        from sessions_app.runs.pool import Pool
        from sessions_app.services.sign_in import create_sign_in_link, ensure_owner

        link = f"{address}/sign-in/{create_sign_in_link(user=ensure_owner())}"
        trial.finish()
    connections.close_all()

    model = Model(os.environ)
    pools: list[Pool] = []

    async def start() -> None:
        await model.start()
        pool = Pool(credentials=model.credentials)
        await pool.start()
        pools.append(pool)
        announce(f"Espalier is ready: {link}")

    async def stop() -> None:
        for pool in pools:
            await pool.stop(grace=4.0)
        await model.stop()

    WebServer(application, listening, start=start, stop=stop).run()
    connections.close_all()
