"""From a request to its answer: the script for its prompt, fitted to the tools and features that the request offers."""

import json
import re
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from sessions_app.demo_model.reply import Answer, Call, Reply, Tempo, Text, Thinking, say
from sessions_app.demo_model.request import JSON, ModelRequest, brings_results, previous
from sessions_app.demo_model.scripts import Script
from sessions_app.demo_model.scripts.story import FALLBACK

GO_ON = re.compile(r"^(please )?(continue|go on|carry on|keep going|resume)\b.{0,60}$", re.IGNORECASE | re.DOTALL)
SESSION = re.compile(r"<session>\s*(.*?)\s*</session>", re.DOTALL)  # what the CLI wants a title for
TAIL = 4  # messages


class Attempts:
    """Counts how often the same messages arrived: what a "once" in a prompt needs, and all that the server remembers.

    A count is forgotten `seconds` after its last attempt, so that the same prompt asked later fails anew.
    """

    def __init__(self, *, seconds: float = 120.0, limit: int = 1000) -> None:
        self._seconds = seconds
        self._limit = limit
        self._seen: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def count(self, session: str, messages: Sequence[JSON]) -> int:
        """Register one more arrival of these messages from this session: 1 for the first."""
        # The end and the length tell conversations apart without reading a long history at every request. Cache
        # breakpoints are no part of a conversation: a retry may carry them elsewhere.
        end = json.dumps(without_breakpoints(messages[-TAIL:]), sort_keys=True)
        key = sha256(f"{session} {len(messages)} {end}".encode()).hexdigest()
        now = time.monotonic()
        count, last = self._seen.pop(key, (0, now))
        attempt = 1 if now - last > self._seconds else count + 1
        self._seen[key] = (attempt, now)
        if len(self._seen) > self._limit:
            self._seen.popitem(last=False)
        return attempt


def without_breakpoints(value: Any) -> Any:
    """JSON without its `cache_control` keys."""
    if isinstance(value, Mapping):
        return {key: without_breakpoints(item) for key, item in value.items() if key != "cache_control"}
    return [without_breakpoints(item) for item in value] if isinstance(value, list) else value


def choose(prompt: str, scripts: Sequence[Script]) -> Script:
    """The first script whose words are in the prompt; the fallback answers everything else."""
    return next((script for script in scripts if script.words.search(prompt)), FALLBACK)


def answer(request: ModelRequest, scripts: Sequence[Script]) -> Answer:
    """What the model answers to this request."""
    reply = go_on(request, scripts) if GO_ON.match(request.prompt) else None
    reply = reply or choose(request.prompt, scripts).answer(request)
    return fit(reply, request) if isinstance(reply, Reply) else reply


def go_on(request: ModelRequest, scripts: Sequence[Script]) -> Answer | None:
    """The rest of an answer that was interrupted, or None when nothing is left to say."""
    before = previous(request)
    if not before:
        return None
    spoken = before.said[-1].rstrip() if before.said else ""
    # A call that came back with the prompt was a step to its end; what was cut off is taken up in the middle.
    whole = brings_results(request)
    base = before.step - 1 if spoken and not whole else before.step
    turn = replace(before, body=request.body, step=base + request.step, results=before.results + request.results)
    reply = choose(turn.prompt, scripts).answer(turn)
    if request.step or whole or not isinstance(reply, Reply):
        return reply
    rest = reply.text.removeprefix(spoken)
    if not rest.strip() or (spoken and rest == reply.text):
        return None
    return replace(reply, blocks=(Text(rest.lstrip(" ")), *reply.calls), breakage=None)


def fit(reply: Reply, request: ModelRequest) -> Reply:
    """The reply without thinking when none was asked for, and without calls of tools that are not there.

    A tool that the client offers by name only is loaded first, as a real model has to do.
    """
    if not request.thinks:
        reply = replace(reply, blocks=tuple(block for block in reply.blocks if not isinstance(block, Thinking)))
    missing = {call.name for call in reply.calls} - request.tools
    if not missing:
        return reply
    if missing <= request.deferred and "ToolSearch" in request.tools:
        query = "select:" + ",".join(sorted(missing))
        return Reply((Call("ToolSearch", {"query": query, "max_results": 5}),))
    return say(reply.otherwise or in_words(reply))


def in_words(reply: Reply) -> str:
    """What the model would do, for a client that does not offer the tools."""
    wishes = "\n".join(f"- **{call.name}** with `{json.dumps(dict(call.input))[:120]}`" for call in reply.calls)
    return f"I would now call these tools, but this session does not offer them:\n\n{wishes}\n"


def structured(request: ModelRequest) -> Reply | None:
    """The answer to a request for JSON of a given shape, as the CLI's own helpers (titles, for one) send; else None."""
    form = (request.body.get("output_config") or {}).get("format") or {}
    if form.get("type") != "json_schema":
        return None
    subject = SESSION.search(request.prompt)
    words = " ".join((subject[1] if subject else request.prompt).split()[:6]) or "Conversation"
    value = filled(form.get("schema") or {}, words[:60])
    return Reply((Text(json.dumps(value)),), tempo=Tempo(wait=0, piece=1000))


def filled(schema: JSON, words: str) -> Any:
    """The simplest value that a JSON schema allows, with `words` for its strings."""
    if options := schema.get("enum"):
        return options[0]
    if schema.get("type") == "object":
        return {name: filled(part, words) for name, part in (schema.get("properties") or {}).items()}
    simple: dict[object, object] = {"array": [], "boolean": False, "integer": 0, "number": 0, "null": None}
    return simple.get(schema.get("type"), words)
