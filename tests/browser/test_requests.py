"""What pages ask for: only our own server, without errors. And what they weigh, for people to read."""

from playwright.sync_api import Page, Response, expect

from tests.browser.people import expect_status, fork_into, open_fork_dialog, panes, start_tree, turn_of
from tests.browser.windows import Window, Windows


def weigh(windows: Windows, path: str) -> tuple[int, int]:
    """Requests and bytes of a first visit: with nothing in the cache."""
    page = windows.context().new_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(path, wait_until="networkidle")
    weight = sum(each.request.sizes()["responseBodySize"] for each in answers)
    assert [each.url for each in answers if each.status >= 400] == []
    page.context.close()
    return len(answers), weight


def conversation_of(page: Page) -> str:
    link = page.get_by_role("navigation", name="You are here").get_by_role("link").last
    return link.get_attribute("href") or ""


def test_no_page_asks_elsewhere_or_complains(window: Window, windows: Windows) -> None:
    """The windows themselves fail the test for either: see windows.py."""
    pane = start_tree(window, "Show rich Markdown")
    expect_status(pane, "done")
    branch = window.url
    fork_into(open_fork_dialog(turn_of(pane, 1)), ["Give a plain answer", "Show hostile output"])
    window.wait_for_url("**/compare/?**")
    for each in panes(window).all():
        expect_status(each, "done")
    comparison = window.url.partition("#")[0]
    paths = ["/", branch, comparison, f"{comparison}&view=numbers", conversation_of(window), "/sign-in/"]
    for path in paths:
        requests, weight = weigh(windows, path)
        print(f"{path.removeprefix(windows.url)[:40]:42} {requests:3} requests {weight / 1024:7.1f} kB")  # noqa: T201
    hosts = {each.url.partition("//")[2].partition("/")[0] for each in windows.requests}
    assert hosts == {windows.url.removeprefix("http://")}


def test_the_browser_is_told_to_run_nothing_inline(window: Window) -> None:
    answer = window.request.get("/")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    expect(window.locator("[style], script:not([src]), style")).to_have_count(0)
