"""A Chromium for the whole test run, beside coroutine tests and the ORM.

Playwright's sync API leaves its own event loop marked as running in the main thread, also between calls: after the
first browser test, every coroutine test and every query would fail ("running event loop"). So the mark is taken off
when a phase of a browser test ends, and put back when one begins. What follows from that:

- a browser test is a plain function that asks for `browser` or `page`, itself or through its fixtures;
- it has no coroutine fixtures and no database: the rows it cares about are in the server's process;
- a fixture built on `browser` has function scope, so that it ends within its test.
"""

import asyncio
from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.chromium import find_chromium


class Mark:
    """The loop that Playwright marks as running, while the mark is off."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None

    def put_back(self) -> None:
        if self.loop is not None:
            asyncio._set_running_loop(self.loop)

    def take_off(self) -> None:
        self.loop = asyncio._get_running_loop() or self.loop
        asyncio._set_running_loop(None)


MARK = Mark()


def phase(item: pytest.Item) -> Generator[None, object, object]:
    if "browser" not in getattr(item, "fixturenames", ()):
        return (yield)
    MARK.put_back()
    try:
        return (yield)
    finally:
        MARK.take_off()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from phase(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from phase(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from phase(item))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests; a test isolates itself with a context of its own, as `page` does."""
    playwright = sync_playwright().start()
    chromium = playwright.chromium.launch(executable_path=find_chromium())
    yield chromium
    # The last test may have been one without a browser.
    MARK.put_back()
    chromium.close()
    playwright.stop()
    MARK.loop = None
    asyncio._set_running_loop(None)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a context of its own; the test fails when the page raised an error or asked another host."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors
