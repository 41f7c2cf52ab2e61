"""A world to run turns in: the real SDK and CLI, the scripted model, and the pool that a server has."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from pytest_django.fixtures import Settings

from sessions_app.demo_model.server import DemoModel
from sessions_app.runs.pool import Pool
from sessions_app.services.sign_in import ensure_owner
from tests.runs.world import World, in_thread


@pytest.fixture
async def world(transactional_db: None, settings: Settings, tmp_path: Path) -> AsyncIterator[World]:
    settings.DATA_DIR = tmp_path
    # What is not about permission is not to wait for it.
    settings.PERMISSION_MODE = "accept_edits"
    model = DemoModel(record=True, pace=0)
    await model.start()
    pool = Pool(credentials={"ANTHROPIC_BASE_URL": model.url, "ANTHROPIC_API_KEY": "scripted"}, limit=3)
    await pool.start()
    try:
        yield World(model, pool, await in_thread(ensure_owner))
    finally:
        await pool.stop()
        await model.stop()
        # The thread that coroutine tests share for ORM calls: a connection it kept would outlive the database.
        await sync_to_async(connections.close_all)()
