"""A page loses its connection in every way there is, keeps what was typed, and catches up with what it missed."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocket, expect

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
from tests.browser.stage import set_stage
from tests.browser.windows import Cookies, Windows, cookies_of
from tests.faults.proxy import Proxy
from tests.support.server import ROOT, ServerProcess, signed_in_client

LOST = ("ERR_", "WebSocket")
DRAFT = "Half a thought"
MINUTE, HOUR = 60_000, 3_600_000  # ms
PROJECT = ("config", "sessions_app", "static", "templates")


@pytest.fixture
def proxy(server: ServerProcess) -> Iterator[Proxy]:
    with Proxy(server.port) as running:
        yield running


@pytest.fixture
def far(browser: Browser, cookies: Cookies, proxy: Proxy) -> Iterator[Windows]:
    """Windows that see the server through the proxy."""
    with ExitStack() as stack:
        there = [each | {"url": proxy.url} for each in cookies]
        opened = Windows(browser, proxy.url, there, stack)
        opened.forgive(*LOST)
        yield opened
        complaints = opened.complaints
    assert not complaints


def offline_line(page: Page) -> Locator:
    return page.get_by_role("status").filter(has_text="Not connected")


def updated_line(page: Page) -> Locator:
    return page.get_by_role("status").filter(has_text="Espalier was updated")


def path_of(page: Page) -> str:
    return "/" + page.url.split("/", 3)[3]


def open_branch(windows: Windows, prompt: str) -> Page:
    """With one turn that is done, and a draft."""
    page = windows.open("/")
    pane = start_tree(page, prompt)
    expect_status(pane, "done")
    expect_connected(page)
    composer_of(pane).fill(DRAFT)
    return page


def assert_caught_up(page: Page) -> None:
    pane = only_pane(page)
    expect(turn_of(pane, 2)).to_have_attribute("data-status", "done")
    expect(offline_line(page)).to_be_hidden()
    expect(composer_of(pane)).to_have_value(DRAFT)
    assert_same_without_the_draft(page)


def assert_same_without_the_draft(*pages: Page) -> None:
    for page in pages:
        composer_of(only_pane(page)).fill("")
    assert_same_as_fresh(*pages)


def say_elsewhere(windows: Windows, page: Page, prompt: str) -> None:
    """A turn in a window that does not depend on the proxy."""
    other = windows.open(path_of(page))
    send(only_pane(other), prompt)
    expect(turn_of(only_pane(other), 2)).to_have_attribute("data-status", "done")
    other.context.close()


@pytest.mark.parametrize("asleep", [MINUTE, HOUR], ids=["a minute", "an hour"])
def test_a_laptop_that_slept_reconnects_and_catches_up(
    far: Windows, windows: Windows, proxy: Proxy, asleep: int
) -> None:
    page = open_branch(far, f"Give a plain answer before {asleep} ms of sleep")
    page.clock.install()
    page.reload()
    expect_connected(page)
    assert proxy.stall() > 0
    say_elsewhere(windows, page, "Give a plain answer to a sleeper")
    expect(turn_of(only_pane(page), 2)).to_have_count(0)
    page.clock.fast_forward(asleep)
    expect(turn_of(only_pane(page), 2)).to_have_attribute("data-status", "done")
    # What the dead connection held back changes nothing any more.
    proxy.release()
    assert_caught_up(page)


def test_a_page_that_comes_back_to_the_front_does_not_wait(far: Windows, windows: Windows, proxy: Proxy) -> None:
    page = open_branch(far, "Give a plain answer before being hidden")
    page.clock.install()
    page.reload()
    expect_connected(page)
    proxy.stall()
    say_elsewhere(windows, page, "Give a plain answer to a hidden page")
    # The clock on the wall went on; the page's own timers, which a browser may hold back, did not.
    page.clock.set_system_time(page.evaluate("Date.now()") / 1000 + 30)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(turn_of(only_pane(page), 2)).to_have_attribute("data-status", "done")
    proxy.release()
    assert_caught_up(page)


def test_a_server_out_of_reach_is_said_and_drafts_are_kept_over_a_reload(
    far: Windows, windows: Windows, proxy: Proxy
) -> None:
    page = open_branch(far, "Give a plain answer before being cut off")
    proxy.refuse()
    assert proxy.cut() > 0
    expect(offline_line(page)).to_be_visible()
    composer_of(only_pane(page)).press_sequentially(", and more")
    say_elsewhere(windows, page, "Give a plain answer, unheard")
    proxy.refuse(False)
    expect(turn_of(only_pane(page), 2)).to_have_attribute("data-status", "done")
    expect(offline_line(page)).to_be_hidden()
    expect(composer_of(only_pane(page))).to_have_value(f"{DRAFT}, and more")
    page.reload()
    expect(composer_of(only_pane(page))).to_have_value(f"{DRAFT}, and more")
    assert_same_without_the_draft(page)


def test_two_tabs_follow_a_turn_over_a_line_that_breaks_and_lags(far: Windows, proxy: Proxy) -> None:
    page = far.open("/")
    pane = start_tree(page, "Stream 40 deltas/s for 12 s")
    second = page.context.new_page()
    second.goto(page.url)
    composer_of(pane).fill(DRAFT)
    for word, delay in (("w0040", 0.1), ("w0120", 0.3), ("w0200", 0.0)):
        for tab in (page, second):
            expect(log_of(only_pane(tab))).to_contain_text(word)
        proxy.slow_down(delay)
        proxy.cut()
    for tab in (page, second):
        expect_status(only_pane(tab), "done")
        expect(log_of(only_pane(tab))).to_contain_text("w0480")
    expect(composer_of(pane)).to_have_value(DRAFT)
    assert_same_without_the_draft(page, second)


class Watch:
    """Asks the server for something small, again and again, beside what else it does."""

    def __init__(self, server: ServerProcess) -> None:
        self.client = signed_in_client(server)
        self.slowest = 0.0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self) -> None:
        while not self.done.wait(0.1):
            began = time.monotonic()
            assert self.client.get("/sign-in/").status == 200
            self.slowest = max(self.slowest, time.monotonic() - began)

    def __enter__(self) -> "Watch":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()


def test_a_page_5000_rows_behind_catches_up_in_portions(far: Windows, proxy: Proxy, server: ServerProcess) -> None:
    (session,) = set_stage(server, "one_branch")
    page = far.open(f"/sessions/{session}/")
    expect_connected(page)
    composer_of(only_pane(page)).fill(DRAFT)
    sizes: list[int] = []

    def hear(opened: WebSocket) -> None:
        opened.on("framereceived", lambda data: sizes.append(len(data)))

    page.on("websocket", hear)
    proxy.refuse()
    proxy.cut()
    expect(offline_line(page)).to_be_visible()
    set_stage(server, "far_ahead")
    began = time.monotonic()
    with Watch(server) as watch:
        proxy.refuse(False)
        expect(turn_of(only_pane(page), 626)).to_have_attribute("data-status", "done")
        expect(only_pane(page)).to_have_attribute("data-revision", "6251")
        took = time.monotonic() - began
    biggest, total = max(sizes) / 1024, sum(sizes) / 2**20
    print(  # noqa: T201
        f"\n{took:.1f} s, {len(sizes)} messages, {total:.1f} MB, the biggest {biggest:.0f} kB; "
        f"others waited {watch.slowest:.2f} s at most"
    )
    assert len(sizes) > 20
    assert biggest < 512
    assert watch.slowest < 3
    expect(composer_of(only_pane(page))).to_have_value(DRAFT)
    assert_same_without_the_draft(page)


@pytest.fixture
def deployed(tmp_path: Path, scripted_model: DemoModelThread) -> Callable[[], ServerProcess]:
    """Makes servers of a copy of the project, all on the same data and port."""
    root = tmp_path / "project"
    for folder in PROJECT:
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", root)
    environment = {"ANTHROPIC_BASE_URL": scripted_model.url, "ANTHROPIC_API_KEY": "scripted"}
    first = ServerProcess(environment, data_dir=tmp_path / "data", root=root)
    return lambda: ServerProcess(environment, data_dir=first.data_dir, port=first.port, root=root)


def test_a_tab_that_is_open_over_a_deploy_asks_to_be_reloaded(
    browser: Browser, deployed: Callable[[], ServerProcess]
) -> None:
    with ExitStack() as stack:
        with deployed() as server:
            windows = Windows(browser, server.url, cookies_of(signed_in_client(server)), stack)
            windows.forgive(*LOST)
            page = open_branch(windows, "Give a plain answer before the update")
            page.evaluate("window.same = true")
        with deployed():
            expect_connected(page)
            expect(updated_line(page)).to_be_hidden()
        with (server.root / "static/js/app.js").open("a") as script:
            script.write("// Something else.\n")
        with deployed():
            expect(updated_line(page)).to_be_visible()
            expect(composer_of(only_pane(page))).to_have_value(DRAFT)
            assert page.evaluate("window.same"), "it does not reload by itself"
            button(updated_line(page), "Reload").click()
            expect_connected(page)
            expect(updated_line(page)).to_be_hidden()
            assert page.evaluate("window.same === undefined")
            expect(composer_of(only_pane(page))).to_have_value(DRAFT)
            assert_same_without_the_draft(page)
        assert windows.complaints == []
