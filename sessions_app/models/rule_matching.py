"""Which calls a permission rule is about, and which rules could be made of a call. Pure: nothing here reads a row."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from sessions_app.models.permission_rule import RuleMatch

EDITS = ("Write", "Edit", "MultiEdit", "NotebookEdit")
# With any of these a command is more than the program it begins with: the shell would run something else, too, or
# write somewhere. A rule about a program never covers such a command. Of control characters, shlex and the shell do not
# think alike.
SHELL = re.compile(r"[;&|<>`$(){}\\]|[\x00-\x08\x0a-\x1f\x7f]")
# What these are given is a command, so that a rule about one of them would be a rule about all programs.
SHELLS = {"ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "sh", "tcsh", "zsh"}
OF_SHELLS = {"!", ".", "builtin", "command", "coproc", "eval", "exec", "source", "time"}
WRAPPERS = {"chroot", "chrt", "doas", "env", "find", "flock", "ionice", "nice", "nohup", "nsenter", "parallel"}
WRAPPERS |= {"runuser", "script", "setpriv", "setsid", "ssh", "stdbuf", "strace", "su", "sudo", "systemd-run"}
WRAPPERS |= {"taskset", "timeout", "unshare", "watch", "xargs"}
STARTERS = SHELLS | OF_SHELLS | WRAPPERS
# As strict as possible: the agent's own reader of addresses takes a backslash, a tab or a name before "@" otherwise
# than ours does.
ADDRESS = re.compile(r"https?://([a-z0-9.-]+)(:\d+)?([/?#][^\\\s\x00-\x1f]*)?", re.IGNORECASE)


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
                return "any change to files in the branch's own directory, but for hidden ones"
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
        target = target_of(given, workspace)
        inside = target is not None and not target.is_absolute()
        # What is hidden (".git", ".claude", ".bashrc") is run or obeyed by programs that nobody is asked about.
        is_hidden = any(part.startswith(".") for part in target.parts) if target else True
        file = Pattern("Edit", RuleMatch.FILE, str(target or path_of(given)))
        return [file, Pattern("Edit", RuleMatch.WORKSPACE)] if inside and not is_hidden else [file]
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
    if not words or "=" in words[0] or words[0].rpartition("/")[2] in STARTERS:
        return ""
    return words[0]


def path_of(given: dict[str, Any]) -> PurePosixPath:
    return PurePosixPath(str(given.get("file_path") or given.get("notebook_path") or ""))


def target_of(given: dict[str, Any], workspace: Path) -> PurePosixPath | None:
    """The file a call changes, wherever links lead: relative to the workspace, or absolute when it lies elsewhere;
    None for a path that leads nowhere.
    """
    try:
        root = workspace.resolve()
        target = (root / path_of(given)).resolve()
    except (OSError, RuntimeError, ValueError):  # links that go round in circles; characters that no path has
        return None
    return PurePosixPath(target.relative_to(root) if target != root and target.is_relative_to(root) else target)


def outside(given: dict[str, Any], workspace: Path) -> str:
    """The file of a call that lies elsewhere than in the workspace, whatever its path looks like; else ""."""
    if not path_of(given).name:
        return ""
    target = target_of(given, workspace)
    return str(path_of(given)) if target is None else str(target) if target.is_absolute() else ""


def host_of(given: dict[str, Any]) -> str:
    found = ADDRESS.fullmatch(str(given.get("url", "")))
    return found[1].lower() if found else ""
