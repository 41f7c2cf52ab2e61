"""Unfinished turns: what the page shows of a turn that was killed goes into its transcript, for the model to know.

The CLI writes an answer down once it is complete, or when it is interrupted, and the store has it a moment later. Of an
agent that is killed, people have then read words, and seen calls, that the model of the next turn would never hear of.
"""

import json
import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from sessions_app.agents.session_store import load_history
from sessions_app.models import Message, MessageKind, MessageState, TranscriptEntry, Turn, TurnKind
from sessions_app.models.storable import storable

logger = logging.getLogger(__name__)

Entry = dict[str, Any]
# Where and by what an entry was written: the same as for the entry it follows.
SURROUNDINGS = ("cwd", "version", "gitBranch", "userType", "entrypoint")


@dataclass(frozen=True, slots=True)
class Said:
    """One block of a turn as the page shows it; `name` is its own within the turn."""

    name: str
    role: str
    block: dict[str, Any]


def keep_unfinished(turn: Turn) -> None:
    """Append what the turn shows last and its transcript lacks. Call it once no CLI writes; twice is harmless.

    A store that refuses must not keep the turn from ending: it then goes on without.
    """
    try:
        with transaction.atomic():
            append_untold(turn)
    except DatabaseError:
        logger.warning("turn %s: what was cut off could not be added to its transcript", turn.pk, exc_info=True)


def append_untold(turn: Turn) -> None:
    entries = [json.loads(line) for line in lines_of(turn)]
    decides = turn.kind == TurnKind.DECISION
    if decides and not entries:
        # Its history still ends at the call, and the next turn goes on from there.
        return
    missing = untold(list(said_in(turn)), entries)
    if missing:
        prompted = decides or any(entry.get("uuid") == str(turn.prompt_uuid) for entry in entries)
        append(turn, missing, prompted=prompted)


def lines_of(turn: Turn) -> list[str]:
    return list(TranscriptEntry.objects.filter(turn=turn, subpath="").order_by("id").values_list("line", flat=True))


def said_in(turn: Turn) -> Iterator[Said]:
    """Texts, complete calls and what they returned, in the order of the API: results follow all calls of their answer.

    Thinking is left out: the API takes none without the signature that comes at its end.
    """
    shown = Message.objects.filter(turn=turn, parent_tool_use_id="", kind__in=(MessageKind.TEXT, MessageKind.TOOL))
    if turn.kind == TurnKind.DECISION:
        # The call that it begins with is in the transcript of the branch that made it.
        shown = shown.exclude(position=0)
    results: list[Said] = []
    for message in shown.order_by("position"):
        if message.kind == MessageKind.TEXT:
            yield from results
            results = []
            if message.text.strip():
                yield Said(f"{message.position}", "assistant", {"type": "text", "text": message.text})
        elif message.input is not None:
            call = {"type": "tool_use", "id": message.tool_use_id, "name": message.tool, "input": message.input}
            yield Said(f"{message.position}", "assistant", call)
            if message.state == MessageState.DONE:
                results.append(Said(f"{message.position} returned", "user", result_of(message)))
    yield from results


def result_of(message: Message) -> dict[str, Any]:
    result = {"type": "tool_result", "tool_use_id": message.tool_use_id, "content": message.text}
    return result | {"is_error": bool(message.is_error)}


def untold(said: list[Said], entries: list[Entry]) -> list[Said]:
    """What comes after the last block that the entries have. An attempt that was given up before it stays untold."""
    told = [block for entry in entries for block in blocks_of(entry)]
    known = [index for index, item in enumerate(said) if any(same(item.block, block) for block in told)]
    return said[known[-1] + 1 :] if known else said


def blocks_of(entry: Entry) -> list[dict[str, Any]]:
    content = entry.get("message", {}).get("content")
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def same(shown: dict[str, Any], told: dict[str, Any]) -> bool:
    if shown["type"] != told.get("type"):
        return False
    match shown["type"]:
        case "text":
            # The row of a server that was killed may be a second behind, and holds only what can be stored.
            return str(storable(told["text"])).startswith(shown["text"])
        case "tool_use":
            return bool(shown["id"] == told["id"])
    return bool(shown["tool_use_id"] == told["tool_use_id"])


def append(turn: Turn, missing: list[Said], *, prompted: bool) -> None:
    history = load_history(turn.session_id) or []
    last: Entry = next((dict(entry) for entry in reversed(history) if "parentUuid" in entry and entry.get("uuid")), {})
    if not prompted:
        last = add(turn, last, str(turn.prompt_uuid), {"role": "user", "content": turn.prompt})
    for item in missing:
        message: Entry = {"role": item.role, "content": [item.block]}
        if item.role == "assistant":
            message |= answer_head(turn, last, item)
        last = add(turn, last, str(uuid.uuid5(turn.prompt_uuid, item.name)), message)


def answer_head(turn: Turn, last: Entry, item: Said) -> dict[str, Any]:
    """Blocks that follow each other are one answer of the API, which their `id` says; a report of an error is none."""
    goes_on = last.get("type") == "assistant" and not last.get("isApiErrorMessage")
    own = f"msg_{uuid.uuid5(turn.prompt_uuid, item.name).hex}"
    return {
        "id": last["message"]["id"] if goes_on else own,
        "type": "message",
        "model": turn.model,
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 0, "output_tokens": 0},
    }


def add(turn: Turn, last: Entry, name: str, message: Entry) -> Entry:
    entry = {key: last[key] for key in SURROUNDINGS if key in last} | {
        "parentUuid": last.get("uuid"),
        "isSidechain": False,
        "sessionId": str(turn.session_id),
        "type": message["role"],
        "uuid": name,
        "timestamp": timezone.now().strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "message": message,
    }
    line = json.dumps(entry, separators=(",", ":"))
    row = TranscriptEntry(session_id=turn.session_id, turn=turn, uuid=name, type=entry["type"], line=line)
    TranscriptEntry.objects.bulk_create([row], ignore_conflicts=True)
    return entry
