"""The tests ran on the databases they say they ran on, and the servers for tests can be had."""

import os
import shutil
import uuid

import psycopg
import pytest
import redis
from django.core.management import call_command
from django.db import connection

from tests.support.private import postgres_programs, private_postgres, private_redis
from tests.support.services import has_user


@pytest.mark.both_databases
@pytest.mark.django_db
def test_the_database_is_the_one_asked_for_and_complete() -> None:
    assert connection.vendor == ("postgresql" if os.environ.get("TEST_DATABASE_URL") else "sqlite")
    call_command("migrate", check_unapplied=True, verbosity=0)


def test_redis_answers(redis_url: str) -> None:
    key = f"espalier-test-{uuid.uuid4()}"
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()
        client.set(key, "here", ex=60)
        assert client.get(key) == b"here"
        client.delete(key)


def test_postgres_answers(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as database:
        assert database.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.skipif(not shutil.which("redis-server"), reason="no redis-server on this system")
def test_a_redis_can_be_started_privately() -> None:
    with private_redis() as url, redis.Redis.from_url(url) as client:
        assert client.dbsize() == 0
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(url).ping()


@pytest.mark.skipif(
    postgres_programs() is None or (os.geteuid() == 0 and not has_user("postgres")),
    reason="no PostgreSQL programs on this system",
)
def test_a_postgres_can_be_started_privately() -> None:
    with private_postgres() as url, psycopg.connect(url) as database:
        assert database.execute("SELECT current_user").fetchone() == ("espalier",)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=3)
