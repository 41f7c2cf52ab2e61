"""Threads that outlive a request keep their connection: one that broke must not be kept."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connections

P = ParamSpec("P")
R = TypeVar("R")


def mending(function: Callable[P, R]) -> Callable[P, R]:
    """`function` as it is, but after an error of the connection the thread's next call gets a new one."""

    @wraps(function)
    def work(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (OperationalError, InterfaceError):
            connections.close_all()
            raise

    return work
