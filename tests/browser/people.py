"""What a person does in a browser, by the names that UI.md promises."""

from collections.abc import Sequence

from playwright.sync_api import Locator, Page, expect

STORY = "Help me design a REST API for a user management system"
APPROACHES = (
    "Now let's redesign this as a GraphQL API instead",
    "Keep REST, add cursor pagination and show the list endpoint",
    "gRPC, keep a JSON gateway for the browser",
)


def textbox(place: Page | Locator, name: str) -> Locator:
    return place.get_by_role("textbox", name=name, exact=True)


def button(place: Page | Locator, name: str) -> Locator:
    return place.get_by_role("button", name=name, exact=True)


def panes(page: Page) -> Locator:
    return page.locator("[data-session]")


def pane_of(page: Page, title: str) -> Locator:
    return page.get_by_role("region", name=title, exact=True)


def only_pane(page: Page) -> Locator:
    expect(panes(page)).to_have_count(1)
    return panes(page)


def turn_of(pane: Locator, number: int) -> Locator:
    return pane.get_by_role("article", name=f"Turn {number}", exact=True)


def composer_of(pane: Locator) -> Locator:
    return pane.locator("textarea[name=prompt]")


def log_of(pane: Locator) -> Locator:
    return pane.get_by_role("log")


def expect_status(pane: Locator, status: str) -> None:
    expect(pane).to_have_attribute("data-status", status)


def expect_connected(page: Page) -> None:
    """Until the socket is open, a change could come with the page and not through the socket."""
    expect(page.locator("body")).to_have_attribute("data-connected", "")


def start_tree(page: Page, prompt: str) -> Locator:
    """From the home page; the new branch's pane."""
    textbox(page, "Prompt").fill(prompt)
    button(page, "Start").click()
    page.wait_for_url("**/sessions/*/")
    return only_pane(page)


def send(pane: Locator, prompt: str) -> None:
    composer_of(pane).fill(prompt)
    composer_of(pane).press("Control+Enter")
    expect(composer_of(pane)).to_have_value("")


def open_fork_dialog(turn: Locator) -> Locator:
    button(turn, "Fork from here").click()
    dialog = turn.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def fork_into(dialog: Locator, prompts: Sequence[str]) -> None:
    for number, prompt in enumerate(prompts, start=1):
        if number > 1:
            button(dialog, "Add another approach").click()
        textbox(dialog, "First prompt" if number == 1 else f"First prompt {number}").fill(prompt)
    button(dialog, "Fork").click()


def id_of(pane: Locator) -> str:
    return pane.get_attribute("data-session") or ""
