"""Permission modes by the names the SDK gives them."""

from typing import Literal

from sessions_app.models import PermissionMode

SdkMode = Literal["default", "acceptEdits", "plan", "bypassPermissions"]
SDK_MODES: dict[PermissionMode, SdkMode] = {
    PermissionMode.ASK: "default",
    PermissionMode.ACCEPT_EDITS: "acceptEdits",
    PermissionMode.PLAN: "plan",
    PermissionMode.BYPASS: "bypassPermissions",
}
OUR_MODES = {theirs: ours for ours, theirs in SDK_MODES.items()}
