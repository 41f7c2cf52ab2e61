"""Who may see and who may write: strangers get 404, readers who try to write 403."""

import uuid
from typing import Protocol, Self, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest
from django_htmx.middleware import HtmxDetails

from sessions_app.models import User

_Row = TypeVar("_Row", bound=Model, covariant=True)


class Request(HttpRequest):
    """A request of someone signed in, as LoginRequiredMiddleware and HtmxMiddleware leave it."""

    user: User
    htmx: HtmxDetails


class Guarded(Protocol[_Row]):
    """A queryset that knows who may see and who may write its rows."""

    def visible_to(self, user: User) -> Self: ...
    def writable_by(self, user: User) -> Self: ...
    def filter(self, *, pk: uuid.UUID | int) -> Self: ...
    def first(self) -> _Row | None: ...
    def exists(self) -> bool: ...


def get_visible(rows: Guarded[_Row], user: User, pk: uuid.UUID | int) -> _Row:
    """Raise Http404 when there is no such row for `user`."""
    found = rows.visible_to(user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def get_writable(rows: Guarded[_Row], user: User, pk: uuid.UUID | int) -> _Row:
    """Raise Http404 when `user` cannot see the row, PermissionDenied when they may only read it."""
    found = get_visible(rows, user, pk)
    if not rows.writable_by(user).filter(pk=pk).exists():
        raise PermissionDenied
    return found
