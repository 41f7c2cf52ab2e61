"""Private servers: PostgreSQL and Redis started for one test run, in a directory that goes with them."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.answers import postgres_answers, redis_answers

PATIENCE = 30  # seconds a server may take to answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def postgres_programs() -> Path | None:
    """Where `initdb` and `postgres` are: distributions keep them off the PATH."""
    if initdb := shutil.which("initdb"):
        return Path(initdb).resolve().parent
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(found, key=lambda path: float(path.parent.name), default=None)


@contextmanager
def running(command: Sequence[str | Path], answers: Callable[[], bool], log: Path) -> Iterator[None]:
    """Run `command` until the block ends; the block starts once `answers()`."""
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output, cwd="/") as process:
        try:
            deadline = time.monotonic() + PATIENCE
            while not answers():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{Path(command[0]).name} did not start: {log.read_text()[-2000:]}")
                time.sleep(0.05)
            yield
        finally:
            process.send_signal(signal.SIGINT)  # to PostgreSQL, SIGTERM would mean: wait until all clients have gone


@contextmanager
def private_redis() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="espalier-redis-") as directory:
        port = free_port()
        url = f"redis://127.0.0.1:{port}/0"
        options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", directory]
        with running(["redis-server", *options], lambda: redis_answers(url), Path(directory) / "log"):
            yield url


@contextmanager
def private_postgres() -> Iterator[str]:
    """PostgreSQL refuses to run as root, so root runs it as the user `postgres`."""
    programs = postgres_programs()
    assert programs, "looked for before"
    with tempfile.TemporaryDirectory(prefix="espalier-postgres-") as name:
        directory = Path(name)
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(directory, user.pw_uid, user.pw_gid)
        data, port = directory / "data", free_port()
        url = f"postgresql://espalier@127.0.0.1:{port}/postgres"
        made = as_postgres(
            [programs / "initdb", "-D", data, "-U", "espalier", "-A", "trust", "-E", "UTF8", "--no-sync"]
        )
        subprocess.run(made, check=True, capture_output=True, cwd="/")
        listen = ["-h", "127.0.0.1", "-p", str(port), "-k", str(directory)]
        server = as_postgres([programs / "postgres", "-D", data, *listen, "-c", "fsync=off"])
        with running(server, lambda: postgres_answers(url), directory / "log"):
            yield url


def as_postgres(command: Sequence[str | Path]) -> list[str]:
    words = [str(word) for word in command]
    if os.geteuid() != 0:
        return words
    if setpriv := shutil.which("setpriv"):
        return [setpriv, "--reuid=postgres", "--regid=postgres", "--clear-groups", *words]
    return ["su", "postgres", "-s", "/bin/sh", "-c", 'exec "$0" "$@"', *words]
