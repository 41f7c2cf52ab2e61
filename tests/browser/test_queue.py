"""What waits and what ended badly, in two windows of one branch."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.people import (
    button,
    composer_of,
    expect_connected,
    expect_status,
    only_pane,
    send,
    start_tree,
    textbox,
    turn_of,
)
from tests.browser.sameness import assert_same_as_fresh
from tests.browser.test_accessibility import look_everywhere, violations
from tests.browser.test_without_script import reload_until
from tests.browser.windows import Window, Windows

ENDLESS = "Stream 20 deltas/s for 600 s"
# What runs and says nothing more: pages can be compared meanwhile.
STALLED = "Stall mid-answer, please"


def start_running(window: Window, prompt: str = ENDLESS) -> Locator:
    pane = start_tree(window, prompt)
    expect(pane.locator("[data-live] .blocks")).not_to_be_empty()
    return pane


def beside(windows: Windows, window: Window) -> Page:
    """A second window on the same page."""
    other = windows.open(window.url)
    for page in (window, other):
        expect_connected(page)
    return other


def expect_prompts(page: Page, *prompts: str) -> None:
    """The prompts of the branch from its second turn on, in the order of the page."""
    expect(only_pane(page).locator("article:not([data-turn='1']) .prompt > .words")).to_have_text(list(prompts))


def test_what_waits_is_edited_moved_and_withdrawn_while_another_window_follows(
    window: Window, windows: Windows
) -> None:
    pane = start_running(window, STALLED)
    other = beside(windows, window)
    for prompt in ("Give a plain answer", "Second", "Third"):
        send(pane, prompt)
    expect_prompts(other, "Give a plain answer", "Second", "Third")
    for number, place in ((2, "next"), (3, "2nd"), (4, "3rd")):
        expect(turn_of(only_pane(other), number)).to_contain_text(f"{place} in this branch")

    button(turn_of(pane, 3), "Edit").click()
    expect(textbox(pane, "Queued prompt")).to_be_focused()
    assert violations(window) == []
    textbox(pane, "Queued prompt").fill("Second, in other words")
    assert look_everywhere(other, "a queue") == []
    button(turn_of(only_pane(other), 4), "Move up").click()
    expect_prompts(other, "Give a plain answer", "Third", "Second")
    expect_prompts(window, "Give a plain answer", "Third", "Second")
    expect(textbox(turn_of(pane, 4), "Queued prompt")).to_be_focused()
    button(turn_of(pane, 4), "Save").click()
    expect(textbox(pane, "Queued prompt")).to_have_count(0)
    expect_prompts(other, "Give a plain answer", "Third", "Second, in other words")

    up = button(turn_of(pane, 4), "Move up")
    up.focus()
    up.press("Enter")
    expect_prompts(other, "Give a plain answer", "Second, in other words", "Third")
    expect(button(turn_of(pane, 3), "Move up")).to_be_focused()
    button(turn_of(only_pane(other), 2), "Withdraw").click()
    expect(turn_of(pane, 2)).to_contain_text("Withdrawn before it started: the model never got this prompt.")
    expect(turn_of(pane, 3)).to_contain_text("next in this branch")
    expect(button(turn_of(pane, 3), "Move up")).to_have_count(0)
    assert_same_as_fresh(window, other)

    button(pane, "Stop").click()
    for page in (window, other):
        expect_status(only_pane(page), "done")
        expect_prompts(page, "Give a plain answer", "Second, in other words", "Third")
        expect(turn_of(only_pane(page), 2)).to_have_attribute("data-status", "interrupted")
        for number in (3, 4):
            expect(turn_of(only_pane(page), number)).to_have_attribute("data-status", "done")
    assert_same_as_fresh(window, other)


def test_words_that_came_too_late_are_kept_and_said_to_be(window: Window, windows: Windows) -> None:
    pane = start_running(window)
    send(pane, "Stream 20 deltas/s for 500 s")
    button(turn_of(pane, 2), "Edit").click()
    textbox(pane, "Queued prompt").fill("Something else")
    button(pane, "Stop").click()
    expect(turn_of(pane, 2)).to_have_attribute("data-status", "running")
    windows.forgive("422")
    button(turn_of(pane, 2), "Save").click()
    expect(turn_of(pane, 2)).to_contain_text("Turn 2 has just started.")
    expect(textbox(pane, "Queued prompt")).to_have_value("Something else")
    turn_of(pane, 2).get_by_role("link", name="Cancel", exact=True).click()
    expect(textbox(pane, "Queued prompt")).to_have_count(0)
    button(pane, "Stop").click()
    expect_status(pane, "interrupted")
    assert_same_as_fresh(window)


def test_a_stopped_turn_is_retried_and_a_failed_one_resumed(window: Window, windows: Windows) -> None:
    pane = start_running(window)
    other = beside(windows, window)
    expect(turn_of(pane, 1)).to_contain_text("w0010")
    button(pane, "Stop").click()
    expect_status(only_pane(other), "interrupted")
    expect(button(turn_of(only_pane(other), 1), "Resume")).to_be_visible()
    button(turn_of(pane, 1), "Retry").click()
    for page in (window, other):
        expect(turn_of(only_pane(page), 1)).to_contain_text("Set aside: retried as turn 2")
        expect(turn_of(only_pane(page), 2)).to_contain_text("Retry of turn 1")
        expect(turn_of(only_pane(page), 2)).to_contain_text("w0005")
    turn_of(only_pane(other), 1).locator("summary").click()
    assert look_everywhere(other, "a turn that is set aside") == []
    expect(turn_of(only_pane(other), 1).locator(".blocks")).to_be_visible()
    assert turn_of(only_pane(other), 1).locator(".blocks").inner_text().startswith("w0001 w0002")
    button(pane, "Stop").click()
    expect_status(pane, "interrupted")
    assert_same_as_fresh(window, other)

    send(pane, "Fail with prompt too long")
    expect(turn_of(pane, 3)).to_have_attribute("data-status", "failed")
    expect(button(turn_of(pane, 2), "Retry")).to_have_count(0)
    button(turn_of(pane, 3), "Resume").click()
    for page in (window, other):
        resumed = turn_of(only_pane(page), 4)
        expect(resumed).to_contain_text("Go on where you were interrupted.")
        expect(resumed.locator(".who .kind")).to_have_text("Resume")
        expect(resumed).to_have_attribute("data-status", "failed")
    assert_same_as_fresh(window, other)


def test_who_presses_second_is_told(window: Window, windows: Windows) -> None:
    pane = start_tree(window, "Fail with prompt too long")
    expect_status(pane, "failed")
    late = windows.context().new_page()
    late.route_web_socket("**/live/", lambda _: None)
    late.goto(window.url)
    button(turn_of(pane, 1), "Resume").click()
    expect(turn_of(pane, 2)).to_have_attribute("data-status", "failed")
    windows.forgive("422")
    button(turn_of(only_pane(late), 1), "Retry").click()
    expect(only_pane(late).get_by_role("alert")).to_contain_text("Turn 1 was already resumed by you: see turn 2.")
    expect(turn_of(only_pane(late), 2)).to_be_visible()
    expect(composer_of(only_pane(late))).to_have_value("")


def test_all_of_it_without_script(windows: Windows) -> None:
    page = windows.open("/", java_script_enabled=False)
    textbox(page, "Prompt").fill(ENDLESS)
    button(page, "Start").click()
    page.wait_for_url("**/sessions/**")
    pane = only_pane(page)
    reload_until(page, "[data-status=running] .blocks:has-text('w0001')")
    for number, prompt in ((2, "One"), (3, "Two")):
        composer_of(pane).fill(prompt)
        button(pane, "Queue").click()
        expect(turn_of(pane, number)).to_contain_text("in this branch")
    button(turn_of(pane, 3), "Move up").click()
    expect_prompts(page, "Two", "One")
    button(turn_of(pane, 3), "Edit").click()
    textbox(page, "Queued prompt").fill("One, edited")
    button(page, "Save").click()
    expect_prompts(page, "Two", "One, edited")
    for number in (3, 2):
        button(turn_of(pane, number), "Withdraw").click()
        expect(turn_of(pane, number)).to_contain_text("Withdrawn before it started")
    button(pane, "Stop").click()
    reload_until(page, "[data-session][data-status=interrupted]")
    button(turn_of(pane, 1), "Retry").click()
    expect(turn_of(pane, 4)).to_contain_text("Retry of turn 1")
    button(pane, "Stop").click()
    reload_until(page, "[data-session][data-status=interrupted]")
