"""The agents' processes: found by the tag in their environment, and ended, whoever has become their parent since.

A tool's command can outlive its CLI: the kernel tells only the CLI of the server's death, and `setsid` takes a command
out of every group. What it inherits all the same is the environment.
"""

import hashlib
import logging
import os
import signal
import time
from pathlib import Path

import psutil

logger = logging.getLogger(__name__)

TAG = "ESPALIER_RUN"
POLL_SECONDS = 0.05
# What a process may take to end when asked; then it is ended.
GRACE_SECONDS = 0.5
# SIGKILL is not instant on a busy machine; and whoever forks faster than it is killed is not ended by trying for ever.
KILL_SECONDS = 2.0


def tag_of(data_dir: Path, turn_id: int | None = None) -> str:
    """The tag of a turn's processes, or what those of all turns of this data directory begin with."""
    server = hashlib.sha256(bytes(data_dir.resolve())).hexdigest()[:16]
    return f"{server}/{'' if turn_id is None else f'{turn_id}/'}"


def find_processes(tag: str) -> list[psutil.Process]:
    """The living processes whose tag begins with `tag`, without this one. Some 5 ms for a hundred processes."""
    found = []
    for pid in psutil.pids():
        try:
            process = psutil.Process(pid)
            if process.environ().get(TAG, "").startswith(tag) and pid != os.getpid():
                found.append(process)
        except (psutil.Error, OSError):
            continue  # it has ended, or is somebody else's
    return found


def send(processes: list[psutil.Process], *numbers: signal.Signals) -> None:
    for process in processes:
        for number in numbers:
            try:
                process.send_signal(number)
            except (psutil.Error, OSError):
                break  # it has ended


def ask_to_end(tag: str) -> list[psutil.Process]:
    """SIGTERM to all of `tag`; one that was suspended must go on to hear it."""
    found = find_processes(tag)
    send(found, signal.SIGTERM, signal.SIGCONT)
    return found


def kill(tag: str) -> list[psutil.Process]:
    """SIGKILL to all of `tag` that there are now."""
    found = find_processes(tag)
    send(found, signal.SIGKILL)
    return found


def end_processes(tag: str, *, grace: float = GRACE_SECONDS) -> int:
    """End every process of `tag`; return how many there were. It sleeps and reads /proc: not for an event loop."""
    found = left = ask_to_end(tag)
    deadline = time.monotonic() + grace
    while left and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        left = find_processes(tag)
    deadline = time.monotonic() + KILL_SECONDS
    while left and time.monotonic() < deadline:
        left = kill(tag)
        # Not waited for by its id: that would take the CLI's exit code from the SDK.
        time.sleep(POLL_SECONDS)
    if left:
        logger.warning("processes %s of an agent could not be ended", ", ".join(str(process.pid) for process in left))
    return len(found)
