"""Prepare a turn: gather what its agent needs to know, and make the directories it works in."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from sessions_app.agents.options import TurnSpec
from sessions_app.agents.processes import tag_of
from sessions_app.agents.session_store import has_history
from sessions_app.models import PermissionMode, Session, Turn, TurnKind

LEAST_IDLE = 10  # seconds; the CLI takes no less


def prepare(turn: Turn, credentials: Mapping[str, str]) -> TurnSpec:
    """Raise OSError when a directory cannot be made."""
    session = turn.session
    data: Path = settings.DATA_DIR
    spec = TurnSpec(
        turn_id=turn.pk,
        session_id=session.pk,
        prompt=turn.prompt,
        prompt_uuid=turn.prompt_uuid,
        resume=has_history(session.pk),
        model=session.model,
        mode=mode_of(session),
        decides=turn.kind == TurnKind.DECISION,
        # Each session works in its own empty directory until branches get files of their own.
        workspace=data / "workspaces" / session.pk.hex,
        config_dir=data / "cli" / session.pk.hex,
        home=data / "home",
        tmp=data / "tmp" / f"turn-{turn.pk}",
        tag=tag_of(data, turn.pk),
        credentials=credentials,
        budget_usd=settings.TURN_BUDGET_USD,
        steps=settings.TURN_STEPS,
        idle_seconds=idle_seconds(settings.STALL_SECONDS),
    )
    if not spec.resume:
        # A first turn that was cut off before it said anything leaves a file that makes the CLI call the id taken.
        shutil.rmtree(spec.config_dir / "projects", ignore_errors=True)
    for directory in (spec.workspace, spec.config_dir, spec.home, spec.tmp):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_repository(spec.workspace)
    return spec


def mode_of(session: Session) -> PermissionMode:
    """The branch's own; it asks when it was to bypass permission and the server no longer permits that."""
    mode = PermissionMode(session.permission_mode)
    return PermissionMode.ASK if mode == PermissionMode.BYPASS and not settings.ALLOW_BYPASS else mode


def idle_seconds(stall_seconds: int) -> int:
    """When the CLI gives a silent stream up and asks again: before the turn is given up, if that is 15 s or more."""
    return min(120, max(LEAST_IDLE, stall_seconds * 2 // 3))


def make_repository(workspace: Path) -> None:
    """Make it an empty repository of its own, which is the least that git takes for one.

    Otherwise a data directory inside a clone (the default) would make that clone the agent's: its status and commits
    would stand in every prompt. The CLI looks upwards whatever GIT_CEILING_DIRECTORIES says.
    """
    git = workspace / ".git"
    for part in ("objects", "refs"):
        (git / part).mkdir(parents=True, exist_ok=True)
    if not (git / "HEAD").exists():
        (git / "HEAD").write_text("ref: refs/heads/main\n")
