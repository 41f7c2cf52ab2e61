"""Answers to HTMX forms: rows that the page puts in their places, rendered as the socket would send them."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme

from sessions_app.models import Session, Turn
from sessions_app.rows.panes import viewer_of
from sessions_app.rows.partials import pane_rows
from sessions_app.views.access import Request


def rows_response(rows: Iterable[str], *, status: int = 200) -> HttpResponse:
    return HttpResponse("\n".join(rows), status=status)


def changed_rows(request: Request, session: Session) -> list[str]:
    """What changed in the pane of `session` since the revision that the page named with the form."""
    current = Session.objects.select_related("conversation").get(pk=session.pk)
    viewer = viewer_of(request.user, current.conversation.project_id)
    place = Turn.objects.queue_place(session.pk)
    return pane_rows(current, viewer, since=known_revision(request, session), queue_place=place)


def names_revision(request: HttpRequest, session: Session) -> bool:
    """Whether the page shows the branch: it names a revision for each that it does."""
    return f"revision-{session.pk}" in request.POST


def known_revision(request: HttpRequest, session: Session) -> int:
    """0, which brings everything, when the page named none."""
    named = request.POST.get(f"revision-{session.pk}", "")
    return int(named) if named.isascii() and named.isdigit() and len(named) < 19 else 0


def problem_row(target: str, problem: str) -> str:
    """The line of a form that says why it was not accepted; empty when it was."""
    return render_to_string("shell/_problem.html", {"target": target, "problem": problem})


def back_to(request: HttpRequest, otherwise: str) -> str:
    """Where the form says it came from, if that is a page of ours."""
    wanted = request.POST.get("back", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and ours else otherwise
