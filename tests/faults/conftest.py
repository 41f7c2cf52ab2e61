"""A scene for each test: no fault of one is seen by another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.scene import Scene, new_scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with new_scene(tmp_path) as made:
        yield made
