"""A server that is asked to stop lets turns finish for a while, interrupts the rest, and says which."""

import signal
import time
from pathlib import Path

import pytest

from tests.faults.scene import Scene, new_scene, until

SLOW = "stream 20 deltas/s for 60 s"


def stop(scene: Scene, number: signal.Signals = signal.SIGTERM) -> tuple[float, list[str]]:
    """Ask the server to stop; return the seconds it took, and the lines it said. It leaves nothing running."""
    begin = time.monotonic()
    assert scene.server.stop(number) == 0
    seconds = time.monotonic() - begin
    assert scene.processes() == []
    return seconds, [line for line in scene.server.log().splitlines() if line.startswith("Stop")]


def test_a_turn_that_can_finish_finishes_and_the_next_one_waits(tmp_path: Path) -> None:
    with new_scene(tmp_path, ESPALIER_STOP_SECONDS="30") as scene:
        turn = scene.ask("stream 20 deltas/s for 3 s")
        until(lambda: "w0010" in scene.text(turn))
        waiting = scene.go_on(turn, "Hello again")
        seconds, said = stop(scene)
        assert said == [
            "Stopping: 1 turn is running and has 30 s to finish.",
            "Stopped: 1 turn finished; 1 turn waits for the next start.",
        ]
        assert seconds < 20
        assert (scene.status(turn), scene.status(waiting)) == ("done", "queued")
        assert scene.text(turn).endswith("w0060")
        scene.start()
        scene.done(waiting)


def test_a_turn_that_cannot_finish_is_interrupted_and_told_why(tmp_path: Path) -> None:
    with new_scene(tmp_path, ESPALIER_STOP_SECONDS="2", ESPALIER_PARALLEL_TURNS="2") as scene:
        quick, slow = scene.ask("stream 20 deltas/s for 2 s"), scene.ask(SLOW)
        until(lambda: "w0010" in scene.text(quick) and "w0010" in scene.text(slow))
        seconds, said = stop(scene)
        assert said == [
            "Stopping: 2 turns are running and have 2 s to finish.",
            "Stopped: 1 turn finished, 1 turn was interrupted.",
        ]
        assert 2 <= seconds < 2 + 6
        assert (scene.status(quick), scene.status(slow)) == ("done", "interrupted")
        assert scene.why(slow) == "server_stopped"
        assert "w0040" in scene.text(slow), "it went on in the time it was given"


def test_while_turns_finish_the_server_can_be_used_but_starts_no_other(tmp_path: Path) -> None:
    with new_scene(tmp_path, ESPALIER_STOP_SECONDS="60") as scene:
        turn = scene.ask(SLOW)
        until(lambda: "w0010" in scene.text(turn))
        scene.server.process.send_signal(signal.SIGTERM)
        until(lambda: "Stopping:" in scene.server.log())
        waiting = scene.ask("Hello")
        scene.stop(turn)
        assert scene.server.process.wait(20) == 0
        assert (scene.status(turn), scene.status(waiting)) == ("interrupted", "queued")
        assert scene.why(turn) == "stopped"
        assert "Stopped: 1 turn was interrupted; 1 turn waits for the next start." in scene.server.log()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_ctrl_c_and_a_closed_terminal_do_not_wait(tmp_path: Path, number: signal.Signals) -> None:
    with new_scene(tmp_path, ESPALIER_STOP_SECONDS="60") as scene:
        turn = scene.ask(SLOW)
        until(lambda: "w0010" in scene.text(turn))
        seconds, said = stop(scene, number)
        assert said == [
            "Stopping: 1 turn is running and is interrupted.",
            "Stopped: 1 turn was interrupted.",
        ]
        assert seconds < 6
        assert scene.status(turn) == "interrupted"


def test_an_agent_that_hears_nothing_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    with new_scene(tmp_path, ESPALIER_STOP_SECONDS="0") as scene:
        turn = scene.ask(SLOW)
        until(lambda: "w0010" in scene.text(turn))
        scene.cli().suspend()
        seconds, _ = stop(scene)
        assert seconds < 6
        assert scene.status(turn) == "interrupted"


def test_a_second_signal_ends_everything_at_once(tmp_path: Path) -> None:
    with new_scene(tmp_path, ESPALIER_STOP_SECONDS="60") as scene:
        turn = scene.ask("Run exactly this: trap '' TERM HUP; sleep 61")
        until(lambda: scene.running("sleep 61"))
        scene.server.process.send_signal(signal.SIGTERM)
        until(lambda: "Stopping:" in scene.server.log())
        scene.server.process.send_signal(signal.SIGTERM)
        assert scene.server.process.wait(6) == 130
        until(lambda: not scene.processes(), 5)
        scene.start()
        until(lambda: scene.status(turn) == "interrupted")


def test_a_server_with_nothing_to_do_says_nothing(scene: Scene) -> None:
    _, said = stop(scene)
    assert said == []
