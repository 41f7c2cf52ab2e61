"""Faults are seen in a browser, too: its fixtures."""

from tests.browser.conftest import cookies, windows

__all__ = ["cookies", "windows"]
