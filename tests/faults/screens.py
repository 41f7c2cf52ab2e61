"""The screens of a walk: windows on every kind of page, near the server and behind a bad line, and what they showed."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Error, Page

from tests.browser.people import expect_connected
from tests.browser.sameness import assert_same_as_fresh
from tests.browser.windows import Windows
from tests.faults.proxy import Proxy

# The button that would send its form to an address (with a value, when several do), pressed if it can be seen.
PRESS = """([address, value]) => {
  const found = [...document.querySelectorAll(`[formaction="${address}"]`)];
  const button = found.find((each) => (!value || each.value === value) && each.checkVisibility() && !each.disabled);
  button?.click();
  return Boolean(button);
}"""
# How many numbered words of an exact-rate stream each message shows.
COUNT = r"""() => [...document.querySelectorAll("[id^=blocks-]")].map((blocks) => [
  parseInt(blocks.id.slice("blocks-".length)), (blocks.textContent.match(/w\d{4}/g) ?? []).length])"""
# What was typed and not sent, and what the page said in passing, is the window's own.
TIDY = """() => {
  for (const line of document.querySelectorAll("#notice, .problem-line")) line.replaceChildren();
  document.getElementById("notice").hidden = true;
  for (const composer of document.querySelectorAll("textarea[name=prompt]")) {
    composer.value = "";
    composer.dispatchEvent(new Event("input", { bubbles: true }));
  }
  document.activeElement?.blur();
}"""


@dataclass(slots=True)
class Screen:
    """`far`: its connections go through the proxy. `away`: its browser was told that there is no network."""

    page: Page
    far: bool
    away: bool = False

    def __str__(self) -> str:
        return f"{'far' if self.far else 'near'} {self.page.url.partition('//')[2].partition('/')[2] or 'home'}"


@dataclass(slots=True)
class Screens:
    near: Windows
    distant: Windows
    proxy: Proxy
    opened: list[Screen] = field(default_factory=list)
    stalled: bool = False
    # By message: when it was looked at, by the clock on the wall, and how many numbered words of it were seen.
    seen: dict[int, list[tuple[float, int]]] = field(default_factory=dict)

    def open(self, path: str, *, far: bool) -> Screen:
        screen = Screen((self.distant if far else self.near).open(path), far)
        self.opened.append(screen)
        return screen

    def reachable(self) -> list[Screen]:
        """Those that can ask the server something."""
        return [each for each in self.opened if not each.away and not (each.far and self.stalled)]

    def press(self, screen: Screen, address: str, value: str) -> bool:
        """Whether it had that button. What comes of it is not waited for."""
        return bool(screen.page.evaluate(PRESS, [address, value]))

    def send(self, screen: Screen, session: str, prompt: str) -> bool:
        """Type a prompt and send it, if the screen shows the branch."""
        composer = screen.page.locator(f"#prompt-{session}")
        if not composer.count():
            return False
        composer.fill(prompt)
        composer.press("Control+Enter")
        return True

    def go_away(self, screen: Screen, away: bool) -> None:
        screen.page.context.set_offline(away)
        screen.away = away

    def stall(self, stalled: bool) -> None:
        if stalled:
            self.proxy.stall()
        else:
            self.proxy.release()
        self.stalled = stalled

    def look(self) -> None:
        """Note what is seen now."""
        for screen in self.opened:
            at = time.time()
            for message, words in screen.page.evaluate(COUNT):
                looks = self.seen.setdefault(message, [])
                if words and (not looks or words > looks[-1][1]):
                    looks.append((at, words))

    def words_of(self, screen: Screen) -> int:
        """How many numbered words a screen shows."""
        return sum(words for _, words in screen.page.evaluate(COUNT))

    def wait(self, seconds: float) -> None:
        """Let pages be pages, and look at them meanwhile."""
        end = time.monotonic() + seconds
        self.look()
        while (left := end - time.monotonic()) > 0:
            self.opened[0].page.wait_for_timeout(min(left, 0.25) * 1000)
            self.look()

    def come_back(self) -> None:
        """All connections are good again."""
        self.stall(False)
        for screen in self.opened:
            self.go_away(screen, False)

    def assert_same(self) -> None:
        for screen in self.opened:
            expect_connected(screen.page)
        for screen in self.opened:
            with told_about(screen):
                screen.page.evaluate(TIDY)
                assert_same_as_fresh(screen.page)
        assert self.near.complaints == []
        assert self.distant.complaints == []


@contextmanager
def told_about(screen: Screen) -> Iterator[None]:
    try:
        yield
    except (AssertionError, Error) as error:
        error.add_note(f"It was {screen}.")
        raise
