"""What a person sees when a turn goes wrong: words, a countdown, and no text twice at any moment."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import button, expect_connected, expect_status, log_of, only_pane, start_tree, turn_of
from tests.browser.sameness import assert_same_as_fresh
from tests.browser.stage import set_stage
from tests.browser.test_accessibility import check
from tests.browser.windows import Window, Windows
from tests.support.server import ServerProcess

# Keeps, from now on, the greatest number of times that `words` stood in the log at once, and all that a countdown said.
WATCH = """(words) => {
  const log = document.querySelector("[role=log]");
  const seen = (window.seen = { most: 0, countdowns: [] });
  const look = () => {
    seen.most = Math.max(seen.most, log.innerText.split(words).length - 1);
    const said = log.querySelector("time[data-until]")?.textContent;
    if (said && seen.countdowns.at(-1) !== said) seen.countdowns.push(said);
  };
  new MutationObserver(look).observe(log, { subtree: true, childList: true, characterData: true });
  look();
}"""
WAITING = re.compile(r"Asking again (in \d+ s|now): attempt \d( of \d)?\.")


def first_words(page: Page) -> str:
    """Of an answer that has begun."""
    text = page.locator(".message.text .blocks")
    expect(text).to_contain_text(re.compile(r"\S+ \S+ \S+ \S+ "))
    return " ".join(text.inner_text().split()[:4])


def most_at_once(page: Page) -> int:
    return int(page.evaluate("() => window.seen.most"))


def test_attempts_that_break_off_never_show_their_text_twice(
    window: Window, windows: Windows, pace: Callable[[float], None]
) -> None:
    pace(1.0)
    pane = start_tree(window, "Cut the stream always")
    words = first_words(window)
    window.evaluate(WATCH, words)
    expect(log_of(pane)).to_contain_text(WAITING)
    late = windows.open(window.url)
    late.evaluate(WATCH, words)
    expect(log_of(only_pane(late))).to_contain_text(WAITING)
    late.reload()
    late.evaluate(WATCH, words)
    for page in (window, late):
        expect_status(only_pane(page), "failed")
        assert most_at_once(page) == 1
        assert log_of(only_pane(page)).inner_text().count(words) == 1
    expect(turn_of(pane, 1).get_by_role("note")).to_contain_text("The connection to the model kept breaking.")
    expect(turn_of(pane, 1).get_by_role("note")).to_contain_text("What was written until then is kept.")
    assert_same_as_fresh(window, late)


@pytest.mark.parametrize("prompt", ["Cut the stream once", "Fail mid-stream once"])
def test_the_answer_of_the_next_attempt_takes_the_place_of_the_one_before(
    window: Window, pace: Callable[[float], None], prompt: str
) -> None:
    """By a stream after a cut, and without one after an error in the stream."""
    pace(1.0)
    pane = start_tree(window, prompt)
    words = first_words(window)
    window.evaluate(WATCH, "That worked at attempt")
    expect_status(pane, "done")
    assert most_at_once(window) == 1
    assert words not in log_of(pane).inner_text()
    assert_same_as_fresh(window)


def test_a_wait_is_counted_down_and_afterwards_the_page_says_what_there_was(window: Window, windows: Windows) -> None:
    pane = start_tree(window, "Fail with overloaded")
    expect_connected(window)
    window.evaluate(WATCH, "The model is overloaded (529).")
    expect(log_of(pane)).to_contain_text("attempt 4 of 5")
    late = windows.open(window.url)
    expect(late.get_by_role("timer")).to_be_visible()
    expect_status(pane, "failed")
    expect(window.get_by_role("timer")).to_have_count(0)
    assert {"in 4 s", "in 3 s", "in 2 s"} <= set(window.evaluate("() => window.seen.countdowns"))
    expect(window.get_by_text("The model was overloaded (529).", exact=True)).to_be_visible()
    expect_status(only_pane(late), "failed")
    assert_same_as_fresh(window, late)


def test_a_page_that_waits_is_as_a_fresh_one_and_the_wait_can_be_stopped(window: Window, windows: Windows) -> None:
    pane = start_tree(window, "Fail with long rate limit")
    expect(log_of(pane)).to_contain_text(re.compile(r"\(429\)\. Asking again in \d+ s: attempt 2 of 5\."))
    late = windows.open(window.url)
    expect_connected(late)
    assert_same_as_fresh(window, late)
    button(pane, "Stop").click()
    for page in (window, late):
        expect_status(only_pane(page), "interrupted")
        expect(page.get_by_text("The model's rate limit was used up (429).", exact=True)).to_be_visible()
    assert_same_as_fresh(window, late)


def test_a_retry_that_helped_leaves_one_quiet_line(window: Window) -> None:
    pane = start_tree(window, "Fail with rate limit once")
    expect_status(pane, "done")
    line = window.get_by_text("The model's rate limit was used up (429); attempt 2 was answered.", exact=True)
    expect(line).to_be_visible()
    assert_same_as_fresh(window)


def test_failures_are_told_to_everybody(server: ServerProcess, windows: Windows) -> None:
    (branch,) = set_stage(server, "failures")
    check(windows.open(f"/sessions/{branch}/"), "failures")
