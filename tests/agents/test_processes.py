"""The agents' processes are found by their tag, and only those are ended."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sessions_app.agents.processes import TAG, end_processes, find_processes, tag_of

Start = Callable[..., int]
# Says that it listens, so that a test does not send a signal before it is ignored.
DEAF = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a program that does nothing, with a tag; returns its process id once it runs."""
    with ExitStack() as stack:

        def run(tag: str, program: str = "import time; print(flush=True); time.sleep(60)") -> int:
            process = subprocess.Popen(
                [sys.executable, "-c", program], env=os.environ | {TAG: tag}, stdout=subprocess.PIPE, text=True
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            assert process.stdout
            stack.callback(process.stdout.close)
            assert process.stdout.readline()
            return process.pid

        yield run


def found(tag: str) -> set[int]:
    return {process.pid for process in find_processes(tag)}


def test_the_processes_of_a_turn_of_a_directory_and_of_no_other(tmp_path: Path, start: Start) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    first, twelfth = start(tag_of(here, 1)), start(tag_of(here, 12))
    other = start(tag_of(there, 1))
    assert found(tag_of(here, 1)) == {first}
    assert found(tag_of(here)) == {first, twelfth}
    assert end_processes(tag_of(here)) == 2
    assert found(tag_of(here)) == set()
    assert found(tag_of(there)) == {other}


def test_the_same_directory_by_another_path_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    assert tag_of(tmp_path / "link", 1) == tag_of(tmp_path / "data", 1)


def test_one_that_does_not_end_when_asked_is_killed(tmp_path: Path, start: Start) -> None:
    start(tag_of(tmp_path, 1), DEAF)
    begin = time.monotonic()
    assert end_processes(tag_of(tmp_path, 1), grace=0.2) == 1
    assert time.monotonic() - begin >= 0.2
    assert found(tag_of(tmp_path)) == set()


def test_one_that_ends_when_asked_is_not_waited_for_longer(tmp_path: Path, start: Start) -> None:
    start(tag_of(tmp_path, 1))
    begin = time.monotonic()
    assert end_processes(tag_of(tmp_path, 1), grace=30) == 1
    assert time.monotonic() - begin < 20


def test_the_server_itself_is_never_found(tmp_path: Path) -> None:
    program = "from sessions_app.agents.processes import *; import sys; sys.exit(len(find_processes(sys.argv[1])))"
    tag = tag_of(tmp_path, 1)
    subprocess.run([sys.executable, "-c", program, tag], env=os.environ | {TAG: tag}, check=True)
