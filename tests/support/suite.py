"""The second half of `make test`: find what the tests need, then run them, on PostgreSQL and on SQLite."""

import os
import secrets
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.support.chromium import make_sure_of_chromium
from tests.support.services import MissingError, find_postgres, find_redis

ROOT = Path(__file__).resolve().parent.parent.parent


def main(arguments: list[str]) -> int:
    with ExitStack() as stack:
        try:
            chromium, postgres, redis = make_sure_of_chromium(), find_postgres(), find_redis()
            urls = {
                "TEST_POSTGRES_URL": stack.enter_context(postgres.opened),
                "TEST_REDIS_URL": stack.enter_context(redis.opened),
            }
        except MissingError as error:
            sys.stderr.write(f"{error}\n")
            return 1
        say(f"Chromium: {chromium}; PostgreSQL: {postgres.source}; Redis: {redis.source}")
        environment = urls | {"CHROMIUM": str(chromium)}
        # The longer run comes last, so that its closing line is the last one.
        runs = (
            run_on_postgres(urls["TEST_POSTGRES_URL"], environment, arguments),
            run_on_sqlite(environment, arguments),
        )
        return max(runs)


def run_on_postgres(server: str, environment: dict[str, str], arguments: list[str]) -> int:
    """The tests marked `both_databases`. Django makes and drops the database; a killed run leaves it, hence the end."""
    name = f"espalier_{secrets.token_hex(4)}"
    say(f"PostgreSQL, database test_{name}: the tests marked both_databases")
    database = urlsplit(server)._replace(path=f"/{name}").geturl()
    try:
        return pytest(environment | {"TEST_DATABASE_URL": database}, ["-m", "both_databases", *arguments])
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(f"test_{name}")))


def run_on_sqlite(environment: dict[str, str], arguments: list[str]) -> int:
    say("SQLite, a file in a private directory: all tests")
    return pytest(environment, arguments)


def pytest(environment: dict[str, str], arguments: list[str]) -> int:
    inherited = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, env=inherited | environment, check=False).returncode


def say(line: str) -> None:
    sys.stdout.write(f"\n== {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
