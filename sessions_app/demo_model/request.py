"""One request to the model, read the way a script needs it: the prompt, how far the turn is, which tools there are."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

REMINDER = re.compile(r"<system-reminder>.*?</system-reminder>", re.DOTALL)
# Texts the CLI puts into user messages on its own. They never start a turn: the script goes on with its next step.
INJECTED = re.compile(
    r"^(Tool loaded\.$|Output token limit hit\.|Your response above was stopped by a safety classifier"
    r"|\[Request interrupted by user|\[Image: source:)"
)
WORKING_DIRECTORY = re.compile(r"working directory: (/.*?)(?: \(was .*\))?$", re.IGNORECASE | re.MULTILINE)
DEFERRED_TOOLS = re.compile(r"deferred tools are now available via ToolSearch.*?:\n((?:\w+\n?)+)", re.DOTALL)

JSON = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool call of this turn came back with, without the CLI's reminders."""

    name: str
    text: str
    failed: bool


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """A parsed `/v1/messages` body.

    `step` counts the model's answers since `prompt`, `said` is the text of each, `results` are the tool results since
    then. `prompts` are all prompts of the conversation in order. `attempt` is 1 for the first time these messages
    arrive and grows with each retry. `cwd` is the session's working directory, "" when the request does not say.
    """

    body: JSON
    prompt: str
    prompts: tuple[str, ...]
    step: int
    results: tuple[ToolResult, ...]
    said: tuple[str, ...]
    tools: frozenset[str]
    deferred: frozenset[str]
    cwd: str
    attempt: int = 1

    @property
    def seed(self) -> int:
        """A number that depends on the prompt alone, for answers that vary and yet repeat."""
        return crc32(self.prompt.encode())

    @property
    def thinks(self) -> bool:
        """Whether the client asked for thinking blocks."""
        thinking = self.body.get("thinking")
        return isinstance(thinking, Mapping) and thinking.get("type") in ("enabled", "adaptive")

    @property
    def notes(self) -> str:
        """Everything the client told the model besides the conversation: system prompt and reminders."""
        return "\n".join(notes_of(self.body))

    def path(self, name: str) -> str:
        """`name` inside the working directory, or relative when the directory is unknown."""
        return f"{self.cwd}/{name}" if self.cwd else name


def parse(body: JSON, *, attempt: int = 1) -> ModelRequest:
    """Read a request body whose `messages` is a list of objects."""
    messages: Sequence[JSON] = body["messages"]
    prompts: list[str] = []
    start = 0
    for index, message in enumerate(messages):
        if message.get("role") == "user" and (spoken := spoken_in(message)):
            # Prompts that were never answered arrive merged into one message; the last one is what is asked now.
            prompts += spoken
            start = index
    turn = messages[start:]
    answers = [message for message in turn if message.get("role") == "assistant" and not only_loads_tools(message)]
    notes = "\n".join(notes_of(body))
    directories = WORKING_DIRECTORY.findall(notes)
    return ModelRequest(
        body=body,
        prompt=prompts[-1] if prompts else "",
        prompts=tuple(prompts),
        step=len(answers),
        results=tuple(results_in(turn, names_in(messages))),
        said=tuple("".join(texts_of(message)) for message in answers),
        tools=frozenset(str(tool.get("name")) for tool in body.get("tools") or ()),
        deferred=frozenset(name for names in DEFERRED_TOOLS.findall(notes) for name in names.split()),
        cwd=directories[-1].strip() if directories else "",
        attempt=attempt,
    )


def previous(request: ModelRequest) -> ModelRequest | None:
    """The turn before this one as it stood when this prompt came, or None at the first prompt."""
    if len(request.prompts) < 2:
        return None
    messages = request.body["messages"]
    start = max(i for i, message in enumerate(messages) if message.get("role") == "user" and spoken_in(message))
    if len(spoken_in(messages[start])) > 1:
        earlier = request.prompts[:-1]
        return replace(request, prompt=earlier[-1], prompts=earlier, step=0, results=(), said=())
    return parse({**request.body, "messages": messages[:start]})


def blocks_of(message: JSON) -> list[JSON]:
    """The message's content as a list of blocks."""
    content = message.get("content") or []
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def texts_of(message: JSON) -> list[str]:
    """The message's text blocks."""
    return [str(block.get("text", "")) for block in blocks_of(message) if block.get("type") == "text"]


def spoken_in(message: JSON) -> list[str]:
    """What a person said in a user message: its text without reminders and without what the CLI adds."""
    stripped = (REMINDER.sub("", text).strip() for text in texts_of(message))
    return [text for text in stripped if text and not INJECTED.match(text)]


def notes_of(body: JSON) -> Iterator[str]:
    """System prompt, system messages and reminders, in order."""
    system = body.get("system") or ""
    yield from [system] if isinstance(system, str) else (str(block.get("text", "")) for block in system)
    for message in body["messages"]:
        if message.get("role") == "system":
            yield from texts_of(message)
            continue
        for block in blocks_of(message):
            text = result_text(block) if block.get("type") == "tool_result" else str(block.get("text", ""))
            yield from REMINDER.findall(text)


def only_loads_tools(message: JSON) -> bool:
    """Whether the answer did nothing but load deferred tools, which the server does on a script's behalf."""
    names = [block.get("name") for block in blocks_of(message) if block.get("type") == "tool_use"]
    return bool(names) and all(name == "ToolSearch" for name in names)


def names_in(messages: Sequence[JSON]) -> dict[str, str]:
    """The tool of each call in these messages, by the call's id."""
    calls = [block for message in messages for block in blocks_of(message) if block.get("type") == "tool_use"]
    return {str(call.get("id")): str(call.get("name")) for call in calls}


def brings_results(request: ModelRequest) -> bool:
    """Whether the last prompt came together with results of calls that were made before it."""
    spoken = [message for message in request.body["messages"] if message.get("role") == "user" and spoken_in(message)]
    return any(block.get("type") == "tool_result" for block in blocks_of(spoken[-1])) if spoken else False


def results_in(messages: Sequence[JSON], names: Mapping[str, str]) -> Iterator[ToolResult]:
    """The results of tool calls in these messages, in the order they came back, ToolSearch left out."""
    for message in messages:
        for block in blocks_of(message):
            if block.get("type") == "tool_result":
                name = names.get(str(block.get("tool_use_id")), "")
                if name != "ToolSearch":
                    text = REMINDER.sub("", result_text(block)).strip()
                    yield ToolResult(name, text, bool(block.get("is_error")))


def result_text(block: JSON) -> str:
    """The text of a tool_result block."""
    content = block.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content)
