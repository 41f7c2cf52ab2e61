"""A scene of its own for each test of a server, and the world of tests/runs for what goes wrong inside one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.scene import Scene, new_scene
from tests.runs.conftest import world

__all__ = ["scene", "world"]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with new_scene(tmp_path) as made:
        yield made
