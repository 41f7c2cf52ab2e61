"""`python -m tests.browser.screenshots`: take the pictures in docs/images/ anew, with the demo model."""

import re
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

from tests.support.hygiene import clean_environment

clean_environment()

from playwright.sync_api import Browser, Page, expect, sync_playwright  # noqa: E402

from tests.browser.people import (  # noqa: E402
    APPROACHES,
    STORY,
    button,
    expect_status,
    fork_into,
    open_fork_dialog,
    panes,
    send,
    start_tree,
    turn_of,
)
from tests.browser.windows import Windows, cookies_of  # noqa: E402
from tests.support.chromium import make_sure_of_chromium  # noqa: E402
from tests.support.fixtures import UNASKED  # noqa: E402
from tests.support.server import ROOT, ServerProcess, signed_in_client  # noqa: E402

IMAGES = ROOT / "docs/images"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES = ((1440, 900), (390, 844))
# Of the words after a tool call, so that every kind of row is in the picture of a comparison that streams.
ENOUGH = re.compile(r"(\S+\s+){25}")
OTHERS = ("Design a REST API for invoices", "Show rich Markdown", "Make a list of tasks")


def tell_the_story(page: Page) -> dict[str, str]:
    """The address of each page that is pictured; the comparison is left while it streams."""
    for prompt in OTHERS:
        page.goto("/")
        expect_status(start_tree(page, prompt), "done")
    page.goto("/")
    pane = start_tree(page, STORY)
    expect_status(pane, "done")
    send(pane, "Can you add authentication to the REST API?")
    expect(turn_of(pane, 2)).to_have_attribute("data-status", "done")
    session = page.url
    fork_into(open_fork_dialog(turn_of(pane, 1)), APPROACHES)
    page.wait_for_url("**/compare/?**")
    return {"home": "/", "session": session, "compare": page.url.partition("#")[0]}


def picture_permission(page: Page) -> None:
    """A call that waits, and the same call denied in a branch beside it."""
    page.goto("/")
    page.get_by_text("Permission: ").click()
    page.get_by_label("Permission mode").select_option("Ask")
    pane = start_tree(page, "Do something that needs permission")
    expect_status(pane, "waiting")
    button(pane, "Fork here").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_placeholder("If you deny").fill("Not from this machine; describe what the page would say")
    button(dialog, "Fork and deny").click()
    page.wait_for_url("**/compare/?**")
    expect_status(panes(page).last, "done")
    picture(page, "permission")
    button(panes(page).first, "Deny").click()
    expect_status(panes(page).first, "done")


def picture(page: Page, name: str) -> None:
    page.evaluate("() => document.fonts.ready.then(() => {})")
    page.screenshot(path=IMAGES / f"{name}.png")
    sys.stdout.write(f"{name}.png\n")


def take_all(browser: Browser, server: ServerProcess) -> None:
    with ExitStack() as stack:
        windows = Windows(browser, server.url, cookies_of(signed_in_client(server)), stack)
        page = windows.open("/")
        addresses = tell_the_story(page)
        for pane in (panes(page).first, panes(page).last):
            expect(pane.locator(".tool ~ .text")).to_contain_text(ENOUGH)
        picture(page, "compare")
        picture_permission(windows.open("/"))
        for pane in panes(page).all():
            expect_status(pane, "done")
        for width, height in SIZES:
            for scheme in SCHEMES:
                page = windows.open("/", viewport={"width": width, "height": height}, color_scheme=scheme)
                for name, address in addresses.items():
                    page.goto(address, wait_until="networkidle")
                    picture(page, f"{name}-{scheme}-{width}")
        if windows.complaints:
            raise SystemExit("\n".join(windows.complaints))


def main() -> None:
    Path(IMAGES).mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright, ServerProcess({"ESPALIER_DEMO": "1", **UNASKED}) as server:
        browser = playwright.chromium.launch(executable_path=make_sure_of_chromium())
        take_all(browser, server)
        browser.close()


if __name__ == "__main__":
    main()
