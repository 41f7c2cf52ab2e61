"""What tests of agents leave behind, cleaned up."""

from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from django.db import connections


@pytest.fixture
async def shared_thread() -> AsyncIterator[None]:
    """Coroutine tests run ORM calls in a thread that they share; a connection it kept would outlive the database."""
    yield
    await sync_to_async(connections.close_all)()
