"""Tool calls in words."""

from typing import Any

import pytest

from sessions_app.models import Message, MessageKind, MessageState
from sessions_app.rows.tool_rows import outcome, output_cut, tool_row


def call(tool: str, given: Any, **fields: Any) -> Message:
    return Message(**{"kind": MessageKind.TOOL, "tool": tool, "input": given, "state": MessageState.DONE, **fields})


def test_an_edit_shows_its_path_and_counts() -> None:
    path = "/srv/data/workspaces/0b9b1f0a-6f0e-4b52-9a0c-3f2a9a1f0c11/api/invoices.py"
    row = tool_row(call("Edit", {"file_path": path, "old_string": "a\nb\n", "new_string": "a\nc\nd\n"}))
    assert (row.name, row.subject, row.added, row.removed) == ("Edit", "api/invoices.py", 2, 1)


def test_write_read_bash_and_searches() -> None:
    assert tool_row(call("Write", {"file_path": "a.py", "content": "1\n2\n"})).added == 2
    assert tool_row(call("Read", {"file_path": "a.py", "offset": 10, "limit": 5})).words == ["Lines 10–14."]
    assert tool_row(call("Bash", {"command": "ls -l\npwd"})).subject == "ls -l"
    assert tool_row(call("Grep", {"pattern": "x", "path": "src"})).subject == "x  in src"
    assert tool_row(call("Glob", {"pattern": "**/*.py"})).subject == "**/*.py"


def test_tasks_are_a_checklist() -> None:
    todos = [{"content": "A", "status": "completed"}, {"content": "B", "status": "in_progress"}, {"content": "C"}]
    row = tool_row(call("TodoWrite", {"todos": todos}))
    assert row.tasks == [("done", "A"), ("doing", "B"), ("open", "C")]
    assert row.subject == "1 of 3 done"
    assert tool_row(call("TaskCreate", {"subject": "Sign", "description": "it"})).tasks == [("open", "Sign")]
    assert tool_row(call("TaskUpdate", {"taskId": "2", "status": "completed"})).subject == "Task 2 done"


def test_questions_and_plans_are_words() -> None:
    questions = [{"question": "Which?", "options": [{"label": "One"}, {"label": "Two"}]}]
    assert tool_row(call("AskUserQuestion", {"questions": questions})).words == ["Which?", "– One", "– Two"]
    assert tool_row(call("ExitPlanMode", {"plan": "# Do it\n\n1. First"})).subject == "Do it"


@pytest.mark.parametrize(
    "given",
    [
        None,
        {},
        [],
        "words",
        7,
        {"file_path": 3},
        {"edits": "x"},
        {"old_string": None},
        {"todos": 1, "tasks": None},
        {"questions": []},
        {"command": None},
        {"offset": "x", "file_path": "a"},
    ],
)
@pytest.mark.parametrize(
    "tool",
    ["Read", "Write", "Edit", "MultiEdit", "Bash", "Grep", "TodoWrite", "TaskUpdate", "AskUserQuestion", "Odd", ""],
)
def test_input_that_is_not_what_the_tool_promises_is_still_shown(tool: str, given: Any) -> None:
    assert tool_row(call(tool, given)).name


def test_unknown_tools_show_readable_json() -> None:
    row = tool_row(call("mcp__notes__add", {"text": "grün", "tags": [1]}))
    assert row.name == "notes: add"
    assert '"text": "grün"' in row.code


def test_outcomes() -> None:
    assert outcome(call("Bash", {}, denied=True, is_error=True)) == "denied"
    assert outcome(call("Bash", {}, state=MessageState.LIVE)) == "running"
    assert outcome(call("Bash", {}, is_error=True)) == "error"
    assert outcome(call("Bash", {}, state=MessageState.CUT)) == "cut"
    assert outcome(call("Bash", {}, is_error=False)) == "ok"


def test_long_output_is_cut() -> None:
    shown, lines, is_cut = output_cut("x\n" * 500)
    assert (shown.count("\n"), lines, is_cut) == (11, 500, True)
    assert output_cut("\x1b[31mred\x1b[0m") == ("red", 1, False)
