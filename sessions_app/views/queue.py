"""The queue of a branch: edit, move or withdraw a prompt that waits."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from sessions_app.models import Turn
from sessions_app.services.errors import ServiceError
from sessions_app.services.queue import edit_queued, move_queued, withdraw_queued
from sessions_app.views.access import Request, get_writable
from sessions_app.views.acting import WITH_BRANCH, act
from sessions_app.views.rows import changed_rows, problem_row, rows_response


@require_http_methods(["GET", "HEAD", "POST"])
def queued_prompt(request: Request, turn_id: int) -> HttpResponseBase:
    """The form that edits a prompt while it waits: in its turn, or as a page of its own."""
    turn = get_writable(WITH_BRANCH, request.user, turn_id)
    if request.method != "POST":
        return show_form(request, turn, prompt=turn.prompt)
    prompt = request.POST.get("prompt", "")
    try:
        edit_queued(turn=turn, prompt=prompt)
    except ServiceError as refusal:
        return show_form(request, turn, prompt=prompt, problem=str(refusal))
    if request.htmx:
        closed = f'<div id="edit-{turn.pk}" class="edit-slot"></div>'
        return rows_response([closed, *changed_rows(request, turn.session)])
    return redirect(f"/sessions/{turn.session_id}/#turn-{turn.pk}")


@require_POST
def move(request: Request, turn_id: int, *, up: bool) -> HttpResponseBase:
    turn = get_writable(WITH_BRANCH, request.user, turn_id)
    return act(request, turn, lambda: move_queued(turn=turn, up=up))


@require_POST
def withdraw(request: Request, turn_id: int) -> HttpResponseBase:
    turn = get_writable(WITH_BRANCH, request.user, turn_id)
    return act(request, turn, lambda: withdraw_queued(turn=turn))


def show_form(request: Request, turn: Turn, *, prompt: str, problem: str = "") -> HttpResponse:
    if problem and request.htmx:
        rows = [*changed_rows(request, turn.session), problem_row(f"problem-edit-{turn.pk}", problem)]
        return rows_response(rows, status=422)
    context = {"turn": turn, "session": turn.session, "conversation": turn.session.conversation, "prompt": prompt}
    template = "sessions/_queued_form.html" if request.htmx else "sessions/queued.html"
    return render(request, template, context | {"problem": problem}, status=422 if problem else 200)
