"""A decision about a call: what a person, a rule or the branch's mode says to it, and what the SDK is told."""

from dataclasses import dataclass
from typing import Any

from claude_agent_sdk import PermissionResultAllow, PermissionResultDeny, PermissionUpdate

from sessions_app.agents.modes import SDK_MODES
from sessions_app.models import PermissionMode


@dataclass(frozen=True, slots=True)
class Decision:
    """`input` replaces the call's own when it is allowed; `message` is what the model is told when it is not.

    `then_mode` is the mode to go on in, for an approved plan.
    """

    allow: bool
    input: dict[str, Any] | None = None
    message: str = ""
    then_mode: PermissionMode | None = None

    def for_sdk(self) -> PermissionResultAllow | PermissionResultDeny:
        if not self.allow:
            return PermissionResultDeny(message=self.message)
        updates = None
        if self.then_mode is not None:
            # For this process only: the branch's row remembers the mode, and no settings file is written.
            mode = SDK_MODES[self.then_mode]
            updates = [PermissionUpdate(type="setMode", mode=mode, destination="session")]
        return PermissionResultAllow(updated_input=self.input, updated_permissions=updates)
