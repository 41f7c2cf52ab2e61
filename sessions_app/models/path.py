"""The path of a branch: which turns of which sessions lead from the root to its tip."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from sessions_app.models.session import Session

# Plain adjacency, walked by the database from the tip to the root: one indexed step per fork, whatever the history.
PATH_SQL = """
WITH RECURSIVE path(session_id, forked_from_id, forked_request_id, upto, request_id, depth) AS (
    SELECT id, forked_from_id, forked_request_id, 0, CAST(0 AS bigint), 0 FROM sessions_app_session WHERE id = %s
    UNION ALL
    SELECT session.id, session.forked_from_id, session.forked_request_id, turn.number,
           COALESCE(path.forked_request_id, 0), path.depth + 1
    FROM path
    JOIN sessions_app_turn turn ON turn.id = path.forked_from_id
    JOIN sessions_app_session session ON session.id = turn.session_id
)
SELECT session_id, upto, request_id FROM path ORDER BY depth DESC
"""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a path: the turns of one session up to and including number `upto` (0 = all of them: the tip).

    `request_id`: the permission request at which the next branch leaves that last turn (0 = at its end).
    """

    session_id: uuid.UUID
    upto: int
    request_id: int = 0

    def covers(self, number: int) -> bool:
        return self.upto == 0 or number <= self.upto


def path_of(session_id: uuid.UUID) -> list[Segment]:
    """The segments from the root to this session, root first; empty when there is no such session."""
    key = Session._meta.get_field("id")
    with connection.cursor() as cursor:
        cursor.execute(PATH_SQL, [key.get_db_prep_value(session_id, connection)])
        rows = cursor.fetchall()
    return [Segment(uuid.UUID(str(session)), upto, request) for session, upto, request in rows]


def set_aside(segment: Segment, *, prefix: str = "") -> Q:
    """The condition that a turn was retried within its segment: it is shown there, and left out of the history.

    A fork at the retried turn itself does not have the retry, so it still has the turn.
    """
    if segment.upto:
        return Q(**{f"{prefix}retried_by__number__lte": segment.upto})
    return Q(**{f"{prefix}retried_by__isnull": False})


def on_path(segments: Iterable[Segment], *, prefix: str = "") -> Q:
    """The condition that a turn (or, with `prefix="turn__"`, something that belongs to one) lies on the path."""
    condition = Q(pk__in=[])
    for segment in segments:
        here = Q(**{f"{prefix}session_id": segment.session_id})
        if segment.upto:
            here &= Q(**{f"{prefix}number__lte": segment.upto})
        condition |= here
    return condition
