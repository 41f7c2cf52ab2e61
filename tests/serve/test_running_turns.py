"""What becomes of turns that run while the server ends."""

import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil

from tests.support.server import ServerProcess, signed_in_client

PATIENCE = 30  # seconds until an agent's first words; half a second on an idle machine
LIMIT = 6  # seconds a stop may take


def query(server: ServerProcess, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(server.data_dir / "espalier.sqlite3", timeout=10)) as database:
        return database.execute(question).fetchall()


def eventually(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def talk(server: ServerProcess) -> list[psutil.Process]:
    """Have an agent speak slowly; return its processes once its words are kept."""
    client = signed_in_client(server)
    client.get("/")
    assert client.post("/conversations/", {"prompt": "Answer slowly"}).status == 200
    eventually(lambda: query(server, "SELECT 1 FROM sessions_app_turn WHERE status = 'running'"))
    eventually(lambda: query(server, "SELECT 1 FROM sessions_app_message"))
    time.sleep(1.5)  # some words, and their checkpoint
    agents = psutil.Process(server.pid).children(recursive=True)
    assert agents
    return agents


def gone(processes: list[psutil.Process]) -> bool:
    return not [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def test_ctrl_c_interrupts_them_and_keeps_what_they_said(tmp_path: Path) -> None:
    with ServerProcess(data_dir=tmp_path / "data") as server:
        agents = talk(server)
        begin = time.monotonic()
        assert server.stop(signal.SIGINT) == 0
        assert time.monotonic() - begin < LIMIT
        assert gone(agents)
        assert query(server, "SELECT status FROM sessions_app_turn") == [("interrupted",)]
        assert query(server, "SELECT 1 FROM sessions_app_message WHERE text <> ''")
        assert "Traceback" not in server.log()


def test_a_second_ctrl_c_ends_it_at_once(tmp_path: Path) -> None:
    with ServerProcess(data_dir=tmp_path / "data") as server:
        agents = talk(server)
        server.process.send_signal(signal.SIGINT)
        server.process.send_signal(signal.SIGINT)
        begin = time.monotonic()
        assert server.process.wait(LIMIT) in (0, 130)
        assert time.monotonic() - begin < 2
        eventually(lambda: gone(agents))


def test_after_a_crash_none_is_left_running(tmp_path: Path) -> None:
    with ServerProcess(data_dir=tmp_path / "data") as server:
        agents = talk(server)
        server.kill()
        eventually(lambda: gone(agents))
        assert query(server, "SELECT status FROM sessions_app_turn") == [("running",)]
    with ServerProcess(data_dir=tmp_path / "data") as server:
        eventually(lambda: query(server, "SELECT status FROM sessions_app_turn") == [("interrupted",)])
