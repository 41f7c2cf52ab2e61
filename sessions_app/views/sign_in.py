"""Sign-in by the one-time link that the server prints when it starts."""

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from sessions_app.services.sign_in import use_sign_in_link


@login_not_required
@never_cache
@require_safe
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """Where people end who are not signed in."""
    if getattr(request, "htmx", False):
        # A form of a page that was signed out meanwhile: without this, the answer would land inside that page.
        return HttpResponseClientRedirect(settings.LOGIN_URL if settings.LOGIN_URL.startswith("/") else "/sign-in/")
    if request.user.is_authenticated:
        return redirect(next_page(request))
    return render(request, "sign_in.html")


@login_not_required
@never_cache
@require_safe
def sign_in_link(request: HttpRequest, token: str) -> HttpResponseBase:
    user = use_sign_in_link(token=token)
    if user is None:
        if request.user.is_authenticated:
            # The link of the tab that is already in, opened again: nothing is wrong.
            return redirect(next_page(request))
        return render(request, "sign_in.html", {"refused": True}, status=403)
    login(request, user)
    return redirect(next_page(request))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("sign-in")


def next_page(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is a page of ours; else home."""
    wanted = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if wanted and ours else "/"
