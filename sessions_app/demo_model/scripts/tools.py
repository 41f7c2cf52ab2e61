"""Scripts that use tools: files, commands, several at once, failing ones and ones that need permission."""

import re

from sessions_app.demo_model.library import first_line
from sessions_app.demo_model.reply import Answer, Call, Reply, Text, say
from sessions_app.demo_model.request import ModelRequest
from sessions_app.demo_model.scripts import Answering, Try, in_steps, script

FILE_NAME = re.compile(r"\bread (?:the file )?`?([\w./-]+\.\w{1,8})\b", re.IGNORECASE)
SLOW = re.compile(r"command that takes (\d+) s", re.IGNORECASE)
NOTES = "# Notes\n\n- Branches are cheap: try both.\n- Compare before you choose.\n- TODO: pick a name\n"
GREETING = '''"""Says hello."""


def greet(name: str) -> str:
    return f"Hello, {name}!"


if __name__ == "__main__":
    print(greet("world"))
'''


def unused(request: ModelRequest, stem: str, suffix: str) -> str:
    """A path for a new file that an earlier turn of this conversation did not take."""
    turn = len(request.prompts)
    return request.path(f"{stem}{suffix}" if turn == 1 else f"{stem}-{turn}{suffix}")


def bash(command: str, description: str) -> Call:
    """A call of the Bash tool."""
    return Call("Bash", {"command": command, "description": description})


def runs(*commands: tuple[str, str], saying: str) -> Answering:
    """Says a sentence and runs commands (command, description) at once."""
    return lambda request: Reply((Text(saying), *(bash(command, description) for command, description in commands)))


def reports(request: ModelRequest) -> Answer:
    """What the last calls came back with, in the model's words."""
    lines = []
    for result in request.results:
        count = len(result.text.splitlines())
        outcome = "failed" if result.failed else "succeeded"
        size = f"{count} lines" if count != 1 else "one line"
        lines.append(f"- **{result.name}** {outcome} with {size}: `{first_line(result.text)}`")
    return say("Here is what came back:\n\n" + "\n".join(lines) + "\n\nShall I go on from here?\n")


def reads(request: ModelRequest) -> Answer:
    """Reads the file that the prompt names, else writes one first, because the directory may be empty."""
    named = FILE_NAME.search(request.prompt)
    path = request.path(named[1]) if named else unused(request, "guestbook", ".md")
    if named or request.step == 1:
        read = Call("Read", {"file_path": path})
        return reports(request) if named and request.step else Reply((Text(f"Reading `{path}`."), read))
    if request.step == 0:
        return Reply(
            (Text("I will write a small file and read it back."), Call("Write", {"file_path": path, "content": NOTES}))
        )
    return reports(request)


def writes(request: ModelRequest) -> Answer:
    """Writes a small program."""
    path = unused(request, "hello", ".py")
    return Reply((Text("I will write a small program."), Call("Write", {"file_path": path, "content": GREETING})))


def edit_steps() -> Answering:
    """Write, then Read, then Edit, so that it works in an empty directory as well."""

    def path(request: ModelRequest) -> str:
        return unused(request, "notes", ".md")

    change = {"old_string": "- TODO: pick a name", "new_string": "- Name: Espalier", "replace_all": False}
    return in_steps(
        lambda request: Reply((Text("First the file."), Call("Write", {"file_path": path(request), "content": NOTES}))),
        lambda request: Reply((Text("Now I look at it."), Call("Read", {"file_path": path(request)}))),
        lambda request: Reply((Text("And now the edit."), Call("Edit", {"file_path": path(request), **change}))),
        reports,
    )


def several(request: ModelRequest) -> Answer:
    """Three calls in one message."""
    return Reply(
        (
            Text("These three do not depend on each other, so I do them together."),
            Call("Write", {"file_path": unused(request, "parallel", ".md"), "content": NOTES}),
            bash("ls -la", "List the directory"),
            bash("python3 --version", "Show the Python version"),
        )
    )


def slow_command(request: ModelRequest) -> Answer:
    """A command that takes the seconds in the prompt."""
    match = SLOW.search(request.prompt)
    seconds = min(int(match[1]), 600) if match else 10
    return Reply((Text(f"This takes {seconds} s."), bash(f"sleep {seconds} && echo finished", f"Wait {seconds} s")))


def outside(request: ModelRequest) -> Answer:
    """Writes beside the working directory, which needs permission."""
    call = Call("Write", {"file_path": request.path("../outside.txt"), "content": "Outside the working directory.\n"})
    return Reply((Text("I will write a file outside the working directory."), call))


def accepts_the_decision(request: ModelRequest) -> Answer:
    """Says whether it was allowed."""
    last = request.results[-1] if request.results else None
    if last is None or not last.failed:
        return say("That was allowed, thank you.\n\n" + (f"> {first_line(last.text)}\n" if last else ""))
    return say(
        f"I was not allowed to do that, or it did not work:\n\n> {first_line(last.text)}\n\n"
        "I have left it undone. If you want it, allow it and ask me again; otherwise I can go on without it.\n"
    )


TOOLS = (
    script(
        "lots of output",
        r"\b(a lot of|lots of|long) output\b|\bmany lines\b",
        in_steps(runs(("seq 1 5000", "Count to 5000"), saying="I will count to 5000."), reports),
        Try("Run a command with a lot of output", "5000 lines from a tool"),
    ),
    script(
        "slow command",
        SLOW.pattern,
        in_steps(slow_command, reports),
        Try("Run a command that takes 10 s", "A tool at work: a good moment to press Stop"),
    ),
    script(
        "failing command",
        r"\bfailing command\b|\bcommand that fails\b",
        in_steps(runs(("cat missing-file.txt", "Show a file that is not there"), saying="This will fail."), reports),
        Try("Run a failing command", "A tool result that is an error"),
    ),
    script(
        "write outside",
        r"\bwrite outside\b",
        in_steps(outside, accepts_the_decision),
        Try("Write outside the working directory", "A file that needs permission"),
    ),
    script(
        "two permissions",
        r"\bfetch two pages\b",
        in_steps(
            runs(
                ("curl -sS http://127.0.0.1:9/one", "Fetch a page"),
                ("curl -sS http://127.0.0.1:9/two", "Fetch another page"),
                saying="I will fetch two pages, which needs permission.",
            ),
            reports,
        ),
        Try("Fetch two pages at once", "Two calls that need permission, made together"),
    ),
    script(
        "permission",
        r"\bneeds (a )?permission\b|\bask for permission\b",
        in_steps(
            runs(
                ("curl -sS http://127.0.0.1:9/", "Fetch a page"), saying="I will fetch a page, which needs permission."
            ),
            accepts_the_decision,
        ),
        Try("Do something that needs permission", "A command that is not allowed by itself"),
    ),
    script(
        "parallel",
        r"\b(several|many|three) tools\b|\btools in parallel\b",
        in_steps(several, reports),
        Try("Use several tools in parallel", "Three tool calls in one message"),
    ),
    script(
        "command",
        r"\brun a (shell )?command\b",
        in_steps(
            runs(
                ("ls -la && python3 --version", "List files and show the Python version"), saying="Let me look around."
            ),
            reports,
        ),
        Try("Run a command", "Bash, with its output"),
    ),
    script(
        "edit",
        r"\bedit (a|the|some) file\b",
        edit_steps(),
        Try("Edit a file", "Write, Read, Edit: three tool calls, one after the other"),
    ),
    script(
        "read",
        rf"\bread (a|the|some) file\b|{FILE_NAME.pattern}",
        reads,
        Try("Read a file", "A file is written and read"),
    ),
    script(
        "write", r"\bwrite (a|the|some) file\b", in_steps(writes, reports), Try("Write a file", "A file is written")
    ),
)
