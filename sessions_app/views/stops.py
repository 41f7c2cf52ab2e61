"""Stop: interrupt a turn that runs, or take back one that waits."""

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from sessions_app.models import Turn
from sessions_app.services.stops import stop_turn
from sessions_app.views.access import Request, get_writable
from sessions_app.views.rows import back_to, changed_rows, rows_response


@require_POST
def stop(request: Request, turn_id: int) -> HttpResponseBase:
    turn = get_writable(Turn.objects.select_related("session"), request.user, turn_id)
    stop_turn(turn=turn)
    if request.htmx:
        return rows_response(changed_rows(request, turn.session))
    return redirect(back_to(request, f"/sessions/{turn.session_id}/#turn-{turn.pk}"))
