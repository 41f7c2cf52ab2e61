"""Forks: the dialog that asks how to go on from a turn, and "Edit and resend"."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from sessions_app.models import FINAL, Session, Turn
from sessions_app.services.errors import ServiceError
from sessions_app.services.forks import (
    MAX_APPROACHES,
    Approach,
    edit_and_resend,
    fork_session,
    last_finished_turn,
)
from sessions_app.views.access import Request, get_writable
from sessions_app.views.choice import MOST, compare_url
from sessions_app.views.sessions import WITH_TREE

WITH_SESSION = Turn.objects.select_related("session__conversation__project")


@require_http_methods(["GET", "HEAD", "POST"])
def fork(request: Request, turn_id: int) -> HttpResponseBase:
    """GET asks, POST forks; POST with "add" asks again with room for one more approach, for pages without script."""
    turn = get_writable(WITH_SESSION, request.user, turn_id)
    if request.method != "POST":
        return show_dialog(request, turn, [Approach("")])
    approaches = approaches_of(request)
    if "add" in request.POST:
        return show_dialog(request, turn, [*approaches, Approach("")][:MAX_APPROACHES])
    # Fields that were added and left empty are no approach; with nothing in any, the service says what is missing.
    filled = [approach for approach in approaches if approach.prompt.strip()] or approaches[:1]
    try:
        branches = fork_session(user=request.user, turn=turn, approaches=filled)
    except ServiceError as problem:
        return show_dialog(request, turn, approaches or [Approach("")], problem=str(problem))
    return go(request, after_fork(turn.session, branches))


@require_safe
def fork_session_tip(request: Request, session_id: uuid.UUID) -> HttpResponse:
    """The composer's "Fork": from the last turn that has ended."""
    session = get_writable(WITH_TREE, request.user, session_id)
    turn = last_finished_turn(session)
    if turn is None:
        return render_dialog(request, "forks/_nothing.html", {"session": session})
    newest = session.turns.order_by("-number").first()
    return show_dialog(
        request, turn, [Approach("")], unfinished=newest if newest and newest.status not in FINAL else None
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, turn_id: int) -> HttpResponseBase:
    turn = get_writable(WITH_SESSION, request.user, turn_id)
    if request.method != "POST":
        return show_edit(request, turn, Approach(turn.prompt))
    edited = Approach(*(request.POST.get(name, "") for name in ("prompt", "model", "mode")))
    try:
        branch = edit_and_resend(user=request.user, turn=turn, edited=edited)
    except ServiceError as problem:
        return show_edit(request, turn, edited, problem=str(problem))
    return go(request, after_fork(turn.session, [branch]))


def approaches_of(request: HttpRequest) -> list[Approach]:
    prompts = request.POST.getlist("prompt")
    models, modes = (request.POST.getlist(name) + [""] * len(prompts) for name in ("model", "mode"))
    return [Approach(*chosen) for chosen in zip(prompts, models, modes, strict=False)]


def after_fork(parent: Session, branches: Sequence[Session]) -> str:
    """Beside its parent for one new branch; beside each other for several; the tree when they do not fit."""
    first = branches[0].pk
    if len(branches) == 1:
        return compare_url([parent.pk, first], focus=first)
    if len(branches) <= MOST:
        return compare_url([branch.pk for branch in branches], focus=first)
    return reverse("conversation", args=[parent.conversation_id])


def go(request: Request, address: str) -> HttpResponseBase:
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def show_dialog(
    request: Request,
    turn: Turn,
    approaches: Sequence[Approach],
    *,
    unfinished: Turn | None = None,
    problem: str = "",
) -> HttpResponse:
    context = {"approaches": approaches, "unfinished": unfinished, "most": MAX_APPROACHES}
    return render_dialog(request, "forks/_fork.html", context | dialog_context(turn, problem))


def show_edit(request: Request, turn: Turn, approach: Approach, *, problem: str = "") -> HttpResponse:
    return render_dialog(request, "forks/_edit.html", {"approach": approach} | dialog_context(turn, problem))


def dialog_context(turn: Turn, problem: str) -> dict[str, Any]:
    return {"turn": turn, "session": turn.session, "models": settings.MODELS, "problem": problem}


def render_dialog(request: Request, body: str, context: dict[str, Any]) -> HttpResponse:
    """The body alone for a page that has a dialog open for it, else as a page of its own."""
    status = 422 if context.get("problem") else 200
    if request.htmx:
        return render(request, body, context, status=status)
    context |= {"body": body, "conversation": context["session"].conversation}
    return render(request, "forks/page.html", context, status=status)
