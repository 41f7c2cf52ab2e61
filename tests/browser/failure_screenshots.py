"""`python -m tests.browser.failure_screenshots`: take the pictures of docs/failures.md anew, with the demo model."""

from contextlib import ExitStack

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.people import expect_status, log_of, only_pane, send, start_tree, turn_of
from tests.browser.screenshots import SCHEMES, picture
from tests.browser.stage import set_stage
from tests.browser.windows import Windows, cookies_of
from tests.support.chromium import make_sure_of_chromium
from tests.support.server import ServerProcess, signed_in_client

WIDTHS = (1000, 390)
LIMITS = {"ESPALIER_STALL_SECONDS": "10", "ESPALIER_TOOL_SECONDS": "10"}
ASKED = (
    "Fail with authentication error",
    "Fail with permission error",
    "Fail with no credit",
    "Fail with rate limit",
    "Fail with overloaded",
    "Fail with internal error",
    "Cut the stream always",
    "Fail with prompt too long",
    "Fail with request too large",
    "Fail with invalid request",
    "Refuse this",
    "Hit the token limit always",
    "Stall mid-answer",
    "Run a command that takes 60 s",
)


def ask_for_failures(page: Page) -> str:
    """The address of a branch in which each of them happened."""
    pane = start_tree(page, ASKED[0])
    for number, prompt in enumerate(ASKED[1:], start=2):
        send(pane, prompt)
        expect(turn_of(pane, number)).to_have_attribute("data-status", "failed")
    return page.url


def show_all(page: Page) -> None:
    """Make the window as high as the whole branch."""
    log = log_of(only_pane(page))
    size = page.viewport_size or {"width": WIDTHS[0], "height": 900}
    missing = log.evaluate("log => log.scrollHeight - log.clientHeight")
    page.set_viewport_size({"width": size["width"], "height": size["height"] + missing})


def take_countdowns(windows: Windows) -> None:
    for scheme in SCHEMES:
        for width in WIDTHS:
            page = windows.open("/", viewport={"width": width, "height": 420}, color_scheme=scheme)
            pane = start_tree(page, "Fail with overloaded")
            expect(log_of(pane)).to_contain_text("in 3 s: attempt 5 of 5")
            picture(page, f"failures-countdown-{scheme}-{width}")
            expect_status(pane, "failed")


def take_all(browser: Browser, server: ServerProcess) -> None:
    (staged,) = set_stage(server, "failures")
    with ExitStack() as stack:
        windows = Windows(browser, server.url, cookies_of(signed_in_client(server)), stack)
        pages = {"asked": ask_for_failures(windows.open("/")), "staged": f"/sessions/{staged}/"}
        for name, address in pages.items():
            for scheme in SCHEMES:
                for width in WIDTHS:
                    page = windows.open(address, viewport={"width": width, "height": 900}, color_scheme=scheme)
                    show_all(page)
                    picture(page, f"failures-{name}-{scheme}-{width}")
        take_countdowns(windows)
        if windows.complaints:
            raise SystemExit("\n".join(windows.complaints))


def main() -> None:
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright, ServerProcess({"ESPALIER_DEMO": "1", **LIMITS}) as server:
        browser = playwright.chromium.launch(executable_path=make_sure_of_chromium())
        take_all(browser, server)
        browser.close()


if __name__ == "__main__":
    main()
