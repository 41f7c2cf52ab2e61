"""A page that saw a turn happen is, in the end, what a fresh load shows (invariant 3)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.people import (
    APPROACHES,
    button,
    expect_connected,
    expect_status,
    fork_into,
    only_pane,
    open_fork_dialog,
    panes,
    send,
    start_tree,
    textbox,
    turn_of,
)
from tests.browser.sameness import assert_same_as_fresh
from tests.browser.windows import Window, Windows

REFUSE = re.compile("^(Deny|Do not answer)$")
# Pairs of turns of one branch: what is interesting is each turn, and a branch is dearer to start than to continue.
SCRIPTS = [
    ("Show rich Markdown", "done", "Think hard before answering", "done"),
    ("Edit a file", "done", "Run a command", "done"),
    ("Do something that needs permission", "waiting", "Run a failing command", "done"),
    ("Run a command with a lot of output", "done", "Use several tools in parallel", "done"),
    ("Show hostile output", "done", "Show hostile tool output", "done"),
    ("Refuse this", "failed", "Fail with prompt too long", "failed"),
    ("Cut the stream once", "done", "Give a huge answer", "done"),
    ("Ask me a question", "waiting", "Make a list of tasks", "done"),
]


@pytest.mark.parametrize(
    ("first", "first_status", "second", "second_status"), SCRIPTS, ids=[each[0] for each in SCRIPTS]
)
def test_a_page_ends_as_a_fresh_one(
    window: Window,
    pace: Callable[[float], None],
    first: str,
    first_status: str,
    second: str,
    second_status: str,
) -> None:
    pace(0.15)
    pane = start_tree(window, first)
    late = window.context.new_page()
    late.goto(window.url)
    expect_status(pane, first_status)
    assert_same_as_fresh(window, late)
    if first_status == "waiting":
        # The rest of the turn is what comes of the answer.
        pane.get_by_role("button", name=REFUSE).click()
        expect_status(pane, "done")
        assert_same_as_fresh(window, late)
    pace(0.0)
    send(pane, second)
    expect(turn_of(pane, 2)).to_have_attribute("data-status", second_status)
    expect_status(only_pane(late), second_status)
    assert_same_as_fresh(window, late)


def test_a_page_is_as_a_fresh_one_while_the_text_is_being_written(window: Window, windows: Windows) -> None:
    pane = start_tree(window, "Stall mid-answer, please")
    expect(pane.locator("[data-live] .blocks")).not_to_be_empty()
    late = windows.open(window.url)
    expect_connected(late)
    expect(late.locator("[data-live] .blocks")).to_have_text(pane.locator("[data-live] .blocks").inner_text())
    assert_same_as_fresh(window, late)
    button(pane, "Stop").click()
    for page in (window, late):
        expect_status(only_pane(page), "interrupted")
    assert_same_as_fresh(window, late)


def test_home_and_tree_follow_what_happens_elsewhere(window: Window, windows: Windows) -> None:
    home, outline = window, windows.open("/")
    expect_connected(home)
    actor = windows.open("/")
    pane = start_tree(actor, "Stall mid-answer, and be listed")
    expect_status(pane, "running")
    assert_same_as_fresh(home)

    outline.goto(
        actor.get_by_role("navigation", name="You are here").get_by_role("link").last.get_attribute("href") or ""
    )
    expect_connected(outline)
    assert_same_as_fresh(outline)
    button(pane, "Stop").click()
    expect_status(pane, "interrupted")
    for page in (home, outline):
        assert_same_as_fresh(page)

    fork_into(open_fork_dialog(turn_of(pane, 1)), APPROACHES[:2])
    actor.wait_for_url("**/compare/?**")
    for pane in panes(actor).all():
        expect_status(pane, "done")
    for page in (home, outline, actor):
        assert_same_as_fresh(page)


def test_a_new_name_reaches_every_open_page(window: Window, windows: Windows) -> None:
    pane = start_tree(window, "Give a plain answer under a name")
    expect_status(pane, "done")
    fork_into(open_fork_dialog(turn_of(pane, 1)), ["Give a plain answer from a fork"])
    window.wait_for_url("**/compare/?**")
    expect_status(panes(window).last, "done")
    home, outline, branch = (window.context.new_page() for _ in range(3))
    home.goto("/")
    outline.goto(
        window.get_by_role("navigation", name="You are here").get_by_role("link").last.get_attribute("href") or ""
    )
    branch.goto(f"/sessions/{panes(window).last.get_attribute('data-session')}/")
    opened = [window, home, outline, branch]
    for page in opened:
        expect_connected(page)

    renaming = windows.open(f"/sessions/{panes(window).first.get_attribute('data-session')}/")
    button(only_pane(renaming), "Rename Give a plain answer under a name").click()
    textbox(renaming, "Title").fill("Renamed branch")
    button(renaming, "Save").click()
    expect(renaming.get_by_role("region", name="Renamed branch", exact=True)).to_be_visible()
    assert_same_as_fresh(branch)

    tree = windows.open(outline.url)
    button(tree, "Rename Give a plain answer under a name").click()
    textbox(tree, "Title").fill("Renamed tree")
    button(tree, "Save").click()
    expect(tree.get_by_role("heading", name="Renamed tree", exact=True)).to_be_visible()
    assert_same_as_fresh(outline, tree)
    for page in (window, home, branch, renaming):
        assert_same_as_fresh(page)


def test_a_comparison_can_add_branches_that_are_made_while_it_is_open(window: Window, windows: Windows) -> None:
    pane = start_tree(window, "Give a plain answer")
    expect_status(pane, "done")
    branch = window.url
    fork_into(open_fork_dialog(turn_of(pane, 1)), ["Give a plain answer"])
    window.wait_for_url("**/compare/?**")
    expect_connected(window)
    expect_status(panes(window).last, "done")
    adding = window.get_by_text("Add branch")
    expect(adding).to_be_hidden()

    elsewhere = windows.open(branch)
    fork_into(open_fork_dialog(turn_of(only_pane(elsewhere), 1)), ["Give a plain answer, made elsewhere"])
    expect(adding).to_be_visible()
    adding.click()
    window.get_by_label("Branch", exact=True).select_option("Give a plain answer, made elsewhere")
    assert_same_as_fresh(window)
    button(window, "Add").click()
    expect(panes(window)).to_have_count(3)
    expect(window.get_by_role("heading", name="Compare 3")).to_be_visible()
