"""The whole output of a tool call."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from sessions_app.models import Message, MessageKind, Turn
from sessions_app.views.access import Request


@require_safe
def message_output(request: Request, message_id: int) -> HttpResponse:
    rows = Message.objects.filter(turn__in=Turn.objects.visible_to(request.user), kind=MessageKind.TOOL)
    message = get_object_or_404(rows.select_related("turn__session__conversation__project"), pk=message_id)
    template = "sessions/_output.html" if request.htmx else "sessions/output.html"
    context = {"message": message, "session": message.turn.session, "conversation": message.turn.session.conversation}
    return render(request, template, context)
