"""The real SDK and the real CLI as a client of the demo model, unable to reach anything else."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from claude_agent_sdk import ClaudeAgentOptions, ClaudeSDKClient, ResultMessage
from claude_agent_sdk.types import Message, StreamEvent

ACCOUNT = ("ANTHROPIC_", "CLAUDE_", "AWS_", "GOOGLE_", "CLOUD_ML_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


def environment(url: str, home: Path) -> dict[str, str]:
    """Variables that blank every account of the machine and point the CLI at `url` and into `home`."""
    blank = {name: "" for name in os.environ if name.upper().startswith(ACCOUNT)}
    return blank | {
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_API_KEY": "demo",
        "ANTHROPIC_AUTH_TOKEN": "",
        "CLAUDE_CODE_OAUTH_TOKEN": "",
        "CLAUDE_CODE_USE_BEDROCK": "",
        "CLAUDE_CODE_USE_VERTEX": "",
        "NO_PROXY": "127.0.0.1",
        "HOME": str(home),
        "CLAUDE_CONFIG_DIR": str(home / "config"),
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "CLAUDE_CODE_MAX_RETRIES": "2",
    }


def options(url: str, home: Path, **more: Any) -> ClaudeAgentOptions:
    """Options as the product runs its sessions: acceptEdits in an empty directory, nobody to ask."""
    work = home / "work"
    work.mkdir(exist_ok=True)
    given: dict[str, Any] = {
        "model": "claude-sonnet-4-5",
        "cwd": work,
        "env": environment(url, home),
        "setting_sources": [],
        "permission_mode": "acceptEdits",
        "include_partial_messages": True,
    }
    return ClaudeAgentOptions(**(given | more))


async def run(agent: ClaudeSDKClient, prompt: str, seen: Callable[[Message], None] | None = None) -> list[Message]:
    """One turn's messages. A failed turn ends with its result as any other."""
    await agent.query(prompt)
    messages = []
    async for message in agent.receive_messages():
        messages.append(message)
        if seen:
            seen(message)
        if isinstance(message, ResultMessage):
            break
    return messages


def blocks(messages: list[Message], kind: type[Any]) -> list[Any]:
    """All content blocks of a kind."""
    return [
        block for message in messages for block in (getattr(message, "content", None) or ()) if isinstance(block, kind)
    ]


def streamed(messages: list[Message], kind: str) -> str:
    """The deltas of a kind ("text" or "thinking"), joined."""
    return "".join(
        message.event["delta"].get(kind, "")
        for message in messages
        if isinstance(message, StreamEvent) and message.event["type"] == "content_block_delta"
    )
