"""One history in two tellings: what the model was sent, and what the branch shows."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from sessions_app.models import Message, MessageKind, Session, TurnKind, TurnStatus
from sessions_app.models.transcript import load_transcript

# (speaker, kind, words): speaker is "user" or "assistant"; words are text, a tool call as JSON, or a tool's output.
Said = tuple[str, str, str]
# What the page says in its own words, as the CLI tells the model: an answer was cut off, and that was the end of it.
INTERRUPTED: list[Said] = [
    ("user", "text", "[Request interrupted by user]"),
    ("assistant", "text", "No response requested."),
]
REMINDER = re.compile(r"<system-reminder>.*?</system-reminder>", re.DOTALL)


def sent(messages: list[dict[str, Any]]) -> list[Said]:
    """The conversation in a request, without what the CLI tells the model about its surroundings."""
    return [said for message in messages if message["role"] != "system" for said in sent_in(message)]


def sent_in(message: dict[str, Any]) -> Iterator[Said]:
    content = message["content"]
    for block in [{"type": "text", "text": content}] if isinstance(content, str) else content:
        match block["type"]:
            case "text":
                if words := REMINDER.sub("", block["text"]).strip():
                    yield message["role"], "text", words
            case "thinking":
                yield message["role"], "thinking", block["thinking"].strip()
            case "tool_use":
                yield message["role"], "tool", call(block["name"], block["input"])
            case "tool_result":
                yield message["role"], "result", output(block["content"])


def output(content: Any) -> str:
    parts = [] if isinstance(content, str) else [part["text"] for part in content if part["type"] == "text"]
    text = content if isinstance(content, str) else "\n".join(parts)
    return REMINDER.sub("", text).strip()


def call(name: str, given: Any) -> str:
    return f"{name} {json.dumps(given, sort_keys=True)}"


def shown(session: Session, *, upto: int | None = None) -> list[Said]:
    """The conversation as the branch's page has it, without what it marks as no part of the history.

    All of it, or up to the prompt of turn `upto`.
    """
    transcript = load_transcript(session)
    told: list[Said] = []
    # Only what was retried by then had been set aside by then.
    gone = {pk for pk, retried_as in transcript.set_aside.items() if upto is None or retried_as <= upto}
    for turn in transcript.turns:
        if upto is not None and turn.number > upto:
            break
        if turn.pk in gone or turn.never_started:
            continue
        prompt: list[Said] = [("user", "text", turn.prompt)]
        if turn.number == upto:
            return told + prompt
        messages = transcript.messages_of(turn)
        if turn.kind == TurnKind.DECISION:
            # It begins with the call and its result; the words to go on come after.
            call = next(at for at, message in enumerate(messages) if message.kind == MessageKind.TOOL) + 1
            told += [*answered(messages[:call]), *prompt, *answered(messages[call:])]
        else:
            told += [*prompt, *answered(messages)]
        if turn.status == TurnStatus.INTERRUPTED and turn.pk not in transcript.left_at:
            told += INTERRUPTED
    return told


def answered(messages: Sequence[Message]) -> list[Said]:
    """What the agent said and did; the results of calls that were made together come after the last of them."""
    told: list[Said] = []
    results: list[Said] = []
    for message in messages:
        match message.kind:
            case MessageKind.TEXT | MessageKind.THINKING:
                told += [*results, ("assistant", message.kind, message.text.strip())]
                results = []
            case MessageKind.TOOL:
                told.append(("assistant", "tool", call(message.tool, message.input)))
                results.append(("user", "result", message.text.strip()))
    return told + results
