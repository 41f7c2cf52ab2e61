"""The data directory: made, checked, and used by one server at a time."""

import fcntl
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sessions_app.agents.processes import end_processes, tag_of
from sessions_app.management.server.errors import CannotStartError

LOCK_NAME = "server.lock"
# What a directory holds that was ours before. Others are left alone: we are going to close them to others and sweep
# their `tmp`, which would be a disaster in a home directory.
OUR_MARKS = {LOCK_NAME, "secret-key", "espalier.sqlite3"}
NOBODYS = {"lost+found"}  # at the root of every new disk


@dataclass(frozen=True, slots=True)
class Holder:
    """The server that uses a data directory."""

    pid: str
    address: str


class DataDirLock:
    """The right to use a data directory; the system takes it back when the process ends, however it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, data_dir: Path) -> Self:
        try:
            descriptor = os.open(data_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise unusable(data_dir, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise CannotStartError(in_use(data_dir)) from error
        except OSError as error:
            os.close(descriptor)
            raise unusable(data_dir, error) from error
        return cls(descriptor)

    def name(self, address: str) -> None:
        """Write down who holds the lock, for the next one who tries."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()} {address}\n".encode(), 0)

    def release(self) -> None:
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)


def find_holder(data_dir: Path) -> Holder | None:
    """The server that is running on `data_dir`, or None."""
    try:
        with (data_dir / LOCK_NAME).open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                pid, _, address = file.read().decode("ascii", "replace").strip().partition(" ")
                return Holder(pid, address)
    except OSError:
        pass
    return None


def in_use(data_dir: Path) -> str:
    holder = find_holder(data_dir)
    who = f"process {holder.pid}, at {holder.address}" if holder and holder.address else "it is just starting"
    return (
        f"Another Espalier is already using {data_dir} ({who}). "
        "Stop it first, or give this one a directory of its own: ESPALIER_DATA=/another/directory make run"
    )


def unusable(data_dir: Path, error: OSError) -> CannotStartError:
    return CannotStartError(
        f"The data directory {data_dir} cannot be used ({error.strerror or error}). "
        "Make it writable, or choose another: ESPALIER_DATA=/another/directory make run"
    )


def prepare_data_dir(data_dir: Path) -> DataDirLock:
    """Make the directory, private to its owner, and take it for this process, or raise CannotStartError."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        refuse_foreign(data_dir)
        # Also when it was made by hand: transcripts, keys and files of agents are nobody else's business.
        if data_dir.stat().st_mode & 0o077 and data_dir.stat().st_uid == os.getuid():
            data_dir.chmod(0o700)
    except OSError as error:
        raise unusable(data_dir, error) from error
    lock = DataDirLock.take(data_dir)
    # What the agents of a killed server left running would go on writing, into what is swept next, too.
    end_processes(tag_of(data_dir))
    try:
        prepare_temporary(data_dir / "tmp")
    except OSError as error:
        lock.release()
        raise unusable(data_dir, error) from error
    return lock


def refuse_foreign(data_dir: Path) -> None:
    found = {entry.name for entry in data_dir.iterdir()} - NOBODYS
    if found and not found & OUR_MARKS:
        raise CannotStartError(
            f"The directory {data_dir} holds other things ({min(found)}) and no data of Espalier. "
            "Choose a new or an empty one: ESPALIER_DATA=/another/directory make run"
        )


def prepare_temporary(directory: Path) -> None:
    """Have temporary files made in `directory`, emptied of what a killed server left (the SDK leaves transcripts)."""
    if directory.is_dir() and not directory.is_symlink():
        shutil.rmtree(directory)
    directory.mkdir(mode=0o700)
    # A directory that lets us list and lock may still be on a disk that is full or read-only.
    with tempfile.TemporaryFile(dir=directory) as probe:
        probe.write(b"writable")
    tempfile.tempdir = str(directory)
