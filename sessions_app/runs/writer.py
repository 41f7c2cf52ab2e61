"""Writes a turn's rows: each change is one transaction that stamps the session's next revision, then rings."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from sessions_app.agents.events import BlockKind, BlockStarted, Ended, Outcome, PermissionAsked, ToolReturned
from sessions_app.agents.unfinished import keep_unfinished
from sessions_app.live.publish import publish_requests, publish_session
from sessions_app.models import (
    FINAL,
    Conversation,
    Message,
    MessageKind,
    MessageState,
    PermissionMode,
    PermissionRequest,
    PermissionRule,
    RequestKind,
    RequestState,
    Session,
    Turn,
    TurnStatus,
)
from sessions_app.models.storable import storable
from sessions_app.runs.closing import close_rows

KINDS = {
    BlockKind.TEXT: MessageKind.TEXT,
    BlockKind.THINKING: MessageKind.THINKING,
    BlockKind.TOOL: MessageKind.TOOL,
}


class TurnWriter:
    """Synchronous; called from the turn's own thread, one call at a time."""

    def __init__(self, turn: Turn) -> None:
        self.turn_id = turn.pk
        self.session_id = turn.session_id
        self.position = 0

    def go_on(self) -> dict[str, int]:
        """Go on after the messages that the turn has; tool use id → message, of the calls among them."""
        there = Message.objects.filter(turn_id=self.turn_id)
        self.position = there.count()
        return dict(there.filter(kind=MessageKind.TOOL).values_list("tool_use_id", "pk"))

    def stamp(self) -> int:
        """The revision of the change being made; the doorbell rings when it commits."""
        publish_session(self.session_id)
        return Session.objects.bump(self.session_id)

    @transaction.atomic
    def add_message(self, started: BlockStarted) -> int:
        message = Message.objects.create(
            turn_id=self.turn_id,
            position=self.position,
            kind=KINDS[started.kind],
            tool=storable(started.tool)[:200],
            tool_use_id=started.tool_use_id,
            parent_tool_use_id=started.parent_tool_use_id,
            revision=self.stamp(),
        )
        self.position += 1
        return message.pk

    @transaction.atomic
    def finish_message(self, message_id: int, **fields: Any) -> None:
        Message.objects.filter(pk=message_id).update(revision=self.stamp(), **storable(fields))

    def complete_text(self, message_id: int, text: str) -> None:
        self.finish_message(message_id, text=text, state=MessageState.DONE, ended_at=timezone.now())

    def cut_message(self, message_id: int, text: str) -> None:
        self.finish_message(message_id, text=text, state=MessageState.CUT, ended_at=timezone.now())

    def restart_tool(self, message_id: int, started: BlockStarted) -> None:
        """The row of a call that was cut off becomes that of the call which replaces it."""
        self.finish_message(message_id, tool=started.tool[:200], tool_use_id=started.tool_use_id, input=None)

    def call_tool(self, message_id: int, given: dict[str, Any] | None) -> None:
        self.finish_message(message_id, input=given)

    def deny_tool(self, message_id: int) -> None:
        self.finish_message(message_id, denied=True)

    def return_tool(self, message_id: int, returned: ToolReturned) -> None:
        self.finish_message(
            message_id,
            text=returned.text,
            is_error=returned.is_error,
            state=MessageState.DONE,
            ended_at=timezone.now(),
        )

    @transaction.atomic
    def ask(
        self,
        asked: PermissionAsked,
        kind: RequestKind,
        *,
        expires_at: datetime | None = None,
        rule: PermissionRule | None = None,
    ) -> None:
        """A request in the turn: open, and the turn waits; or allowed by `rule`."""
        revision, now = self.stamp(), timezone.now()
        message = Message.objects.create(
            turn_id=self.turn_id,
            position=self.position,
            kind=MessageKind.REQUEST,
            state=MessageState.DONE if rule else MessageState.LIVE,
            tool=storable(asked.tool)[:200],
            tool_use_id=asked.tool_use_id,
            input=storable(asked.input),
            ended_at=now if rule else None,
            revision=revision,
        )
        self.position += 1
        PermissionRequest.objects.create(
            message=message,
            turn_id=self.turn_id,
            kind=kind,
            agent_id=asked.agent_id[:200],
            why=storable(asked.why),
            expires_at=expires_at,
            **({"state": RequestState.ALLOWED, "decided_at": now, "rule": rule} if rule else {}),
        )
        if rule is None:
            running = Turn.objects.filter(pk=self.turn_id, status=TurnStatus.RUNNING)
            running.update(status=TurnStatus.WAITING, revision=revision)
            publish_requests(self.session_id)

    @transaction.atomic
    def expire(self, overdue: QuerySet[PermissionRequest], now: datetime) -> bool:
        """Whether any was still open."""
        revision = self.stamp()
        messages = Message.objects.filter(pk__in=list(overdue.values_list("message", flat=True)))
        messages.update(state=MessageState.CUT, ended_at=now, revision=revision)
        publish_requests(self.session_id)
        return bool(overdue.update(state=RequestState.EXPIRED, decided_at=now))

    @transaction.atomic
    def change_mode(self, mode: PermissionMode) -> None:
        self.stamp()
        Session.objects.filter(pk=self.session_id).update(permission_mode=mode)

    @transaction.atomic
    def notice(self, text: str, message_id: int | None = None, wait: dict[str, Any] | None = None) -> int:
        """A quiet line in the turn; with `message_id`, one that is already there says something new.

        `wait` says until when something is waited for, for the page to count down.
        """
        if message_id is not None:
            self.finish_message(message_id, text=text, input=wait)
            return message_id
        message = Message.objects.create(
            turn_id=self.turn_id,
            position=self.position,
            kind=MessageKind.NOTICE,
            state=MessageState.DONE,
            text=storable(text),
            input=wait,
            ended_at=timezone.now(),
            revision=self.stamp(),
        )
        self.position += 1
        return message.pk

    def checkpoint(self, texts: dict[int, str]) -> None:
        """Growing text, about once a second: whoever reads the row now sees at most that much less. Tells nobody."""
        with transaction.atomic():
            for message_id, text in texts.items():
                Message.objects.filter(pk=message_id, state=MessageState.LIVE).update(text=storable(text))

    @transaction.atomic
    def name_model(self, model: str) -> None:
        Turn.objects.filter(pk=self.turn_id).update(model=storable(model)[:100], revision=self.stamp())

    def end(self, ended: Ended) -> None:
        """The turn's last change. What was still being written or running is cut off, with what there is of it."""
        # What is left of a full disk is for the end.
        if ended.outcome is not Outcome.DONE and ended.error_kind != "disk_full":
            # On its own, and before: a store that refuses must not take the turn's end with it.
            keep_unfinished(Turn.objects.get(pk=self.turn_id))
        self.write_end(ended)

    @transaction.atomic
    def write_end(self, ended: Ended) -> None:
        revision, now = self.stamp(), timezone.now()
        usage = ended.usage
        close_rows(turn_id=self.turn_id, session_id=self.session_id, revision=revision, now=now)
        Conversation.objects.filter(sessions=self.session_id).update(touched_at=now)
        Turn.objects.filter(pk=self.turn_id).exclude(status__in=FINAL).update(
            status=TurnStatus(ended.outcome.value),
            ended_at=now,
            error_kind=ended.error_kind,
            error=storable(ended.error),
            cost_usd=usage.cost_usd,
            input_tokens=usage.input_tokens,
            cache_read_tokens=usage.cache_read_tokens,
            cache_write_tokens=usage.cache_write_tokens,
            output_tokens=usage.output_tokens,
            revision=revision,
        )
