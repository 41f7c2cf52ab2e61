"""The machine line: what the figures were measured on and with."""

import os
import platform
import subprocess

import claude_agent_sdk

from sessions_app.agents.launcher import cli_path


def machine_line() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    said = subprocess.run([cli_path(), "--version"], capture_output=True, text=True, check=False).stdout.split()
    return (
        f"{cores} shared cores, Python {platform.python_version()}, Agent SDK {claude_agent_sdk.__version__}, "
        f"CLI {said[0] if said else 'unknown'}, load {os.getloadavg()[0]:.1f} at the start"
    )
