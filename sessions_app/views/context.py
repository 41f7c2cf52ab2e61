"""What every page's frame shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from sessions_app.models import Conversation, User
from sessions_app.rows.waiting import count_waiting
from sessions_app.services.prompts import modes_offered

RECENT = 12


def shell(request: HttpRequest) -> dict[str, Any]:
    def recent_trees() -> list[Conversation]:
        if not isinstance(request.user, User):
            return []
        return list(Conversation.objects.visible_to(request.user).order_by("-touched_at")[:RECENT])

    def needs() -> int:
        return count_waiting(request.user) if isinstance(request.user, User) else 0

    return {
        "needs": SimpleLazyObject(needs),
        "modes": modes_offered,
        "default_mode": settings.PERMISSION_MODE,
        "front_end": settings.FRONT_END,
        "demo": bool(getattr(settings, "DEMO_MODEL", False)),
        # Called by the template that shows it: fragments do without the query.
        "recent_trees": recent_trees,
    }
