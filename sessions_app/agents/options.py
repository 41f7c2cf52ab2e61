"""The SDK options every turn runs with, and why."""

import os
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from claude_agent_sdk import CanUseTool, ClaudeAgentOptions, SessionStore

from sessions_app.agents.launcher import LAUNCHER, launch_env
from sessions_app.agents.modes import SDK_MODES
from sessions_app.models import PermissionMode


@dataclass(frozen=True, slots=True)
class TurnSpec:
    """All an agent needs to know about a turn.

    `resume`: the session has a history to go on from. `tmp` is the turn's own and goes with it; `tag` marks its
    processes. `decides`: the history ends at a call whose decision is known; the agent goes on with it, and there is no
    prompt.
    """

    turn_id: int
    session_id: uuid.UUID
    prompt: str
    prompt_uuid: uuid.UUID
    resume: bool
    model: str
    mode: PermissionMode
    workspace: Path
    config_dir: Path
    home: Path
    tmp: Path
    tag: str
    credentials: Mapping[str, str]
    decides: bool = False
    # What the turn may use up; None: as much as it takes.
    budget_usd: Decimal | None = None
    steps: int | None = None
    # A stream that sends nothing for so long is given up by the CLI, which then asks again.
    idle_seconds: int = 120


def root_may_bypass(mode: PermissionMode) -> dict[str, str]:
    """The CLI refuses to bypass permissions as root, unless it is told that this is meant: the operator has said so."""
    return {"IS_SANDBOX": "1"} if mode == PermissionMode.BYPASS and os.geteuid() == 0 else {}


def build_options(
    spec: TurnSpec, *, store: SessionStore, can_use_tool: CanUseTool, stderr: Callable[[str], None]
) -> ClaudeAgentOptions:
    return ClaudeAgentOptions(
        # One call for every turn of every branch: our store composes the history, the id stays ours.
        resume=str(spec.session_id) if spec.resume else None,
        session_id=None if spec.resume else str(spec.session_id),
        session_store=store,
        # What a killed server has not stored is lost; batched storing would lose the whole turn.
        session_store_flush="eager",
        model=spec.model,
        cwd=spec.workspace,
        cli_path=LAUNCHER,
        env=launch_env(
            credentials={**spec.credentials, **root_may_bypass(spec.mode)},
            config_dir=spec.config_dir,
            home=spec.home,
            tmp=spec.tmp,
            tag=spec.tag,
            idle_seconds=spec.idle_seconds,
        ),
        max_budget_usd=None if spec.budget_usd is None else float(spec.budget_usd),
        max_turns=spec.steps,
        # Not restored by a resume, so passed on every run.
        permission_mode=SDK_MODES[spec.mode],
        can_use_tool=can_use_tool,
        # Neither the person's settings nor a repository's hooks run here unasked.
        setting_sources=[],
        # "@/etc/passwd" and "/clear" in a prompt are text, not commands.
        verbatim_prompts=True,
        # A snapshot would freeze the first turn's system prompt into every fork, at 84 kB each.
        system_prompt={"type": "preset", "preset": "claude_code", "snapshot": False},
        include_partial_messages=True,
        # One transcript line or image can exceed the default of 1 MiB, which ends the run.
        max_buffer_size=64 << 20,
        # Where the reason of an early death is, and nowhere else.
        stderr=stderr,
    )
