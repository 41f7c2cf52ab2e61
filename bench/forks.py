"""Forks, measured inside Django: time, bytes and rows of a fork by the length of the history it continues."""

import time
from typing import Any

from django.db import connection
from django.test import Client

from bench.rows import PER_TURN, make_branch, make_tree
from sessions_app.models import Message, TranscriptEntry, Turn, User
from sessions_app.services.forks import Approach, fork_session

HISTORIES = (10, 200, 2_000)  # messages
PROMPT = "Now let's redesign this as a GraphQL API instead"
HOST = "127.0.0.1"


def found(repetitions: int) -> dict[str, Any]:
    """Per length of history: milliseconds of each fork and each form, bytes per fork, other rows added."""
    points = {history: make_point(history) for history in HISTORIES}
    services: dict[int, list[float]] = {history: [] for history in HISTORIES}
    forms: dict[int, list[float]] = {history: [] for history in HISTORIES}
    for number in range(-5, repetitions):
        for history, (owner, turn) in points.items():
            service, form = time_service(owner, turn), time_form(owner, turn)
            if number >= 0:
                services[history].append(service)
                forms[history].append(form)
    return {
        str(history): {
            "service": services[history],
            "form": forms[history],
            "stored": stored(*points[history], number=repetitions),
        }
        for history in HISTORIES
    }


def make_point(history: int) -> tuple[User, Turn]:
    owner, conversation = make_tree(f"{history} messages")
    _, turns = make_branch(conversation, history // PER_TURN)
    return owner, turns[-1]


def time_service(owner: User, turn: Turn) -> float:
    # Read anew, as a request would.
    fresh = Turn.objects.select_related("session__conversation").get(pk=turn.pk)
    began = time.perf_counter()
    fork_session(user=owner, turn=fresh, approaches=[Approach(PROMPT)])
    return (time.perf_counter() - began) * 1000


def time_form(owner: User, turn: Turn) -> float:
    client = Client(HTTP_HOST=HOST, HTTP_HX_REQUEST="true")
    client.force_login(owner)
    began = time.perf_counter()
    answer = client.post(f"/turns/{turn.pk}/fork/", {"prompt": PROMPT})
    took = (time.perf_counter() - began) * 1000
    assert "HX-Redirect" in answer.headers, answer.status_code
    return took


def stored(owner: User, turn: Turn, *, number: int) -> dict[str, float]:
    """Bytes that one more fork takes up in the database's pages, and rows it adds to what it inherits."""
    rows = Message.objects.count() + TranscriptEntry.objects.count()
    pages = used_bytes()
    for _ in range(number):
        time_service(owner, turn)
    return {
        "bytes": (used_bytes() - pages) / number,
        "rows": Message.objects.count() + TranscriptEntry.objects.count() - rows,
    }


def used_bytes() -> int:
    """All that is in use inside the pages, indexes included: independent of when a page happens to fill up."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(pgsize - unused) FROM dbstat")
        return int(cursor.fetchone()[0])
