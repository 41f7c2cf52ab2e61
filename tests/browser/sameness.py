"""Whether a page that was changed while it was open is what a fresh load of its address shows (invariant 3)."""

import difflib
import time
from pathlib import Path

from playwright.sync_api import Page, Route, WebSocketRoute

LINES = (Path(__file__).parent / "dom.js").read_text()
PATIENCE = 8  # seconds; the outline of a tree follows within half a second on an idle machine
PAUSE = 150  # ms


def lines_of(page: Page) -> list[str]:
    return list(page.evaluate(LINES))


def assert_same_as_fresh(page: Page, *others: Page) -> None:
    """All of one address. The fresh page is what the server sent: its socket is silent and cannot repair what came."""
    assert {each.url for each in others} <= {page.url}
    fresh = page.context.new_page()
    fresh.route_web_socket("**/live/", silence)
    deadline = time.monotonic() + PATIENCE
    try:
        fresh.goto(page.url)
        while differing := first_difference(lines_of(fresh), [lines_of(each) for each in (page, *others)]):
            if time.monotonic() > deadline:
                raise AssertionError(f"{page.url} is not what a fresh load shows:\n{differing}")
            page.wait_for_timeout(PAUSE)
            fresh.reload()
    finally:
        fresh.close()


def silence(_: WebSocketRoute | Route) -> None:
    """Nothing reaches the server, and nothing comes from it."""


def first_difference(expected: list[str], pages: list[list[str]]) -> str:
    """Of the first page that has one, with what stands around it."""
    for number, found in enumerate(pages, start=1):
        if found != expected:
            changes = difflib.unified_diff(expected, found, "fresh", f"page {number}", lineterm="", n=2)
            return "\n".join(line[:240] for line, _ in zip(changes, range(40), strict=False))
    return ""
