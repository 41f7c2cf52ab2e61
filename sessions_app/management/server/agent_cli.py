"""The agent's CLI: tried out while the rest of the server starts."""

import os
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from sessions_app.management.server.errors import CannotStartError

PATIENCE = 10  # seconds
REMEDY = "Reinstall it (rm -r .venv && make run), or name a working one: ESPALIER_CLI=/path/to/claude make run"


def find_cli() -> Path:
    """What agents.launcher.cli_path finds, without importing the SDK, which takes a second."""
    if override := os.environ.get("ESPALIER_CLI"):
        return Path(override)
    sdk = find_spec("claude_agent_sdk")
    if sdk is None or sdk.origin is None:
        raise CannotStartError(f"The Claude Agent SDK is missing. {REMEDY}")
    return Path(sdk.origin).parent / "_bundled" / "claude"


class CliTrial:
    """Starts `cli --version`; `finish` raises CannotStartError when it does not answer as a CLI does."""

    def __init__(self, cli: Path) -> None:
        self.cli = cli
        program = shutil.which(cli)
        if program is None:
            raise CannotStartError(f"The Claude Code CLI is missing: there is no program {cli}. {REMEDY}")
        directory = tempfile.gettempdir()
        try:
            self.process = subprocess.Popen(  # noqa: S603 the program is the person's own choice
                [program, "--version"],
                env={"PATH": os.environ.get("PATH", os.defpath), "HOME": directory, "CLAUDE_CONFIG_DIR": directory},
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise CannotStartError(f"The CLI {cli} cannot be started ({error.strerror}). {REMEDY}") from error

    def finish(self) -> None:
        try:
            said, _ = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise CannotStartError(f"The CLI {self.cli} did not answer in {PATIENCE} s. {REMEDY}") from error
        if self.process.returncode != 0:
            reason = last_words(self.process.returncode, said.decode("utf-8", "replace"))
            raise CannotStartError(f"The CLI {self.cli} does not work ({reason}). {REMEDY}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


def last_words(code: int, said: str) -> str:
    last = next((line.strip()[:200] for line in reversed(said.split("\n")) if line.strip()), "")
    how = f"exit code {code}" if code > 0 else f"signal {-code}"
    return f"{how}: {last}" if last else how
