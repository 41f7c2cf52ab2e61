"""Tool calls in words: what each known tool was asked to do, and what came back."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sessions_app.models import Message, MessageState
from sessions_app.rendering import ansi
from sessions_app.rendering.diff import count_changes
from sessions_app.rendering.numbers import count, lines_cut

OUTPUT_LINES = 12
OUTPUT_CHARS = 2_000
# Where a session works is our affair: people see paths as the repository has them.
_WORKSPACE = re.compile(r"^.*/workspaces/[0-9a-fA-F-]{32,36}/")

Input = dict[str, Any]


@dataclass(slots=True)
class ToolRow:
    """One line (`name`, `subject`, lines added and removed), and what opens below it."""

    name: str
    subject: str = ""
    # A path, a command or a pattern: shown in the monospaced face.
    is_code: bool = True
    added: int | None = None
    removed: int | None = None
    # Pairs of before and after.
    diffs: list[tuple[str, str]] = field(default_factory=list)
    code: str = ""
    words: list[str] = field(default_factory=list)
    # Each is done, doing or open, and its words.
    tasks: list[tuple[str, str]] = field(default_factory=list)


def tool_row(message: Message) -> ToolRow:
    """Never raises: input that is not what the tool promises is shown as JSON."""
    given = message.input if isinstance(message.input, dict) else {}
    describe = _KNOWN.get(message.tool)
    if (
        describe is None
        and message.tool.startswith("Task")
        and isinstance(given.get("tasks") or given.get("todos"), list)
    ):
        describe = _todo
    if describe is not None and given:
        try:
            return describe(given)
        except (LookupError, TypeError, ValueError, AttributeError):
            pass
    return _unknown(message)


def outcome(message: Message) -> str:
    """running | denied | error | cut | ok"""
    if message.denied:
        return "denied"
    if message.state == MessageState.LIVE:
        return "running"
    if message.is_error:
        return "error"
    return "cut" if message.state == MessageState.CUT or message.is_error is None else "ok"


def output_cut(text: str) -> tuple[str, int, bool]:
    """(the beginning of a tool's output, how many lines there are, whether some are missing)."""
    whole = ansi.plain(text)
    beginning, lines = lines_cut(whole, OUTPUT_LINES, OUTPUT_CHARS)
    return beginning, lines, beginning != whole


def short_path(path: Any) -> str:
    return _WORKSPACE.sub("", str(path))


def first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _read(given: Input) -> ToolRow:
    row = ToolRow("Read", short_path(given["file_path"]))
    if given.get("offset") or given.get("limit"):
        start = int(given.get("offset") or 1)
        end = f"–{start + int(given['limit']) - 1}" if given.get("limit") else " on"
        row.words.append(f"From line {start}{end}." if end == " on" else f"Lines {start}{end}.")
    return row


def _write(given: Input) -> ToolRow:
    content = str(given["content"])
    return ToolRow("Write", short_path(given["file_path"]), added=lines_cut(content, 1, 1)[1], code=content)


def _edit(given: Input) -> ToolRow:
    changes = given.get("edits", [given])
    diffs = [(str(change["old_string"]), str(change["new_string"])) for change in changes]
    counts = [count_changes(before, after) for before, after in diffs]
    row = ToolRow("Edit", short_path(given["file_path"]), diffs=diffs)
    row.added, row.removed = sum(plus for plus, _ in counts), sum(minus for _, minus in counts)
    if given.get("replace_all"):
        row.words.append("Every occurrence is replaced.")
    return row


def _bash(given: Input) -> ToolRow:
    command = str(given["command"])
    row = ToolRow("Bash", first_line(command), code=command)
    if given.get("description"):
        row.words.append(str(given["description"]))
    return row


def _grep(given: Input) -> ToolRow:
    where = short_path(given.get("path") or given.get("glob") or "")
    return ToolRow("Grep", f"{given['pattern']}" + (f"  in {where}" if where else ""))


def _glob(given: Input) -> ToolRow:
    return ToolRow("Glob", str(given["pattern"]))


def _todo(given: Input) -> ToolRow:
    tasks = given.get("todos") or given["tasks"]
    states = {"completed": "done", "in_progress": "doing"}
    row = ToolRow("Tasks", is_code=False)
    for task in tasks:
        words = task.get("content") or task.get("subject") or task["description"]
        row.tasks.append((states.get(str(task.get("status")), "open"), str(words)))
    done = sum(state == "done" for state, _ in row.tasks)
    row.subject = f"{done} of {len(row.tasks)} done"
    return row


def _task_create(given: Input) -> ToolRow:
    row = ToolRow("Task", str(given["subject"]), is_code=False, tasks=[("open", str(given["subject"]))])
    if given.get("description"):
        row.words.append(str(given["description"]))
    return row


def _task_update(given: Input) -> ToolRow:
    state = {"completed": "done", "in_progress": "doing"}.get(str(given.get("status")), "open")
    label = f"Task {given['taskId']}" + (f": {given['subject']}" if given.get("subject") else "")
    words = {"done": "done", "doing": "in progress", "open": str(given.get("status") or "changed")}[state]
    return ToolRow("Task", f"{label} {words}", is_code=False, tasks=[(state, label)])


def _subagent(given: Input) -> ToolRow:
    name = f"Agent {given['subagent_type']}" if given.get("subagent_type") else "Agent"
    return ToolRow(name, str(given["description"]), is_code=False, words=[str(given.get("prompt") or "")])


def _questions(given: Input) -> ToolRow:
    questions = given["questions"]
    row = ToolRow("Question", str(questions[0]["question"]), is_code=False)
    for question in questions:
        row.words.append(str(question["question"]))
        row.words += [f"– {option['label']}" for option in question.get("options", [])]
    return row


def _plan(given: Input) -> ToolRow:
    plan = str(given["plan"])
    return ToolRow("Plan", first_line(plan).lstrip("# "), is_code=False, words=[plan])


def _web(given: Input) -> ToolRow:
    return ToolRow("Web", str(given.get("url") or given["query"]))


def _unknown(message: Message) -> ToolRow:
    name = message.tool or "Tool"
    if name.startswith("mcp__"):
        name = name.removeprefix("mcp__").replace("__", ": ")
    if message.input in (None, {}):
        return ToolRow(name)
    given = message.input
    subject = ""
    if isinstance(given, dict):
        subject = (
            ", ".join(str(key) for key in list(given)[:4])
            if len(given) > 1
            else first_line(str(next(iter(given.values()))))
        )
    return ToolRow(name, subject[:200], code=json.dumps(given, indent=2, ensure_ascii=False))


_KNOWN: dict[str, Callable[[Input], ToolRow]] = {
    "Read": _read,
    "Write": _write,
    "Edit": _edit,
    "MultiEdit": _edit,
    "Bash": _bash,
    "Grep": _grep,
    "Glob": _glob,
    "TodoWrite": _todo,
    "TaskCreate": _task_create,
    "TaskUpdate": _task_update,
    "Task": _subagent,
    "Agent": _subagent,
    "AskUserQuestion": _questions,
    "ExitPlanMode": _plan,
    "WebFetch": _web,
    "WebSearch": _web,
}


def lines_label(lines: int) -> str:
    return count(lines, "line")
