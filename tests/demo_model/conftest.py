"""Fixtures: a demo model without pauses, and a client for it."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from sessions_app.demo_model.server import DemoModel
from tests.demo_model.wire import Api


@pytest.fixture
async def model() -> AsyncIterator[DemoModel]:
    model = DemoModel(record=True, pace=0)
    await model.start()
    yield model
    await model.stop()


@pytest.fixture
async def api(model: DemoModel) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(session, model.url)
