"""Controls: reach a turn that runs. The row says what was asked; this only makes it prompt."""

from collections.abc import Callable

from django.db import transaction

from sessions_app.models import Turn

# Turn id → what stops it. Filled by the runner for the turns of this process; the runner also looks at the row.
_stops: dict[int, Callable[[], None]] = {}


def request_stop(turn: Turn) -> None:
    """Nudge the runner of `turn`, if it is in this process, once `stop_requested_at` is committed."""
    pk = turn.pk
    transaction.on_commit(lambda: nudge(pk))


def nudge(turn_id: int) -> None:
    if stop := _stops.get(turn_id):
        stop()


def add_stop(turn_id: int, stop: Callable[[], None]) -> None:
    _stops[turn_id] = stop


def remove_stop(turn_id: int) -> None:
    _stops.pop(turn_id, None)
