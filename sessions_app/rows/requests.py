"""Permission requests in words: what is asked, what can be changed about it, and what became of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sessions_app.models import Message, PermissionRequest, RequestKind, RequestState, RuleMatch, RuleScope
from sessions_app.models.rule_matching import Pattern
from sessions_app.rendering.numbers import count
from sessions_app.rows.panes import Viewer
from sessions_app.rows.tool_rows import ToolRow, tool_row

WANTS = {
    "Bash": "run a command",
    "Write": "write a file",
    "Edit": "change a file",
    "MultiEdit": "change a file",
    "NotebookEdit": "change a notebook",
    "Read": "read a file outside its directory",
    "WebFetch": "fetch a page",
    "WebSearch": "search the web",
}
# A field of the input by the words that people use for it.
LABELS = {"file_path": "File", "old_string": "Replace", "new_string": "With"}


@dataclass(frozen=True, slots=True)
class Field:
    """A text of the input that can be changed before the call is allowed. `name` is the model's: no form carries it."""

    name: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Option:
    label: str
    description: str


@dataclass(frozen=True, slots=True)
class Question:
    number: int
    words: str
    options: list[Option]
    several: bool
    answer: str


@dataclass(slots=True)
class RequestCard:
    """A request as a page shows it. `scope` is that of its turn's row: empty where it can be answered."""

    message: Message
    viewer: Viewer
    scope: str = ""

    @property
    def request(self) -> PermissionRequest:
        return self.message.request

    @property
    def given(self) -> dict[str, Any]:
        return self.message.input if isinstance(self.message.input, dict) else {}

    @property
    def is_pending(self) -> bool:
        return self.request.state == RequestState.PENDING

    @property
    def can_answer(self) -> bool:
        return self.is_pending and self.viewer.writable and not self.scope

    @property
    def tool(self) -> ToolRow:
        return tool_row(self.message)

    @property
    def title(self) -> str:
        who = "A subagent" if self.request.agent_id else "Claude"
        match self.request.kind:
            case RequestKind.QUESTION:
                questions = len(self.questions)
                return f"{who} has {'a question' if questions == 1 else count(questions, 'question')}"
            case RequestKind.PLAN:
                return f"{who} has a plan"
        return f"{who} wants to {WANTS.get(self.message.tool) or f'use {self.tool.name}'}"

    @property
    def plan(self) -> str:
        return str(self.given.get("plan") or "The agent did not write its plan down; it is in the text above.")

    @property
    def questions(self) -> list[Question]:
        answers = (self.request.updated_input or {}).get("answers", {})
        asked = self.given.get("questions")
        found = [each for each in asked if isinstance(each, dict)] if isinstance(asked, list) else []
        return [question_of(number, each, answers) for number, each in enumerate(found)]

    @property
    def fields(self) -> list[Field]:
        """In a form they are known by their place in this list. Without any, all of the input is changed at once."""
        return [
            Field(name, LABELS.get(name, name.replace("_", " ").capitalize()), text)
            for name, text in self.given.items()
            if isinstance(text, str) and name != "description"
        ]

    @property
    def whole(self) -> str:
        return json.dumps(self.given, indent=2, ensure_ascii=False)

    @property
    def outcome(self) -> str:
        """What became of it, without who and when."""
        request = self.request
        match request.state, request.kind:
            case RequestState.EXPIRED, _:
                return "Nobody answered in time"
            case RequestState.CLOSED, _:
                return "Not answered before the turn ended"
            case RequestState.ALLOWED, RequestKind.QUESTION:
                return "Answered"
            case RequestState.DENIED, RequestKind.QUESTION:
                return "Not answered, but told"
            case RequestState.ALLOWED, RequestKind.PLAN:
                return "Plan approved, edits accepted" if request.then_mode == "accept_edits" else "Plan approved"
            case RequestState.DENIED, RequestKind.PLAN:
                return "Plan sent back"
            case RequestState.ALLOWED, _ if request.rule_id and request.decided_by_id is None:
                return "Allowed by a rule"
            case RequestState.ALLOWED, _:
                return "Always allowed" if request.rule_id else "Allowed, edited" if self.edited else "Allowed once"
        return "Denied"

    @property
    def edited(self) -> bool:
        return self.request.updated_input is not None and self.request.kind == RequestKind.CALL

    @property
    def changes(self) -> list[Field]:
        """What an edited call ran with instead."""
        ran = self.request.updated_input or {}
        return [Field(name, name, str(value)) for name, value in ran.items() if value != self.given.get(name)]

    @property
    def by(self) -> str:
        who = self.request.decided_by
        return "" if who is None else "you" if who.pk == self.viewer.user_id else who.username

    @property
    def rule_words(self) -> str:
        rule = self.request.rule
        return "" if rule is None else f"{rule_words(rule.tool, rule.match, rule.value)}, in {where_words(rule.scope)}"


def question_of(number: int, asked: Mapping[str, Any], answers: Mapping[str, Any]) -> Question:
    options = asked.get("options")
    found = [each for each in options if isinstance(each, dict)] if isinstance(options, list) else []
    words = str(asked.get("question", ""))
    return Question(
        number,
        words,
        [Option(str(each.get("label", "")), str(each.get("description", ""))) for each in found],
        bool(asked.get("multiSelect")),
        str(answers.get(words, "")),
    )


def rule_words(tool: str, match: str, value: str) -> str:
    return Pattern(tool, RuleMatch(match), value).words


def where_words(scope: str) -> str:
    return str(RuleScope(scope).label)
