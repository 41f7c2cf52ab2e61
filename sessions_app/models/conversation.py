"""A conversation: one fork tree."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models

from sessions_app.models.project import WRITERS, Project
from sessions_app.models.user import User


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(project__memberships__user=user)

    def writable_by(self, user: User) -> Self:
        return self.filter(project__memberships__user=user, project__memberships__role__in=WRITERS)


class Conversation(models.Model):
    # Random, so that an address tells a stranger nothing, not even how many there are.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="conversations")
    title = models.CharField(max_length=200)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    # When anything in it last changed: the order of the home page.
    touched_at = models.DateTimeField(auto_now_add=True)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["project", "-touched_at"], name="conversation_newest_first")]

    def __str__(self) -> str:
        return self.title
