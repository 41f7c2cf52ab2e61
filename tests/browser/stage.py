"""Rows for browser tests that need no agent, made in a process of its own on the server's data directory."""

import subprocess
import sys

from tests.support.server import ROOT, ServerProcess


def set_stage(server: ServerProcess, scene: str) -> list[str]:
    """The ids of the branches that the scene has, in order."""
    command = [sys.executable, "-m", "tests.browser.stage", scene]
    made = subprocess.run(command, cwd=ROOT, env=server.environment, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return made.stdout.split()


def main(scene: str) -> None:
    import os

    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    from tests.browser import scenes

    for session in getattr(scenes, scene)():
        sys.stdout.write(f"{session.pk}\n")


if __name__ == "__main__":
    main(sys.argv[1])
