"""What goes wrong on purpose, and recovers when the prompt says "once"."""

import asyncio
from typing import Any

import aiohttp
import pytest

from sessions_app.demo_model.answering import Attempts
from tests.demo_model.wire import Api, assembled, said

ERRORS = [
    ("Fail with overloaded", 529, "overloaded_error"),
    ("Fail with a rate limit", 429, "rate_limit_error"),
    ("Fail with an authentication error", 401, "authentication_error"),
    ("Fail with permission error", 403, "permission_error"),
    ("Fail with prompt too long", 400, "invalid_request_error"),
    ("Fail with internal error", 500, "api_error"),
]


@pytest.mark.parametrize(("prompt", "status", "kind"), ERRORS)
@pytest.mark.parametrize("stream", [True, False])
async def test_api_errors_have_their_status_and_shape(
    api: Api, prompt: str, status: int, kind: str, stream: bool
) -> None:
    for _ in range(2):
        seen, answer = await api.ask(prompt, stream=stream)
        assert (seen, answer["type"], answer["error"]["type"]) == (status, "error", kind)


async def test_a_rate_limit_says_when_to_come_back(api: Api) -> None:
    request = {"model": "m", "messages": [said("user", "Fail with rate limit")]}
    async with api.session.post(f"{api.url}/v1/messages", json=request) as response:
        assert response.headers["retry-after"] == "2"


@pytest.mark.parametrize(("prompt", "status", "kind"), ERRORS)
async def test_once_means_that_the_second_attempt_succeeds(api: Api, prompt: str, status: int, kind: str) -> None:
    assert (await api.ask(f"{prompt} once"))[0] == status
    assert "attempt 2" in await api.text(f"{prompt} once")


async def received(api: Api, prompt: str) -> tuple[list[dict[str, Any]], Exception | None]:
    """The events until the stream ended or broke, and what broke it."""
    events = []
    try:
        async for event in api.events(prompt):
            events.append(event)
    except aiohttp.ClientError as error:
        return events, error
    return events, None


async def test_a_cut_stream_breaks_the_connection_in_the_middle_of_the_text(api: Api) -> None:
    for _ in range(2):
        events, error = await received(api, "Cut the stream always")
        assert isinstance(error, aiohttp.ClientPayloadError)
        assert events[-1]["type"] == "content_block_delta"
        assert assembled(events)[0]["text"]
    with pytest.raises(aiohttp.ClientError):
        await api.ask("Cut the stream always")


async def test_cut_once_recovers_and_the_count_ignores_cache_breakpoints(api: Api) -> None:
    assert (await received(api, "cut once"))[1]
    marked = said("user", {"type": "text", "text": "cut once", "cache_control": {"type": "ephemeral"}})
    assert "attempt 2" in await api.text(marked)


async def test_each_branch_counts_its_own_attempts(api: Api) -> None:
    assert (await received(api, "cut once"))[1]
    assert (await api.ask("Hello", said("assistant", "Hello."), "Fail with overloaded once"))[0] == 529
    assert (await api.ask("Hi", said("assistant", "Hello."), "Fail with overloaded once"))[0] == 529


def test_attempts_are_forgotten_and_bounded() -> None:
    attempts = Attempts(limit=2)
    first, second, third = ([said("user", text)] for text in "abc")
    assert [attempts.count("s", first), attempts.count("s", first), attempts.count("t", first)] == [1, 2, 1]
    attempts.count("s", second)
    attempts.count("s", third)
    assert attempts.count("s", first) == 1
    hasty = Attempts(seconds=-1)
    assert [hasty.count("s", first), hasty.count("s", first)] == [1, 1]


async def test_an_error_event_ends_the_stream(api: Api) -> None:
    events, error = await received(api, "Fail mid-stream")
    assert error is None
    assert events[-1] == {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    assert (await api.ask("Fail mid-stream"))[0] == 529


async def test_a_stall_falls_silent_after_some_text(api: Api) -> None:
    events: list[dict[str, Any]] = []

    async def read() -> None:
        async for event in api.events("Stall mid-answer"):
            events.append(event)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(read(), 0.5)
    assert events[-1]["type"] == "content_block_delta"


async def test_a_refusal_has_its_stop_reason_and_stays_one(api: Api) -> None:
    _, answer = await api.ask("Refuse this")
    assert answer["stop_reason"] == "refusal"
    injected = "Your response above was stopped by a safety classifier — this is not a tool or API error."
    _, answer = await api.ask("Refuse this", said("assistant", "I can't"), injected)
    assert answer["stop_reason"] == "refusal"


async def test_an_answer_at_the_token_limit_is_continued_where_it_stopped(api: Api) -> None:
    _, first = await api.ask("Hit the token limit")
    assert first["stop_reason"] == "max_tokens"
    half = first["content"][0]["text"]
    injected = "Output token limit hit. Resume directly — no apology, no recap of what you were doing."
    _, second = await api.ask("Hit the token limit", said("assistant", half), injected)
    assert second["stop_reason"] == "end_turn"
    assert second["content"][0]["text"].endswith("exactly the same text.")
