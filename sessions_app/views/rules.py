"""Rules: what was allowed for good, and taking it back."""

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from sessions_app.models import WRITERS, Membership, PermissionRule
from sessions_app.services.rules import revoke_rule
from sessions_app.views.access import Request, get_writable

MOST = 200


@require_safe
def rules(request: Request) -> HttpResponse:
    visible = PermissionRule.objects.visible_to(request.user).annotate(uses=Count("requests"))
    found = visible.select_related("session", "conversation", "project", "created_by", "revoked_by")
    writable = Membership.objects.filter(user=request.user, role__in=WRITERS).values_list("project_id", flat=True)
    context = {"rules": list(found.order_by("revoked_at", "-created_at")[:MOST]), "writable": set(writable)}
    return render(request, "rules.html", context)


@require_POST
def revoke(request: Request, rule_id: int) -> HttpResponse:
    rule = get_writable(PermissionRule.objects.all(), request.user, rule_id)
    revoke_rule(user=request.user, rule=rule)
    return redirect("rules")
