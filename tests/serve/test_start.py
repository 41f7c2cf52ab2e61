"""`manage.py serve` starts, lets its person in, and stops."""

import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.support.client import Client
from tests.support.server import ROOT, ServerProcess, signed_in_client

LIMIT = 6  # seconds a stop may take


def test_the_one_line_on_stdout_is_a_link_that_signs_in_once(new_server: Callable[[], ServerProcess]) -> None:
    server = new_server()
    assert re.fullmatch(rf"http://127\.0\.0\.1:{server.port}/sign-in/[\w-]{{40,}}", server.sign_in_url)
    first = Client(server.url)
    assert first.get("/").url.startswith(f"{server.url}/sign-in/"), "strangers are asked to sign in"
    assert first.get(server.sign_in_url).status == 200
    assert first.get("/").url == f"{server.url}/"
    assert Client(server.url).get(server.sign_in_url).status == 403, "the link works once"
    assert server.stop() == 0
    assert server.log() == "", "quiet when nothing is wrong"


def test_a_fresh_link_signs_in(server: ServerProcess) -> None:
    assert Client(server.url).get(server.link()).status == 200


def test_what_it_keeps_is_private(server: ServerProcess) -> None:
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    assert mode(server.data_dir) == 0o700
    assert mode(server.data_dir / "tmp") == 0o700
    assert mode(server.data_dir / "secret-key") == 0o600
    assert mode(server.data_dir / "server.lock") == 0o600


def test_people_stay_signed_in_over_a_restart_and_leftovers_are_swept(tmp_path: Path) -> None:
    with ServerProcess(data_dir=tmp_path / "data") as first:
        client = signed_in_client(first)
        port = first.port
    (tmp_path / "data/tmp/claude-resume-left").mkdir()
    with ServerProcess(data_dir=tmp_path / "data", port=port) as second:
        assert client.get("/").url == f"{second.url}/"
        assert not (tmp_path / "data/tmp/claude-resume-left").exists()
        print(f"second start: {second.seconds_to_start:.2f} s")  # noqa: T201 a figure for people, not an assertion


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_it_cleanly(new_server: Callable[[], ServerProcess], number: signal.Signals) -> None:
    server = new_server()
    children = psutil.Process(server.pid).children(recursive=True)
    begin = time.monotonic()
    assert server.stop(number) == 0
    assert time.monotonic() - begin < LIMIT
    assert not [child for child in children if child.is_running()]
    assert "Traceback" not in server.log()


def test_an_open_request_does_not_hold_up_the_stop(new_server: Callable[[], ServerProcess]) -> None:
    server = new_server()
    begin = time.monotonic()
    with keep_open(server):
        assert server.stop(signal.SIGINT) == 0
    assert time.monotonic() - begin < LIMIT


def keep_open(server: ServerProcess) -> ClientConnection:
    headers = {"Cookie": signed_in_client(server).cookie_header()}
    return connect(f"ws://127.0.0.1:{server.port}/live/", origin=Origin(server.url), additional_headers=headers)


def test_the_demo_model_serves_when_there_are_no_credentials() -> None:
    with ServerProcess() as server:
        assert "Demo model" in signed_in_client(server).get("/").text


def test_the_demo_can_be_asked_for(new_server: Callable[[], ServerProcess]) -> None:
    with ServerProcess({"ANTHROPIC_API_KEY": "never used", "ESPALIER_DEMO": "1"}) as server:
        assert "Demo model" in signed_in_client(server).get("/").text
    assert "Demo model" not in signed_in_client(new_server()).get("/").text


@pytest.mark.parametrize("redirect", ["| true", ">&-", ">&- 2>&- <&-"])
def test_it_runs_with_nobody_at_the_other_end_of_stdout(tmp_path: Path, redirect: str) -> None:
    server = ServerProcess(data_dir=tmp_path / "data")
    command = f'"$0" manage.py serve {redirect}'
    shell = subprocess.Popen(["/bin/sh", "-c", command, sys.executable], env=server.environment, cwd=ROOT)
    try:
        assert answers(server)
    finally:
        psutil.Process(int((server.data_dir / "server.lock").read_text().split()[0])).terminate()
        shell.wait(20)


def answers(server: ServerProcess) -> bool:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            return Client(server.url).get("/sign-in/").status == 200
        except OSError:
            time.sleep(0.1)
    return False
