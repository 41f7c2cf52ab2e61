"""Scripts that only speak: plain and rich text, thinking, hostile and huge output, an echo, a summary."""

from dataclasses import replace

from sessions_app.demo_model.library import telling, told
from sessions_app.demo_model.reply import Answer, Call, Reply, Tempo, Text, say
from sessions_app.demo_model.request import ModelRequest, blocks_of, result_text, spoken_in
from sessions_app.demo_model.scripts import Try, in_steps, script

HUGE = 200_000  # characters
ECHO_CHARS = 200
HOSTILE = "<img src=x onerror=alert(1)>"


def huge(request: ModelRequest) -> Answer:
    """200 kB of numbered paragraphs with headings, in pieces that take a few seconds."""
    parts = ["# A huge answer\n"]
    size = 0
    while size < HUGE:
        number = len(parts)
        heading = f"\n## Part {number}\n" if number % 20 == 1 else ""
        sentence = f"This is sentence {number} of a very long answer, with `code_{number}` and **emphasis** in it. "
        parts.append(f"{heading}\n{sentence * 4}\n")
        size += len(parts[-1])
    return replace(say("".join(parts)), tempo=Tempo(piece=900))


def echo(request: ModelRequest) -> Answer:
    """The conversation as it arrived: one line per message, reminders left out."""
    lines: list[str] = []
    for message in request.body["messages"]:
        role = str(message.get("role"))
        if role != "system":
            lines.append(f"{len(lines) + 1}. {role}: {brief(message, role)}")
    fence = "~~~~"
    body = "\n".join(lines)
    return say(f"I received {len(lines)} messages.\n\n{fence}text\n{body}\n{fence}\n")


def brief(message: dict[str, object], role: str) -> str:
    """A message in one line: its texts, tool calls and tool results."""
    parts = list(spoken_in(message)) if role == "user" else []
    for block in blocks_of(message):
        kind = block.get("type")
        if kind == "text" and role != "user":
            parts.append(str(block.get("text", "")))
        elif kind == "tool_use":
            parts.append(f"[calls {block.get('name')}]")
        elif kind == "tool_result":
            parts.append(f"[result: {shorten(result_text(block), 60)}]")
        elif kind in ("thinking", "image"):
            parts.append(f"[{kind}]")
    return " / ".join(shorten(part, ECHO_CHARS) for part in parts)


def shorten(text: str, limit: int) -> str:
    """The text on one line, cut at `limit` characters."""
    line = " ".join(text.replace("~~~~", "").split())
    return line if len(line) <= limit else f"{line[:limit]}… ({len(line)} characters)"


def hostile(request: ModelRequest) -> Answer:
    """Text that tries to run script, to break out of its element and to break the layout."""
    return told("hostile", request, long="Supercalifragilistic" * 60)


def hostile_tools(request: ModelRequest) -> Answer:
    """The same from a tool: hostile output and a hostile file name."""
    blocks = (
        Text("Hostile output and a hostile file name."),
        Call("Bash", {"command": "echo '<script>alert(1)</script><b>bold</b>'", "description": HOSTILE}),
        Call("Write", {"file_path": request.path(f"{HOSTILE}.txt"), "content": "<script>alert(1)</script>\n"}),
    )
    return Reply(blocks)


def summary(request: ModelRequest) -> Answer:
    """What the CLI asks for when it compacts a conversation."""
    asked = "\n".join(f"- {shorten(prompt, ECHO_CHARS)}" for prompt in request.prompts[:-1]) or "- nothing yet"
    return say(f"<summary>\nThe user asked, in order:\n{asked}\n</summary>\n")


TEXTS = (
    script("summary", r"create a (detailed )?summary of the conversation", summary),
    script(
        "echo",
        r"\becho back\b|\bwhat did i say so far\b",
        echo,
        Try("Echo back what you received", "The history that reached the model, message by message"),
    ),
    script(
        "hostile tools",
        r"\bhostile (tool|file)",
        in_steps(hostile_tools, telling("plain")),
        Try("Show hostile tool output", "HTML and script in a tool's output and in a file name"),
    ),
    script(
        "hostile",
        r"\bhostile\b",
        hostile,
        Try("Show hostile output", "HTML, script, bad links, control characters: it must all stay text"),
    ),
    script("huge", r"\bhuge answer\b", huge, Try("Give a huge answer", "200 kB of Markdown")),
    script(
        "markdown",
        r"\b(rich|show) markdown\b",
        telling("markdown"),
        Try("Show rich Markdown", "Headings, lists, a table, code in three languages, quotes, links, other scripts"),
    ),
    script(
        "thinking",
        r"\bthink (hard|first|aloud|before|about it|carefully)\b|\bshow (your )?thinking\b",
        telling("thinking"),
        Try("Think hard before answering", "A thinking block before the answer"),
    ),
    script("plain", r"\bplain answer\b", telling("plain"), Try("Give a plain answer", "Two paragraphs of text")),
)
