"""The standard streams: one line on stdout, the rest on stderr, and no harm when nobody reads them."""

import os
import sys
from typing import TextIO


def keep_standard_streams() -> None:
    """Fill closed ones: else the next file opened, such as the database, would take the number of stdout or stderr."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    # Python has none of those that were closed when it started.
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")


def announce(line: str) -> None:
    """Print `line`, also into a pipe, at once."""
    write(line, sys.stdout)


def report(line: str) -> None:
    """Say `line` on stderr."""
    write(line, sys.stderr)


def write(line: str, stream: TextIO) -> None:
    """A reader that has gone is not an error."""
    try:
        stream.write(f"{line}\n")
        stream.flush()
    except OSError:
        # Python flushes the streams again when it ends, and would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1 if stream is sys.stdout else 2)
