"""Each way a turn can fail has its own words: with the real SDK, the real CLI, and the scripted model."""

import os
import socket
import stat
from decimal import Decimal
from pathlib import Path

import psutil
import pytest
from pytest_django.fixtures import Settings

from sessions_app.models import Message, Session, Turn, TurnStatus
from sessions_app.rendering.failures import FAILURES
from tests.runs.world import World, in_thread

pytestmark = [pytest.mark.django_db(transaction=True)]


def written(session: Session) -> list[str]:
    """What the agent wrote in a branch, without notices."""
    messages = Message.objects.filter(turn__session=session).exclude(kind="notice").order_by("turn", "position")
    return [message.text for message in messages]


def notices(session: Session) -> list[str]:
    return list(Message.objects.filter(turn__session=session, kind="notice").values_list("text", flat=True))


async def failed(world: World, prompt: str) -> Turn:
    """The turn of a prompt that is to fail, after a look at what holds for all failures."""
    session = await world.start(prompt)
    turn = await world.turn(session, 1)
    assert turn.status == TurnStatus.FAILED
    assert turn.error_kind in FAILURES
    assert "{" not in turn.error
    return turn


# Prompt, kind, words with the particulars; the CLI does not retry these.
AT_ONCE = [
    ("Fail with permission error", "permission_denied", "Your API key does not have permission"),
    ("Fail with prompt too long", "prompt_too_long", "no history before it"),
    ("Fail with request too large", "request_too_large", "Pictures and files"),
    ("Fail with invalid request", "invalid_request", "Reported: “messages.1: roles must alternate”."),
    ("Fail with no credit", "billing_error", "credit balance"),
    ("Fail with usage limit", "rate_limit", "answered once that there were too many requests (429)"),
    ("Refuse this", "refusal", "safety checks"),
    ("Hit the token limit always", "output_limit", "4 times in a row"),
]


@pytest.mark.parametrize(("prompt", "kind", "words"), AT_ONCE, ids=[each[1] for each in AT_ONCE])
async def test_what_the_model_refuses_at_once_is_told_in_words(
    world: World, prompt: str, kind: str, words: str
) -> None:
    turn = await failed(world, prompt)
    assert turn.error_kind == kind
    assert words in turn.error


RETRIED = [
    ("Fail with authentication error", "authentication_failed", "has expired"),
    ("Fail with overloaded", "overloaded", "turned the request away 5 times (529)"),
    ("Fail mid-stream", "overloaded", "turned the request away 5 times (529)"),
    ("Fail with rate limit", "rate_limit", "answered 5 times"),
    ("Fail with internal error", "server_error", "answered 5 times with an error of its own (500)"),
    ("Cut the stream always", "connection_lost", "in the middle of the answer"),
]


@pytest.mark.parametrize(("prompt", "kind", "words"), RETRIED, ids=[each[1] for each in RETRIED])
async def test_what_several_attempts_did_not_help_is_told_with_their_number(
    world: World, prompt: str, kind: str, words: str
) -> None:
    turn = await failed(world, prompt)
    assert turn.error_kind == kind
    assert words in turn.error
    assert len(world.requests_of(turn.session_id)) >= 5
    notice = await in_thread(Message.objects.get, turn=turn, kind="notice")
    assert notice.input is None
    assert "Asking again" not in notice.text


async def test_a_login_is_told_when_its_limit_resets(world: World) -> None:
    world.pool.credentials = {"ANTHROPIC_BASE_URL": world.model.url, "CLAUDE_CODE_OAUTH_TOKEN": "scripted"}
    turn = await failed(world, "Fail with usage limit")
    assert turn.error_kind == "usage_limit"
    assert turn.error.startswith("The 5-hour limit of this login is used up. It resets on ")
    assert turn.error.endswith(" UTC.")


async def test_without_credentials_it_says_so_and_asks_nobody(world: World) -> None:
    world.pool.credentials = {"ANTHROPIC_BASE_URL": world.model.url}
    turn = await failed(world, "Hello")
    assert turn.error_kind == "no_credentials"
    assert world.requests_of(turn.session_id) == []


async def test_a_wrong_model_is_named(world: World, settings: Settings) -> None:
    settings.MODELS = [settings.DEFAULT_MODEL, "claude-nonexistent-9"]
    settings.DEFAULT_MODEL = "claude-nonexistent-9"
    turn = await failed(world, "Hello")
    assert turn.error_kind == "model_not_found"
    assert "claude-nonexistent-9" in turn.error


async def test_a_history_too_long_to_shorten_is_another_matter_than_a_long_prompt(world: World) -> None:
    session = await world.start("Hello")
    turn = await world.send(session, "Fail with prompt too long")
    turn = await world.turn(session, turn.number)
    assert (turn.status, turn.error_kind) == (TurnStatus.FAILED, "context_too_long")


async def test_a_model_that_is_not_there_is_unreachable(world: World) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and not listened on: every connection is refused
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        world.pool.credentials = {**world.pool.credentials, "ANTHROPIC_BASE_URL": address}
        turn = await failed(world, "Hello")
    assert turn.error_kind == "unreachable"
    assert "tried 5 times" in turn.error


async def test_a_turn_ends_at_its_steps_and_the_branch_goes_on(world: World, settings: Settings) -> None:
    settings.TURN_STEPS = 1
    session = await world.start("Edit a file")
    turn = await world.turn(session, 1)
    assert (turn.status, turn.error_kind) == (TurnStatus.FAILED, "max_turns")
    assert "1 step here" in turn.error
    settings.TURN_STEPS = None
    await world.send(session, "Go on")
    assert (await world.turn(session, 2)).status == TurnStatus.DONE


async def test_a_turn_ends_at_its_budget_and_says_what_it_cost(world: World, settings: Settings) -> None:
    settings.TURN_BUDGET_USD = Decimal("0.002")
    turn = await failed(world, "Edit a file")
    assert turn.error_kind == "budget_exhausted"
    assert "$0.002 here; this one has cost $0.0" in turn.error


async def test_a_silent_model_is_given_up_after_the_set_time_and_its_words_are_kept(
    world: World, settings: Settings
) -> None:
    settings.STALL_SECONDS = 3
    session = await world.start("Stall mid-answer")
    turn = await world.turn(session, 1)
    assert (turn.status, turn.error_kind) == (TurnStatus.FAILED, "stalled")
    assert "for 3 s" in turn.error
    assert turn.duration_ms is not None
    assert turn.duration_ms >= 3000
    (text,) = await in_thread(written, session)
    assert text
    assert await in_thread(notices, session) == []
    await world.send(session, "Hello again")
    assert (await world.turn(session, 2)).status == TurnStatus.DONE


async def test_an_answer_that_a_person_stops_did_not_break_off(world: World) -> None:
    session = await world.start("stream 20 deltas/s for 30 s", wait=False)
    await world.stop(await world.running(session, 1, saying="w0005"))
    await world.settled(session)
    assert (await world.turn(session, 1)).error_kind == "stopped"
    assert await in_thread(notices, session) == []


async def test_a_silence_the_cli_notices_first_is_asked_about_again_and_nothing_is_doubled(
    world: World, settings: Settings
) -> None:
    settings.STALL_SECONDS = 15  # the CLI gives the stream up after 10 s, and asks again without streaming
    session = await world.start("Stall mid-answer once")
    assert (await world.turn(session, 1)).status == TurnStatus.DONE
    (text,) = await in_thread(written, session)
    assert text.count("attempt 2") == 1
    assert await in_thread(notices, session) == ["The answer broke off in the middle; attempt 2 was answered."]


async def test_a_tool_may_be_silent_for_longer_than_the_model_but_not_forever(world: World, settings: Settings) -> None:
    settings.STALL_SECONDS, settings.TOOL_SECONDS = 2, 60
    session = await world.start("Run a command that takes 6 s")
    assert (await world.turn(session, 1)).status == TurnStatus.DONE
    settings.TOOL_SECONDS = 2
    turn = await failed(world, "Run a command that takes 60 s")
    assert turn.error_kind == "tool_stalled"
    assert turn.error.startswith("Bash gave no result for 2 s")


async def test_an_agent_killed_from_outside_says_by_what(world: World) -> None:
    session = await world.start("stream 20 deltas/s for 30 s", wait=False)
    turn = await world.running(session, 1, saying="w0005")
    (cli,) = [each for each in psutil.Process().children() if str(session.pk) in " ".join(each.cmdline())]
    cli.kill()
    await world.settled(session)
    turn = await world.turn(session, 1)
    assert (turn.status, turn.error_kind) == (TurnStatus.FAILED, "cli_killed")
    assert "SIGKILL" in turn.error
    (text,) = await in_thread(written, session)
    assert text.startswith("w0001 w0002")


async def test_an_agent_that_breaks_down_says_what_it_said_last(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "claude"
    broken.write_text("#!/bin/sh\necho 'the runtime is gone' >&2\nexit 3\n")
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("ESPALIER_CLI", str(broken))
    turn = await failed(world, "Hello")
    assert turn.error_kind == "cli_failed"
    assert "the runtime is gone" in turn.error


@pytest.mark.parametrize("exists", [True, False], ids=["cannot be run", "is not there"])
async def test_a_cli_that_cannot_be_started_is_named(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exists: bool
) -> None:
    missing = tmp_path / "claude"
    if exists:
        missing.touch()
    monkeypatch.setenv("ESPALIER_CLI", str(missing))
    turn = await failed(world, "Hello")
    assert turn.error_kind == "cli_missing"
    assert str(missing) in turn.error


async def test_a_directory_that_cannot_be_used_is_named(world: World, settings: Settings) -> None:
    taken = settings.DATA_DIR / "cli"
    taken.touch()
    turn = await failed(world, "Hello")
    assert turn.error_kind == "directory_failed"
    assert f"{os.fspath(taken)}" in turn.error
