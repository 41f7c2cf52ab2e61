"""A branch: its page, and its title."""

import uuid

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from sessions_app.models import Session, Turn, TurnStatus
from sessions_app.models.transcript import load_transcript
from sessions_app.rows.panes import Pane, viewer_of
from sessions_app.rows.side import load_side_tree
from sessions_app.services.errors import ServiceError
from sessions_app.services.titles import rename_session as rename
from sessions_app.views.access import Request, get_visible, get_writable
from sessions_app.views.rows import back_to, changed_rows, problem_row, rows_response

WITH_TREE = Session.objects.select_related("conversation__project", "forked_from__session")


@require_safe
def session(request: Request, session_id: uuid.UUID) -> HttpResponse:
    return show_session(request, get_visible(WITH_TREE, request.user, session_id))


def show_session(request: Request, shown: Session, *, problem: str = "", draft: str = "") -> HttpResponse:
    """The branch's page; after a prompt that could not be sent, with what was typed and why."""
    pane = Pane(load_transcript(shown), viewer_of(request.user, shown.conversation.project_id))
    pane.problem, pane.draft = problem, draft
    if pane.status == TurnStatus.QUEUED:
        pane.queue_place = Turn.objects.queue_place(shown.pk)
    context = {"pane": pane, "conversation": shown.conversation, "side": load_side_tree(shown.conversation, [shown.pk])}
    return render(request, "sessions/page.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def rename_session(request: Request, session_id: uuid.UUID) -> HttpResponseBase:
    renamed = get_writable(WITH_TREE, request.user, session_id)
    if request.method == "POST":
        title = request.POST.get("title", "")
        try:
            rename(session=renamed, title=title)
        except ServiceError as problem:
            return show_form(request, renamed, title=title, problem=str(problem))
        if request.htmx:
            closed = f'<div id="rename-{renamed.pk}" class="rename-slot"></div>'
            return rows_response([*changed_rows(request, renamed), closed])
        return redirect(back_to(request, f"/sessions/{renamed.pk}/"))
    return show_form(request, renamed, title=renamed.title)


def show_form(request: Request, renamed: Session, *, title: str, problem: str = "") -> HttpResponse:
    if problem and request.htmx:
        return rows_response([problem_row(f"problem-rename-{renamed.pk}", problem)], status=422)
    context = {"what": "branch", "target": renamed, "title": title, "problem": problem}
    context["action"] = f"/sessions/{renamed.pk}/title/"
    context["back"] = f"/sessions/{renamed.pk}/"
    template = "shell/_rename.html" if request.htmx else "shell/rename.html"
    return render(request, template, context, status=422 if problem else 200)
