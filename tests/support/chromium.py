"""The Chromium that browser tests use: named, on the system, or installed now."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.services import MissingError

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> Path | None:
    """The one that is there; None when there is none. Raise MissingError when $CHROMIUM names none."""
    if named := os.environ.get("CHROMIUM"):
        if found := shutil.which(named):
            return Path(found)
        raise MissingError(f"CHROMIUM names {named}, but there is no such program.")
    system = next((found for program in PROGRAMS if (found := shutil.which(program))), None)
    return Path(system) if system else playwrights_own()


def playwrights_own() -> Path | None:
    """What `playwright install chromium` left. Asked in a process of its own, which leaves no event loop behind."""
    question = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    answer = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=False)
    path = Path(answer.stdout.strip() or "/nonexistent")
    return path if path.is_file() else None


def make_sure_of_chromium() -> Path:
    """Find one, or install one: from the system's packages as root, else Playwright's own build."""
    if found := find_chromium():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        install = ["apt-get", "install", "--yes", "--no-install-recommends", "chromium"]
        commands = [["apt-get", "update"], install]
    else:
        commands = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    for command in commands:
        print(f"No Chromium found: {' '.join(command)}", flush=True)  # noqa: T201
        subprocess.run(command, check=False)
    if found := find_chromium():
        return found
    raise MissingError("The browser tests need Chromium: install it, or name one: CHROMIUM=/path/to/chromium make test")
