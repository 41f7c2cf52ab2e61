"""Stop: acknowledged at once; whatever the agent does, it and its processes are gone in seconds, its text is not."""

import pytest

from tests.faults.scene import ENDED, Scene, acknowledged, assert_valid, until

STREAM = "stream 200 deltas/s for 60 s"


def assert_stopped(scene: Scene, turn: int) -> None:
    """Press Stop, and hold it to its limits."""
    assert scene.stop(turn) < acknowledged()
    until(lambda: scene.over(turn) and not scene.processes() and not scene.temporary(), ENDED)
    assert scene.status(turn) == "interrupted"
    assert scene.why(turn) == "stopped"
    assert scene.temporary() == []


def test_while_it_waits_for_its_agent_to_exist(scene: Scene) -> None:
    turn = scene.ask("Hello")
    until(lambda: scene.status(turn) == "running")
    assert_stopped(scene, turn)


def test_while_its_agent_starts_up(scene: Scene) -> None:
    turn = scene.ask("Hello")
    until(scene.processes)
    assert_stopped(scene, turn)
    scene.done(scene.go_on(turn, "Hello again"))


def test_while_two_agents_stream(scene: Scene) -> None:
    turn, other = scene.ask(STREAM), scene.ask(STREAM)
    until(lambda: "w0100" in scene.text(turn) and "w0100" in scene.text(other))
    assert scene.stop(other) < acknowledged()
    assert_stopped(scene, turn)
    assert scene.text(turn).startswith("w0001 w0002 w0003")
    until(lambda: scene.over(other))
    after = scene.go_on(turn, "Hello again")
    scene.done(after)
    assert_valid(scene.last_request(after))
    assert "w0001 w0002 w0003" in str(scene.last_request(after))


@pytest.mark.parametrize(
    "command",
    [
        "sleep 61",
        "trap '' TERM INT HUP; sleep 61",
        "setsid nohup sleep 61 >/dev/null 2>&1 & sleep 60",
        "setsid sh -c 'trap \"\" TERM HUP; sleep 61; true' & sleep 60",
    ],
)
def test_while_a_tool_runs(scene: Scene, command: str) -> None:
    turn = scene.ask(f"Run exactly this: {command}")
    until(lambda: scene.running("sleep 61"))
    assert_stopped(scene, turn)
    assert scene.text(turn) == "Running it."
    after = scene.go_on(turn, "Hello again")
    scene.done(after)
    assert_valid(scene.last_request(after))


def test_while_the_model_is_asked_again(scene: Scene) -> None:
    turn = scene.ask("Fail with overloaded")
    until(lambda: scene.messages(turn, "notice"))
    assert_stopped(scene, turn)


def test_while_the_stream_is_silent(scene: Scene) -> None:
    turn = scene.ask("Stall mid-answer")
    text = until(lambda: scene.text(turn))
    assert_stopped(scene, turn)
    assert scene.text(turn).startswith(text)


@pytest.mark.parametrize("prompt", [STREAM, "Run exactly this: sleep 61"])
def test_an_agent_that_hears_nothing(scene: Scene, prompt: str) -> None:
    turn = scene.ask(prompt)
    until(lambda: scene.running("sleep 61") or "w0100" in scene.text(turn))
    scene.cli().suspend()
    assert_stopped(scene, turn)
    text = scene.text(turn)
    after = scene.go_on(turn, "Hello again")
    scene.done(after)
    assert_valid(scene.last_request(after))
    assert text[:1000].replace("\n", "\\n") in str(scene.last_request(after))


def test_what_a_turn_leaves_in_the_background_ends_with_it(scene: Scene) -> None:
    turn = scene.ask("Run exactly this: (setsid nohup sleep 61 >/dev/null 2>&1 &); sleep 1")
    until(lambda: scene.running("sleep 61"))
    scene.done(turn)
    assert scene.processes() == []
    assert scene.temporary() == []
