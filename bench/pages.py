"""Pages, measured inside Django: time and queries of the two that grow with use, against small ones."""

import random
import time
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.rows import make_branch, make_messages, make_tree, make_turns
from sessions_app.models import Turn, User
from tests.factories import make_session

HOST = "127.0.0.1"


def found(repetitions: int) -> dict[str, Any]:
    """Per page: milliseconds of its very first load and of each further one, queries, kB."""
    pages = {
        "branch of 10 turns": branch_page(10),
        "branch of 200 turns": branch_page(200),
        "tree of 10 sessions": tree_page(10),
        "tree of 1000 sessions": tree_page(1_000),
    }
    clients = {name: client_of(owner) for name, (owner, _) in pages.items()}
    load(clients["branch of 10 turns"], "/")  # templates and imports
    results: dict[str, Any] = {
        name: {"first": load(clients[name], path)[0], "again": [], "queries": count_queries(clients[name], path)}
        for name, (_, path) in pages.items()
    }
    for _ in range(repetitions):
        for name, (_, path) in pages.items():
            took, size = load(clients[name], path)
            results[name]["again"].append(took)
            results[name]["size"] = size
    return results


def branch_page(turns: int) -> tuple[User, str]:
    owner, conversation = make_tree(f"{turns} turns")
    session, _ = make_branch(conversation, turns, per_turn=6)
    return owner, f"/sessions/{session.pk}/"


def tree_page(sessions: int) -> tuple[User, str]:
    """Each branch forks any earlier one at its last turn; two turns each."""
    owner, conversation = make_tree(f"{sessions} sessions")
    chance = random.Random(sessions)
    tips: list[Turn] = []
    for number in range(sessions):
        forked_from = chance.choice(tips) if tips else None
        session = make_session(conversation, title=f"Approach {number}", forked_from=forked_from)
        base = forked_from.number if forked_from else 0
        turns = make_turns(session, [base + 1, base + 2])
        make_messages(turns, per_turn=1)
        tips.append(turns[-1])
    return owner, f"/conversations/{conversation.pk}/"


def client_of(owner: User) -> Client:
    client = Client(HTTP_HOST=HOST)
    client.force_login(owner)
    return client


def load(client: Client, path: str) -> tuple[float, float]:
    """(ms, kB) of one request."""
    began = time.perf_counter()
    answer = client.get(path)
    took = (time.perf_counter() - began) * 1000
    assert answer.status_code == 200, answer.status_code
    return took, len(answer.content) / 1024


def count_queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        load(client, path)
    return len(queries)
