"""A turn: one prompt and everything until its result."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from sessions_app.models.constraints import CompositeForeignKey
from sessions_app.models.conversation import Conversation
from sessions_app.models.project import WRITERS
from sessions_app.models.session import Session
from sessions_app.models.user import User


class TurnStatus(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    # It runs, and cannot go on before a person has answered.
    WAITING = "waiting", "Needs you"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    INTERRUPTED = "interrupted", "Interrupted"


class TurnKind(models.TextChoices):
    PROMPT = "prompt", "Prompt"
    # Goes on where an interrupted or failed turn ended.
    RESUME = "resume", "Resume"
    # The prompt of `retry_of` once more; that turn stays on the page and leaves the history.
    RETRY = "retry", "Retry"
    # The first turn of a branch that decides a call of its parent otherwise: the agent goes on without a prompt.
    DECISION = "decision", "Decision"


ACTIVE = (TurnStatus.RUNNING, TurnStatus.WAITING)
UNFINISHED = (TurnStatus.QUEUED, *ACTIVE)
FINAL = (TurnStatus.DONE, TurnStatus.FAILED, TurnStatus.INTERRUPTED)
ENDED_BADLY = (TurnStatus.FAILED, TurnStatus.INTERRUPTED)


class TurnQuerySet(models.QuerySet["Turn"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(conversation__project__memberships__user=user)

    def writable_by(self, user: User) -> Self:
        return self.filter(
            conversation__project__memberships__user=user,
            conversation__project__memberships__role__in=WRITERS,
        )

    def queue_place(self, session_id: uuid.UUID) -> int | None:
        """How many turns, itself included, start before the first queued turn of a session has; None when none waits.

        A turn behind another of its own session waits for that one, not in the queue of all.
        """
        mine = self.filter(session_id=session_id, status__in=UNFINISHED).order_by("number").first()
        if mine is None or mine.status != TurnStatus.QUEUED:
            return None
        return Turn.objects.claimable().filter(queued_at__lt=mine.queued_at).count() + 1

    def claimable(self) -> Self:
        """Queued turns whose session is free and whose earlier turns are over, oldest first."""
        earlier = Turn.objects.filter(session=OuterRef("session"), number__lt=OuterRef("number"), status__in=UNFINISHED)
        return self.filter(Q(status=TurnStatus.QUEUED), ~Exists(earlier)).order_by("queued_at", "id")

    def restand(self, session_id: uuid.UUID, revision: int) -> None:
        """Stamp the turns of a session whose rows say where they stand among the others.

        Those that wait name their place; the last that reached the model offers Retry and Resume. Call it whenever a
        turn is added, moved, claimed or taken back.
        """
        own = self.filter(session_id=session_id)
        last = own.filter(started_at__isnull=False).order_by("-number").values_list("pk", flat=True).first()
        own.filter(Q(status=TurnStatus.QUEUED) | Q(pk=last, status__in=ENDED_BADLY)).update(revision=revision)


class Turn(models.Model):
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="turns")
    # Repeated from the session, so that a fork point can be held to its conversation and a tree is one indexed read.
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="turns")
    # Counts from the root, inherited turns included: the third turn of a branch is 3 in every fork of it.
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=TurnKind, default=TurnKind.PROMPT)
    # The earlier turn of the same session that this one replaces in the history of whatever comes after.
    retry_of = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="retried_by")
    prompt = models.TextField()
    # Sent with the prompt and kept by the SDK's transcript: the same prompt can never be posted twice.
    prompt_uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    status = models.CharField(max_length=12, choices=TurnStatus, default=TurnStatus.QUEUED)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    queued_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    stop_requested_at = models.DateTimeField(null=True)
    # The model that answered, in full, as the SDK named it.
    model = models.CharField(max_length=100, blank=True)
    # Why it failed or was interrupted: a word for code and a sentence for people.
    error_kind = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True)
    # What the run itself cost; null where the SDK did not say. Unknown is never zero.
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    input_tokens = models.PositiveBigIntegerField(null=True)
    cache_read_tokens = models.PositiveBigIntegerField(null=True)
    cache_write_tokens = models.PositiveBigIntegerField(null=True)
    output_tokens = models.PositiveBigIntegerField(null=True)
    revision = models.PositiveBigIntegerField(default=1)

    objects = TurnQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["status", "queued_at"], condition=Q(status__in=UNFINISHED), name="turn_unfinished"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="turn_number_once_per_session"),
            models.UniqueConstraint(
                fields=["session"], condition=Q(status__in=ACTIVE), name="turn_one_active_per_session"
            ),
            models.UniqueConstraint(fields=["id", "conversation"], name="turn_with_conversation"),
            models.CheckConstraint(condition=Q(number__gte=1), name="turn_number_from_one"),
            models.CheckConstraint(condition=Q(status__in=TurnStatus.values), name="turn_status_known"),
            models.CheckConstraint(condition=Q(kind__in=TurnKind.values), name="turn_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=TurnKind.RETRY, retry_of__isnull=False) | ~Q(kind=TurnKind.RETRY) & Q(retry_of=None),
                name="turn_retries_something",
            ),
            models.CheckConstraint(
                condition=Q(status__in=UNFINISHED, ended_at=None) | Q(status__in=FINAL, ended_at__isnull=False),
                name="turn_ended_when_final",
            ),
            CompositeForeignKey(
                columns=["session_id", "conversation_id"],
                to_table="sessions_app_session",
                references=["id", "conversation_id"],
                name="turn_within_conversation",
            ),
        ]

    def __str__(self) -> str:
        return f"turn {self.number} of {self.session_id}"

    @property
    def never_started(self) -> bool:
        """Taken back while it waited: it is on the page, and not in the history."""
        return self.started_at is None and self.status in FINAL

    @property
    def ended_badly(self) -> bool:
        """It reached the model and was not done: it can be resumed or retried, while it is the last one."""
        return self.started_at is not None and self.status in ENDED_BADLY

    @property
    def is_movable(self) -> bool:
        """While it waits, its prompt and its place can be changed: unlike a retry's, they follow from no other turn."""
        return self.kind == TurnKind.PROMPT

    @property
    def duration_ms(self) -> int | None:
        """From start to end, in ms; None while it has not ended or when it never started."""
        if self.started_at is None or self.ended_at is None:
            return None
        return round((self.ended_at - self.started_at).total_seconds() * 1000)

    @property
    def total_tokens(self) -> int | None:
        """Tokens in and out, cached ones included; None where nothing was reported."""
        known = [self.input_tokens, self.cache_read_tokens, self.cache_write_tokens, self.output_tokens]
        counted = [tokens for tokens in known if tokens is not None]
        return sum(counted) if counted else None
