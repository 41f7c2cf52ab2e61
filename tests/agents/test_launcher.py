"""The launcher: nothing of the server reaches the agent but what is allowed, and the agent dies with the server."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sessions_app.agents import launcher
from sessions_app.agents.credentials import find_credentials
from sessions_app.agents.launcher import LAUNCHER, launch_env

PRINT_ENV = """#!/bin/sh
env
"""


def environment_of(directory: Path, **credentials: str) -> dict[str, str]:
    return launch_env(
        credentials=credentials,
        config_dir=directory / "config",
        home=directory / "home",
        tmp=directory / "tmp",
        tag="a-server/1/",
    )


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the CLI's file, so that a test can see what it would have been started with."""
    path = tmp_path / "cli"
    path.write_text(PRINT_ENV)
    path.chmod(0o755)
    monkeypatch.setenv("ESPALIER_CLI", str(path))
    return path


def started(tmp_path: Path, *, death: str, **credentials: str) -> dict[str, str]:
    environment = environment_of(tmp_path, **credentials) | {"ESPALIER_DEATH": death}
    # As the SDK does it: the server's environment, and ours on top.
    process_env = {**os.environ, **environment}
    done = subprocess.run([LAUNCHER], env=process_env, capture_output=True, text=True, check=True)
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


@pytest.mark.parametrize("death", ["setpriv", "python"])
def test_the_agent_sees_the_allow_list_and_nothing_else(
    tmp_path: Path, cli: Path, monkeypatch: pytest.MonkeyPatch, death: str
) -> None:
    monkeypatch.setenv("DJANGO_SECRET_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    seen = started(tmp_path, death=death, ANTHROPIC_API_KEY="a key with 'quotes' and $dollars")
    assert seen["ANTHROPIC_API_KEY"] == "a key with 'quotes' and $dollars"
    assert seen["HOME"] == str(tmp_path / "home")
    assert seen["CLAUDE_CONFIG_DIR"] == str(tmp_path / "config")
    assert seen["CLAUDE_CODE_DISABLE_BACKGROUND_TASKS"] == "1"
    assert seen["CLAUDE_BYTE_STREAM_IDLE_TIMEOUT_MS"] == "120000"
    assert "secret" not in "".join(seen.values())
    assert seen["TMPDIR"] == str(tmp_path / "tmp")
    assert seen.pop("ESPALIER_RUN") == "a-server/1/", "what its processes are found by"
    assert not {name for name in seen if name.startswith(("ESPALIER", "DJANGO", "PYTEST", "PYTHON"))}


PARENT = """
import os, subprocess, sys
child = subprocess.Popen([sys.argv[1]], env=dict(os.environ))
print(child.pid, flush=True)
child.wait()
"""


@pytest.mark.parametrize("death", ["setpriv", "python"])
def test_the_agent_dies_when_the_server_is_killed(
    tmp_path: Path, cli: Path, monkeypatch: pytest.MonkeyPatch, death: str
) -> None:
    cli.write_text("#!/bin/sh\nexec sleep 60\n")
    environment = environment_of(tmp_path) | {"ESPALIER_DEATH": death}
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(LAUNCHER)],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    wait_until(lambda: b"sleep" in Path(f"/proc/{child}/cmdline").read_bytes())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not alive(child))


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: object) -> None:
    assert callable(condition)
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it took longer than 10 s"
        time.sleep(0.02)


def test_setpriv_is_used_where_it_exists(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    launcher.death_watch.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert launcher.death_watch() == "python"
    (tmp_path / "setpriv").write_text("#!/bin/sh\n")
    (tmp_path / "setpriv").chmod(0o755)
    launcher.death_watch.cache_clear()
    assert launcher.death_watch() == "setpriv"
    launcher.death_watch.cache_clear()


def test_no_variable_that_leads_to_a_model_means_no_credentials() -> None:
    assert find_credentials({"PATH": "/bin", "AWS_REGION": "eu-west-1", "ANTHROPIC_SMALL_FAST_MODEL": "haiku"}) == {}


@pytest.mark.parametrize(
    "environ",
    [
        {"ANTHROPIC_API_KEY": "k"},
        {"ANTHROPIC_AUTH_TOKEN": "t", "ANTHROPIC_BASE_URL": "http://gateway"},
        {"CLAUDE_CODE_USE_BEDROCK": "1", "AWS_REGION": "eu-west-1"},
        {"CLAUDE_CODE_USE_VERTEX": "1", "CLOUD_ML_REGION": "europe-west1"},
        {"CLAUDE_CODE_OAUTH_TOKEN": "t"},
    ],
)
def test_credentials_are_handed_on_as_they_are(environ: dict[str, str]) -> None:
    assert find_credentials({**environ, "SECRET_KEY": "never"}) == environ


def test_a_gateway_without_a_key_gets_one_that_says_so() -> None:
    assert find_credentials({"ANTHROPIC_BASE_URL": "http://gateway"})["ANTHROPIC_API_KEY"] == "not-needed"


def test_cloud_logins_in_the_persons_home_are_found_from_the_agents_home(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").touch()
    found = find_credentials({"CLAUDE_CODE_USE_BEDROCK": "1", "HOME": str(tmp_path)})
    assert found["AWS_SHARED_CREDENTIALS_FILE"] == f"{tmp_path}/.aws/credentials"
    assert "AWS_CONFIG_FILE" not in found


def test_the_launcher_hands_on_arguments_as_they_are(tmp_path: Path, cli: Path) -> None:
    cli.write_text('#!/bin/sh\nprintf "%s|" "$@"\n')
    environment = environment_of(tmp_path)
    arguments = ["--model", "a b", "", "$HOME", "it's", "*"]
    done = subprocess.run([LAUNCHER, *arguments], env={**os.environ, **environment}, capture_output=True, check=True)
    assert done.stdout.decode() == "".join(f"{argument}|" for argument in arguments)
