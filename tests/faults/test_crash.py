"""What is killed loses nothing older than a second, leaves nothing running, and can be gone on with at once."""

import math
import time

import pytest

from tests.faults.scene import Scene, assert_valid, new_scene, said_to_model, until

RATE = 20  # words a second
STREAM = f"stream {RATE} deltas/s for 60 s"
TWO_COMMANDS = "Run exactly this: sleep 1 && echo it returned; sleep 61"


def crash(scene: Scene) -> None:
    """kill -9, and a new start on the same data and port."""
    scene.server.kill()
    scene.start()


def assert_interrupted(scene: Scene, turn: int) -> None:
    until(lambda: scene.over(turn))
    assert scene.status(turn) == "interrupted"
    assert scene.why(turn) == "server_died"
    assert not scene.query("SELECT 1 FROM sessions_app_message WHERE state = 'live'")
    assert scene.processes() == []
    assert scene.temporary() == []


def assert_goes_on(scene: Scene, turn: int, *told: str) -> None:
    """Continue the branch and fork it, at once and together: the model is told all that the page shows."""
    for after in (scene.go_on(turn, "Hello again"), scene.fork(turn, "Hello from a fork")):
        scene.done(after)
        request = scene.last_request(after)
        assert_valid(request)
        for words in told:
            assert words in said_to_model(request)


@pytest.mark.parametrize("moment", [2.0, 2.3, 2.6, 2.9])
def test_the_server_is_killed_while_an_agent_speaks(scene: Scene, moment: float) -> None:
    turn = scene.ask(STREAM)
    asked = until(lambda: [sent.at for sent in scene.model.requests if sent.prompt == STREAM])[0]
    until(lambda: time.monotonic() > asked + moment)
    scene.server.kill()
    killed = time.monotonic()
    scene.start()

    assert_interrupted(scene, turn)
    words = scene.text(turn).split()
    assert words[:3] == ["w0001", "w0002", "w0003"]
    assert len(words) >= math.floor((killed - asked - 1.0) * RATE), "what was sent more than a second before is kept"
    assert_goes_on(scene, turn, " ".join(words[:40]))


@pytest.mark.parametrize(
    "command",
    [
        "sleep 61",
        "trap '' TERM HUP; sleep 61",
        "setsid nohup sleep 61 >/dev/null 2>&1 & sleep 60",
    ],
)
def test_the_server_is_killed_while_a_tool_runs(scene: Scene, command: str) -> None:
    turn = scene.ask(f"Run exactly this: {command}")
    until(lambda: scene.running("sleep 61"))
    crash(scene)
    assert_interrupted(scene, turn)
    assert_goes_on(scene, turn, "Running it.", "sleep 61")


@pytest.mark.parametrize(
    ("prompt", "going_on", "keep_prompt"),
    [(STREAM, False, False), (STREAM, True, True), (TWO_COMMANDS, False, True), (TWO_COMMANDS, True, False)],
)
def test_the_server_is_killed_before_the_transcript_is_stored(
    scene: Scene, prompt: str, going_on: bool, keep_prompt: bool
) -> None:
    if going_on:
        first = scene.ask("Hello")
        scene.done(first)
    turn = scene.go_on(first, prompt) if going_on else scene.ask(prompt)
    until(lambda: scene.running("sleep 61") or "w0010" in scene.text(turn))
    scene.server.kill()
    # As if it had been killed a moment earlier: entries reach the store a little after their words reach the page.
    scene.forget_transcript(turn, keep_prompt=keep_prompt)
    scene.start()
    assert_interrupted(scene, turn)
    assert_goes_on(scene, turn, prompt, scene.text(turn)[:50])


def test_the_server_is_killed_while_an_agent_hears_nothing(scene: Scene) -> None:
    turn = scene.ask("Run exactly this: sleep 61")
    until(lambda: scene.running("sleep 61"))
    scene.cli().suspend()
    crash(scene)
    assert_interrupted(scene, turn)


def test_the_server_is_killed_while_an_agent_starts_up(scene: Scene) -> None:
    turn = scene.ask("Hello")
    until(scene.processes)
    crash(scene)
    assert_interrupted(scene, turn)
    assert_goes_on(scene, turn)


def test_the_server_is_killed_again_and_again_as_soon_as_it_starts(scene: Scene) -> None:
    turn = scene.ask(STREAM)
    until(lambda: "w0010" in scene.text(turn))
    waiting = scene.go_on(turn, "Hello again")
    for _ in range(2):
        crash(scene)
    crash(scene)
    # The prompt that waited behind it runs: it was begun by no server, or by one that died at it.
    until(lambda: scene.over(waiting))
    assert_interrupted(scene, turn)
    assert scene.status(waiting) in ("done", "interrupted")
    assert_goes_on(scene, waiting, "w0001 w0002 w0003")


def test_processes_of_another_data_directory_are_left_alone(
    scene: Scene, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with new_scene(tmp_path_factory.mktemp("other")) as other:
        theirs = other.ask("Run exactly this: sleep 61")
        until(lambda: other.running("sleep 61"))
        crash(scene)
        assert scene.stop(scene.ask("Hello")) > 0
        assert other.running("sleep 61")
        assert other.status(theirs) == "running"


def test_an_agent_is_killed_while_it_speaks(scene: Scene) -> None:
    turn = scene.ask(STREAM)
    until(lambda: "w0020" in scene.text(turn))
    text = scene.text(turn)
    scene.cli().kill()
    assert_failed(scene, turn)
    assert scene.text(turn).startswith(text)
    assert_goes_on(scene, turn, text[:100])


def test_an_agent_is_killed_while_its_tool_runs(scene: Scene) -> None:
    turn = scene.ask("Run exactly this: sleep 61")
    until(lambda: scene.running("sleep 61"))
    scene.cli().kill()
    assert_failed(scene, turn)
    assert_goes_on(scene, turn, "Running it.", "sleep 61")


def test_an_agent_is_killed_while_it_goes_on_from_a_history(scene: Scene) -> None:
    first = scene.ask("Hello")
    scene.done(first)
    turn = scene.go_on(first, STREAM)
    until(lambda: "w0020" in scene.text(turn))
    scene.cli().kill()
    assert_failed(scene, turn)
    assert_goes_on(scene, turn, "w0001 w0002 w0003")


def assert_failed(scene: Scene, turn: int) -> None:
    until(lambda: scene.over(turn))
    assert scene.status(turn) == "failed"
    assert scene.error(turn)
    assert "Traceback" not in scene.error(turn)
    assert scene.processes() == []
    assert scene.temporary() == []
