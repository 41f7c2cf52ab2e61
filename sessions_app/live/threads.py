"""The threads in which sockets read the database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async

from sessions_app.models.mending import mending

P = ParamSpec("P")
R = TypeVar("R")

# Reads are short and share a few threads with connections of their own: making both anew took longer than a read.
READERS = ThreadPoolExecutor(max_workers=4, thread_name_prefix="live")


async def in_reader(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Database work of a socket. Channels gives all sockets one thread between them."""
    return await sync_to_async(mending(function), thread_sensitive=False, executor=READERS)(*args, **kwargs)
