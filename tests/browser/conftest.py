"""Windows onto a real server: signed in, and watched for errors and for requests that leave our origin."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, expect

from sessions_app.demo_model.thread import DemoModelThread
from tests.browser.windows import Cookies, Window, Windows, cookies_of
from tests.support.server import ServerProcess, signed_in_client

# A loaded machine needs seconds to start an agent; what is there at once is found at once.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def cookies(server: ServerProcess) -> Cookies:
    """Those of the server's person: one sign-in for all windows of a module."""
    return cookies_of(signed_in_client(server))


@pytest.fixture
def windows(browser: Browser, server: ServerProcess, cookies: Cookies) -> Iterator[Windows]:
    """Opens windows of the signed-in person. The test fails when a page of theirs had an error or asked elsewhere."""
    with ExitStack() as stack:
        opened = Windows(browser, server.url, cookies, stack)
        yield opened
        complaints = opened.complaints
    assert not complaints


@pytest.fixture
def window(windows: Windows) -> Window:
    return windows.open("/")


@pytest.fixture
def pace(scripted_model: DemoModelThread) -> Iterator[Callable[[float], None]]:
    """How long the model pauses between words: 1 is as in the demo; 0, as for who does not ask, is not at all.

    It holds for answers that are under way, too: a test can look as long as it has to, and then get on.
    """

    def set_pace(pace: float) -> None:
        scripted_model.model.pace = pace

    yield set_pace
    scripted_model.model.pace = 0.0
