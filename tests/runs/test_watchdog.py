"""How long an agent may be silent: by who is expected to say something."""

import time
import uuid

from sessions_app.agents.events import BlockFinished, BlockKind, BlockStarted, Retrying, ToolReturned
from sessions_app.runs.prepare import idle_seconds
from sessions_app.runs.watchdog import Watchdog

LONG_AGO = float("-inf")


def kinds(watchdog: Watchdog) -> str:
    verdict = watchdog.verdict(LONG_AGO)
    return verdict[0] if verdict else ""


def impatient(*, stall: float = 0.0, tool: float = 0.0) -> Watchdog:
    return Watchdog(stall=stall, tool=tool)


def test_a_sign_of_life_begins_the_time_anew() -> None:
    watchdog = impatient(stall=3600)
    watchdog.not_before = LONG_AGO
    assert watchdog.verdict(time.monotonic()) is None
    assert watchdog.verdict(time.monotonic() - 3601) == (
        "stalled",
        "Nothing came from it for 3600 s, so the turn was ended.",
    )


def test_a_running_tool_has_a_time_of_its_own_from_its_call_to_its_result() -> None:
    watchdog = impatient(tool=3600)
    watchdog.see(BlockStarted(0, BlockKind.TOOL, "Bash", "one"))
    assert kinds(watchdog) == "stalled"  # the model still writes the call
    watchdog.see(BlockFinished(0, "", {"command": "make"}))
    assert kinds(watchdog) == ""
    watchdog.tool = 0
    assert watchdog.verdict(LONG_AGO) == (
        "tool_stalled",
        "Bash gave no result for 0 s, so the turn was ended and the tool with it.",
    )
    watchdog.see(ToolReturned("one", "made", False))
    assert kinds(watchdog) == "stalled"


def test_a_tool_of_the_models_provider_is_a_part_of_the_answer() -> None:
    watchdog = impatient(tool=3600)
    watchdog.see(BlockStarted(0, BlockKind.TOOL, "web_search", f"srvtoolu_{uuid.uuid4().hex}"))
    watchdog.see(BlockFinished(0, "", {"query": "x"}))
    assert kinds(watchdog) == "stalled"


def test_while_a_person_is_asked_nobody_else_has_to_say_anything() -> None:
    watchdog = impatient(stall=5)
    watchdog.not_before = LONG_AGO
    heard_at = time.monotonic() - 60
    assert watchdog.verdict(heard_at) is not None
    watchdog.hold()
    assert watchdog.verdict(heard_at) is None  # the time begins with the last answer


def test_a_wait_that_was_announced_is_no_silence() -> None:
    watchdog = impatient(stall=5)
    watchdog.see(Retrying(1, 4, 3_600_000, 529))
    assert watchdog.verdict(time.monotonic() - 60) is None


def test_the_cli_gives_a_silent_stream_up_before_the_turn_is() -> None:
    assert [idle_seconds(seconds) for seconds in (10, 15, 60, 180, 86_400)] == [10, 10, 40, 120, 120]
