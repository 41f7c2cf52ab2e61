"""What an agent asked outlives nothing that ends its turn: people are told so, and how to go on."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http.client import HTTPException
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.browser.people import button, expect_connected, expect_status, only_pane, turn_of
from tests.browser.sameness import assert_same_as_fresh, silence
from tests.browser.test_permissions import expect_waiting
from tests.browser.windows import Windows, cookies_of
from tests.faults.scene import ASKING, ENDED, LONG, Scene, assert_valid, new_scene, said_to_model, until
from tests.faults.test_crash import assert_failed, crash
from tests.faults.test_reconnect import LOST
from tests.faults.test_stop import assert_stopped

CALL, QUESTION = "Do something that needs permission", "Ask me a question"
# Seconds between an answer and the end of its server.
DELAYS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3) if LONG else (0.0, 0.03, 0.1)
REFUSALS = {CALL: "Deny", QUESTION: "Do not answer"}
ASKED = {CALL: "curl -sS http://127.0.0.1:9/", QUESTION: "Which style should the API have?"}


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Scene]:
    with new_scene(tmp_path, ESPALIER_STOP_SECONDS="1", **ASKING) as scene:
        yield scene


@pytest.fixture
def watching(asking: Scene, browser: Browser) -> Iterator[Windows]:
    with ExitStack() as stack:
        opened = Windows(browser, asking.server.url, cookies_of(asking.client), stack)
        opened.forgive(*LOST)
        yield opened
        complaints = opened.complaints
    assert not complaints


def open_branch(windows: Windows, scene: Scene, turn: int, *, silent: bool = False) -> Page:
    """A window on the branch of a turn that waits; one that is `silent` hears nothing of what comes."""
    page = windows.open("/")
    if silent:
        page.route_web_socket("**/live/", silence)
    page.goto(f"/sessions/{scene.session(turn)}/")
    expect_status(only_pane(page), "waiting")
    expect_connected(page)
    return page


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_question_left_open_over_a_restart_is_closed_in_words_and_asked_again(
    asking: Scene, watching: Windows, number: signal.Signals
) -> None:
    turns = {prompt: asking.ask(prompt) for prompt in (QUESTION, CALL)}
    requests = [asking.asked(turn) for turn in turns.values()]
    pages = {prompt: open_branch(watching, asking, turn) for prompt, turn in turns.items()}
    old = {prompt: open_branch(watching, asking, turn, silent=True) for prompt, turn in turns.items()}
    everything = watching.open("/requests/")
    for page in (*pages.values(), everything):
        expect_waiting(page, 2)

    asking.server.stop(number)
    until(lambda: not asking.processes(), ENDED)
    asking.start()
    for turn in turns.values():
        until(lambda turn=turn: asking.over(turn))  # type: ignore[misc]
        assert asking.status(turn) == "interrupted"
    assert [asking.state(request) for request in requests] == ["closed", "closed"]
    assert asking.temporary() == []

    for prompt, page in pages.items():
        expect_status(only_pane(page), "interrupted")
        expect(only_pane(page).get_by_role("alertdialog")).to_have_count(0)
        expect(turn_of(only_pane(page), 1)).to_contain_text("It cannot be answered any more. Resume the turn")
        expect_waiting(page, 0)
        button(only_pane(old[prompt]), REFUSALS[prompt]).click()
        expect(old[prompt].get_by_role("alert").filter(has_text="Too late: the turn has ended")).to_be_visible()
        expect_status(only_pane(old[prompt]), "interrupted")
        assert_same_as_fresh(page)
    expect(everything.get_by_text("Nothing waits for you")).to_be_visible()
    assert_same_as_fresh(everything)

    for prompt, page in pages.items():
        button(only_pane(page), "Resume").click()
        again = turn_of(only_pane(page), 2).get_by_role("alertdialog")
        expect(again).to_contain_text(ASKED[prompt])
        button(again, REFUSALS[prompt]).click()
        expect_status(only_pane(page), "done")
        assert_same_as_fresh(page)
        history = asking.last_request(turns[prompt])
        assert_valid(history)
        assert prompt in said_to_model(history)
        assert said_to_model(history).count(ASKED[prompt]) >= 2, "as it was asked, and as it was asked again"
    until(lambda: not asking.processes(), ENDED)


@pytest.mark.parametrize("prompt", [QUESTION, CALL])
def test_a_stop_while_a_request_waits(asking: Scene, prompt: str) -> None:
    turn = asking.ask(prompt)
    request = asking.asked(turn)
    assert_stopped(asking, turn)
    assert asking.state(request) == "closed"
    after = asking.go_on(turn, "Hello again")
    asking.done(after)
    assert_valid(asking.last_request(after))


@pytest.mark.parametrize("prompt", [QUESTION, CALL])
def test_an_agent_is_killed_while_its_request_waits(asking: Scene, prompt: str) -> None:
    turn = asking.ask(prompt)
    request = asking.asked(turn)
    asking.cli().kill()
    assert_failed(asking, turn)
    assert asking.state(request) == "closed"
    after = asking.go_on(turn, "Hello again")
    asking.done(after)
    assert_valid(asking.last_request(after))


def test_an_answer_that_comes_while_the_server_is_killed_counts_or_not_and_nothing_waits(asking: Scene) -> None:
    for delay in DELAYS:
        turn = asking.ask(CALL)
        request = asking.asked(turn)
        answering = threading.Thread(target=try_to_allow, args=(asking, request))
        answering.start()
        time.sleep(delay)
        crash(asking)
        answering.join()
        until(lambda turn=turn: asking.over(turn))  # type: ignore[misc]
        assert asking.status(turn) in ("interrupted", "done")
        assert asking.state(request) in ("closed", "allowed")
        assert not asking.query("SELECT 1 FROM sessions_app_message WHERE state = 'live'")
        until(lambda: not asking.processes(), ENDED)
        after = asking.go_on(turn, "Hello again")
        asking.done(after)
        assert_valid(asking.last_request(after))


def try_to_allow(scene: Scene, request: int) -> None:
    """To a server that may be gone before, while or after it hears of it."""
    with suppress(OSError, HTTPException):
        scene.client.post(f"/requests/{request}/", {"decision": "allow"})


def test_an_answer_given_while_the_socket_is_down_is_an_answer(asking: Scene, watching: Windows) -> None:
    turn = asking.ask(CALL)
    asking.asked(turn)
    page = watching.open("/")
    down = True

    def refuse_while_down(opened: WebSocketRoute) -> None:
        if down:
            opened.close()
        else:
            opened.connect_to_server()

    page.route_web_socket("**/live/", refuse_while_down)
    page.goto(f"/sessions/{asking.session(turn)}/")
    expect(page.get_by_role("status").filter(has_text="Not connected")).to_be_visible()
    button(only_pane(page), "Allow once").click()
    expect(turn_of(only_pane(page), 1)).to_contain_text("Allowed once by you")
    asking.done(turn)
    down = False
    expect_status(only_pane(page), "done")
    expect(turn_of(only_pane(page), 1)).to_contain_text("curl: (7)")
    expect_connected(page)
    assert_same_as_fresh(page)
