"""The answer texts: Markdown files beside this module, each a sequence of parts that become blocks of a reply.

A file may have lines `--- thinking`, `--- text`, `--- write <path>` and `--- run <command>`: what follows belongs to
that part. A file without them is one text. `{~one|another~}` says one of its alternatives, chosen by the prompt;
`{{name}}` is replaced by the value the script gives; `{U+202E}` is that character, where the file itself had better
not contain it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from sessions_app.demo_model.reply import Answer, Block, Call, Reply, Text, Thinking
from sessions_app.demo_model.request import ModelRequest
from sessions_app.demo_model.scripts import Answering

PART = re.compile(r"^--- (thinking|text|write|run)(?: (.+))?\n", re.MULTILINE)
CHOICE = re.compile(r"\{~(.*?)~\}", re.DOTALL)
CHARACTER = re.compile(r"\{U\+([0-9A-F]{4,6})\}")
TOOLS = ("write", "run")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an answer file: its kind, what stands beside the kind, and the text under it."""

    kind: str
    argument: str
    text: str


def split(source: str) -> tuple[Part, ...]:
    """The parts of an answer file."""
    first, *rest = PART.split(source)
    parts = [Part("text", "", first.strip("\n"))] if first.strip() else []
    for kind, argument, text in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        parts.append(Part(kind, argument or "", text.strip("\n")))
    return tuple(parts)


TEXTS: Mapping[str, tuple[Part, ...]] = {
    path.stem: split(path.read_text(encoding="utf-8")) for path in (Path(__file__).parent / "answers").glob("*.md")
}


def vary(text: str, *, seed: int, values: Mapping[str, str]) -> str:
    """The text with its alternatives chosen and its values filled in."""

    def pick(match: re.Match[str]) -> str:
        options = match[1].split("|")
        return options[crc32(b"%d %d" % (seed, match.start())) % len(options)]

    text = CHARACTER.sub(lambda match: chr(int(match[1], 16)), CHOICE.sub(pick, text))
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    return text


def told(name: str, request: ModelRequest, **values: str) -> Reply:
    """What the answer file `name` says in the request's step: everything up to and with its next tool calls."""
    steps: list[list[Part]] = [[]]
    for part in TEXTS[name]:
        if steps[-1] and steps[-1][-1].kind in TOOLS and part.kind not in TOOLS:
            steps.append([])
        steps[-1].append(part)
    step = min(request.step, len(steps) - 1)
    blocks = [block(part, request, values) for part in steps[step]]
    if step and (regret := regrets(request)):
        blocks.insert(0, Text(regret))
    return Reply(tuple(blocks))


def telling(name: str) -> Answering:
    """An Answering that tells the answer file `name`."""

    def answer(request: ModelRequest) -> Answer:
        return told(name, request)

    return answer


def block(part: Part, request: ModelRequest, values: Mapping[str, str]) -> Block:
    """A part as a block."""
    text = vary(part.text, seed=request.seed, values=values)
    if part.kind == "thinking":
        return Thinking(text)
    if part.kind == "write":
        return Call("Write", {"file_path": request.path(part.argument), "content": text + "\n"})
    if part.kind == "run":
        return Call("Bash", {"command": part.argument, "description": text or part.argument})
    return Text(text)


def regrets(request: ModelRequest) -> str:
    """A sentence about a tool call of this turn that did not succeed, so that no answer claims what never happened."""
    failed = [result for result in request.results if result.failed]
    if not failed:
        return ""
    return f"(The {failed[-1].name} call did not succeed: {first_line(failed[-1].text)})\n\n"


def first_line(text: str) -> str:
    """The first line of a text, at most 160 characters, safe inside Markdown prose."""
    line = next(iter(text.strip().splitlines()), "no output")
    return line[:160].replace("`", "'")
