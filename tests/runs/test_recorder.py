"""What the recorder makes of events, also when an attempt is given up."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from sessions_app.agents.events import (
    AttemptCompleted,
    BlockDropped,
    BlockFinished,
    BlockGrew,
    BlockKind,
    BlockStarted,
    Ended,
    Event,
    Noticed,
    Outcome,
    Retrying,
    ToolDenied,
    ToolReturned,
)
from sessions_app.live.log import live_log
from sessions_app.models import Message, MessageState, Turn, TurnStatus
from sessions_app.runs.recorder import Recorder
from tests.factories import make_conversation, make_session, make_turn
from tests.runs.world import in_thread

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.both_databases,
    pytest.mark.usefixtures("shared_thread"),
]
DONE = Ended(Outcome.DONE)


def make_running() -> Turn:
    return make_turn(make_session(make_conversation()), status=TurnStatus.RUNNING)


def rows_of(turn: Turn) -> list[tuple[str, str, str]]:
    messages = Message.objects.filter(turn=turn).order_by("position")
    return [(message.kind, message.state, message.text or message.tool) for message in messages]


async def recorded(*events: Event) -> list[tuple[str, str, str]]:
    turn = await in_thread(make_running)
    recorder = Recorder(turn)
    for event in events:
        await recorder.record(event)
    assert live_log.of(turn.session_id) == []
    return await in_thread(rows_of, turn)


async def test_the_next_attempt_writes_over_the_text_of_the_one_that_was_cut() -> None:
    assert await recorded(
        BlockStarted(0, BlockKind.TEXT),
        BlockGrew(0, "Half"),
        BlockDropped(0),
        BlockStarted(1, BlockKind.TEXT),
        BlockFinished(1, "Whole"),
        AttemptCompleted(),
        DONE,
    ) == [("text", MessageState.DONE, "Whole")]


async def test_text_of_a_cut_attempt_that_is_not_written_again_stays_where_it_was() -> None:
    assert await recorded(
        BlockStarted(0, BlockKind.TEXT),
        BlockGrew(0, "Half"),
        BlockDropped(0),
        BlockStarted(1, BlockKind.TOOL, "Read", "call"),
        BlockFinished(1, "", {"file_path": "x"}),
        AttemptCompleted(),
        ToolReturned("call", "in", False),
        BlockStarted(2, BlockKind.TEXT),
        BlockFinished(2, "The answer"),
        AttemptCompleted(),
        DONE,
    ) == [
        ("text", MessageState.CUT, "Half"),
        ("tool", MessageState.DONE, "in"),
        ("text", MessageState.DONE, "The answer"),
    ]


async def test_a_call_that_was_cut_becomes_the_one_that_replaces_it() -> None:
    assert await recorded(
        BlockStarted(0, BlockKind.TOOL, "Read", "cut"),
        BlockDropped(0),
        BlockStarted(1, BlockKind.TOOL, "Bash", "whole"),
        BlockFinished(1, "", {"command": "ls"}),
        AttemptCompleted(),
        ToolReturned("whole", "out", False),
        DONE,
    ) == [("tool", MessageState.DONE, "out")]


async def test_a_denial_is_shown_even_when_it_comes_before_its_call() -> None:
    turn = await in_thread(make_running)
    recorder = Recorder(turn)
    for event in (ToolDenied("call"), BlockStarted(0, BlockKind.TOOL, "Bash", "call"), DONE):
        await recorder.record(event)
    assert (await in_thread(Message.objects.get, turn=turn)).denied


async def test_what_is_still_written_when_the_turn_ends_is_kept_and_cut() -> None:
    assert await recorded(BlockStarted(0, BlockKind.TEXT), BlockGrew(0, "Half a sen"), Ended(Outcome.INTERRUPTED)) == [
        ("text", MessageState.CUT, "Half a sen")
    ]


def notice_of(turn: Turn) -> tuple[str, Any]:
    notice = Message.objects.get(turn=turn, kind="notice")
    return notice.text, notice.input


async def test_a_notice_says_until_when_it_waits_and_afterwards_what_there_was() -> None:
    turn = await in_thread(make_running)
    recorder = Recorder(turn)
    for attempt in (1, 2):
        await recorder.record(Retrying(attempt, 4, 60_000, 529))
        text, wait = await in_thread(notice_of, turn)
        assert text == "The model is overloaded (529)."
        assert (wait["attempt"], wait["attempts"]) == (attempt + 1, 5)
        assert 50 < (datetime.fromisoformat(wait["until"]) - timezone.now()).total_seconds() <= 60
    await recorder.record(AttemptCompleted())
    assert await in_thread(notice_of, turn) == ("The model was overloaded (529); attempt 3 was answered.", None)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.INTERRUPTED])
async def test_when_a_turn_ends_nothing_is_waited_for_any_more(outcome: Outcome) -> None:
    turn = await in_thread(make_running)
    recorder = Recorder(turn)
    for event in (Retrying(1, 4, 60_000, None, answered=True), Ended(outcome)):
        await recorder.record(event)
    assert await in_thread(notice_of, turn) == ("The answer broke off in the middle.", None)


async def test_each_request_that_is_asked_again_has_a_notice_where_it_was_asked() -> None:
    assert await recorded(
        Retrying(1, 4, 10, None),
        BlockStarted(0, BlockKind.TEXT),
        BlockFinished(0, "One"),
        AttemptCompleted(),
        Retrying(1, 4, 10, 500),
        BlockStarted(1, BlockKind.TEXT),
        BlockFinished(1, "Two"),
        AttemptCompleted(),
        DONE,
    ) == [
        ("notice", MessageState.DONE, "The model could not be reached; attempt 2 was answered."),
        ("text", MessageState.DONE, "One"),
        ("notice", MessageState.DONE, "The model's service failed (500); attempt 2 was answered."),
        ("text", MessageState.DONE, "Two"),
    ]


async def test_the_same_notice_twice_in_a_row_is_shown_once() -> None:
    rows = await recorded(
        Noticed("Summarised."),
        Noticed("Summarised."),
        BlockStarted(0, BlockKind.TEXT),
        BlockFinished(0, "One"),
        Noticed("Summarised."),
        DONE,
    )
    assert [text for _, _, text in rows] == ["Summarised.", "One", "Summarised."]
