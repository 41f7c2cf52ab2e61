"""What waits for a person is seen everywhere it should be, answered once, and decided otherwise in another branch."""

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, expect

from sessions_app.demo_model.thread import DemoModelThread
from tests.browser.people import (
    button,
    expect_connected,
    expect_status,
    id_of,
    only_pane,
    panes,
    start_tree,
    turn_of,
)
from tests.browser.sameness import assert_same_as_fresh
from tests.browser.windows import Windows, cookies_of
from tests.support.server import ServerProcess, signed_in_client

ASKS = "Do something that needs permission"


@pytest.fixture
def asking(scripted_model: DemoModelThread, browser: Browser) -> Iterator[Windows]:
    """Windows of a server whose agents ask before they act, as they do unless told otherwise."""
    environment = {"ANTHROPIC_BASE_URL": scripted_model.url, "ANTHROPIC_API_KEY": "scripted"}
    with ServerProcess(environment) as server, ExitStack() as stack:
        opened = Windows(browser, server.url, cookies_of(signed_in_client(server)), stack)
        yield opened
        complaints = opened.complaints
    assert not complaints


def expect_waiting(page: Page, number: int) -> None:
    badge = page.locator("#needs")
    expect(badge).to_have_attribute("data-count", str(number))
    expect(page).to_have_title(re.compile(rf"^\({number}\) ") if number else re.compile(r"^[^(]"))


def test_a_request_is_seen_everywhere_and_answered_once(asking: Windows) -> None:
    here = asking.open("/")
    home = asking.open("/")
    expect_connected(home)
    pane = start_tree(here, ASKS)
    expect_status(pane, "waiting")
    asked = pane.get_by_role("alertdialog", name="Claude wants to run a command")
    expect(asked).to_contain_text("curl -sS http://127.0.0.1:9/")
    expect_waiting(here, 1)
    expect_waiting(home, 1)
    expect(home.locator("#conversations li")).to_contain_text("1 needs you")
    there = asking.open(here.url)
    tree = asking.open(here.locator(".crumbs a").get_attribute("href") or "")
    expect(tree.get_by_role("link", name=f"{ASKS}, waiting")).to_be_visible()
    everything = asking.open("/requests/")
    expect(everything.get_by_role("alertdialog")).to_have_count(1)
    assert_same_as_fresh(here, there)

    # The other window answers with its connection down: forms do without the socket.
    there.route_web_socket("**/live/", lambda _: None)
    there.reload()
    button(only_pane(there), "Deny").click()
    expect(only_pane(there)).to_contain_text("Denied by you")
    for page in (here, home, everything):
        expect_waiting(page, 0)
    expect(everything.get_by_text("Nothing waits for you")).to_be_visible()
    expect(everything.get_by_role("alertdialog")).to_have_count(0)
    expect_status(pane, "done")
    expect(asked).to_have_count(0)
    expect(turn_of(pane, 1)).to_contain_text("Denied by you")
    assert_same_as_fresh(here)
    assert_same_as_fresh(home)
    assert_same_as_fresh(tree)


# A browser that notes what it was asked to show, and a tab that is not looked at.
UNSEEN = """
  window.shown = [];
  window.Notification = class extends EventTarget {
    static permission = "granted";
    static requestPermission = async () => "granted";
    constructor(title, { body }) { super(); window.shown.push(`${title}: ${body}`); }
  };
  Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
"""


def test_who_asked_for_it_is_notified_of_what_waits_while_they_look_elsewhere(asking: Windows) -> None:
    elsewhere = asking.open("/requests/")
    elsewhere.context.add_init_script(UNSEEN)
    elsewhere.reload()
    expect_connected(elsewhere)
    start_tree(asking.open("/"), ASKS)
    expect_waiting(elsewhere, 1)
    assert elsewhere.evaluate("shown") == []

    button(elsewhere, "Notify me on this device").click()
    expect(button(elsewhere, "Notify me on this device")).to_have_attribute("aria-pressed", "true")
    start_tree(asking.open("/"), ASKS)
    expect_waiting(elsewhere, 2)
    assert elsewhere.evaluate("shown") == ["Espalier: An agent waits for your answer."]


def test_a_late_answer_is_told_who_was_first(asking: Windows) -> None:
    page = asking.open("/")
    pane = start_tree(page, ASKS)
    expect_status(pane, "waiting")
    late = asking.open("/")
    late.route_web_socket("**/live/", lambda _: None)
    late.goto(page.url)
    button(pane, "Allow once").click()
    expect_status(pane, "done")
    button(only_pane(late), "Deny").click()
    expect(late.get_by_role("alert").filter(has_text="you allowed this")).to_be_visible()
    expect(only_pane(late)).to_contain_text("Allowed once by you")


def test_what_is_typed_for_an_answer_survives_other_changes(asking: Windows) -> None:
    page = asking.open("/")
    pane = start_tree(page, "Ask me a question")
    expect_status(pane, "waiting")
    asked = pane.get_by_role("alertdialog", name="Claude has 2 questions")
    asked.get_by_label("gRPC").check()
    asked.get_by_placeholder("Something else, too").fill("Search")
    # The whole turn is sent anew when a prompt is queued behind it.
    pane.locator("textarea[name=prompt]").fill("And then?")
    button(pane, "Queue").click()
    expect(turn_of(pane, 2)).to_be_visible()
    expect(asked.get_by_label("gRPC")).to_be_checked()
    expect(asked.get_by_placeholder("Something else, too")).to_have_value("Search")
    page.reload()
    expect_connected(page)
    expect(asked.get_by_label("gRPC")).to_be_checked()
    expect(asked.get_by_placeholder("Something else, too")).to_have_value("Search")
    button(asked, "Answer").click()
    expect(turn_of(pane, 1)).to_contain_text('"Which style should the API have?"="gRPC"')
    expect(turn_of(pane, 1)).to_contain_text("Search")
    expect_status(pane, "done")
    assert_same_as_fresh(page)


def test_keys_in_a_field_answer_nothing(asking: Windows) -> None:
    """Enter presses a form's first button, and rows share one form: that could be "Allow once", of whatever request."""
    page = asking.open("/")
    pane = start_tree(page, "Ask me a question")
    asked = pane.get_by_role("alertdialog", name="Claude has 2 questions")
    asked.get_by_label("gRPC").check()
    asked.get_by_placeholder("Something else, too").fill("Search")
    without_script = asking.open(page.url, java_script_enabled=False)
    without_script.get_by_role("alertdialog").get_by_label("gRPC").check()
    for window in (page, without_script):
        for key in ("Enter", "Control+Enter"):
            window.get_by_label("gRPC").press(key)
            window.get_by_placeholder("Something else, too").press(key)
        expect(window.get_by_role("alertdialog")).to_be_visible()
        expect(window).to_have_url(page.url)
    expect(asked.get_by_placeholder("Something else, too")).to_have_value(re.compile("^Search"))
    button(asked, "Answer").click()
    expect_status(pane, "done")


def test_a_rule_is_seen_before_it_is_made_and_asks_no_more(asking: Windows) -> None:
    page = asking.open("/")
    pane = start_tree(page, ASKS)
    expect_status(pane, "waiting")
    button(pane, "Always allow …").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Any command that only runs curl, whatever its arguments").check()
    dialog.get_by_label("In this tree").check()
    button(dialog, "Allow and remember").click()
    expect_status(pane, "done")
    expect(turn_of(pane, 1)).to_contain_text("Always allowed by you")
    pane.locator("textarea[name=prompt]").fill(ASKS)
    button(pane, "Send").click()
    expect(turn_of(pane, 2)).to_contain_text("Allowed by a rule")
    expect_status(pane, "done")
    page.goto("/rules/")
    button(page, "Revoke: any command that only runs curl, whatever its arguments").click()
    expect(page.get_by_text("revoked by you")).to_be_visible()


def test_one_call_decided_both_ways_side_by_side(asking: Windows) -> None:
    page = asking.open("/")
    pane = start_tree(page, ASKS)
    expect_status(pane, "waiting")
    parent = id_of(pane)
    button(pane, "Fork here").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_placeholder("If you deny").fill("Use wget instead")
    button(dialog, "Fork and deny").click()
    page.wait_for_url("**/compare/**")
    here, there = panes(page).first, panes(page).last
    assert id_of(here) == parent
    expect_status(there, "done")
    expect(there).to_contain_text("Use wget instead")
    expect_status(here, "waiting")
    expect(turn_of(here, 1).get_by_role("alertdialog")).to_be_visible()
    button(here, "Allow once").click()
    expect_status(here, "done")
    expect(here).to_contain_text("curl: (7)")
    expect(there).not_to_contain_text("curl: (7)")
    assert_same_as_fresh(page)


def test_a_plan_is_read_revised_and_approved(asking: Windows) -> None:
    asking.forgive("422")  # a revision without a word
    page = asking.open("/")
    page.get_by_text("Permission: Ask").click()
    page.get_by_label("Permission mode").select_option("Plan")
    pane = start_tree(page, "Make a plan")
    asked = pane.get_by_role("alertdialog", name="Claude has a plan")
    expect(asked.get_by_role("heading", name="Plan: a user management API")).to_be_visible()
    expect(pane.locator(".mode")).to_have_text("Plan")
    button(asked, "Revise").click()
    expect(asked).to_contain_text("Say what should change")
    asked.get_by_placeholder("To revise: what should change?").fill("Smaller steps")
    button(asked, "Revise").click()
    expect_status(pane, "done")
    expect(turn_of(pane, 1)).to_contain_text("Smaller steps")
    pane.locator("textarea[name=prompt]").fill("Make a plan again")
    button(pane, "Send").click()
    expect_status(pane, "waiting")
    button(pane, "Approve and accept edits").click()
    expect_status(pane, "done")
    expect(pane.locator(".mode")).to_have_text("Accept edits")
    assert_same_as_fresh(page)


def test_a_dialog_that_had_nothing_to_fill_in_is_asked_for_anew(asking: Windows) -> None:
    page = asking.open("/")
    pane = start_tree(page, ASKS)
    expect_status(pane, "waiting")
    dialog = page.get_by_role("dialog")
    button(pane, "Fork").click()
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("textbox")).to_have_count(0)
    dialog.locator("[data-close]").click()
    button(pane, "Deny").click()
    expect_status(pane, "done")
    button(pane, "Fork").click()
    expect(dialog.get_by_label("First prompt")).to_be_visible()
    # Each approach that is added has choices of its own.
    for number in (2, 3):
        button(dialog, "Add another approach").click()
        dialog.get_by_text("Permission: Ask").nth(number - 1).click()
        dialog.get_by_label(f"Permission mode {number}").select_option("Plan")
    assert dialog.locator("select[name=mode]").evaluate_all("all => all.map((each) => each.value)") == [
        "",
        "plan",
        "plan",
    ]
