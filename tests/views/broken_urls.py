"""The site with one page that breaks."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from config import urls
from config.urls import handler500

__all__ = ["handler500", "urlpatterns"]


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret detail")


urlpatterns = [path("broken/", broken), *urls.urlpatterns]
