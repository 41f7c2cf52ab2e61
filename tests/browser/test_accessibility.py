"""axe finds nothing, on every page, light and dark, wide and narrow; and the names that UI.md promises are there."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.people import (
    APPROACHES,
    button,
    composer_of,
    expect_status,
    fork_into,
    log_of,
    open_fork_dialog,
    pane_of,
    panes,
    start_tree,
    textbox,
    turn_of,
)
from tests.browser.windows import Window, Windows

WIDTHS = {1440: 900, 390: 844}
Pages = dict[str, str]


def violations(page: Page, **options: Any) -> list[str]:
    # axe measures colours: what fades in has to have arrived.
    page.emulate_media(reduced_motion="reduce")
    found: list[dict[str, Any]] = Axe().run(page, options=options or None).response["violations"]
    return [
        f"{each['id']} ({each['impact']}): {node['target']} {node['html'][:160]}"
        for each in found
        for node in each["nodes"]
    ]


def look_everywhere(page: Page, what: str) -> list[str]:
    """In both colour schemes and at both widths."""
    found = []
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        found += [f"{what}, light, {width} px: {each}" for each in violations(page)]
        # Nothing but colours depends on the scheme.
        page.emulate_media(color_scheme="dark")
        found += [f"{what}, dark, {width} px: {each}" for each in violations(page, runOnly=["color-contrast"])]
        page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 900})
    return found


def check(page: Page, what: str) -> None:
    problems = look_everywhere(page, what)
    assert not problems, "\n".join(problems)


def test_pages_without_a_tree(windows: Windows) -> None:
    check(windows.open("/"), "empty home")
    stranger = windows.browser.new_context(base_url=windows.url)
    page = stranger.new_page()
    page.goto("/sign-in/")
    check(page, "sign-in")
    page.goto("/sign-in/no-such-token")
    check(page, "sign-in with a used link")
    stranger.close()
    windows.forgive("404")
    check(windows.open("/no-such-page/"), "not found")


def test_a_branch_that_runs_and_one_that_failed(window: Window) -> None:
    pane = start_tree(window, "Stall mid-answer")
    expect(pane.locator("[data-live] .blocks")).not_to_be_empty()
    check(window, "running branch")
    composer_of(pane).fill("Give a plain answer, queued")
    button(pane, "Queue").click()
    expect(turn_of(pane, 2)).to_have_attribute("data-status", "queued")
    check(window, "running branch with a queue")
    button(pane, "Stop").click()
    expect(turn_of(pane, 2)).to_have_attribute("data-status", "done")
    window.goto("/")
    pane = start_tree(window, "Fail with prompt too long")
    expect_status(pane, "failed")
    check(window, "failed branch")


def test_what_waits_for_an_answer(window: Window, windows: Windows) -> None:
    for prompt in ("Do something that needs permission", "Ask me a question", "Make a plan"):
        window.goto("/")
        pane = start_tree(window, prompt)
        expect_status(pane, "waiting")
        window.evaluate("() => document.querySelectorAll('.request details').forEach((row) => { row.open = true; })")
        check(window, f"request: {prompt}")
        button(pane, "Fork here").click()
        dialog = window.get_by_role("dialog")
        expect(dialog).to_be_visible()
        check(window, f"fork dialog: {prompt}")
        dialog.get_by_role("link", name="Cancel").click()
    everything = windows.open("/requests/")
    check(everything, "all requests")
    asked = everything.get_by_role("alertdialog", name="Claude wants to run a command")
    button(asked, "Always allow …").click()
    dialog = everything.get_by_role("dialog")
    expect(dialog).to_be_visible()
    check(everything, "always allow")
    button(dialog, "Allow and remember").click()
    expect(asked).to_have_count(0)
    everything.goto("/rules/")
    check(everything, "rules")
    # What is left is not the next test's.
    everything.goto("/requests/")
    button(everything.get_by_role("alertdialog", name="Claude has 2 questions"), "Do not answer").click()
    plan = everything.get_by_role("alertdialog", name="Claude has a plan")
    plan.get_by_placeholder("To revise").fill("Not now")
    button(plan, "Revise").click()
    expect(everything.get_by_role("alertdialog")).to_have_count(0)


def test_a_tree_and_its_comparison(window: Window) -> None:
    pane = start_tree(window, "Show rich Markdown")
    expect_status(pane, "done")
    for prompt in ("Think hard before answering", "Edit a file", "Do something that needs permission"):
        composer_of(pane).fill(prompt)
        button(pane, "Send").click()
        expect(pane.get_by_role("article").last).to_contain_text(prompt)
        if prompt.endswith("permission"):
            button(pane, "Deny").click()
        expect_status(pane, "done")
    window.evaluate("() => document.querySelectorAll('main details').forEach((row) => { row.open = true; })")
    check(window, "session")

    button(turn_of(pane, 1), "Edit and resend").click()
    dialog = window.get_by_role("dialog")
    expect(textbox(dialog, "Prompt")).to_be_visible()
    check(window, "edit dialog")
    dialog.get_by_role("link", name="Cancel").click()
    dialog = open_fork_dialog(turn_of(pane, 1))
    button(dialog, "Add another approach").click()
    check(window, "fork dialog")
    dialog.get_by_role("link", name="Cancel").click()

    fork_into(open_fork_dialog(turn_of(pane, 4)), APPROACHES)
    window.wait_for_url("**/compare/?**")
    for title in APPROACHES:
        expect_status(pane_of(window, title), "done")
    check(window, "comparison")
    window.get_by_role("tab", name="Numbers", exact=True).click()
    expect(window.get_by_role("table")).to_be_visible()
    check(window, "numbers")
    window.get_by_role("navigation", name="You are here").get_by_role("link").last.click()
    expect(window.get_by_role("checkbox")).to_have_count(4)
    check(window, "conversation")
    window.goto("/")
    check(window, "home")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_names_that_were_promised(windows: Windows, width: int) -> None:
    page = windows.open("/", viewport={"width": width, "height": WIDTHS[width]})
    title = "Give a plain answer to a name"
    pane = start_tree(page, title)
    expect(pane_of(page, title)).to_have_attribute("data-session", page.url.rstrip("/").rsplit("/", 1)[1])
    expect_status(pane, "done")
    expect(log_of(pane)).to_be_visible()
    expect(pane.get_by_text("Done", exact=True)).to_be_visible()
    expect(turn_of(pane, 1)).to_have_attribute("data-turn", "1")
    expect(textbox(pane, f"Prompt for {title}")).to_be_visible()
    for name in ("Send", "Fork"):
        expect(button(pane, name)).to_be_visible()

    dialog = open_fork_dialog(turn_of(pane, 1))
    expect(textbox(dialog, "First prompt")).to_be_focused()
    fork_into(dialog, ["Stall mid-answer", "Give a plain answer beside it"])
    page.wait_for_url("**/compare/?**")
    stalled = pane_of(page, "Stall mid-answer")
    expect_status(stalled, "running")
    for name in ("Queue", "Fork", "Stop"):
        expect(button(stalled, name)).to_be_visible()
    expect(stalled.get_by_text("Running", exact=True)).to_be_visible()
    button(stalled, "Stop").click()
    expect_status(stalled, "interrupted")
    expect_status(panes(page).last, "done")
    expect(textbox(page, "Prompt for all branches")).to_be_visible()
    expect(button(page, "Send to all")).to_be_visible()
    for name in ("Conversation", "Numbers"):
        expect(page.get_by_role("tab", name=name, exact=True)).to_be_visible()

    page.goto(f"/conversations/{tree_of(page)}/")
    expect(page.get_by_role("link", name=f"{title}, done", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Stall mid-answer, interrupted", exact=True)).to_be_visible()
    page.get_by_role("checkbox", name=f"Select {title}", exact=True).check()
    page.get_by_role("checkbox", name="Select Stall mid-answer", exact=True).check()
    button(page, "Compare selected").click()
    expect(panes(page)).to_have_count(2)


def tree_of(page: Page) -> str:
    return page.locator("[data-side-tree]").first.get_attribute("data-side-tree") or ""
