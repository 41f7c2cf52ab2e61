"""What a person is doing is not disturbed by what arrives, and what they ask for happens."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.people import (
    button,
    composer_of,
    expect_connected,
    expect_status,
    fork_into,
    log_of,
    only_pane,
    open_fork_dialog,
    pane_of,
    panes,
    send,
    start_tree,
    textbox,
    turn_of,
)
from tests.browser.sameness import assert_same_as_fresh
from tests.browser.windows import Window


def rows_of(pane: Locator, words: str) -> Locator:
    return pane.locator("details.row", has=pane.page.locator("summary b", has_text=words))


def test_an_opened_row_and_a_half_typed_prompt_survive_updates_reload_and_end(
    window: Window, pace: Callable[[float], None]
) -> None:
    pace(4.0)
    pane = start_tree(window, "Edit a file")
    written = rows_of(pane, "Write").first
    written.locator("summary").click()
    composer_of(pane).press_sequentially("Half a thou")
    pace(0.5)
    expect(rows_of(pane, "Read").first).to_be_visible()
    expect(composer_of(pane)).to_be_focused()
    window.reload()
    expect(composer_of(pane)).to_have_value("Half a thou")
    written.locator("summary").click()
    composer_of(pane).press("End")
    composer_of(pane).press_sequentially("ght")
    expect_status(pane, "done")
    expect(written).to_have_attribute("open", "")
    expect(composer_of(pane)).to_be_focused()
    expect(composer_of(pane)).to_have_value("Half a thought")

    pace(2.0)
    send(pane, "Think hard before answering")
    thinking = rows_of(pane, "Thinking")
    thinking.locator("summary").click()
    expect(thinking).to_have_attribute("data-state", "live")
    pace(0.0)
    expect(thinking).to_have_attribute("data-state", "done")
    expect(thinking).to_have_attribute("open", "")
    expect_status(pane, "done")
    expect(thinking).to_have_attribute("open", "")


def distance_from_end(log: Locator) -> int:
    return int(log.evaluate("(log) => log.scrollHeight - log.scrollTop - log.clientHeight"))


def test_the_log_follows_its_end_only_while_the_reader_is_there(window: Window) -> None:
    window.set_viewport_size({"width": 1000, "height": 500})
    pane = start_tree(window, "Stream 500 deltas/s for 60 s")
    log, below = log_of(pane), button(pane, "New text below")
    expect(log).to_contain_text("w0800")
    assert distance_from_end(log) < 60
    expect(below).to_be_hidden()

    log.hover()
    window.mouse.wheel(0, -600)
    expect(below).to_be_visible()
    here = log.evaluate("(log) => log.scrollTop")
    expect(log).to_contain_text("w1600")
    assert log.evaluate("(log) => log.scrollTop") == here
    below.click()
    expect(below).to_be_hidden()
    expect(log).to_contain_text("w2200")
    assert distance_from_end(log) < 60

    button(pane, "Stop").click()
    expect_status(pane, "interrupted")


def test_a_second_prompt_waits_for_the_first(window: Window) -> None:
    pane = start_tree(window, "Stream 20 deltas/s for 60 s")
    expect(log_of(pane)).to_contain_text("w0010")
    composer_of(pane).fill("Give a plain answer")
    button(pane, "Queue").click()
    second = turn_of(pane, 2)
    expect(second).to_have_attribute("data-status", "queued")
    expect(second).to_contain_text("Queued")
    expect(composer_of(pane)).to_have_value("")
    expect(turn_of(pane, 1)).to_have_attribute("data-status", "running")
    button(pane, "Stop").click()
    expect(turn_of(pane, 1)).to_have_attribute("data-status", "interrupted")
    expect(turn_of(pane, 1)).to_contain_text("w0010")
    expect(turn_of(pane, 1)).to_contain_text("Stopped")
    expect(turn_of(pane, 1)).to_contain_text("What was written until then is kept")
    expect(second).to_have_attribute("data-status", "done")
    expect(button(pane, "Stop")).to_have_count(0)
    button(pane, "Send").wait_for()
    assert_same_as_fresh(window)


def edit(turn: Locator, prompt: str) -> None:
    button(turn, "Edit and resend").click()
    dialog = turn.page.get_by_role("dialog")
    textbox(dialog, "Prompt").fill(prompt)
    button(dialog, "Send as a new branch").click()
    turn.page.wait_for_url("**/compare/?**")


def test_edit_and_resend_makes_a_branch_beside_the_old_one(window: Window) -> None:
    pane = start_tree(window, "Give a plain answer, to begin")
    expect_status(pane, "done")
    send(pane, "Give a plain answer, second")
    expect(turn_of(pane, 2)).to_have_attribute("data-status", "done")
    address = window.url

    edit(turn_of(pane, 2), "Give a plain answer, second in other words")
    later = pane_of(window, "Give a plain answer, second in other words")
    expect_status(later, "done")
    expect(later.get_by_role("article")).to_have_count(1)
    expect(turn_of(later, 2)).to_be_visible()
    expect(composer_of(later)).to_be_focused()

    window.goto(address)
    edit(turn_of(only_pane(window), 1), "Give a plain answer, from a new beginning")
    first = pane_of(window, "Give a plain answer, from a new beginning")
    expect_status(first, "done")
    expect(turn_of(first, 1)).to_be_visible()
    expect(pane_of(window, "Give a plain answer, to begin").get_by_role("article")).to_have_count(2)


def test_fork_from_the_composer_and_ask_all_branches(window: Window) -> None:
    pane = start_tree(window, "Give a plain answer to fork")
    expect_status(pane, "done")
    button(pane, "Fork").click()
    dialog = window.get_by_role("dialog")
    expect(dialog).to_be_visible()
    fork_into(dialog, ["Give a plain answer beside it"])
    window.wait_for_url("**/compare/?**")
    expect_status(pane_of(window, "Give a plain answer beside it"), "done")
    expect_connected(window)

    textbox(window, "Prompt for all branches").fill("Give a plain answer, all of you")
    button(window, "Send to all").click()
    expect(textbox(window, "Prompt for all branches")).to_have_value("")
    for each in panes(window).all():
        last = each.get_by_role("article").last
        expect(last).to_contain_text("all of you")
        expect(last).to_have_attribute("data-status", "done")
    assert_same_as_fresh(window)


def test_a_dialog_that_was_closed_by_mistake_keeps_what_was_typed(window: Window) -> None:
    pane = start_tree(window, "Give a plain answer to think about")
    expect_status(pane, "done")
    dialog = open_fork_dialog(turn_of(pane, 1))
    textbox(dialog, "First prompt").fill("A long thought")
    window.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(textbox(open_fork_dialog(turn_of(pane, 1)), "First prompt")).to_have_value("A long thought")


def test_a_branch_is_renamed_in_place(window: Window) -> None:
    pane = start_tree(window, "Give a plain answer with a poor name")
    expect_status(pane, "done")
    button(pane, "Rename Give a plain answer with a poor name").click()
    textbox(window, "Title").fill("A better name")
    textbox(window, "Title").press("Enter")
    renamed = pane_of(window, "A better name")
    expect(renamed).to_be_visible()
    expect(textbox(renamed, "Prompt for A better name")).to_be_visible()
    expect(textbox(window, "Title")).to_have_count(0)
    side_list(window).get_by_role("link", name="A better name", exact=True).wait_for()


def side_list(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Trees", exact=True)
