"""A scene of its own for each test of a server, the world of tests/runs for what goes wrong inside one, and windows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import cookies, windows
from tests.faults.scene import Scene, new_scene
from tests.runs.conftest import world

__all__ = ["cookies", "scene", "windows", "world"]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with new_scene(tmp_path) as made:
        yield made
