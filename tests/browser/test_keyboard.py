"""The keys that the page promises."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import (
    button,
    composer_of,
    expect_connected,
    expect_status,
    fork_into,
    log_of,
    open_fork_dialog,
    panes,
    start_tree,
    textbox,
    turn_of,
)
from tests.browser.windows import Window


def test_single_keys(window: Window) -> None:
    window.keyboard.press("n")
    expect(textbox(window, "Prompt")).to_be_focused()
    textbox(window, "Prompt").fill("Give a plain answer by key")
    window.keyboard.press("Control+Enter")
    window.wait_for_url("**/sessions/*/")
    pane = panes(window).first
    expect_status(pane, "done")

    window.keyboard.press("?")
    keys = window.get_by_role("dialog", name="Keys", exact=True)
    expect(keys).to_be_visible()
    window.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    button(window, "? Keys").click()
    expect(keys).to_be_visible()
    button(keys, "Close").click()

    composer_of(pane).focus()
    window.keyboard.type("f?n[")
    expect(composer_of(pane)).to_have_value("f?n[")
    composer_of(pane).fill("")
    window.keyboard.press("Escape")
    expect(log_of(pane)).to_be_focused()

    window.keyboard.press("f")
    dialog = window.get_by_role("dialog")
    expect(textbox(dialog, "First prompt")).to_be_focused()
    fork_into(dialog, ["Give a plain answer on the left", "Give a plain answer on the right"])
    window.wait_for_url("**/compare/?**")
    left, right = panes(window).first, panes(window).last
    expect(composer_of(left)).to_be_focused()
    window.keyboard.press("Escape")
    window.keyboard.press("]")
    expect(log_of(right)).to_be_focused()
    window.keyboard.press("]")
    expect(log_of(left)).to_be_focused()
    window.keyboard.press("[")
    expect(log_of(right)).to_be_focused()
    for each in (left, right):
        expect_status(each, "done")

    window.keyboard.press("n")
    expect(textbox(window, "Prompt")).to_be_focused()


@pytest.mark.parametrize("typing", [False, True])
def test_escape_asks_once_before_it_stops(window: Window, typing: bool) -> None:
    pane = start_tree(window, "Stream 20 deltas/s for 60 s")
    expect_connected(window)
    expect(log_of(pane)).to_contain_text("w0010")
    if typing:
        composer_of(pane).fill("Half a thought")
        window.keyboard.press("Escape")
        expect(log_of(pane)).to_be_focused()
    window.keyboard.press("Escape")
    expect(window.get_by_role("alert").filter(has_text="again to stop this branch")).to_be_visible()
    expect_status(pane, "running")
    window.keyboard.press("Escape")
    expect_status(pane, "interrupted")
    expect(turn_of(pane, 1)).to_contain_text("w0010")
    expect(composer_of(pane)).to_have_value("Half a thought" if typing else "")


def test_the_fork_dialog_gives_the_focus_back(window: Window) -> None:
    pane = start_tree(window, "Give a plain answer and go back")
    expect_status(pane, "done")
    dialog = open_fork_dialog(turn_of(pane, 1))
    dialog.get_by_role("link", name="Cancel").click()
    expect(dialog).to_be_hidden()
    expect(button(turn_of(pane, 1), "Fork from here")).to_be_focused()
