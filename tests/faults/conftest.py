"""The world of tests/runs, for what goes wrong in it."""

from tests.runs.conftest import world

__all__ = ["world"]
