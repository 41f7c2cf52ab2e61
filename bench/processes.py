"""Processes: a private place to work in, a clean environment, and helpers that speak JSON lines."""

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 300  # seconds
# Everything else that the environment holds stays out: it could lead to somebody's account, or change what runs.
KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "USER", "LOGNAME", "SHELL", "CHROMIUM", "PLAYWRIGHT_BROWSERS_PATH")


@contextmanager
def private_place() -> Iterator[Path]:
    """A directory for everything that is written, with an environment that names nothing but it."""
    browsers = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "ms-playwright"
    kept = {"PLAYWRIGHT_BROWSERS_PATH": str(browsers)} | {name: os.environ[name] for name in KEPT if name in os.environ}
    # A browser that was killed may still be writing.
    with tempfile.TemporaryDirectory(prefix="espalier-bench-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        for folder in ("home", "tmp"):
            (place / folder).mkdir(mode=0o700)
        os.environ.clear()
        os.environ.update(kept | {"HOME": str(place / "home"), "TMPDIR": str(place / "tmp")})
        tempfile.tempdir = str(place / "tmp")
        yield place


class Helper:
    """A module of ours in a process of its own: it answers each JSON line with one, or speaks unasked."""

    def __init__(self, module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self.command = [sys.executable, "-m", module, *arguments]
        self.environment = dict(os.environ) | dict(environment or {})
        self.said: queue.Queue[Any] = queue.Queue()

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        # Read at once: a helper must never wait for us in the middle of a measurement.
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        return self

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.put(json.loads(line))
        self.said.put(None)

    def hear(self, patience: float = PATIENCE) -> Any:
        """What it says next. Raise RuntimeError when it ended instead, queue.Empty when it is silent for too long."""
        heard = self.said.get(timeout=patience)
        if heard is None:
            raise RuntimeError(f"{' '.join(self.command[1:])} ended with {self.process.wait()}")
        return heard

    def ask(self, question: Any) -> Any:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return self.hear()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self.process.stdin
        self.process.stdin.close()  # each helper ends with its input
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(10)


def say(message: Any) -> None:
    """What a helper answers with."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
