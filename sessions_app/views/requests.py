"""Permission requests: all that wait for an answer, and the answers. Everything works as plain forms."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from sessions_app.models import Message, PermissionRequest, RequestKind, RuleScope
from sessions_app.models.transcript import WITH_REQUEST
from sessions_app.rows.panes import viewer_of
from sessions_app.rows.partials import render_message, render_notice
from sessions_app.rows.requests import RequestCard
from sessions_app.rows.waiting import waiting_entries
from sessions_app.services.answers import (
    AlreadyAnsweredError,
    Answer,
    allow,
    answer_questions,
    answer_request,
    approve_plan,
    deny,
    refuse_wrong_kind,
)
from sessions_app.services.decisions import fork_at_request, why_not
from sessions_app.services.errors import ServiceError
from sessions_app.services.rules import always_allow, offered_patterns
from sessions_app.views.access import Request, get_writable
from sessions_app.views.choice import compare_url
from sessions_app.views.rows import back_to, changed_rows, names_revision, problem_row, rows_response

WITH_BRANCH = PermissionRequest.objects.select_related("message", "turn__session__conversation__project")


@require_safe
def requests(request: Request) -> HttpResponse:
    return render(request, "requests/page.html", {"entries": waiting_entries(request.user)})


@require_POST
def answer(request: Request, request_id: int) -> HttpResponseBase:
    asked = get_writable(WITH_BRANCH, request.user, request_id)
    try:
        answer_request(user=request.user, request=asked, answer=answer_in(request.POST, card_of(request, asked)))
    except AlreadyAnsweredError as late:
        return too_late(request, asked, str(late))
    except ServiceError as problem:
        if request.htmx:
            return rows_response([problem_row(f"problem-request-{asked.pk}", str(problem))], status=422)
        return refused(request, asked, str(problem))
    return answered(request, asked)


def answer_in(form: QueryDict, card: RequestCard) -> Answer:
    """The answer that a form's button and fields stand for. Raise ServiceError when it is none."""
    asked = card.request
    note = form.get(f"note-{asked.pk}", "")
    match form.get("decision", ""):
        case "allow":
            refuse_wrong_kind(asked, RequestKind.CALL)
            return allow(asked, texts_in(form, card), None if card.fields else form.get(f"whole-{asked.pk}"))
        case "deny":
            return deny(note or ("" if asked.kind == RequestKind.CALL else "The person does not want to answer this."))
        case "answer":
            refuse_wrong_kind(asked, RequestKind.QUESTION)
            return answer_questions(asked, chosen_in(form, card))
        case "approve" | "approve_edits" as decision:
            refuse_wrong_kind(asked, RequestKind.PLAN)
            return approve_plan(asked, accept_edits=decision == "approve_edits")
        case "revise":
            refuse_wrong_kind(asked, RequestKind.PLAN)
            if not note.strip():
                raise ServiceError("Say what should change: the agent revises its plan by your words.")
            return deny(note)
    raise ServiceError("Choose one of the buttons.")


def card_of(request: Request, asked: PermissionRequest) -> RequestCard:
    return RequestCard(asked.message, viewer_of(request.user, asked.turn.session.conversation.project_id))


def texts_in(form: QueryDict, card: RequestCard) -> dict[str, str]:
    """The texts of the call's input as the form has them, by the input's own names."""
    numbered = ((f"text-{card.request.pk}-{number}", field.name) for number, field in enumerate(card.fields, start=1))
    return {name: form.get(sent, "") for sent, name in numbered if sent in form}


def chosen_in(form: QueryDict, card: RequestCard) -> list[list[str]]:
    """For each question the labels ticked, and the person's own words after them."""
    here = [f"{card.request.pk}-{question.number}" for question in card.questions]
    return [[*form.getlist(f"answer-{each}"), form.get(f"own-{each}", "")] for each in here]


@require_http_methods(["GET", "HEAD", "POST"])
def always(request: Request, request_id: int) -> HttpResponseBase:
    """GET shows the rule before it is made."""
    asked = get_writable(WITH_BRANCH, request.user, request_id)
    choice, scope = request.POST.get("choice", "0"), request.POST.get("scope", str(RuleScope.SESSION))
    if request.method != "POST":
        return show_always(request, asked)
    number = int(choice) if choice.isascii() and choice.isdigit() and len(choice) < 5 else -1
    try:
        always_allow(user=request.user, request=asked, choice=number, scope=scope)
    except AlreadyAnsweredError as late:
        return refused(request, asked, str(late))
    except ServiceError as problem:
        return show_always(request, asked, choice=number, scope=scope, problem=str(problem))
    back = back_to(request, address_of(asked))
    return HttpResponseClientRedirect(back) if request.htmx else redirect(back)


def show_always(
    request: Request, asked: PermissionRequest, *, choice: int = 0, scope: str = "session", problem: str = ""
) -> HttpResponse:
    refuse = asked.kind != RequestKind.CALL
    patterns = [] if refuse else offered_patterns(asked)
    context = {"patterns": patterns, "scopes": RuleScope.choices, "choice": choice, "scope": scope, "problem": problem}
    context["back"] = request.htmx.current_url_abs_path if request.htmx else ""
    return show_dialog(request, asked, "requests/_always.html", "Always allow", context)


@require_http_methods(["GET", "HEAD", "POST"])
def fork_here(request: Request, request_id: int) -> HttpResponseBase:
    """GET asks how to decide in the new branch, or says why there can be none; POST forks."""
    asked = get_writable(WITH_BRANCH, request.user, request_id)
    if request.method != "POST":
        return show_fork(request, asked)
    try:
        branch = fork_at_request(
            user=request.user, request=asked, answer=answer_in(request.POST, card_of(request, asked))
        )
    except ServiceError as problem:
        return show_fork(request, asked, problem=str(problem))
    address = compare_url([asked.turn.session_id, branch.pk], focus=branch.pk)
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def show_fork(request: Request, asked: PermissionRequest, *, problem: str = "") -> HttpResponse:
    context = {"reason": why_not(asked), "problem": problem}
    return show_dialog(request, asked, "requests/_fork.html", "Decide this differently in a new branch", context)


def show_dialog(
    request: Request, asked: PermissionRequest, body: str, title: str, context: dict[str, Any]
) -> HttpResponse:
    """The body alone for a page that has a dialog open for it, else as a page of its own."""
    session = asked.turn.session
    context |= {"card": card_of(request, asked), "session": session, "conversation": session.conversation}
    status = 422 if context.get("problem") else 200
    if request.htmx:
        return render(request, body, context, status=status)
    return render(request, "requests/dialog.html", context | {"body": body, "title": title}, status=status)


def answered(request: Request, asked: PermissionRequest) -> HttpResponseBase:
    if request.htmx:
        return rows_response(rows_after(request, asked))
    return redirect(back_to(request, address_of(asked)))


def rows_after(request: Request, asked: PermissionRequest) -> list[str]:
    """What changed in the branch; of a branch that the page does not show, the request alone."""
    session = asked.turn.session
    if names_revision(request, session):
        return changed_rows(request, session)
    message = Message.objects.select_related(*WITH_REQUEST).get(pk=asked.message_id)
    return [render_message(message, viewer_of(request.user, session.conversation.project_id))]


def too_late(request: Request, asked: PermissionRequest, words: str) -> HttpResponseBase:
    """What is true by now, and who was faster."""
    if request.htmx:
        return rows_response([*rows_after(request, asked), render_notice(words)])
    return refused(request, asked, words)


def refused(request: Request, asked: PermissionRequest, words: str) -> HttpResponse:
    context = {"problem": words, "back": back_to(request, address_of(asked))}
    if request.htmx:
        return rows_response([problem_row("problem-always", words)], status=422)
    return render(request, "requests/problem.html", context, status=409)


def address_of(asked: PermissionRequest) -> str:
    return f"{reverse('session', args=[asked.turn.session_id])}#turn-{asked.turn_id}"
