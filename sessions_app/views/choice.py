"""The branches that an address or a form names for a comparison."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from sessions_app.models import Conversation, Session, User
from sessions_app.rows.side import MOST_COMPARED
from sessions_app.views.access import Request

LEAST, MOST = 2, MOST_COMPARED


@dataclass(slots=True)
class Choice:
    """The branches in the order named; or `problem`, a sentence for the person who chose."""

    sessions: list[Session] = field(default_factory=list)
    problem: str = ""

    @property
    def conversation(self) -> Conversation | None:
        return self.sessions[0].conversation if self.sessions else None


def choose_sessions(user: User, named: Sequence[str], *, least: int = LEAST) -> Choice:
    """Raise Http404 for a branch that `user` cannot see, and for what is no id of a branch."""
    try:
        ids = list(dict.fromkeys(uuid.UUID(name) for name in named))
    except ValueError:
        raise Http404 from None
    rows = Session.objects.visible_to(user).select_related("conversation__project", "forked_from__session")
    # One more than can be shown is enough to say that there are too many.
    found = rows.in_bulk(ids[: MOST * 10])
    if len(found) < min(len(ids), MOST * 10):
        raise Http404
    sessions = [found[pk] for pk in ids[: MOST * 10]]
    if len(ids) < least:
        return Choice(sessions, f"Choose at least {least} branches to compare.")
    if len(ids) > MOST:
        return Choice(sessions, f"You chose {len(ids)} branches. At most {MOST} fit side by side.")
    if len({session.conversation_id for session in sessions}) > 1:
        return Choice(sessions, "These branches belong to different trees. Choose branches of one tree.")
    return Choice(sessions)


def invalid(request: Request, choice: Choice) -> HttpResponse:
    return render(request, "compare/invalid.html", {"choice": choice}, status=400)


def compare_url(ids: Iterable[uuid.UUID], *, focus: uuid.UUID | None = None) -> str:
    """The permalink of a comparison; with `focus`, the browser moves into that branch's prompt."""
    query = urlencode([("s", str(pk)) for pk in ids])
    return f"{reverse('compare')}?{query}" + (f"#prompt-{focus}" if focus else "")
