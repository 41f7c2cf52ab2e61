"""What people see when a request cannot be answered."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that did not come from our own page, or from a page older than the sign-in."""
    return render(request, "errors/csrf.html", status=403)
