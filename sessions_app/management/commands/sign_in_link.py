"""`manage.py sign_in_link`: print a fresh one-time link to the running server."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from sessions_app.management.server.data_dir import find_holder
from sessions_app.services.sign_in import create_sign_in_link, ensure_owner


class Command(BaseCommand):
    help = "Print a fresh one-time sign-in link to the server that runs on this data directory."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        server = find_holder(settings.DATA_DIR)
        if server is None or not server.address:
            self.stderr.write(f"No Espalier is running on {settings.DATA_DIR}. Start it first: make run")
            sys.exit(1)
        self.stdout.write(f"{server.address}/sign-in/{create_sign_in_link(user=ensure_owner())}")
