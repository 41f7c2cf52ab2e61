"""The real server in a process of its own, and a browser-like client that is signed in to it."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tests.support.client import Client
from tests.support.private import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 40  # seconds; a start takes 2 to 3 on an idle machine
INHERITED = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "COVERAGE_PROCESS_START")
READY = "Espalier is ready: "


class NotStartedError(Exception):
    """`code` and `log` are what the server left."""

    def __init__(self, code: int | None, log: str) -> None:
        super().__init__(f"the server ended with {code}: {log}")
        self.code = code
        self.log = log


class ServerProcess:
    """`with ServerProcess(...) as server:` runs `manage.py serve` until the block ends.

    Its environment is what a program needs plus `environment`; without a model named there, it runs the demo. Without
    `data_dir` it gets a private one, which goes when the block ends. `root` is the project that it runs.
    """

    def __init__(
        self,
        environment: Mapping[str, str] | None = None,
        *,
        data_dir: Path | None = None,
        port: int | None = None,
        root: Path = ROOT,
    ) -> None:
        self.root = root
        self._own = None if data_dir else tempfile.TemporaryDirectory(prefix="espalier-server-")
        self.data_dir = data_dir or Path(self._own.name) / "data" if self._own else Path(str(data_dir))
        self.port = port or free_port()
        self.environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        self.environment |= {"HOME": os.environ["HOME"], "ESPALIER_DATA": str(self.data_dir), "PORT": str(self.port)}
        self.environment |= environment or {}
        self.sign_in_url = ""
        self.seconds_to_start = 0.0
        self._errors: IO[bytes] | None = None
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise RuntimeError("the server was not started")
        return self._process

    @property
    def pid(self) -> int:
        return self.process.pid

    def start(self) -> Self:
        """Return once the ready line was printed. Raise NotStartedError when the server ends instead."""
        begin = time.monotonic()
        self._errors = tempfile.TemporaryFile("w+b")  # noqa: SIM115 closed when the server is done
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            # A group of its own: Ctrl+C in the terminal of the tests ends the tests, and they end the server.
            start_new_session=True,
        )
        assert self._process.stdout
        line = self._process.stdout.readline()
        self.seconds_to_start = time.monotonic() - begin
        if not line.startswith(READY):
            self.kill()
            raise NotStartedError(self._process.returncode, line + self.log())
        self.sign_in_url = line.removeprefix(READY).strip()
        return self

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask the server to stop, wait until it did, return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        if self.process.stdout:
            self.process.stdout.close()
        return code

    def kill(self) -> None:
        """End it with nothing said and nothing saved."""
        self.process.kill()
        self.process.wait(PATIENCE)
        if self.process.stdout:
            self.process.stdout.close()

    def log(self) -> str:
        """What it wrote to stderr."""
        assert self._errors, "the server was not started"
        self._errors.seek(0)
        return self._errors.read().decode("utf-8", "replace")

    def link(self) -> str:
        """A fresh one-time sign-in link."""
        command = [sys.executable, "manage.py", "sign_in_link"]
        return subprocess.run(
            command, cwd=self.root, env=self.environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self._tidy()
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            self.kill()
        finally:
            self._tidy()

    def _tidy(self) -> None:
        if self._errors:
            self._errors.close()
        if self._own:
            self._own.cleanup()


def signed_in_client(server: ServerProcess) -> Client:
    """A client with the session cookie: it followed the server's link, or a fresh one when that was used."""
    client = Client(server.url)
    if client.get(server.sign_in_url).status != 200:
        answer = client.get(server.link())
        assert answer.status == 200, answer.text
    return client
