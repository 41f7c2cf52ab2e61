"""Hygiene: tests see neither the developer's credentials, nor their settings and data, nor any network but loopback.

Used by tests/conftest.py before anything else, because settings read the environment when they are imported. That is
why pyproject.toml does not name the settings module: pytest-django would import it before any conftest.
"""

import atexit
import ipaddress
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# Names that could lead a test to somebody's account, or change what the program under test does, begin with these.
FORBIDDEN = (
    *("ANTHROPIC", "AWS_", "AZURE_", "CLAUDE", "CLOUDSDK_", "CLOUD_ML_", "GCLOUD_", "GOOGLE_", "VERTEX_"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "DATABASE_URL", "DJANGO_", "ESPALIER_", "PORT", "TZ", "XDG_"),
)


def clean_environment() -> None:
    if "config.settings" in sys.modules:
        raise RuntimeError("settings came before hygiene: unset DJANGO_SETTINGS_MODULE, and do without --ds")
    keep_playwright_browsers()
    for name in [name for name in os.environ if name.upper().startswith(FORBIDDEN)]:
        del os.environ[name]
    root = Path(tempfile.mkdtemp(prefix="espalier-tests-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    for name, folder in (("HOME", "home"), ("ESPALIER_DATA", "data")):
        (root / folder).mkdir(mode=0o700)
        os.environ[name] = str(root / folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    if database := os.environ.get("TEST_DATABASE_URL"):  # of the run on PostgreSQL; without it, SQLite
        os.environ["DATABASE_URL"] = database


def hear_ctrl_c() -> None:
    """A shell starts its background jobs deaf to SIGINT, and they pass that on: tests that send it would hang."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def keep_playwright_browsers() -> None:
    """Playwright looks for the browsers it installed below HOME, which is about to change."""
    cache = "Library/Caches" if sys.platform == "darwin" else ".cache"
    os.environ.setdefault("PLAYWRIGHT_BROWSERS_PATH", str(Path.home() / cache / "ms-playwright"))


def stay_on_loopback() -> None:
    """Refuse, for the rest of this process, what would leave the machine; servers named for the tests are excepted."""
    named = {urlsplit(os.environ.get(name, "")).hostname for name in ("TEST_POSTGRES_URL", "TEST_REDIS_URL")}
    if any(host and not is_loopback(host) for host in named):
        return

    def refuse(event: str, args: tuple[Any, ...]) -> None:
        if event == "socket.connect" and isinstance(args[1], tuple):
            host = args[1][0]
        elif event == "socket.getaddrinfo":
            host = args[0]
        else:
            return
        if not is_loopback(host):
            raise PermissionError(f"a test tried to reach {host!r}: tests use loopback only")

    sys.addaudithook(refuse)


def is_loopback(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
