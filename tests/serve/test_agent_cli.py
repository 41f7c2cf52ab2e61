"""The CLI that is tried at the start."""

import pytest

from sessions_app.agents.launcher import cli_path
from sessions_app.management.server.agent_cli import find_cli


@pytest.mark.parametrize("override", ["", "/opt/claude"])
def test_it_is_the_one_that_agents_run(monkeypatch: pytest.MonkeyPatch, override: str) -> None:
    monkeypatch.setenv("ESPALIER_CLI", override)
    assert find_cli() == cli_path()
