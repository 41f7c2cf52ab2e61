"""Fold the SDK's messages into events, one turn at a time. Unknown messages fold into nothing."""

from collections.abc import Iterator
from typing import Any

from claude_agent_sdk import (
    AssistantMessage,
    Message,
    MirrorErrorMessage,
    RateLimitEvent,
    ResultMessage,
    ServerToolUseBlock,
    StreamEvent,
    SystemMessage,
    TextBlock,
    ThinkingBlock,
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
    Event,
    ModeChanged,
    ModelNamed,
    Noticed,
    Retrying,
    ToolReturned,
)
from sessions_app.agents.failures import Evidence
from sessions_app.agents.modes import OUR_MODES
from sessions_app.agents.result import ended, flatten

KINDS = {
    "text": BlockKind.TEXT,
    "thinking": BlockKind.THINKING,
    "tool_use": BlockKind.TOOL,
    "server_tool_use": BlockKind.TOOL,
}
DELTAS = {"text_delta": "text", "thinking_delta": "thinking"}


class Fold:
    """Feed it every SDK message of a turn, in order. It is done when it returned an `Ended`."""

    def __init__(self, evidence: Evidence | None = None) -> None:
        self.evidence = evidence or Evidence()
        self.blocks = 0
        # Blocks of the current attempt that have begun and not finished, by their index within the API message.
        self.open: dict[int, BlockStarted] = {}
        self.attempt_complete = True
        # An answer that was not streamed has no end of its own; what follows it tells.
        self.came_whole = False

    def fold(self, message: Message) -> list[Event]:
        """The events that `message` stands for, in order; often none."""
        match message:
            case StreamEvent():
                # A subagent's stream is not shown; its finished messages are.
                return [] if message.parent_tool_use_id else list(self.stream(message.event))
            case AssistantMessage():
                return list(self.assistant(message))
            case UserMessage():
                return list(self.user(message))
            case MirrorErrorMessage():
                self.evidence.store_error = message.error
            case RateLimitEvent() if message.rate_limit_info.status == "rejected":
                self.evidence.limit = message.rate_limit_info
            case SystemMessage():
                return list(self.system(message))
            case ResultMessage():
                return [*self.drop_open(), ended(message, self.evidence)]
        return []

    def stream(self, event: dict[str, Any]) -> Iterator[Event]:
        match event.get("type"):
            case "message_start":
                # An attempt that was cut ends without a word; the next one tells.
                yield from self.drop_open()
                yield from self.close_whole()
                self.attempt_complete, self.evidence.answered = False, True
            case "content_block_start":
                yield from self.start(event["index"], event["content_block"])
            case "content_block_delta":
                known = self.open.get(event["index"])
                field = DELTAS.get(event["delta"].get("type", ""))
                if known and field:
                    yield BlockGrew(known.block, event["delta"][field])
            case "message_delta":
                self.attempt_complete = True
                self.evidence.limits_hit += event.get("delta", {}).get("stop_reason") == "max_tokens"
                yield from self.complete()
            case "message_stop" if not self.attempt_complete:
                self.evidence.break_off()
                yield from self.drop_open()
                # The CLI asks at once, and says so only when it waits first: then more is known than now.
                yield Retrying(self.evidence.asked - 1, 0, 0, None, answered=True)

    def complete(self) -> Iterator[Event]:
        self.evidence.next_request()
        yield AttemptCompleted()

    def close_whole(self) -> Iterator[Event]:
        if self.came_whole:
            self.came_whole = False
            yield from self.complete()

    def start(self, index: int, content: dict[str, Any], parent: str = "") -> Iterator[Event]:
        kind = KINDS.get(content.get("type", ""))
        if kind is None:
            return
        started = BlockStarted(self.blocks, kind, content.get("name", ""), content.get("id", ""), parent)
        self.open[index] = started
        yield started
        if content.get("text"):
            yield BlockGrew(self.blocks, content["text"])
        self.blocks += 1

    def drop_open(self) -> Iterator[Event]:
        for started in self.open.values():
            yield BlockDropped(started.block)
        self.open.clear()

    def assistant(self, message: AssistantMessage) -> Iterator[Event]:
        if message.error:
            self.evidence.error, self.evidence.said = message.error, flatten(message.content)
            return
        if message.model and message.model != "<synthetic>" and not message.parent_tool_use_id:
            yield ModelNamed(message.model)
        for content in message.content:
            match content:
                case TextBlock():
                    yield from self.finish(BlockKind.TEXT, message, text=content.text)
                case ThinkingBlock():
                    yield from self.finish(BlockKind.THINKING, message, text=content.thinking)
                case ToolUseBlock() | ServerToolUseBlock():
                    call = {"name": content.name, "id": content.id}
                    yield from self.finish(BlockKind.TOOL, message, input=content.input, **call)

    def finish(
        self,
        kind: BlockKind,
        message: AssistantMessage,
        *,
        text: str = "",
        input: dict[str, Any] | None = None,
        **call: str,
    ) -> Iterator[Event]:
        parent = message.parent_tool_use_id or ""
        # The finished block comes just before its content_block_stop, so it is the open one of its kind; a call is
        # known by its id. Without one (a fallback without streaming, a subagent) it begins and ends here.
        index = next((i for i, started in self.open.items() if not parent and self.is_of(started, kind, call)), -1)
        if index not in self.open:
            wire = next(word for word, k in KINDS.items() if k == kind)
            yield from self.start(index, {"type": wire, **call}, parent)
            self.came_whole = self.came_whole or not parent
        yield BlockFinished(self.open.pop(index).block, text, input)

    @staticmethod
    def is_of(started: BlockStarted, kind: BlockKind, call: dict[str, str]) -> bool:
        return started.kind == kind and started.tool_use_id == call.get("id", "")

    def user(self, message: UserMessage) -> Iterator[Event]:
        if not message.parent_tool_use_id:
            yield from self.close_whole()
        if isinstance(message.content, str):
            return
        for content in message.content:
            if isinstance(content, ToolResultBlock):
                yield ToolReturned(content.tool_use_id, flatten(content.content), bool(content.is_error))

    def system(self, message: SystemMessage) -> Iterator[Event]:
        data = message.data
        match message.subtype:
            case "api_retry":
                yield Retrying(
                    attempt=data.get("attempt", 0),
                    attempts=data.get("max_retries", 0),
                    delay_ms=data.get("retry_delay_ms", 0),
                    status=data.get("error_status"),
                    answered=self.evidence.answered,
                )
                self.evidence.ask_again(data.get("error_status"))
            case "status" if data.get("permissionMode") in OUR_MODES:
                yield ModeChanged(OUR_MODES[data["permissionMode"]])
            case "compact_boundary":
                self.evidence.compacted = True
                yield Noticed("The history before this point was summarised for the model; here it is kept in full.")
            case "model_fallback":
                yield Noticed(f"Another model stepped in: {data.get('to_model') or data.get('model') or 'unnamed'}.")
