"""A history that ends at a call nobody has decided yet, so that another branch can decide it in its own way."""

import json
import uuid
from collections.abc import Iterable
from typing import Any

from claude_agent_sdk import SessionStoreEntry

from sessions_app.models import Session, TranscriptEntry, Turn

# What the CLI itself says to the model when it goes on after a deferred call; it cannot be told otherwise.
GO_ON = "Continue from where you left off."
# Of the entry that holds the call, what the CLI expects to find in every entry that follows it.
SHARED = ("isSidechain", "timestamp", "userType", "entrypoint", "cwd", "sessionId", "version", "gitBranch")


def open_calls(turn: Turn) -> dict[str, TranscriptEntry]:
    """The calls of a turn that have no result in its transcript yet: tool use id → the entry that holds the call."""
    found: dict[str, TranscriptEntry] = {}
    entries = TranscriptEntry.objects.filter(turn=turn, subpath="", type__in=("assistant", "user")).order_by("id")
    for entry in entries.iterator():
        for block in blocks_of(json.loads(entry.line)):
            match block.get("type"):
                case "tool_use":
                    found[str(block.get("id"))] = entry
                case "tool_result":
                    found.pop(str(block.get("tool_use_id")), None)
    return found


def blocks_of(line: dict[str, Any]) -> Iterable[dict[str, Any]]:
    content = line.get("message", {}).get("content")
    return content if isinstance(content, list) else []


def mark_deferred(session: Session, history: list[SessionStoreEntry]) -> None:
    """Append what makes the CLI ask again about the call that `session` was forked at, instead of calling it lost.

    It is the entry that a hook's decision "defer" leaves. The SDK has no way to defer a call that waits already.
    """
    request = session.forked_request
    if request is None:
        return
    call = request.message.tool_use_id
    for entry in reversed(history):
        line: dict[str, Any] = dict(entry)
        block = next((block for block in blocks_of(line) if block.get("id") == call), None)
        if block is not None:
            deferred = {"toolUseID": call, "toolName": block.get("name"), "toolInput": block.get("input")}
            origin = {"type": "hook_deferred_tool", "hookName": "espalier", "hookEvent": "PreToolUse"}
            marker = {name: line[name] for name in SHARED if name in line}
            marker |= {"type": "attachment", "uuid": str(uuid.uuid5(session.pk, call)), "parentUuid": line["uuid"]}
            marker |= {"attachment": origin | deferred}
            history.append(marker)  # type: ignore[arg-type]  # entries are opaque to the SDK's types, too
            return
