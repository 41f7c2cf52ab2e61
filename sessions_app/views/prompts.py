"""Prompts: to one branch, or the same to several."""

import uuid

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from sessions_app.models import Session
from sessions_app.services.errors import ServiceError
from sessions_app.services.prompts import send_prompt, send_to_all
from sessions_app.views.access import Request, get_writable
from sessions_app.views.choice import choose_sessions, compare_url, invalid
from sessions_app.views.compare import show_compare
from sessions_app.views.rows import back_to, changed_rows, problem_row, rows_response
from sessions_app.views.sessions import WITH_TREE, show_session


@require_POST
def send(request: Request, session_id: uuid.UUID) -> HttpResponseBase:
    session = get_writable(WITH_TREE, request.user, session_id)
    prompt = request.POST.get("prompt", "")
    target = f"problem-{session.pk}"
    try:
        turn = send_prompt(user=request.user, session=session, prompt=prompt)
    except ServiceError as problem:
        if request.htmx:
            return rows_response([problem_row(target, str(problem))], status=422)
        return show_session(request, session, problem=str(problem), draft=prompt)
    if request.htmx:
        return rows_response([*changed_rows(request, session), problem_row(target, "")])
    return redirect(back_to(request, f"/sessions/{session.pk}/#turn-{turn.pk}"))


@require_POST
def send_all(request: Request) -> HttpResponseBase:
    choice = choose_sessions(request.user, request.POST.getlist("s"), least=1)
    if choice.problem:
        return invalid(request, choice)
    ids = [session.pk for session in choice.sessions]
    if Session.objects.writable_by(request.user).filter(pk__in=ids).count() != len(ids):
        raise PermissionDenied
    prompt = request.POST.get("prompt", "")
    try:
        send_to_all(user=request.user, sessions=choice.sessions, prompt=prompt)
    except ServiceError as problem:
        if request.htmx:
            return rows_response([problem_row("problem-all", str(problem))], status=422)
        return show_compare(request, choice.sessions, problem=str(problem), draft=prompt)
    if request.htmx:
        rows = [row for session in choice.sessions for row in changed_rows(request, session)]
        return rows_response([*rows, problem_row("problem-all", "")])
    return redirect(compare_url(ids))
