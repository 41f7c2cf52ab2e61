"""The launcher: which CLI runs, and the environment it runs in."""

import os
import shutil
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import claude_agent_sdk

from sessions_app.agents.processes import TAG

LAUNCHER = Path(__file__).with_name("launch.sh")
# Of the server's own environment, just what programs need to find their way about.
INHERITED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SHELL", "USER", "LOGNAME")
# Set by the SDK for its own dealings with the CLI.
SDK_NAMES = (
    "CLAUDE_AGENT_SDK_VERSION",
    "CLAUDE_CODE_ENTRYPOINT",
    "CLAUDE_CODE_SDK_READS_SESSION_STATE",
    "CLAUDE_CONFIG_DIR",
    "PWD",
)
FIXED = {
    # Subagents run in the foreground: a turn has one result, and nothing goes on after it.
    "CLAUDE_CODE_DISABLE_BACKGROUND_TASKS": "1",
    # What one branch learns does not leak into its siblings.
    "CLAUDE_CODE_DISABLE_AUTO_MEMORY": "1",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_AUTOUPDATER": "1",
    # The default of ten retries keeps a wrong key waiting for three minutes.
    "CLAUDE_CODE_MAX_RETRIES": "4",
    # A stream that stops sending is given up after `idle_seconds` instead of five minutes.
    "CLAUDE_ENABLE_BYTE_WATCHDOG": "1",
}


def cli_path() -> Path:
    """The CLI that runs: $ESPALIER_CLI, else the one bundled with the SDK. Not checked for existence."""
    if override := os.environ.get("ESPALIER_CLI"):
        return Path(override)
    return Path(claude_agent_sdk.__file__).parent / "_bundled" / "claude"


@cache
def death_watch() -> str:
    """How the CLI is made to die with us: "setpriv" where it exists (3 ms), else "python" (some 20 ms)."""
    return "setpriv" if shutil.which("setpriv") else "python"


def launch_env(
    *,
    credentials: Mapping[str, str],
    config_dir: Path,
    home: Path,
    tmp: Path,
    tag: str,
    idle_seconds: int = 120,
) -> dict[str, str]:
    """What `ClaudeAgentOptions.env` is set to: the agent's environment, and how launch.sh is to start the CLI."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    ours = {"HOME": str(home), "CLAUDE_CONFIG_DIR": str(config_dir), "TMPDIR": str(tmp), TAG: tag}
    ours |= {"CLAUDE_BYTE_STREAM_IDLE_TIMEOUT_MS": str(idle_seconds * 1000)}
    environment = inherited | FIXED | dict(credentials) | ours
    return environment | {
        "ESPALIER_CLI": str(cli_path()),
        "ESPALIER_DEATH": death_watch(),
        "ESPALIER_PYTHON": sys.executable,
        "ESPALIER_PASS": " ".join(sorted({*environment, *SDK_NAMES})),
    }
