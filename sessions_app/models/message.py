"""A message: one content block of the agent's side of a turn, as the SDK delivers it."""

from django.db import models

from sessions_app.models.turn import Turn


class MessageKind(models.TextChoices):
    TEXT = "text", "Text"
    THINKING = "thinking", "Thinking"
    TOOL = "tool", "Tool call"
    NOTICE = "notice", "Notice"
    # Where a person is asked about a call; `PermissionRequest` says what became of it.
    REQUEST = "request", "Permission request"


class MessageState(models.TextChoices):
    LIVE = "live", "Being written"
    DONE = "done", "Complete"
    CUT = "cut", "Cut off"


class Message(models.Model):
    """Text and thinking carry `text`; a tool call carries `tool`, `input` and, once it returned, output as `text`.

    A permission request carries the `tool`, `tool_use_id` and `input` it is about, and is live until it is decided.
    """

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="messages")
    # Order within the turn, from 0.
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=MessageKind)
    state = models.CharField(max_length=4, choices=MessageState, default=MessageState.LIVE)
    text = models.TextField(blank=True)
    tool = models.CharField(max_length=200, blank=True)
    tool_use_id = models.CharField(max_length=200, blank=True)
    # The call of a subagent that this message belongs to, if any.
    parent_tool_use_id = models.CharField(max_length=200, blank=True)
    input = models.JSONField(null=True)
    # Null until the call returned.
    is_error = models.BooleanField(null=True)
    denied = models.BooleanField(default=False)
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    revision = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["turn", "position"], name="message_position_once"),
            models.CheckConstraint(condition=models.Q(kind__in=MessageKind.values), name="message_kind_known"),
            models.CheckConstraint(condition=models.Q(state__in=MessageState.values), name="message_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.position} of {self.turn_id}"
