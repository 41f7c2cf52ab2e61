"""The socket goes and comes back: restarts, kills, several windows."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from sessions_app.demo_model.thread import DemoModelThread
from tests.browser.people import (
    button,
    composer_of,
    expect_connected,
    expect_status,
    log_of,
    only_pane,
    send,
    start_tree,
    turn_of,
)
from tests.browser.sameness import assert_same_as_fresh
from tests.browser.windows import Window, Windows, cookies_of
from tests.support.fixtures import UNASKED
from tests.support.server import ServerProcess, signed_in_client

OFFLINE = ("ERR_CONNECTION", "ERR_INTERNET_DISCONNECTED", "WebSocket")


@pytest.fixture
def mortal(scripted_model: DemoModelThread, tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that a test may end and start again on the same data and port."""
    environment = {"ANTHROPIC_BASE_URL": scripted_model.url, "ANTHROPIC_API_KEY": "scripted", **UNASKED}
    with ServerProcess(environment, data_dir=tmp_path / "data") as server:
        yield server


def again(server: ServerProcess) -> ServerProcess:
    """One like it, on its data and its port, to be started."""
    return ServerProcess(server.environment, data_dir=server.data_dir, port=server.port)


@pytest.fixture
def mortals_windows(browser: Browser, mortal: ServerProcess) -> Iterator[Windows]:
    with ExitStack() as stack:
        opened = Windows(browser, mortal.url, cookies_of(signed_in_client(mortal)), stack)
        opened.forgive(*OFFLINE)
        yield opened
        complaints = opened.complaints
    assert not complaints


def assert_offline(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="Not connected")).to_be_visible()


def assert_back(page: Page) -> None:
    expect_connected(page)
    expect(page.get_by_role("status").filter(has_text="Not connected")).to_be_hidden()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_page_outlives_its_server(mortal: ServerProcess, mortals_windows: Windows, number: signal.Signals) -> None:
    page = mortals_windows.open("/")
    home = page.context.new_page()
    home.goto("/")
    expect_connected(home)
    pane = start_tree(page, "Stream 25 deltas/s for 60 s")
    expect(log_of(pane)).to_contain_text("w0060")
    composer_of(pane).fill("Half a thought")

    mortal.stop(number)
    assert_offline(page)
    assert_offline(home)
    composer_of(pane).press_sequentially(" more")

    with again(mortal):
        expect_the_turn_interrupted(page, home)


def expect_the_turn_interrupted(page: Page, home: Page) -> None:
    pane = only_pane(page)
    assert_back(page)
    assert_back(home)
    expect_status(pane, "interrupted")
    # Nothing older than a second is lost, which is 25 words.
    expect(turn_of(pane, 1)).to_contain_text("w0030")
    expect(turn_of(pane, 1)).to_contain_text("Interrupted.")
    expect(turn_of(pane, 1)).to_contain_text("while this turn ran")
    expect(button(pane, "Stop")).to_have_count(0)
    expect(composer_of(pane)).to_have_value("Half a thought more")
    expect(composer_of(pane)).to_be_focused()
    composer_of(pane).fill("")
    assert_same_as_fresh(page)
    assert_same_as_fresh(home)

    send(pane, "Give a plain answer after all")
    expect(turn_of(pane, 2)).to_have_attribute("data-status", "done")
    assert_same_as_fresh(page)
    assert_same_as_fresh(home)


def test_what_changed_while_a_page_was_away_comes_with_the_connection(window: Window, windows: Windows) -> None:
    pane = start_tree(window, "Give a plain answer to be away")
    expect_status(pane, "done")
    assert_back(window)
    windows.forgive(*OFFLINE)
    # A lost network: what is open ends, and nothing new opens.
    window.context.set_offline(True)
    window.evaluate("() => window.dispatchEvent(new Event('offline'))")
    elsewhere = windows.open(window.url)
    send(only_pane(elsewhere), "Give a plain answer, meanwhile")
    expect(turn_of(only_pane(elsewhere), 2)).to_have_attribute("data-status", "done")
    window.context.set_offline(False)
    expect(turn_of(pane, 2)).to_have_attribute("data-status", "done")
    assert_back(window)
    assert_same_as_fresh(window)


def test_a_prompt_sent_in_one_window_appears_in_the_other(
    window: Window, windows: Windows, pace: Callable[[float], None]
) -> None:
    here = start_tree(window, "Give a plain answer to two windows")
    expect_status(here, "done")
    other = windows.open(window.url)
    there = only_pane(other)
    expect_connected(other)
    composer_of(there).fill("My own half thought")
    pace(0.5)
    send(here, "Think hard before answering")
    expect(turn_of(there, 2)).to_contain_text("Think hard before answering")
    expect_status(there, "running")
    button(there, "Stop").wait_for()
    expect_status(there, "done")
    expect(composer_of(there)).to_have_value("My own half thought")
    composer_of(there).fill("")
    assert_same_as_fresh(window, other)


def test_a_window_that_signed_out_elsewhere_leaves(windows: Windows) -> None:
    page = windows.open("/")
    expect_connected(page)
    page.context.clear_cookies()
    page.reload()
    expect(page).to_have_url(f"{windows.url}/sign-in/?next=/")
