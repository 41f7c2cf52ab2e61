"""A permission request: a call that an agent may not make, or a question it has, before a person answered."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from sessions_app.models.message import Message
from sessions_app.models.permission_rule import PermissionRule
from sessions_app.models.project import WRITERS
from sessions_app.models.session import PermissionMode
from sessions_app.models.transcript_entry import TranscriptEntry
from sessions_app.models.turn import Turn
from sessions_app.models.user import User


class RequestKind(models.TextChoices):
    CALL = "call", "Call"
    QUESTION = "question", "Question"
    PLAN = "plan", "Plan"


class RequestState(models.TextChoices):
    PENDING = "pending", "Needs an answer"
    ALLOWED = "allowed", "Allowed"
    DENIED = "denied", "Denied"
    # Nobody answered in time, or the turn ended first.
    EXPIRED = "expired", "Not answered in time"
    CLOSED = "closed", "Closed with its turn"


ANSWERED = (RequestState.ALLOWED, RequestState.DENIED)


class PermissionRequestQuerySet(models.QuerySet["PermissionRequest"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(turn__conversation__project__memberships__user=user)

    def writable_by(self, user: User) -> Self:
        return self.filter(
            turn__conversation__project__memberships__user=user,
            turn__conversation__project__memberships__role__in=WRITERS,
        )

    def pending(self) -> Self:
        return self.filter(state=RequestState.PENDING)


class PermissionRequest(models.Model):
    """`message` is its place in the turn and says what is asked; this row says what became of it. Of several answers
    the first one wins: it is written by an UPDATE of a pending row.
    """

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="request")
    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="permission_requests")
    kind = models.CharField(max_length=8, choices=RequestKind, default=RequestKind.CALL)
    # Set when a subagent asks.
    agent_id = models.CharField(max_length=200, blank=True)
    # Why it has to be asked, in the CLI's words; often nothing.
    why = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=RequestState, default=RequestState.PENDING)
    expires_at = models.DateTimeField(null=True)
    # Null while nobody decided, and for what a rule allowed.
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    # The input to run instead of the one asked about, or with the answers to a question; null = as it was asked.
    updated_input = models.JSONField(null=True)
    # What the model is told with a denial.
    note = models.TextField(blank=True)
    # The mode the branch goes on in when a plan is approved.
    then_mode = models.CharField(max_length=12, choices=PermissionMode, blank=True)
    # The rule that allowed it, or that was made with the answer.
    rule = models.ForeignKey(PermissionRule, null=True, on_delete=models.SET_NULL, related_name="requests")
    # The transcript's entry of the call: where a fork at this request leaves its turn. Set by the first such fork.
    entry = models.ForeignKey(TranscriptEntry, null=True, on_delete=models.PROTECT, related_name="+")

    objects = PermissionRequestQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["turn"], condition=Q(state="pending"), name="request_pending")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=RequestKind.values), name="request_kind_known"),
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="request_state_known"),
            models.CheckConstraint(
                condition=Q(state=RequestState.PENDING, decided_at=None)
                | ~Q(state=RequestState.PENDING) & Q(decided_at__isnull=False),
                name="request_decided_when_not_pending",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.kind} in {self.turn_id}"
