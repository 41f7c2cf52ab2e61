"""Home: the trees you can see, newest first, and a box to start a new one."""

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from sessions_app.demo_model.catalogue import CATALOGUE
from sessions_app.models import WRITERS, Conversation, Project
from sessions_app.rows.cards import load_cards
from sessions_app.services.errors import ServiceError
from sessions_app.services.prompts import start_conversation
from sessions_app.views.access import Request
from sessions_app.views.rows import problem_row, rows_response

PER_PAGE = 50


@require_safe
def home(request: Request) -> HttpResponse:
    return show_home(request)


@require_POST
def start(request: Request) -> HttpResponseBase:
    projects = writable_projects(request)
    if not projects:
        raise PermissionDenied
    chosen = request.POST.get("project", "")
    # One that was named and is not theirs to write in is not replaced by another: its members would read the prompt.
    project = next((project for project in projects if chosen in ("", str(project.pk))), None)
    if project is None:
        raise PermissionDenied
    prompt, model = request.POST.get("prompt", ""), request.POST.get("model", "")
    mode = request.POST.get("mode", "")
    try:
        session = start_conversation(user=request.user, project=project, prompt=prompt, model=model, mode=mode)
    except ServiceError as problem:
        if request.htmx:
            return rows_response([problem_row("problem-start", str(problem))], status=422)
        return show_home(request, problem=str(problem), draft=prompt, model=model, mode=mode, status=422)
    if request.htmx:
        return HttpResponseClientRedirect(reverse("session", args=[session.pk]))
    return redirect("session", session.pk)


def writable_projects(request: Request) -> list[Project]:
    mine = {"memberships__user": request.user, "memberships__role__in": WRITERS}
    return list(Project.objects.filter(**mine).order_by("created_at"))


def show_home(
    request: Request, *, problem: str = "", draft: str = "", model: str = "", mode: str = "", status: int = 200
) -> HttpResponse:
    conversations = Conversation.objects.visible_to(request.user).select_related("project").order_by("-touched_at")
    page = Paginator(conversations, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "cards": load_cards(list(page.object_list)),
        "projects": writable_projects(request),
        "models": settings.MODELS,
        "model": model or settings.DEFAULT_MODEL,
        "mode": mode or settings.PERMISSION_MODE,
        "catalogue": CATALOGUE,
        "problem": problem,
        "draft": draft,
    }
    return render(request, "home.html", context, status=status)
