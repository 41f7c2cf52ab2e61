"""Fixtures for every test: the scripted model, the server, PostgreSQL and Redis."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from sessions_app.demo_model.thread import DemoModelThread
from tests.support.server import ServerProcess
from tests.support.services import find_postgres, find_redis

# What is not about permission is not to wait for it.
UNASKED = {"ESPALIER_PERMISSION_MODE": "accept_edits"}


@pytest.fixture
async def shared_thread() -> AsyncIterator[None]:
    """Coroutine tests run ORM calls in a thread that they share; a connection it kept would outlive the database."""
    yield
    await sync_to_async(connections.close_all)()


@pytest.fixture(scope="module")
def scripted_model() -> Iterator[DemoModelThread]:
    """A Messages API that records what it is sent and answers without pauses."""
    with DemoModelThread(record=True, pace=0.0) as model:
        yield model


@pytest.fixture(scope="module")
def server(scripted_model: DemoModelThread) -> Iterator[ServerProcess]:
    """A server whose agents talk to `scripted_model`, for the tests of one module."""
    with ServerProcess(
        {"ANTHROPIC_BASE_URL": scripted_model.url, "ANTHROPIC_API_KEY": "scripted", **UNASKED}
    ) as running:
        yield running


@pytest.fixture
def new_server(scripted_model: DemoModelThread) -> Iterator[Callable[[], ServerProcess]]:
    """Starts servers of the test's own, which end with it."""
    with ExitStack() as stack:
        environment = {"ANTHROPIC_BASE_URL": scripted_model.url, "ANTHROPIC_API_KEY": "scripted", **UNASKED}
        yield lambda: stack.enter_context(ServerProcess(environment))


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis; other programs may use it too, so a test's keys begin with a name nobody else has."""
    with find_redis().opened as url:
        yield url


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL whose user may create databases."""
    with find_postgres().opened as url:
        yield url
