"""Nothing that a model, a tool, a file or a person wrote runs, reaches out or breaks the page (invariant 5)."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.people import expect_connected, expect_status, log_of, panes, send, start_tree
from tests.browser.sameness import assert_same_as_fresh
from tests.browser.stage import set_stage
from tests.browser.windows import Window, Windows
from tests.support.server import ServerProcess

# Watched besides: dialogs, errors in the console, requests to elsewhere (windows.py). `alert` is what the texts call.
CANARY = "window.__pwned = 0; window.alert = window.msgbox = () => { window.__pwned += 1; };"
HANDLERS = """() => [...document.querySelectorAll("*")].flatMap((element) => [...element.attributes]
  .filter(({ name, value }) => /^on/i.test(name) || /^\\s*(javascript|vbscript|data):/i.test(value))
  .map(({ name, value }) => `${element.localName} ${name}=${value.slice(0, 80)}`))"""
BATCH = 12


def armed(context: BrowserContext) -> Page:
    context.add_init_script(CANARY)
    return context.new_page()


def assert_unharmed(page: Page) -> None:
    assert page.evaluate("() => window.__pwned") == 0
    assert page.evaluate(HANDLERS) == []
    expect(page.locator("script:not([src])")).to_have_count(0)
    for role in ("banner", "main"):
        expect(page.get_by_role(role)).to_have_count(1)
        expect(page.get_by_role(role)).to_be_visible()
    expect(page.locator("iframe, object, embed, base, meta[http-equiv], main style, main link")).to_have_count(0)


def touch_everything(page: Page) -> None:
    """Open every row and run the pointer over every link, for handlers that wait for that."""
    page.evaluate("() => document.querySelectorAll('details').forEach((row) => { row.open = true; })")
    page.evaluate(
        "() => document.querySelectorAll('main a, main img, main summary').forEach((each) =>"
        " ['mouseover', 'focus', 'error', 'load'].forEach((kind) => each.dispatchEvent(new Event(kind))))"
    )


@pytest.fixture(scope="module")
def branches(server: ServerProcess) -> list[str]:
    return set_stage(server, "short_hostile")


def test_a_branch_in_which_every_text_is_hostile(windows: Windows, branches: list[str]) -> None:
    page = armed(windows.context())
    page.goto(f"/sessions/{branches[0]}/")
    expect_connected(page)
    expect(panes(page).get_by_role("article")).to_have_count(len(branches) - 1)
    touch_everything(page)
    assert_unharmed(page)


def test_outline_comparison_and_forks_with_hostile_titles(windows: Windows, branches: list[str]) -> None:
    page = armed(windows.context())
    page.goto(f"/sessions/{branches[0]}/")
    page.get_by_role("navigation", name="You are here").get_by_role("link").last.click()
    expect(page.get_by_role("checkbox")).to_have_count(len(branches))
    assert_unharmed(page)
    for start in range(1, len(branches) - 6, 6):
        page.goto("/compare/?" + "&".join(f"s={branch}" for branch in branches[start : start + 6]))
        expect(panes(page)).to_have_count(6)
        assert_unharmed(page)


def test_a_home_full_of_hostile_titles(windows: Windows, server: ServerProcess) -> None:
    trees = set_stage(server, "hostile_trees")
    page = armed(windows.context())
    page.goto("/")
    expect_connected(page)
    assert_unharmed(page)
    for tree in trees[-3:]:
        page.goto(f"/sessions/{tree}/")
        assert_unharmed(page)


def test_long_texts_leave_a_page_that_can_be_used(windows: Windows, server: ServerProcess) -> None:
    context = windows.context()
    page = armed(context)
    for branch in set_stage(server, "long_hostile"):
        page.goto(f"/sessions/{branch}/")
        assert_unharmed(page)
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")


def test_hostile_output_that_streams(window: Window) -> None:
    window.add_init_script(CANARY)
    window.reload()
    pane = start_tree(window, "Show hostile output")
    expect_status(pane, "done")
    send(pane, "Show hostile tool output")
    expect(log_of(pane).get_by_role("article").last).to_have_attribute("data-status", "done")
    touch_everything(window)
    assert_unharmed(window)
    assert_same_as_fresh(window)
