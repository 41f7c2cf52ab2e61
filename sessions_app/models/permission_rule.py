"""A permission rule: what somebody allowed for good, within a branch, a tree or a project."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from sessions_app.models.conversation import Conversation
from sessions_app.models.project import WRITERS, Project
from sessions_app.models.session import Session
from sessions_app.models.user import User


class RuleScope(models.TextChoices):
    SESSION = "session", "this branch"
    CONVERSATION = "conversation", "this tree"
    PROJECT = "project", "this project"


class RuleMatch(models.TextChoices):
    """How `value` is compared; models/rule_matching.py does it."""

    COMMAND = "command", "exactly this command"
    PROGRAM = "program", "this program, whatever its arguments"
    FILE = "file", "this file"
    WORKSPACE = "workspace", "any file in the branch's own directory, but for hidden ones"
    HOST = "host", "this host"
    ANY = "any", "any call of this tool"


class PermissionRuleQuerySet(models.QuerySet["PermissionRule"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(project__memberships__user=user)

    def writable_by(self, user: User) -> Self:
        return self.filter(project__memberships__user=user, project__memberships__role__in=WRITERS)

    def applying_to(self, session: Session) -> Self:
        """The rules in force for a branch: its own, its tree's and its project's."""
        conversation = session.conversation
        return self.filter(
            Q(scope=RuleScope.SESSION, session=session)
            | Q(scope=RuleScope.CONVERSATION, conversation=conversation)
            | Q(scope=RuleScope.PROJECT, project=conversation.project_id),
            revoked_at=None,
        )


class PermissionRule(models.Model):
    """Applied by us, never written into a settings file of the workspace (ARCHITECTURE D11)."""

    # All three are set, whatever the scope: where the rule was made, and who may see it.
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="permission_rules")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="permission_rules")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="permission_rules")
    scope = models.CharField(max_length=12, choices=RuleScope)
    tool = models.CharField(max_length=200)
    match = models.CharField(max_length=10, choices=RuleMatch)
    value = models.TextField(blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    objects = PermissionRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=RuleScope.values), name="rule_scope_known"),
            models.CheckConstraint(condition=Q(match__in=RuleMatch.values), name="rule_match_known"),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="rule_revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tool} {self.match} {self.value} in {self.scope}"
