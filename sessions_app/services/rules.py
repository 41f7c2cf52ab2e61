"""Rules: allow something for good within a branch, a tree or a project, and take that back."""

from contextlib import suppress

from django.db import transaction
from django.utils import timezone

from sessions_app.models import (
    PermissionRequest,
    PermissionRule,
    RequestKind,
    RuleMatch,
    RuleScope,
    Session,
    User,
)
from sessions_app.models.rule_matching import Pattern, covers, patterns_of
from sessions_app.runs.prepare import workspace_of
from sessions_app.services.answers import AlreadyAnsweredError, Answer, answer_request, refuse_wrong_kind
from sessions_app.services.errors import ServiceError


def offered_patterns(request: PermissionRequest) -> list[Pattern]:
    """What a rule made of this request could be about, the narrowest first."""
    message = request.message
    return patterns_of(message.tool, message.input or {}, workspace_of(request.turn.session))


def always_allow(*, user: User, request: PermissionRequest, choice: int, scope: str) -> PermissionRule:
    """Make a rule of a request and allow all that waits and is covered by it.

    `choice` counts `offered_patterns`. Raise AlreadyAnsweredError, and make no rule, when somebody was faster;
    ServiceError for a choice that was not offered.
    """
    rule = make_rule(user=user, request=request, choice=choice, scope=scope)
    # Each in a transaction of its own: whoever holds one branch's lock and waits for another's may wait forever.
    for other in waiting_for(rule):
        with suppress(AlreadyAnsweredError):
            answer_request(user=user, request=other, answer=Answer(allow=True, rule=rule))
    return rule


@transaction.atomic
def make_rule(*, user: User, request: PermissionRequest, choice: int, scope: str) -> PermissionRule:
    """The rule, and with it the answer to the request it is made of: there is never one without the other."""
    refuse_wrong_kind(request, RequestKind.CALL)
    patterns = offered_patterns(request)
    if scope not in RuleScope.values or not 0 <= choice < len(patterns):
        raise ServiceError("Choose what to allow, and where.")
    session, pattern = request.turn.session, patterns[choice]
    # Session first, as everywhere: whoever locks in another order waits for each other forever.
    Session.objects.select_for_update().get(pk=session.pk)
    rule = PermissionRule.objects.create(
        project_id=session.conversation.project_id,
        conversation=session.conversation,
        session=session,
        scope=RuleScope(scope),
        tool=pattern.tool,
        match=pattern.match,
        value=pattern.value,
        created_by=user,
    )
    answer_request(user=user, request=request, answer=Answer(allow=True, rule=rule))
    return rule


def waiting_for(rule: PermissionRule) -> list[PermissionRequest]:
    """What waits for an answer and is covered by a rule, the oldest first."""
    waiting = PermissionRequest.objects.pending().filter(
        kind=RequestKind.CALL, turn__conversation__project=rule.project_id
    )
    if rule.scope == RuleScope.CONVERSATION:
        waiting = waiting.filter(turn__conversation=rule.conversation_id)
    elif rule.scope == RuleScope.SESSION:
        waiting = waiting.filter(turn__session=rule.session_id)
    pattern = Pattern(rule.tool, RuleMatch(rule.match), rule.value)
    found = waiting.select_related("message", "turn__session").order_by("pk")
    return [
        request
        for request in found
        if covers(pattern, request.message.tool, request.message.input or {}, workspace_of(request.turn.session))
    ]


@transaction.atomic
def revoke_rule(*, user: User, rule: PermissionRule) -> PermissionRule:
    """From now on, what it allowed is asked about again. Revoking twice changes nothing."""
    in_force = PermissionRule.objects.filter(pk=rule.pk, revoked_at=None)
    in_force.update(revoked_at=timezone.now(), revoked_by=user)
    rule.refresh_from_db()
    return rule
