"""A small Messages API client for the tests: bodies, conversations, server-sent events."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp

TOOLS = ("Bash", "Edit", "Read", "Write")


def said(role: str, *content: Any) -> dict[str, Any]:
    """A message of text blocks (strings) and other blocks (objects)."""
    blocks = [{"type": "text", "text": part} if isinstance(part, str) else part for part in content]
    return {"role": role, "content": blocks}


def body(*messages: dict[str, Any] | str, tools: Sequence[str] = (), **more: Any) -> dict[str, Any]:
    """A request body; a plain string is a user message."""
    conversation = [said("user", message) if isinstance(message, str) else message for message in messages]
    offered = {"tools": [{"name": name} for name in tools]} if tools else {}
    return {"model": "claude-sonnet-4-5", "max_tokens": 1000, "messages": conversation} | offered | more


def call(name: str, number: int = 1, **given: Any) -> dict[str, Any]:
    """A tool_use block."""
    return {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": given}


def result(text: str, number: int = 1, *, failed: bool = False) -> dict[str, Any]:
    """A tool_result block."""
    return {"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": text, "is_error": failed}


class Api:
    """Posts to one demo model."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def ask(self, *messages: dict[str, Any] | str, **more: Any) -> tuple[int, dict[str, Any]]:
        """Status and JSON of a request that does not stream."""
        async with self.session.post(f"{self.url}/v1/messages", json=body(*messages, **more)) as response:
            return response.status, await response.json()

    async def text(self, *messages: dict[str, Any] | str, **more: Any) -> str:
        """The text of the answer."""
        status, answer = await self.ask(*messages, **more)
        assert status == 200, answer
        return "".join(block["text"] for block in answer["content"] if block["type"] == "text")

    async def calls(self, *messages: dict[str, Any] | str, **more: Any) -> list[tuple[str, dict[str, Any]]]:
        """Names and inputs of the answer's tool calls."""
        _, answer = await self.ask(*messages, **more)
        return [(block["name"], block["input"]) for block in answer["content"] if block["type"] == "tool_use"]

    async def events(self, *messages: dict[str, Any] | str, **more: Any) -> AsyncIterator[dict[str, Any]]:
        """The events of a streamed answer, pings included."""
        request = body(*messages, stream=True, **more)
        async with self.session.post(f"{self.url}/v1/messages", json=request) as response:
            assert response.status == 200, await response.text()
            async for line in response.content:
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])


def assembled(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The content blocks that a client puts together from a stream."""
    blocks: list[dict[str, Any]] = []
    partial: dict[int, str] = {}
    for event in events:
        if event["type"] == "content_block_start":
            assert event["index"] == len(blocks)
            blocks.append(dict(event["content_block"]))
        elif event["type"] == "content_block_delta":
            kind, *_ = (name for name in event["delta"] if name != "type")
            if kind == "partial_json":
                partial[event["index"]] = partial.get(event["index"], "") + event["delta"][kind]
            else:
                blocks[event["index"]][kind] += event["delta"][kind]
    for index, text in partial.items():
        blocks[index]["input"] = json.loads(text)
    return blocks
