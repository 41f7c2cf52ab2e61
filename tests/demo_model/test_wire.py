"""The wire: events, shapes, errors, side routes, as a client of the real API expects them."""

import io
import json
from typing import Any

import aiohttp
import pytest

from sessions_app.demo_model.server import MAX_REQUEST, DemoModel
from tests.demo_model.wire import TOOLS, Api, assembled, body, said

THINKING = {"thinking": {"type": "enabled", "budget_tokens": 1024}}


async def test_a_stream_has_the_events_of_the_real_api_in_their_order(api: Api) -> None:
    events = [event async for event in api.events("Give a plain answer")]
    kinds = [event["type"] for event in events if event["type"] != "ping"]
    assert kinds[:2] == ["message_start", "content_block_start"]
    assert set(kinds[2:-3]) == {"content_block_delta"}
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert any(event["type"] == "ping" for event in events)
    start = events[0]["message"]
    assert start["role"] == "assistant"
    assert start["content"] == []
    assert start["stop_reason"] is None
    assert start["usage"]["output_tokens"] == 1
    end = next(event for event in events if event["type"] == "message_delta")
    assert end["delta"] == {"stop_reason": "end_turn", "stop_sequence": None}
    assert end["usage"]["output_tokens"] > 50


@pytest.mark.parametrize(
    "prompt",
    [
        "Give a plain answer",
        "Think hard before answering",
        "Show rich Markdown",
        "Show hostile output",
        "Use several tools in parallel",
        "Now let's redesign this as a GraphQL API instead",
    ],
)
async def test_streamed_and_whole_answers_have_the_same_content(api: Api, prompt: str) -> None:
    _, answer = await api.ask(prompt, tools=TOOLS, **THINKING)
    streamed = assembled([event async for event in api.events(prompt, tools=TOOLS, **THINKING)])

    def without_ids(blocks: list[dict[str, object]]) -> list[dict[str, object]]:
        return [{key: value for key, value in block.items() if key != "id"} for block in blocks]

    assert without_ids(streamed) == without_ids(answer["content"])


async def test_thinking_comes_first_signed_and_only_when_asked_for(api: Api) -> None:
    _, answer = await api.ask("Think hard before answering", **THINKING)
    assert [block["type"] for block in answer["content"]] == ["thinking", "text"]
    assert answer["content"][0]["signature"]
    _, answer = await api.ask("Think hard before answering", thinking={"type": "disabled"})
    assert [block["type"] for block in answer["content"]] == ["text"]


async def test_tool_calls_end_with_the_reason_tool_use_and_have_distinct_ids(api: Api) -> None:
    _, answer = await api.ask("Use several tools in parallel", tools=TOOLS)
    ids = [block["id"] for block in answer["content"] if block["type"] == "tool_use"]
    assert answer["stop_reason"] == "tool_use"
    assert len(set(ids)) == len(ids) == 3
    _, again = await api.ask("Use several tools in parallel", tools=TOOLS)
    assert not set(ids) & {block.get("id") for block in again["content"]}


async def test_usage_is_deterministic_and_grows_with_the_request(api: Api) -> None:
    _, first = await api.ask("Give a plain answer")
    _, again = await api.ask("Give a plain answer")
    _, longer = await api.ask("Give a plain answer " + "x" * 4000)
    assert first["usage"] == again["usage"]
    assert longer["usage"]["input_tokens"] >= first["usage"]["input_tokens"] + 1000
    assert first["usage"]["cache_read_input_tokens"] == first["usage"]["cache_creation_input_tokens"] == 0


async def test_with_cache_breakpoints_the_history_counts_as_read_from_the_cache(api: Api) -> None:
    def marked(text: str) -> dict[str, object]:
        return said("user", {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}})

    _, first = await api.ask(marked("Give a plain answer"), system="x" * 4000)
    assert first["usage"]["cache_read_input_tokens"] == 0
    assert first["usage"]["cache_creation_input_tokens"] > 1000
    history: list[Any] = ["Give a plain answer", said("assistant", "Here it is."), marked("Give a plain answer")]
    _, second = await api.ask(*history, system="x" * 4000)
    assert second["usage"]["cache_read_input_tokens"] > 1000
    assert 0 < second["usage"]["cache_creation_input_tokens"] < 100


async def test_an_unknown_model_is_refused_as_by_the_real_api(api: Api) -> None:
    status, answer = await api.ask("Hello", model="claude-nonexistent-9")
    assert status == 404
    assert answer == {"type": "error", "error": {"type": "not_found_error", "message": "model: claude-nonexistent-9"}}
    status, answer = await api.ask("Hello", model="whatever-else")
    assert (status, answer["model"]) == (200, "whatever-else")


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b"{}", b'{"model": "m"}', b'{"model": "m", "messages": [1]}'])
async def test_a_body_that_is_no_request_is_a_400_in_the_error_shape(api: Api, broken: bytes) -> None:
    async with api.session.post(f"{api.url}/v1/messages", data=broken) as response:
        answer = await response.json()
    assert response.status == 400
    assert answer["type"] == "error"
    assert answer["error"]["type"] == "invalid_request_error"


async def test_large_requests_pass_and_too_large_ones_are_a_413(api: Api) -> None:
    large = io.BytesIO(json.dumps(body("Give a plain answer " + "x" * (8 << 20))).encode())
    async with api.session.post(f"{api.url}/v1/messages", data=large) as response:
        assert response.status == 200
    async with api.session.post(f"{api.url}/v1/messages", data=io.BytesIO(b"x" * (MAX_REQUEST + 1))) as response:
        assert response.status == 413
        assert (await response.json())["error"]["type"] == "request_too_large"


async def test_the_side_routes_answer(api: Api) -> None:
    async with api.session.post(f"{api.url}/v1/messages/count_tokens", json=body("x" * 4000)) as response:
        assert (await response.json())["input_tokens"] > 1000
    async with api.session.get(f"{api.url}/v1/models") as response:
        assert "claude-sonnet-4-5" in {model["id"] for model in (await response.json())["data"]}
    async with api.session.get(f"{api.url}/v1/models/claude-x") as response:
        assert (await response.json())["id"] == "claude-x"
    for path in ("/", "/api/hello"):
        async with api.session.head(f"{api.url}{path}") as response:
            assert response.status == 200
    async with api.session.get(f"{api.url}/v1/elsewhere") as response:
        assert response.status == 404
        assert (await response.json())["error"]["type"] == "not_found_error"


async def test_a_request_for_json_gets_json_of_that_shape(api: Api) -> None:
    schema = {"type": "object", "properties": {"title": {"type": "string"}, "kind": {"enum": ["a", "b"]}}}
    form = {"output_config": {"format": {"type": "json_schema", "schema": schema}}}
    expected = '{"title": "Design a REST API", "kind": "a"}'
    assert await api.text("Design a REST API", **form) == expected
    assert await api.text("<session>\nDesign a REST API\n</session>\n\nWrite the title in English.", **form) == expected


async def test_requests_are_recorded_without_secrets_and_only_when_asked(model: DemoModel, api: Api) -> None:
    secret = {"x-api-key": "sk-secret", "Authorization": "Bearer secret", "X-Claude-Code-Session-Id": "s1"}
    async with api.session.post(f"{api.url}/v1/messages", json=body("Hello", model="m"), headers=secret) as response:
        await response.read()
    (recorded,) = model.requests
    assert (recorded.method, recorded.path, recorded.model) == ("POST", "/v1/messages", "m")
    assert recorded.messages == [said("user", "Hello")]
    assert (recorded.prompt, recorded.session_id) == ("Hello", "s1")
    assert recorded.body["max_tokens"] == 1000
    assert recorded.at > 0
    assert "secret" not in str(recorded.headers)
    model.forget()
    assert model.requests == []

    quiet = DemoModel(pace=0)
    await quiet.start()
    async with aiohttp.ClientSession() as session:
        await Api(session, quiet.url).ask("Hello")
    assert quiet.requests == []
    await quiet.stop()
