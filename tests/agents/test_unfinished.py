"""What a page shows of a killed turn and its transcript lacks is added, once, in the order of the API."""

import json
import uuid
from itertools import pairwise
from typing import Any

import pytest

from sessions_app.agents.unfinished import keep_unfinished
from sessions_app.models import MessageKind, MessageState, TranscriptEntry, Turn, TurnStatus
from tests.factories import make_conversation, make_message, make_session, make_turn

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
Block = dict[str, Any]


@pytest.fixture
def turn() -> Turn:
    """An interrupted turn whose prompt the transcript has."""
    made = make_turn(make_session(make_conversation()), status=TurnStatus.INTERRUPTED, model="claude-sonnet-4-5")
    write(made, {"role": "user", "content": made.prompt}, str(made.prompt_uuid))
    return made


def write(turn: Turn, message: Block, name: str = "", **fields: Any) -> str:
    """An entry as the CLI writes it; return its uuid."""
    name = name or str(uuid.uuid4())
    entry = {"parentUuid": None, "uuid": name, "type": message["role"], "message": message, "cwd": "/work"} | fields
    TranscriptEntry.objects.create(
        session_id=turn.session_id, turn=turn, uuid=name, type=message["role"], line=json.dumps(entry)
    )
    return name


def answer(*blocks: Block, name: str = "msg_1") -> Block:
    return {"role": "assistant", "id": name, "content": list(blocks)}


def text(words: str) -> Block:
    return {"type": "text", "text": words}


def tool(turn: Turn, position: int, name: str, output: str | None = None) -> None:
    state = MessageState.CUT if output is None else MessageState.DONE
    fields = {"kind": MessageKind.TOOL, "tool": "Bash", "tool_use_id": name, "input": {"command": "ls"}}
    make_message(turn, position, text=output or "", state=state, is_error=False, **fields)


def call(name: str) -> Block:
    return {"type": "tool_use", "id": name, "name": "Bash", "input": {"command": "ls"}}


def result(name: str, output: str) -> Block:
    return {"type": "tool_result", "tool_use_id": name, "content": output, "is_error": False}


def added(turn: Turn) -> list[dict[str, Any]]:
    """What `keep_unfinished` adds, also when it is called twice."""
    before = TranscriptEntry.objects.count()
    keep_unfinished(turn)
    keep_unfinished(turn)
    return [json.loads(entry.line) for entry in TranscriptEntry.objects.order_by("id")[before:]]


def blocks(entries: list[dict[str, Any]]) -> list[tuple[str, Block]]:
    return [(entry["type"], entry["message"]["content"][0]) for entry in entries]


def test_a_text_that_was_cut_off_follows_what_is_there(turn: Turn) -> None:
    make_message(turn, text="Half a sen", state=MessageState.CUT)
    (entry,) = added(turn)
    assert blocks([entry]) == [("assistant", text("Half a sen"))]
    assert entry["parentUuid"] == str(turn.prompt_uuid)
    assert (entry["sessionId"], entry["cwd"]) == (str(turn.session_id), "/work")
    assert entry["message"]["model"] == turn.model


@pytest.mark.parametrize("told", ["Half a sen", "Half a sentence, and its end."])
def test_a_text_that_the_transcript_has_is_not_added(turn: Turn, told: str) -> None:
    make_message(turn, text="Half a sen", state=MessageState.CUT)
    write(turn, answer(text(told)))
    assert added(turn) == []


def test_a_text_whose_row_cannot_hold_all_of_it_is_not_added(turn: Turn) -> None:
    make_message(turn, text="Zero: ab, and more", state=MessageState.CUT)
    write(turn, answer(text("Zero: a\x00b, and more")))
    assert added(turn) == []


def test_calls_come_before_what_they_returned(turn: Turn) -> None:
    make_message(turn, 0, text="Two things.")
    tool(turn, 1, "a", "first")
    tool(turn, 2, "b", "second")
    make_message(turn, 3, text="And th", state=MessageState.CUT)
    write(turn, answer(text("Two things.")))
    entries = added(turn)
    assert blocks(entries) == [
        ("assistant", call("a")),
        ("assistant", call("b")),
        ("user", result("a", "first")),
        ("user", result("b", "second")),
        ("assistant", text("And th")),
    ]
    # The calls belong to the answer that is there; what follows their results is another one.
    ids = [entry["message"].get("id") for entry in entries]
    assert ids[0] == ids[1] == "msg_1"
    assert ids[4] not in ("msg_1", None)
    assert all(after["parentUuid"] == before["uuid"] for before, after in pairwise(entries))


def test_a_call_that_did_not_return_is_added_without_a_result(turn: Turn) -> None:
    tool(turn, 0, "a")
    assert blocks(added(turn)) == [("assistant", call("a"))]


def test_an_attempt_that_was_given_up_before_an_answer_stays_untold(turn: Turn) -> None:
    make_message(turn, 0, text="A first attem", state=MessageState.CUT)
    make_message(turn, 1, text="The answer.")
    write(turn, answer(text("The answer.")))
    assert added(turn) == []


def test_what_follows_a_report_of_an_error_is_no_part_of_it(turn: Turn) -> None:
    make_message(turn, text="Half a sen", state=MessageState.CUT)
    write(turn, answer(text("API Error: 529"), name="msg_error"), isApiErrorMessage=True)
    (entry,) = added(turn)
    assert entry["message"]["id"] != "msg_error"


def test_thinking_and_notices_and_a_subagents_words_stay_out(turn: Turn) -> None:
    make_message(turn, 0, kind=MessageKind.THINKING, state=MessageState.CUT)
    make_message(turn, 1, kind=MessageKind.NOTICE)
    make_message(turn, 2, parent_tool_use_id="a", state=MessageState.CUT)
    make_message(turn, 3, text="  ", state=MessageState.CUT)
    assert added(turn) == []


def test_a_prompt_that_is_missing_too_comes_first_and_follows_the_turn_before() -> None:
    before = make_turn(make_session(make_conversation()))
    last = write(before, answer(text("Done.")))
    turn = make_turn(before.session, 2, status=TurnStatus.INTERRUPTED)
    make_message(turn, text="Half a sen", state=MessageState.CUT)
    prompt, said = added(turn)
    assert (prompt["parentUuid"], prompt["uuid"]) == (last, str(turn.prompt_uuid))
    assert prompt["message"] == {"role": "user", "content": turn.prompt}
    assert (said["parentUuid"], said["message"]["content"]) == (prompt["uuid"], [text("Half a sen")])
