"""Dispatch: the one function that hands a queued turn to whoever runs it."""

from collections.abc import Callable

from django.db import transaction

from sessions_app.models import Turn

# Called after each commit that queued a turn. The in-process pool adds itself while it runs; without one, the row
# waits for the next server to start: the row is the queue, this is only the bell.
_bells: set[Callable[[], None]] = set()


def enqueue(turn: Turn) -> None:
    """Have `turn` (its row is queued) run once the current transaction commits."""
    if turn.pk is None:
        raise ValueError("a turn is saved before it is queued")
    transaction.on_commit(ring)


def ring() -> None:
    for bell in tuple(_bells):
        bell()


def add_bell(bell: Callable[[], None]) -> None:
    _bells.add(bell)


def remove_bell(bell: Callable[[], None]) -> None:
    _bells.discard(bell)
