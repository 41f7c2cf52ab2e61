"""The story: start, watch, fork into three, watch them stream side by side, reload, look from elsewhere."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.people import (
    APPROACHES,
    STORY,
    expect_status,
    fork_into,
    id_of,
    only_pane,
    open_fork_dialog,
    pane_of,
    panes,
    start_tree,
    turn_of,
)
from tests.browser.sameness import assert_same_as_fresh
from tests.browser.windows import Window, Windows, cookies_of
from tests.support.client import Client
from tests.support.server import ServerProcess


def look(page: Page) -> list[tuple[str, int]]:
    """The status and the length of the text of every pane, all at one moment."""
    seen = page.evaluate(
        "() => [...document.querySelectorAll('[data-session]')].map((pane) =>"
        " [pane.dataset.status, pane.querySelector('[role=log]').textContent.length])"
    )
    return [(str(status), int(length)) for status, length in seen]


def expect_growth(page: Page, count: int) -> None:
    """All panes run, and the texts of all of them grow, between two looks."""
    expect(page.locator("[data-session][data-status=running]")).to_have_count(count)
    first = now = look(page)
    while not all(later > earlier for (_, earlier), (_, later) in zip(first, now, strict=True)):
        page.wait_for_timeout(50)
        now = look(page)
        assert [status for status, _ in now] == ["running"] * count, "one of them ended before all of them grew"


def three_panes(page: Page) -> list[Locator]:
    expect(panes(page)).to_have_count(3)
    return [pane_of(page, title) for title in APPROACHES]


def test_one_turn_is_forked_into_three_that_stream_side_by_side(
    window: Window, windows: Windows, server: ServerProcess, pace: Callable[[float], None]
) -> None:
    other = Client(server.url)
    other.get(server.link())
    elsewhere = Windows(windows.browser, server.url, cookies_of(other), windows.stack)
    pace(1.0)
    parent = start_tree(window, STORY)
    expect_growth(window, 1)
    pace(0.0)
    expect_status(parent, "done")

    pace(8.0)  # words come as slowly as it takes to see three of them side by side on a slow machine
    parent_id = id_of(parent)
    fork_into(open_fork_dialog(turn_of(parent, 1)), APPROACHES)
    window.wait_for_url("**/compare/?**")
    expect_growth(window, 3)

    window.reload()
    expect_growth(window, 3)

    second = window.context.new_page()
    second.goto(window.url)
    third = elsewhere.open(window.url)
    expect_growth(third, 3)
    assert [status for status, _ in look(second)] == ["running"] * 3
    pace(0.0)  # enough was seen

    for page in (window, second, third):
        for pane in three_panes(page):
            expect_status(pane, "done")
    assert_same_as_fresh(window, second, third)
    assert elsewhere.complaints == []

    window.goto(f"/sessions/{parent_id}/")
    expect(only_pane(window).get_by_role("article")).to_have_count(1)
