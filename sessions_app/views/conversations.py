"""A conversation: the outline of its tree, and its title."""

import uuid

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from sessions_app.models import Conversation
from sessions_app.models.tree import Tree
from sessions_app.rows.outline import outline_rows
from sessions_app.rows.panes import viewer_of
from sessions_app.rows.partials import render_summary
from sessions_app.services.errors import ServiceError
from sessions_app.services.titles import rename_conversation as rename
from sessions_app.views.access import Request, get_visible, get_writable
from sessions_app.views.rows import problem_row, rows_response


@require_safe
def conversation(request: Request, conversation_id: uuid.UUID) -> HttpResponse:
    rows = Conversation.objects.select_related("project")
    shown = get_visible(rows, request.user, conversation_id)
    tree = Tree.load(shown)
    context = {
        "conversation": shown,
        "tree": tree,
        "rows": outline_rows(tree),
        "viewer": viewer_of(request.user, shown.project_id),
    }
    return render(request, "conversations/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def rename_conversation(request: Request, conversation_id: uuid.UUID) -> HttpResponseBase:
    renamed = get_writable(Conversation.objects.select_related("project"), request.user, conversation_id)
    if request.method == "POST":
        title = request.POST.get("title", "")
        try:
            rename(conversation=renamed, title=title)
        except ServiceError as problem:
            return show_form(request, renamed, title=title, problem=str(problem))
        if not request.htmx:
            return redirect("conversation", renamed.pk)
        viewer = viewer_of(request.user, renamed.project_id)
        closed = f'<div id="rename-{renamed.pk}" class="rename-slot"></div>'
        return rows_response([render_summary(Tree.load(renamed), viewer), closed])
    return show_form(request, renamed, title=renamed.title)


def show_form(request: Request, renamed: Conversation, *, title: str, problem: str = "") -> HttpResponse:
    if problem and request.htmx:
        return rows_response([problem_row(f"problem-rename-{renamed.pk}", problem)], status=422)
    context = {"what": "tree", "target": renamed, "title": title, "problem": problem, "page": not request.htmx}
    context["action"] = f"/conversations/{renamed.pk}/title/"
    context["back"] = f"/conversations/{renamed.pk}/"
    template = "shell/_rename.html" if request.htmx else "shell/rename.html"
    return render(request, template, context, status=422 if problem else 200)
