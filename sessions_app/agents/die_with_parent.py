"""Ask the kernel for SIGTERM when the parent dies, then become the command given: setpriv for machines without it."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

if __name__ == "__main__":
    # Only Linux has prctl. Elsewhere the CLI is stopped by a graceful stop, and outlives a killed server.
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606 - becoming the command is the point
