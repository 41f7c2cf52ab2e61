"""A helper: the scripted model in a process of its own, which says of each answer when it was asked and wrote what."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator

from bench.processes import say
from sessions_app.demo_model import server
from sessions_app.demo_model.reply import Reply
from sessions_app.demo_model.request import ModelRequest

# Where the server takes its events from, so that ours can stand in for them.
events = vars(server)["events"]


def session_of(request: ModelRequest) -> str:
    """The agent session that asks, "" when it does not say."""
    try:
        return str(json.loads(request.body["metadata"]["user_id"])["session_id"])
    except (KeyError, TypeError, ValueError):
        return ""


async def timed_events(request: ModelRequest, reply: Reply, *, pace: float) -> AsyncIterator[bytes]:
    """The events of an answer; `deltas` are the moments in which the text deltas were handed to the connection."""
    asked, deltas = time.time(), []
    try:
        async for event in events(request, reply, pace=pace):
            if b"text_delta" in event:
                deltas.append(time.time())
            yield event
    finally:
        say({"prompt": request.prompt, "session": session_of(request), "asked": asked, "deltas": deltas})


async def main() -> None:
    vars(server)["events"] = timed_events
    model = server.DemoModel(pace=0.0)
    await model.start()
    say({"url": model.url})
    await asyncio.to_thread(sys.stdin.read)
    await model.stop()


if __name__ == "__main__":
    asyncio.run(main())
