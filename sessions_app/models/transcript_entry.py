"""A transcript entry: one raw line of the SDK's session store, opaque to us."""

from django.db import models

from sessions_app.models.session import Session
from sessions_app.models.turn import Turn


class TranscriptEntry(models.Model):
    """Entries of a session are in order of their primary key; a retried append is recognised by `uuid`."""

    # No constraint in the database: the SDK's contract lets a store keep sessions nobody announced to it.
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="entries", db_constraint=False)
    # Empty for the main transcript, else e.g. "subagents/agent-<id>".
    subpath = models.CharField(max_length=300, blank=True)
    # The turn that wrote it: a fork at a turn inherits the entries of the turns up to it.
    turn = models.ForeignKey(Turn, null=True, on_delete=models.CASCADE, related_name="entries")
    uuid = models.CharField(max_length=100, null=True)  # noqa: DJ001 - NULL is "has none" and is not unique, "" would be
    type = models.CharField(max_length=100)
    # The entry as JSON text: opaque, and jsonb would refuse the "\u0000" that tool output can carry.
    line = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["session", "subpath", "id"], name="entry_in_order")]
        constraints = [
            models.UniqueConstraint(fields=["session", "subpath", "uuid"], name="entry_once"),
        ]

    def __str__(self) -> str:
        return f"{self.type} entry of {self.session_id}"
