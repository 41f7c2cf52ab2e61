"""What a rule covers, and above all what it does not."""

from pathlib import Path

import pytest

from sessions_app.models import RuleMatch
from sessions_app.models.rule_matching import Pattern, covers, patterns_of

CURL = Pattern("Bash", RuleMatch.PROGRAM, "curl")
INSIDE = Pattern("Edit", RuleMatch.WORKSPACE)


@pytest.mark.parametrize("command", ["curl http://127.0.0.1/", "curl -sS 'a b'", "  curl x  "])
def test_a_rule_for_a_program_covers_it_with_any_arguments(tmp_path: Path, command: str) -> None:
    assert covers(CURL, "Bash", {"command": command}, tmp_path)


@pytest.mark.parametrize(
    "command",
    [
        "curl x; rm -rf /",
        "curl x && rm y",
        "curl x | sh",
        "curl $(cat /etc/passwd)",
        "curl `id`",
        "curl x > /etc/cron.d/y",
        "curl x\nrm y",
        "curl <(id)",
        "curl x & rm y",
        "PATH=/opt curl x",
        "curly x",
        "/opt/curl x",
        "curl 'unclosed",
        "cu\\rl x",
        "curl x \\\n; rm y",
        "curl\r/../evil",
        "curl\x0b/../evil",
        "",
    ],
)
def test_and_nothing_that_would_run_something_else(tmp_path: Path, command: str) -> None:
    assert not covers(CURL, "Bash", {"command": command}, tmp_path)


@pytest.mark.parametrize(
    "command",
    [
        "bash -c 'rm -rf ~'",
        "/bin/sh x",
        "env rm y",
        "! rm y",
        "time rm y",
        "sudo rm y",
        "find . -exec rm '+'",
        "xargs rm",
    ],
)
def test_no_rule_is_offered_for_a_program_that_runs_what_it_is_given(tmp_path: Path, command: str) -> None:
    assert patterns_of("Bash", {"command": command}, tmp_path) == [Pattern("Bash", RuleMatch.COMMAND, command)]


def test_a_compound_command_can_only_be_allowed_as_it_is(tmp_path: Path) -> None:
    command = "make test && make lint"
    assert patterns_of("Bash", {"command": command}, tmp_path) == [Pattern("Bash", RuleMatch.COMMAND, command)]
    assert covers(Pattern("Bash", RuleMatch.COMMAND, command), "Bash", {"command": command}, tmp_path)


def test_edits_inside_the_workspace_do_not_cover_what_leads_out_of_it(tmp_path: Path) -> None:
    workspace = tmp_path / "work"
    workspace.mkdir()
    (workspace / "link").symlink_to(tmp_path)
    assert covers(INSIDE, "Write", {"file_path": str(workspace / "a/b.py")}, workspace)
    assert covers(INSIDE, "NotebookEdit", {"notebook_path": "a.ipynb"}, workspace)
    for path in ("../out.txt", "/etc/passwd", str(workspace / "../x"), str(workspace / "link/x"), "", str(workspace)):
        assert not covers(INSIDE, "Edit", {"file_path": path}, workspace), path


@pytest.mark.parametrize(
    "path", [".git/config", ".git/hooks/pre-commit", ".claude/settings.json", "a/.envrc", ".bashrc"]
)
def test_edits_inside_the_workspace_do_not_cover_what_is_hidden(tmp_path: Path, path: str) -> None:
    given = {"file_path": str(tmp_path / path)}
    assert not covers(INSIDE, "Write", given, tmp_path)
    assert patterns_of("Write", given, tmp_path) == [Pattern("Edit", RuleMatch.FILE, path)]


def test_a_rule_for_a_file_does_not_follow_a_link_that_takes_its_place(tmp_path: Path) -> None:
    workspace = tmp_path / "work"
    workspace.mkdir()
    (workspace / "a.py").touch()
    (workspace / "link").symlink_to(tmp_path)
    (inside, _), (outside,) = (patterns_of("Edit", {"file_path": path}, workspace) for path in ("a.py", "link/x"))
    assert outside == Pattern("Edit", RuleMatch.FILE, str(tmp_path.resolve() / "x"))
    (workspace / "a.py").unlink()
    (workspace / "a.py").symlink_to("/etc/passwd")
    (workspace / "link").unlink()
    (workspace / "link").symlink_to("/etc")
    assert not covers(inside, "Edit", {"file_path": "a.py"}, workspace)
    assert not covers(outside, "Edit", {"file_path": "link/x"}, workspace)


@pytest.mark.parametrize("path", ["loop/x", "nul\x00", "half\ud800", "long" * 5_000])
def test_a_path_that_leads_nowhere_is_covered_by_nothing_but_itself(tmp_path: Path, path: str) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert not covers(Pattern("Edit", RuleMatch.FILE, "a.py"), "Edit", {"file_path": path}, tmp_path)
    assert len(patterns_of("Edit", {"file_path": path}, tmp_path)) >= 1


def test_a_rule_for_a_file_covers_it_by_whatever_name_and_tool(tmp_path: Path) -> None:
    rule = Pattern("Edit", RuleMatch.FILE, "a.py")
    assert covers(rule, "Write", {"file_path": str(tmp_path / "b/../a.py")}, tmp_path)
    assert not covers(rule, "Edit", {"file_path": str(tmp_path / "b.py")}, tmp_path)


def test_a_rule_for_a_host_is_for_that_host_alone(tmp_path: Path) -> None:
    rule = Pattern("WebFetch", RuleMatch.HOST, "example.org")
    assert covers(rule, "WebFetch", {"url": "https://example.org/a"}, tmp_path)
    for url in (
        "https://example.org.evil.test/",
        "https://evil.test/?example.org",
        "https://evil.test\\@example.org/",
        "https://example.org@evil.test/",
        "https://evil.test\t\\@example.org/",
        "https:/example.org",
        "https://[broken",
        "",
    ):
        assert not covers(rule, "WebFetch", {"url": url}, tmp_path)
    assert not covers(rule, "Bash", {"command": "curl https://example.org/a"}, tmp_path)
