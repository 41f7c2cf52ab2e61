"""Everything works as plain pages and forms, with JavaScript switched off."""

from playwright.sync_api import Page, expect

from tests.browser.people import (
    APPROACHES,
    button,
    composer_of,
    expect_status,
    only_pane,
    pane_of,
    panes,
    textbox,
    turn_of,
)
from tests.browser.windows import Windows

RELOADS = 100


def reload_until(page: Page, selector: str, count: int = 1) -> None:
    for _ in range(RELOADS):
        if page.locator(selector).count() == count:
            return
        page.wait_for_timeout(200)
        page.reload()
    raise AssertionError(f"{selector} did not come")


def test_start_read_fork_two_ways_ask_and_stop(windows: Windows) -> None:
    page = windows.open("/", java_script_enabled=False)
    textbox(page, "Prompt").fill("Give a plain answer without script")
    button(page, "Start").click()
    page.wait_for_url("**/sessions/**")
    reload_until(page, "[data-session][data-status=done]")
    expect(only_pane(page).locator(".blocks").first).to_be_visible()

    button(turn_of(only_pane(page), 1), "Fork from here").click()
    textbox(page, "First prompt").fill(APPROACHES[0])
    button(page, "Add another approach").click()
    expect(textbox(page, "First prompt")).to_have_value(APPROACHES[0])
    textbox(page, "First prompt 2").fill("Stream 20 deltas/s for 60 s")
    button(page, "Fork").click()
    page.wait_for_url("**/compare/?**")
    reload_until(page, "[data-session]", count=2)
    expect(pane_of(page, APPROACHES[0])).to_be_visible()
    reload_until(page, "[data-session][data-status=done]")

    streaming = panes(page).last
    expect_status(streaming, "running")
    reload_until(page, "[data-session][data-status=running] [data-live] .blocks:has-text('w0001')")
    button(streaming, "Stop").click()
    reload_until(page, "[data-session][data-status=interrupted]")
    expect(streaming).to_contain_text("w0001")
    assert "/compare/" in page.url, "a form leads back to the page it was on"

    composer_of(streaming).fill("Give a plain answer to go on")
    button(streaming, "Send").click()
    reload_until(page, "[data-session]:last-child [data-turn='3'][data-status=done]")


def test_rename_and_edit(windows: Windows) -> None:
    page = windows.open("/", java_script_enabled=False)
    textbox(page, "Prompt").fill("Give a plain answer to rename")
    button(page, "Start").click()
    reload_until(page, "[data-session][data-status=done]")
    button(only_pane(page), "Rename Give a plain answer to rename").click()
    textbox(page, "Title").fill("Named by hand")
    button(page, "Save").click()
    expect(pane_of(page, "Named by hand")).to_be_visible()
    button(turn_of(only_pane(page), 1), "Edit and resend").click()
    expect(textbox(page, "Prompt")).to_have_value("Give a plain answer to rename")
    textbox(page, "Prompt").fill("Give a plain answer, edited")
    button(page, "Send as a new branch").click()
    expect(pane_of(page, "Give a plain answer, edited")).to_be_visible()
