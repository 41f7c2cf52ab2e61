"""Database work of a running turn."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async

from sessions_app.models.mending import mending

P = ParamSpec("P")
R = TypeVar("R")


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run database work in the turn's own thread. A connection that broke is closed: the next call has a new one."""
    return await sync_to_async(mending(function))(*args, **kwargs)
