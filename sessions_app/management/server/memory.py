"""Memory: kept from growing with the number of turns that a server has seen."""

import ctypes
import gc

M_ARENA_MAX = -8  # of glibc's malloc.h
ARENAS = 2


def share_arenas() -> None:
    """Have all threads allocate from the same places. Call it before there are any.

    Each turn and each request has a thread of its own, and glibc would give them up to eight places per core, each with
    holes that only it fills again.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, ARENAS)


def set_aside_what_is_loaded() -> None:
    """What is loaded now stays: counted along, it would put off the search for garbage until there are MBs of it."""
    gc.freeze()
    gc.collect()  # quick, with nothing left to look at; the count begins anew
