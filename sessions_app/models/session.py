"""A session: one branch of a conversation, one Agent SDK session."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F

from sessions_app.models.constraints import CompositeForeignKey
from sessions_app.models.conversation import Conversation
from sessions_app.models.project import WRITERS
from sessions_app.models.user import User


class PermissionMode(models.TextChoices):
    """What an agent may do unasked; `agents/options.py` says what the SDK calls each."""

    ASK = "ask", "Ask"
    ACCEPT_EDITS = "accept_edits", "Accept edits"
    PLAN = "plan", "Plan"
    BYPASS = "bypass", "Bypass"


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(conversation__project__memberships__user=user)

    def writable_by(self, user: User) -> Self:
        return self.filter(
            conversation__project__memberships__user=user,
            conversation__project__memberships__role__in=WRITERS,
        )

    def bump(self, session_id: uuid.UUID) -> int:
        """Move a session to its next revision and return it; the row stays locked until the transaction ends.

        Every visible row is stamped with the revision of the change that wrote it, so a page that names the revision
        it has can be sent just what came after (ARCHITECTURE D6). Call it inside the transaction of the change.
        """
        self.filter(pk=session_id).update(revision=F("revision") + 1)
        return self.values_list("revision", flat=True).get(pk=session_id)


class Session(models.Model):
    # The primary key IS the Agent SDK's session id: what a page shows is what `claude --resume` would name.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="sessions")
    # The turn this branch continues from; null for a root. A fork is this pointer and nothing else (ARCHITECTURE D1).
    forked_from = models.ForeignKey("Turn", null=True, on_delete=models.PROTECT, related_name="forks")
    # Where in that turn, when the fork leaves it at a call that had to be asked about; null for a fork at its end.
    forked_request = models.ForeignKey(
        "PermissionRequest", null=True, on_delete=models.PROTECT, related_name="forks_here"
    )
    # Order of creation within the conversation, from 0: it gives the branch its colour, everywhere the same.
    position = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    # What the SDK is asked for ("sonnet", "claude-sonnet-4-5", …); a turn records what it really ran with.
    model = models.CharField(max_length=100)
    # Not kept by a resumed SDK session, so it is passed with every run.
    permission_mode = models.CharField(max_length=12, choices=PermissionMode, default=PermissionMode.ASK)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    revision = models.PositiveBigIntegerField(default=1)

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "position"], name="session_position_once"),
            models.CheckConstraint(
                condition=models.Q(permission_mode__in=PermissionMode.values), name="session_permission_mode_known"
            ),
            models.CheckConstraint(
                condition=models.Q(forked_request=None) | models.Q(forked_from__isnull=False),
                name="session_forks_at_request_of_turn",
            ),
            # The target of the turn's composite key below.
            models.UniqueConstraint(fields=["id", "conversation"], name="session_with_conversation"),
            CompositeForeignKey(
                columns=["forked_from_id", "conversation_id"],
                to_table="sessions_app_turn",
                references=["id", "conversation_id"],
                name="session_forks_within_conversation",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def colour(self) -> int:
        """0 for the first branch (neutral), then 1 to 6 again and again."""
        return (self.position - 1) % 6 + 1 if self.position else 0
