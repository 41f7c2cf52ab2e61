"""Which calls a permission rule is about, and which rules could be made of a call. Pure: nothing here reads a row."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from sessions_app.models.permission_rule import RuleMatch

EDITS = ("Write", "Edit", "MultiEdit", "NotebookEdit")
# With any of these a command is more than the program it begins with: the shell would run something else, too, or
# write somewhere. A rule about a program never covers such a command.
SHELL = re.compile(r"[;&|<>`$(){}\n\\]")


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a rule is about. `tool` is "Edit" for every tool that changes files."""

    tool: str
    match: RuleMatch
    value: str = ""

    @property
    def words(self) -> str:
        match self.match:
            case RuleMatch.COMMAND:
                return f"exactly this command: {self.value}"
            case RuleMatch.PROGRAM:
                return f"any command that only runs {self.value}, whatever its arguments"
            case RuleMatch.FILE:
                return f"any change to {self.value}"
            case RuleMatch.WORKSPACE:
                return "any change to files in the branch's own directory"
            case RuleMatch.HOST:
                return f"any page of {self.value}"
        return f"any call of {self.tool}"


def patterns_of(tool: str, given: dict[str, Any], workspace: Path) -> list[Pattern]:
    """The rules that could be made of a call, the narrowest first; never empty."""
    if tool == "Bash":
        command = str(given.get("command", "")).strip()
        program = program_of(command)
        return [Pattern(tool, RuleMatch.COMMAND, command)] + (
            [Pattern(tool, RuleMatch.PROGRAM, program)] if program else []
        )
    if tool in EDITS:
        inside = path_inside(given, workspace)
        if inside is None:
            return [Pattern("Edit", RuleMatch.FILE, str(path_of(given)))]
        return [Pattern("Edit", RuleMatch.FILE, inside), Pattern("Edit", RuleMatch.WORKSPACE)]
    if tool == "WebFetch" and (host := host_of(given)):
        return [Pattern(tool, RuleMatch.HOST, host), Pattern(tool, RuleMatch.ANY)]
    return [Pattern(tool, RuleMatch.ANY)]


def covers(pattern: Pattern, tool: str, given: dict[str, Any], workspace: Path) -> bool:
    """Whether a call is one of those that `pattern` is about."""
    return pattern in patterns_of(tool, given, workspace)


def program_of(command: str) -> str:
    """The program of a command that runs just one, else ""."""
    if SHELL.search(command):
        return ""
    try:
        words = shlex.split(command)
    except ValueError:
        return ""
    # "A=1 program" sets a variable, which can change what the program does.
    return words[0] if words and "=" not in words[0] else ""


def path_of(given: dict[str, Any]) -> PurePosixPath:
    return PurePosixPath(str(given.get("file_path") or given.get("notebook_path") or ""))


def path_inside(given: dict[str, Any], workspace: Path) -> str | None:
    """The file a call changes, relative to the workspace; None when it lies elsewhere, also by way of a link."""
    root = workspace.resolve()
    target = (root / path_of(given)).resolve()
    return str(target.relative_to(root)) if target != root and target.is_relative_to(root) else None


def host_of(given: dict[str, Any]) -> str:
    try:
        return urlsplit(str(given.get("url", ""))).hostname or ""
    except ValueError:
        return ""
