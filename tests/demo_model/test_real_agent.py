"""The real Claude Agent SDK and its CLI, talking to the demo model."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from claude_agent_sdk import (
    ClaudeSDKClient,
    PermissionResultAllow,
    ResultMessage,
    SystemMessage,
    TextBlock,
    ThinkingBlock,
    ToolResultBlock,
    ToolUseBlock,
)
from claude_agent_sdk.types import Message

from sessions_app.demo_model.server import DemoModel
from tests.demo_model.agent import blocks, options, run, streamed

Opening = Callable[..., AbstractAsyncContextManager[ClaudeSDKClient]]


@pytest.fixture
def agent(model: DemoModel, tmp_path: Path) -> Opening:
    @asynccontextmanager
    async def opened(**more: Any) -> AsyncIterator[ClaudeSDKClient]:
        async with ClaudeSDKClient(options(model.url, tmp_path, **more)) as client:
            yield client

    return opened


def final(messages: list[Message]) -> ResultMessage:
    assert isinstance(messages[-1], ResultMessage)
    return messages[-1]


def retries(messages: list[Message]) -> list[SystemMessage]:
    return [m for m in messages if isinstance(m, SystemMessage) and m.subtype == "api_retry"]


async def test_text_thinking_and_history_over_three_turns(agent: Opening, model: DemoModel) -> None:
    async with agent() as client:
        plain = await run(client, "Give a plain answer")
        (text,) = blocks(plain, TextBlock)
        assert streamed(plain, "text") == text.text
        assert final(plain).result == text.text
        assert final(plain).total_cost_usd

        thinking = await run(client, "Think hard before answering")
        (thought,) = blocks(thinking, ThinkingBlock)
        assert streamed(thinking, "thinking") == thought.thinking
        assert thought.signature

        (echo,) = blocks(await run(client, "What did I say so far?"), TextBlock)
        assert "1. user: Give a plain answer\n2. assistant: " in echo.text
        assert "5. user: What did I say so far?" in echo.text
    assert [request.prompt for request in model.requests if request.path == "/v1/messages"] == [
        "Give a plain answer",
        "Think hard before answering",
        "What did I say so far?",
    ]


@pytest.mark.parametrize("name", ["claude-sonnet-4-5", "claude-sonnet-5-5"])
async def test_write_read_and_edit_happen_in_an_empty_directory(agent: Opening, tmp_path: Path, name: str) -> None:
    async with agent(model=name) as client:
        messages = await run(client, "Edit a file")
        assert [call.name for call in blocks(messages, ToolUseBlock)] == ["Write", "Read", "Edit"]
        assert "- Name: Espalier" in (tmp_path / "work/notes.md").read_text()
        assert not final(messages).is_error

        await run(client, "Now let's redesign this as a GraphQL API instead")
        assert "type User" in (tmp_path / "work/api/schema.graphql").read_text()


async def test_commands_run_and_what_would_ask_is_denied_and_admitted(agent: Opening, tmp_path: Path) -> None:
    async with agent() as client:
        (listing,) = blocks(await run(client, "Run a command"), ToolResultBlock)
        assert "Python 3" in str(listing.content)
        (counted,) = blocks(await run(client, "Run a command with a lot of output"), ToolResultBlock)
        assert "\n4999\n5000" in str(counted.content)
        (failed,) = blocks(await run(client, "Run a failing command"), ToolResultBlock)
        assert failed.is_error
        assert "No such file" in str(failed.content)
        assert len(blocks(await run(client, "Use several tools in parallel"), ToolResultBlock)) == 3

        for prompt in ("Do something that needs permission", "Write outside the working directory"):
            denied = await run(client, prompt)
            assert blocks(denied, ToolResultBlock)[0].is_error
            assert "not allowed" in str(final(denied).result)
            assert final(denied).permission_denials
    assert not (tmp_path / "outside.txt").exists()


async def test_hostile_tool_output_really_comes_from_the_tools(agent: Opening, tmp_path: Path) -> None:
    async with agent() as client:
        printed, _ = blocks(await run(client, "Show hostile tool output"), ToolResultBlock)
        assert printed.content == "<script>alert(1)</script><b>bold</b>"
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["<img src=x onerror=alert(1)>.txt"]


async def test_tasks_are_kept_with_the_clients_own_tools(agent: Opening) -> None:
    async with agent() as client:
        messages = await run(client, "Make a list of tasks")
    names = [call.name for call in blocks(messages, ToolUseBlock)]
    assert names == ["ToolSearch", *["TaskCreate"] * 3, "ToolSearch", *["TaskUpdate"] * 6]
    assert not [result for result in blocks(messages, ToolResultBlock) if result.is_error]


async def test_a_question_is_answered_and_a_plan_approved(agent: Opening) -> None:
    async def decide(name: str, given: dict[str, Any], _: object) -> PermissionResultAllow:
        if name == "AskUserQuestion":
            answers = {question["question"]: question["options"][1]["label"] for question in given["questions"]}
            return PermissionResultAllow(updated_input={**given, "answers": answers})
        return PermissionResultAllow()

    async with agent(can_use_tool=decide) as client:
        assert "GraphQL" in str(final(await run(client, "Ask me a question")).result)
        planned = await run(client, "Make a plan")
        calls = [call.name for call in blocks(planned, ToolUseBlock)]
        assert [name for name in calls if name != "ToolSearch"] == ["EnterPlanMode", "Write", "ExitPlanMode"]
        assert "approved" in str(final(planned).result)


async def test_without_anyone_to_ask_questions_and_plans_come_in_words(agent: Opening) -> None:
    async with agent() as client:
        for prompt in ("Ask me a question", "Make a plan"):
            messages = await run(client, prompt)
            assert not blocks(messages, ToolUseBlock)
            assert "This session cannot" in str(final(messages).result)


async def test_a_cut_stream_is_retried_and_then_complete(agent: Opening) -> None:
    async with agent() as client:
        messages = await run(client, "Cut the stream once")
    assert retries(messages)
    assert not final(messages).is_error
    assert "attempt 2" in str(final(messages).result)


async def test_an_error_event_is_overcome_too(agent: Opening) -> None:
    async with agent() as client:
        assert "attempt 2" in str(final(await run(client, "Fail mid-stream once")).result)


@pytest.mark.parametrize(
    ("prompt", "status"),
    [
        ("Fail with overloaded", 529),
        ("Fail with permission error", 403),
        ("Fail with prompt too long", 400),
        ("Fail with authentication error", 401),
    ],
)
async def test_an_api_error_fails_the_turn_with_its_status(agent: Opening, prompt: str, status: int) -> None:
    async with agent() as client:
        failed = final(await run(client, prompt))
    assert failed.is_error
    assert failed.api_error_status == status


async def test_a_refusal_fails_the_turn_and_the_next_prompt_is_answered(agent: Opening) -> None:
    async with agent() as client:
        refused = final(await run(client, "Refuse this"))
        assert refused.is_error
        assert refused.stop_reason == "refusal"
        assert "plain answer" in str(final(await run(client, "Give a plain answer")).result)


async def test_an_answer_at_the_token_limit_is_continued(agent: Opening) -> None:
    async with agent() as client:
        messages = await run(client, "Hit the token limit")
    assert len(blocks(messages, TextBlock)) >= 2
    assert not final(messages).is_error
    assert str(final(messages).result).endswith("exactly the same text.")


async def test_a_stalled_answer_can_be_interrupted_and_continued(agent: Opening) -> None:
    async with agent() as client:
        await client.query("Stall mid-answer")
        async for message in client.receive_messages():
            if streamed([message], "text"):
                await client.interrupt()
            if isinstance(message, ResultMessage):
                break
        assert "aborted" in str(message)
        rest = str(final(await run(client, "Continue")).result)
    assert rest.endswith("exactly the same text.")
    assert not rest.startswith(("This is a plain", "Here is a plain"))


async def test_an_unknown_model_fails_the_turn(agent: Opening) -> None:
    async with agent(model="claude-nonexistent-1") as client:
        failed = final(await run(client, "Give a plain answer"))
    assert failed.is_error
    assert failed.api_error_status == 404
