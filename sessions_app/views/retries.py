"""Retry and Resume: go on after a turn that failed or was interrupted."""

from django.http import HttpResponseBase
from django.views.decorators.http import require_POST

from sessions_app.services.retries import resume_turn, retry_turn
from sessions_app.views.access import Request, get_writable
from sessions_app.views.acting import WITH_BRANCH, act


@require_POST
def retry(request: Request, turn_id: int) -> HttpResponseBase:
    turn = get_writable(WITH_BRANCH, request.user, turn_id)
    return act(request, turn, lambda: retry_turn(user=request.user, turn=turn))


@require_POST
def resume(request: Request, turn_id: int) -> HttpResponseBase:
    turn = get_writable(WITH_BRANCH, request.user, turn_id)
    return act(request, turn, lambda: resume_turn(user=request.user, turn=turn))
