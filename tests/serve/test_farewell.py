"""What the server says while it stops."""

import pytest

from sessions_app.management.server.farewell import stopped, stopping
from sessions_app.runs.pool import Ending


@pytest.mark.parametrize(
    ("running", "seconds", "said"),
    [
        (0, 5, ""),
        (1, 5, "Stopping: 1 turn is running and has 5 s to finish."),
        (2, 60, "Stopping: 2 turns are running and have 60 s to finish."),
        (1, 0, "Stopping: 1 turn is running and is interrupted."),
        (3, 0, "Stopping: 3 turns are running and are interrupted."),
    ],
)
def test_the_first_line_names_what_is_waited_for(running: int, seconds: int, said: str) -> None:
    assert stopping(running, seconds) == said


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        (Ending(0, 0, 0, 0), ""),
        (Ending(1, 0, 1, 3), "Stopped: 1 turn finished, 1 turn was interrupted; 3 turns wait for the next start."),
        (Ending(0, 1, 2, 0), "Stopped: 1 turn failed, 2 turns were interrupted."),
        (Ending(0, 0, 0, 1), "Stopped: 1 turn waits for the next start."),
    ],
)
def test_the_last_line_names_what_became_of_them(ending: Ending, said: str) -> None:
    assert stopped(ending) == said
