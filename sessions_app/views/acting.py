"""A button of a turn: do what it says, then show what changed, or say in words why it could not be done."""

from collections.abc import Callable

from django.http import HttpResponseBase
from django.shortcuts import redirect

from sessions_app.models import Turn
from sessions_app.services.errors import ServiceError
from sessions_app.views.access import Request
from sessions_app.views.rows import back_to, changed_rows, problem_row, rows_response
from sessions_app.views.sessions import show_session

# Everything that the rows of a turn's branch show.
WITH_BRANCH = Turn.objects.select_related("session__conversation__project", "session__forked_from__session")


def act(request: Request, turn: Turn, action: Callable[[], Turn | None]) -> HttpResponseBase:
    """`action` returns the turn to look at afterwards, when that is not `turn`. It may raise ServiceError."""
    problem, shown = "", turn
    try:
        shown = action() or turn
    except ServiceError as refusal:
        problem = str(refusal)
    if request.htmx:
        said = problem_row(f"problem-{turn.session_id}", problem)
        # Also after a refusal: it means that the page shows something old.
        return rows_response([*changed_rows(request, turn.session), said], status=422 if problem else 200)
    if problem:
        return show_session(request, turn.session, problem=problem)
    return redirect(back_to(request, f"/sessions/{turn.session_id}/#turn-{shown.pk}"))
