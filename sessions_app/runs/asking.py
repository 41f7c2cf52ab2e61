"""Asking: which calls are decided without a person, and the rows of those that are not."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from sessions_app.agents.decision import Decision
from sessions_app.agents.events import PermissionAsked
from sessions_app.models import (
    ANSWERED,
    PermissionMode,
    PermissionRequest,
    PermissionRule,
    RequestKind,
    RequestState,
    RuleMatch,
    Turn,
)
from sessions_app.models.rule_matching import Pattern, covers, outside
from sessions_app.runs.writer import TurnWriter

KINDS = {"AskUserQuestion": RequestKind.QUESTION, "ExitPlanMode": RequestKind.PLAN}
# In plan mode the CLI asks about what changes files, and would do it when it is allowed. What only looks may be asked.
LOOKING = ("Read", "Glob", "Grep", "WebFetch", "WebSearch")
PLANNING = (
    "This branch is in plan mode: nothing may be changed or run before the plan is approved. Finish the plan first."
)
OUTSIDE = "The file lies outside the branch's own directory: {path}."
NO_REASON = (
    "The person you work with denied this and gave no reason. Do not try it again unasked; go on without it, or ask."
)


class Asking:
    """The requests of one turn. Synchronous; called from the turn's own thread, one call at a time."""

    def __init__(self, turn: Turn, writer: TurnWriter, workspace: Path) -> None:
        self.turn = turn
        self.writer = writer
        self.workspace = workspace

    def open(self, asked: PermissionAsked, mode: PermissionMode) -> Decision | None:
        """The decision when there is one already; else None, and the request stands in the turn for a person."""
        known = PermissionRequest.objects.filter(turn=self.turn, message__tool_use_id=asked.tool_use_id)
        if request := known.filter(state__in=ANSWERED).select_related("message").first():
            return decision_of(request)
        kind = KINDS.get(asked.tool, RequestKind.CALL)
        if mode == PermissionMode.PLAN and kind == RequestKind.CALL and asked.tool not in LOOKING:
            return Decision(allow=False, message=PLANNING)
        if kind == RequestKind.CALL and (rule := self.rule_for(asked)):
            self.writer.ask(asked, kind, rule=rule)
            return Decision(allow=True)
        self.writer.ask(self.placed(asked), kind, expires_at=timezone.now() + settings.ANSWER_TIME)
        return None

    def placed(self, asked: PermissionAsked) -> PermissionAsked:
        """With the place of a file that is not the branch's own: pages shorten paths, and a link can lead anywhere."""
        elsewhere = outside(asked.input, self.workspace)
        words = OUTSIDE.format(path=elsewhere) if elsewhere else ""
        return replace(asked, why=" ".join(filter(None, (words, asked.why))))

    def rule_for(self, asked: PermissionAsked) -> PermissionRule | None:
        rules = PermissionRule.objects.applying_to(self.turn.session).order_by("pk")
        return next((rule for rule in rules if rule_covers(rule, asked, self.workspace)), None)

    def decided(self, calls: set[str]) -> dict[str, Decision]:
        """The decisions on those of `calls` that have been answered."""
        answered = PermissionRequest.objects.filter(
            turn=self.turn, message__tool_use_id__in=calls, state__in=ANSWERED
        ).select_related("message")
        return {request.message.tool_use_id: decision_of(request) for request in answered}

    def expire(self, now: datetime) -> bool:
        """Whether a request has waited too long; it then cannot be answered any more."""
        overdue = PermissionRequest.objects.filter(turn=self.turn, expires_at__lte=now).pending()
        return overdue.exists() and self.writer.expire(overdue, now)


def rule_covers(rule: PermissionRule, asked: PermissionAsked, workspace: Path) -> bool:
    pattern = Pattern(rule.tool, RuleMatch(rule.match), rule.value)
    return covers(pattern, asked.tool, asked.input, workspace)


def decision_of(request: PermissionRequest) -> Decision:
    if request.state != RequestState.ALLOWED:
        return Decision(allow=False, message=request.note or NO_REASON)
    then = PermissionMode(request.then_mode) if request.then_mode else None
    return Decision(allow=True, input=request.updated_input, then_mode=then)
