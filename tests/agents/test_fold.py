"""Folding SDK messages into events, from streams as the CLI really sends them."""

from typing import Any

from claude_agent_sdk import (
    AssistantMessage,
    Message,
    MirrorErrorMessage,
    ResultMessage,
    StreamEvent,
    SystemMessage,
    TextBlock,
    ToolResultBlock,
    ToolUseBlock,
    UserMessage,
)

from sessions_app.agents.events import (
    AttemptCompleted,
    BlockDropped,
    BlockFinished,
    BlockGrew,
    BlockKind,
    BlockStarted,
    Ended,
    Event,
    ModelNamed,
    Outcome,
    Retrying,
    ToolReturned,
)
from sessions_app.agents.fold import Fold


def stream(kind: str, **fields: Any) -> StreamEvent:
    return StreamEvent(uuid="u", session_id="s", event={"type": kind, **fields})


def started(index: int, **content: Any) -> StreamEvent:
    return stream("content_block_start", index=index, content_block=content)


def delta(index: int, **fields: Any) -> StreamEvent:
    return stream("content_block_delta", index=index, delta=fields)


def result(**fields: Any) -> ResultMessage:
    usual: dict[str, Any] = {
        "subtype": "success",
        "duration_ms": 1,
        "duration_api_ms": 1,
        "is_error": False,
        "num_turns": 1,
        "session_id": "s",
    }
    return ResultMessage(**{**usual, **fields})


def fold_all(*messages: Message) -> list[Event]:
    fold = Fold()
    return [event for message in messages for event in fold.fold(message)]


def assistant(*content: Any, **fields: Any) -> AssistantMessage:
    return AssistantMessage(content=list(content), model="claude-x", **fields)


def test_a_streamed_text_begins_grows_and_is_replaced_by_what_the_transcript_has() -> None:
    assert fold_all(
        stream("message_start"),
        started(0, type="text", text=""),
        delta(0, type="text_delta", text="Hel"),
        delta(0, type="text_delta", text="lo"),
        assistant(TextBlock("Hello")),
        stream("content_block_stop", index=0),
        stream("message_delta"),
        stream("message_stop"),
        result(total_cost_usd=0.01, usage={"input_tokens": 3, "output_tokens": 5}),
    )[:-1] == [
        BlockStarted(0, BlockKind.TEXT),
        BlockGrew(0, "Hel"),
        BlockGrew(0, "lo"),
        ModelNamed("claude-x"),
        BlockFinished(0, "Hello"),
        AttemptCompleted(),
    ]


def test_an_attempt_that_was_cut_is_dropped_and_the_next_one_gets_a_block_of_its_own() -> None:
    events = fold_all(
        stream("message_start"),
        started(0, type="text"),
        delta(0, type="text_delta", text="Half"),
        stream("content_block_stop", index=0),
        stream("message_stop"),
        SystemMessage("api_retry", {"attempt": 1, "max_retries": 4, "retry_delay_ms": 500, "error_status": None}),
        stream("message_start"),
        started(0, type="text"),
        assistant(TextBlock("Whole")),
        stream("message_delta"),
        stream("message_stop"),
    )
    assert [event for event in events if not isinstance(event, ModelNamed)] == [
        BlockStarted(0, BlockKind.TEXT),
        BlockGrew(0, "Half"),
        BlockDropped(0),
        Retrying(1, 0, 0, None, answered=True),
        Retrying(1, 4, 500, None, answered=True),
        BlockStarted(1, BlockKind.TEXT),
        BlockFinished(1, "Whole"),
        AttemptCompleted(),
    ]


def test_an_answer_that_was_not_streamed_begins_and_ends_at_once() -> None:
    assert fold_all(assistant(TextBlock("All of it"))) == [
        ModelNamed("claude-x"),
        BlockStarted(0, BlockKind.TEXT),
        BlockFinished(0, "All of it"),
    ]


def test_parallel_calls_keep_their_own_results_in_whatever_order_they_return() -> None:
    events = fold_all(
        stream("message_start"),
        started(0, type="tool_use", id="a", name="Read"),
        assistant(ToolUseBlock("a", "Read", {"file_path": "x"})),
        started(1, type="tool_use", id="b", name="Bash"),
        assistant(ToolUseBlock("b", "Bash", {"command": "ls"})),
        UserMessage([ToolResultBlock("b", [{"type": "text", "text": "out"}], is_error=True)]),
        UserMessage([ToolResultBlock("a", "in")]),
    )
    assert BlockFinished(0, "", {"file_path": "x"}) in events
    assert BlockFinished(1, "", {"command": "ls"}) in events
    assert events[-2:] == [ToolReturned("b", "out", True), ToolReturned("a", "in", False)]


def test_a_call_that_was_cut_is_not_taken_for_the_one_that_replaces_it() -> None:
    events = fold_all(
        stream("message_start"),
        started(0, type="tool_use", id="cut", name="Read"),
        assistant(ToolUseBlock("whole", "Read", {"file_path": "x"})),
        UserMessage([ToolResultBlock("whole", "in")]),
        result(),
    )
    assert BlockStarted(1, BlockKind.TOOL, "Read", "whole") in events
    assert BlockFinished(1, "", {"file_path": "x"}) in events
    assert BlockDropped(0) in events


def test_a_subagents_messages_belong_to_the_call_that_started_it() -> None:
    events = fold_all(assistant(TextBlock("Looking"), parent_tool_use_id="agent-1"))
    assert events[0] == BlockStarted(0, BlockKind.TEXT, parent_tool_use_id="agent-1")


def test_an_api_failure_says_success_and_is_one_all_the_same() -> None:
    (ended,) = fold_all(
        assistant(TextBlock("API Error: 401 invalid x-api-key"), error="authentication_failed"),
        result(is_error=True, terminal_reason="api_error", api_error_status=401),
    )
    assert isinstance(ended, Ended)
    assert (ended.outcome, ended.error_kind) == (Outcome.FAILED, "authentication_failed")
    assert ended.error.endswith("Reported: “invalid x-api-key”.")


def test_how_often_it_was_asked_counts_the_requests_that_no_notice_tells_of() -> None:
    def retry(attempt: int, status: int | None) -> SystemMessage:
        return SystemMessage("api_retry", {"attempt": attempt, "max_retries": 3, "error_status": status})

    ended = fold_all(
        stream("message_start"),
        stream("message_stop"),  # an error in the stream: asked again without one, …
        retry(1, 529),  # … which failed, too
        retry(2, 529),
        assistant(TextBlock("API Error: 529 Overloaded."), error="server_error"),
        result(is_error=True, terminal_reason="api_error", api_error_status=529),
    )[-1]
    assert isinstance(ended, Ended)
    assert ended.error.startswith("It turned the request away 4 times")


def test_an_answer_without_a_stream_is_complete_when_something_follows_it() -> None:
    events = fold_all(
        stream("message_start"),
        started(0, type="text"),
        delta(0, type="text_delta", text="First the fi"),
        stream("message_stop"),
        assistant(ToolUseBlock("a", "Read", {"file_path": "x"})),
        UserMessage([ToolResultBlock("a", "in")]),
        stream("message_start"),
        started(0, type="text"),
    )
    assert [type(event) for event in events if not isinstance(event, ModelNamed)] == [
        BlockStarted,
        BlockGrew,
        BlockDropped,
        Retrying,
        BlockStarted,
        BlockFinished,
        # What was dropped is not written anew by the answer to the tool's result.
        AttemptCompleted,
        ToolReturned,
        BlockStarted,
    ]


def test_a_transcript_that_could_not_be_stored_fails_the_turn() -> None:
    mirror = MirrorErrorMessage(subtype="mirror_error", data={}, error="disk full")
    (ended,) = fold_all(mirror, result())
    assert isinstance(ended, Ended)
    assert (ended.outcome, ended.error_kind) == (Outcome.FAILED, "store_failed")


def test_an_interrupted_turn_is_interrupted_and_not_failed() -> None:
    (ended,) = fold_all(result(subtype="error_during_execution", is_error=True, terminal_reason="aborted_streaming"))
    assert isinstance(ended, Ended)
    assert ended.outcome is Outcome.INTERRUPTED


def test_numbers_that_the_sdk_does_not_give_stay_unknown() -> None:
    (ended,) = fold_all(result())
    assert isinstance(ended, Ended)
    assert (ended.usage.cost_usd, ended.usage.output_tokens) == (None, None)


def test_unknown_messages_events_and_blocks_fold_into_nothing() -> None:
    assert (
        fold_all(
            SystemMessage("something_new", {"a": 1}),
            stream("ping"),
            started(0, type="hologram"),
            delta(0, type="hologram_delta", photons="…"),
            delta(7, type="text_delta", text="of no block"),
        )
        == []
    )
