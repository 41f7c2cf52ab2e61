"""Browser tests, coroutine tests and the ORM get along in one process, in any order."""

import asyncio

import pytest
from playwright.sync_api import Page

from sessions_app.models import User
from sessions_app.services.sign_in import ensure_owner


@pytest.mark.parametrize("turn", [1, 2])
def test_a_browser_test_sees_a_page(page: Page, turn: int) -> None:
    page.set_content(f"<h1>Hello {turn}</h1>")
    assert page.get_by_role("heading").inner_text() == f"Hello {turn}"


@pytest.mark.parametrize("turn", [1, 2])
async def test_a_coroutine_test_runs(turn: int) -> None:
    await asyncio.sleep(0)


@pytest.mark.django_db
@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_asks_the_database(turn: int) -> None:
    ensure_owner()
    assert User.objects.count() == 1
