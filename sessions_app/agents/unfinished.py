"""Unfinished turns: what an agent was saying when it was killed is written into its transcript, for the model to know.

The CLI writes an answer down once it is complete, or when it is interrupted. A CLI that is killed writes nothing: the
page would show text that the model of the next turn has never heard of.
"""

import json
import uuid
from typing import Any

from django.utils import timezone

from sessions_app.models import Message, MessageKind, MessageState, TranscriptEntry, Turn

# Where and by what an entry was written: the same as for the entry it follows.
SURROUNDINGS = ("sessionId", "cwd", "version", "gitBranch", "userType", "entrypoint")


def keep_unfinished(turn_id: int) -> None:
    """Append the texts that end the turn cut off to its transcript, unless it has them. Call it once no CLI writes."""
    texts = unfinished_texts(turn_id)
    if not texts:
        return
    entries = [json.loads(line) for line in main_entries(turn_id)]
    told = [text for entry in entries for text in texts_of(entry)]
    untold = [text for text in texts if not any(whole.startswith(text) for whole in told)]
    last = next((entry for entry in reversed(entries) if "parentUuid" in entry and entry.get("uuid")), None)
    if untold and last is not None:
        append(Turn.objects.get(pk=turn_id), last, untold)


def unfinished_texts(turn_id: int) -> list[str]:
    """The texts that the turn ends with, as far as they were cut off and are the agent's own."""
    texts: list[str] = []
    said = Message.objects.filter(turn=turn_id, parent_tool_use_id="").exclude(kind=MessageKind.NOTICE)
    for message in said.order_by("-position"):
        if message.state != MessageState.CUT or message.kind == MessageKind.TOOL:
            break
        if message.kind == MessageKind.TEXT and message.text.strip():
            texts.insert(0, message.text)
    return texts


def main_entries(turn_id: int) -> list[str]:
    return list(TranscriptEntry.objects.filter(turn=turn_id, subpath="").order_by("id").values_list("line", flat=True))


def texts_of(entry: dict[str, Any]) -> list[str]:
    content = entry.get("message", {}).get("content") if entry.get("type") == "assistant" else None
    blocks = content if isinstance(content, list) else []
    return [str(block["text"]) for block in blocks if block.get("type") == "text"]


def append(turn: Turn, last: dict[str, Any], texts: list[str]) -> None:
    # The same turn gives the same id, so that a second attempt changes nothing.
    identity = uuid.uuid5(turn.prompt_uuid, "unfinished")
    entry = {name: last[name] for name in SURROUNDINGS if name in last} | {
        "parentUuid": last["uuid"],
        "isSidechain": False,
        "type": "assistant",
        "uuid": str(identity),
        "timestamp": timezone.now().strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "message": {
            "id": f"msg_{identity.hex}",
            "type": "message",
            "role": "assistant",
            "model": turn.model,
            "content": [{"type": "text", "text": text} for text in texts],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": 0, "output_tokens": 0},
        },
    }
    row = TranscriptEntry(
        session_id=turn.session_id,
        turn=turn,
        uuid=entry["uuid"],
        type="assistant",
        line=json.dumps(entry, separators=(",", ":")),
    )
    TranscriptEntry.objects.bulk_create([row], ignore_conflicts=True)
