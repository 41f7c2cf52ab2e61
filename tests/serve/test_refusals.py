"""What keeps the server from starting is said in one sentence, with a remedy."""

import socket
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.private import free_port
from tests.support.server import NotStartedError, ServerProcess


def refusal(environment: dict[str, str] | None = None, **options: object) -> str:
    """The one line a start that fails leaves on stderr."""
    with (
        pytest.raises(NotStartedError) as caught,
        ServerProcess({"ESPALIER_DEMO": "1"} | (environment or {}), **options),  # type: ignore[arg-type]
    ):
        pass
    assert caught.value.code == 1
    assert "Traceback" not in caught.value.log
    (line,) = caught.value.log.splitlines()
    return line


def script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_taken_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        line = refusal(port=port)
    assert f"Port {port} is already in use" in line
    assert f"PORT={port + 1} make run" in line


@pytest.mark.parametrize("port", ["abc", "-1", "65536", "80 80"])
def test_a_port_that_is_none(port: str) -> None:
    assert "PORT must be a whole number from 1 to 65535" in refusal({"PORT": port})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ESPALIER_LOG", "loud"),
        ("ESPALIER_PARALLEL_TURNS", "many"),
        ("ESPALIER_STALL_SECONDS", "1"),
        ("ESPALIER_TOOL_SECONDS", "half an hour"),
        ("ESPALIER_TURN_STEPS", "0"),
        ("ESPALIER_TURN_BUDGET_USD", "a lot"),
        ("ESPALIER_TURN_BUDGET_USD", "0.00"),
        ("DATABASE_URL", "nonsense://secret@host"),
    ],
)
def test_a_setting_that_cannot_be(name: str, value: str) -> None:
    line = refusal({name: value})
    assert name in line
    assert "secret" not in line


def test_two_servers_on_one_data_directory(server: ServerProcess) -> None:
    line = refusal(data_dir=server.data_dir)
    assert f"process {server.pid}" in line
    assert server.url in line


def test_a_file_where_the_data_directory_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    line = refusal(data_dir=tmp_path / "file")
    assert f"The data directory {tmp_path / 'file'} cannot be used" in line


def test_a_directory_of_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir(mode=0o755)
    (tmp_path / "tmp/thesis.txt").touch()
    tmp_path.chmod(0o755)
    assert "holds other things (tmp) and no data of Espalier" in refusal(data_dir=tmp_path)
    assert (tmp_path / "tmp/thesis.txt").exists()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


# Not a directory without write permission: root may write anywhere. But nobody may make files in /proc.
def test_a_data_directory_that_cannot_be_made() -> None:
    assert "The data directory /proc/espalier cannot be used" in refusal(data_dir=Path("/proc/espalier"))


def test_a_data_directory_in_which_no_file_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "server.lock").mkdir()
    assert f"The data directory {tmp_path} cannot be used (Is a directory)" in refusal(data_dir=tmp_path)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "espalier.sqlite3").write_bytes(b"this is not a database" * 100)
    assert "espalier.sqlite3 cannot be used (file is not a database)" in refusal(data_dir=tmp_path)


def test_a_database_that_does_not_answer() -> None:
    line = refusal({"DATABASE_URL": f"postgresql://me:secret@127.0.0.1:{free_port()}/espalier"})
    assert "espalier on 127.0.0.1 cannot be used" in line
    assert "secret" not in line


def test_a_database_of_a_newer_version(tmp_path: Path, new_server: Callable[[], ServerProcess]) -> None:
    with ServerProcess({"ESPALIER_DEMO": "1"}, data_dir=tmp_path):
        pass
    with sqlite3.connect(tmp_path / "espalier.sqlite3") as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('sessions_app', '9999_later', '2030-01-01')"
        )
    database.close()
    assert "made by a newer Espalier (it has 9999_later)" in refusal(data_dir=tmp_path)


def test_a_missing_cli() -> None:
    line = refusal({"ESPALIER_CLI": "/nonexistent/claude"})
    assert "there is no program /nonexistent/claude" in line
    assert "ESPALIER_CLI=" in line


def test_a_broken_cli(tmp_path: Path) -> None:
    cli = script(tmp_path / "claude", "echo it went wrong >&2\nexit 3")
    assert f"The CLI {cli} does not work (exit code 3: it went wrong)" in refusal({"ESPALIER_CLI": cli})


def test_a_cli_that_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "claude").write_bytes(b"\x00\x01")
    (tmp_path / "claude").chmod(0o755)
    line = refusal({"ESPALIER_CLI": str(tmp_path / "claude")})
    assert "cannot be started (Exec format error)" in line


def test_the_cli_is_asked_without_the_servers_environment(tmp_path: Path) -> None:
    cli = script(tmp_path / "claude", f"env >{tmp_path}/env\necho 1.0")
    with ServerProcess({"ESPALIER_CLI": cli, "ESPALIER_DEMO": "1", "ANTHROPIC_API_KEY": "sk-private"}):
        seen = (tmp_path / "env").read_text()
    assert "sk-private" not in seen
    assert "ESPALIER" not in seen
