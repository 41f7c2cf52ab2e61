"""Browser windows of a signed-in person, watched."""

from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.support.client import Client

Cookies = list[dict[str, Any]]
Window = Page


def cookies_of(client: Client) -> Cookies:
    return [{"name": each.name, "value": each.value or "", "url": client.url} for each in client.cookies]


class Windows:
    """Opens windows, each watched; they close with `stack`."""

    def __init__(self, browser: Browser, url: str, cookies: Cookies, stack: ExitStack) -> None:
        self.browser = browser
        self.url = url
        self.cookies = cookies
        self.stack = stack
        self.complaints: list[str] = []
        self.requests: list[Request] = []
        # What a test may expect in the console, such as a server that is away.
        self.forgiven: list[str] = []

    def context(self, **options: Any) -> BrowserContext:
        """A person's browser, signed in; `options` are Playwright's."""
        # Without motion: a pulse that nobody sees takes a third of a core where there is no graphics card.
        usual = {"viewport": {"width": 1440, "height": 900}, "base_url": self.url, "reduced_motion": "reduce"}
        options = usual | options
        context = self.browser.new_context(**options)
        self.stack.callback(context.close)
        context.add_cookies(self.cookies)  # type: ignore[arg-type]  # Playwright's own TypedDict
        context.on("page", self.watch)
        return context

    def open(self, path: str = "/", **options: Any) -> Window:
        """A window in a browser of its own."""
        page = self.context(**options).new_page()
        page.goto(path)
        return page

    def forgive(self, *words: str) -> None:
        """Lines of the console with any of these are expected from now on."""
        self.forgiven += words

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self.hear(page, message))
        page.on("dialog", lambda dialog: self.complaints.append(f"{page.url}: dialog {dialog.message}"))
        page.on("request", self.note)

    def hear(self, page: Page, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if any(words in message.text for words in self.forgiven):
            return
        self.complaints.append(f"{page.url}: console {message.type}: {message.text}")

    def note(self, request: Request) -> None:
        self.requests.append(request)
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and f"{parts.scheme}://{parts.netloc}" != self.url:
            self.complaints.append(f"asked elsewhere: {request.url}")
