"""Controls: reach a turn that runs. The row says what was asked; this only makes it prompt."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from sessions_app.models import Turn


@dataclass(frozen=True, slots=True)
class Controls:
    """What can be done to a running turn, from any thread: `stop` it, have it `look` for answers to what it asked."""

    stop: Callable[[], None]
    look: Callable[[], None]


# Turn id → its controls. Filled by the runner for the turns of this process; the runner also looks at the rows.
_running: dict[int, Controls] = {}


def request_stop(turn: Turn) -> None:
    """Nudge the runner of `turn`, if it is in this process, once `stop_requested_at` is committed."""
    pk = turn.pk
    transaction.on_commit(lambda: nudge_stop(pk))


def nudge_stop(turn_id: int) -> None:
    if controls := _running.get(turn_id):
        controls.stop()


def request_look(turn_id: int) -> None:
    """Nudge the runner of a turn, if it is in this process, once an answer to what it asked is committed."""

    def nudge() -> None:
        if controls := _running.get(turn_id):
            controls.look()

    transaction.on_commit(nudge)


def add_controls(turn_id: int, controls: Controls) -> None:
    _running[turn_id] = controls


def remove_controls(turn_id: int) -> None:
    _running.pop(turn_id, None)
