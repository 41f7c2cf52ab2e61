"""A helper: the Agent SDK and nothing else, timed from before connect() to each of its text deltas."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from claude_agent_sdk import ClaudeAgentOptions, ClaudeSDKClient, InMemorySessionStore, ResultMessage, StreamEvent

from bench.processes import say

STORE = InMemorySessionStore()


def options(asked: dict[str, Any]) -> ClaudeAgentOptions:
    """Plain ones; `resume` names the session to go on with, `store` keeps its transcript in memory too."""
    return ClaudeAgentOptions(
        model="sonnet",
        cwd=Path(os.environ["BENCH_WORKSPACE"]),
        setting_sources=[],
        include_partial_messages=True,
        resume=asked.get("resume"),
        session_store=STORE if asked.get("store") else None,
    )


def is_text(message: object) -> bool:
    """Whether it is a delta with visible text in it."""
    return isinstance(message, StreamEvent) and bool(message.event.get("delta", {}).get("text", "").strip())


async def turn(asked: dict[str, Any]) -> dict[str, Any]:
    """One turn: when it was begun and connected, and when each piece of text was heard."""
    began = time.time()
    heard: list[float] = []
    session = ""
    async with ClaudeSDKClient(options(asked)) as client:
        connected = time.time()
        await client.query(asked["prompt"])
        async for message in client.receive_response():
            if is_text(message):
                heard.append(time.time())
            if isinstance(message, ResultMessage):
                session = message.session_id
    return {"began": began, "connected": connected, "heard": heard, "session": session}


async def main() -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        say(await turn(json.loads(line)))


if __name__ == "__main__":
    asyncio.run(main())
