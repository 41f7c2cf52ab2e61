"""Idle: what the server spends on pages that are open and to which nothing happens."""

import asyncio
import json
import re
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import psutil
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from bench.figures import Report
from tests.support.client import Client
from tests.support.server import ServerProcess, signed_in_client

PAGES = 200
LIMIT = 1  # percent of one core
PATIENCE = 60  # seconds
# Two of the server's rounds and six of its beats; a hurried run has half of that.
LENGTH, QUICK = 130.0, 65.0
SETTLE = 5.0  # seconds after the last page connected


def measure(report: Report, place: Path, *, quick: bool) -> None:
    length = QUICK if quick else LENGTH
    with ServerProcess({"ESPALIER_DEMO": "1"}) as server:
        client = signed_in_client(server)
        subscriptions = make_pages(client)
        time.sleep(SETTLE)
        before, memory = busy(server, length), memory_of(server)
        idle, heard, grown = asyncio.run(hold_open(server, client, subscriptions, length))
        after = busy(server, length)
    baseline = (before + after) / 2
    report.add(f"{PAGES} idle pages: server, of one core", f"**{idle:.2f} %**", f"no page: {baseline:.2f} %",
               f"{idle / baseline:.1f}x, +{idle - baseline:.2f} %")  # fmt: skip
    report.add(f"{PAGES} idle pages: memory of the server", f"{grown:.0f} MB", f"no page: {memory:.0f} MB",
               f"{(grown - memory) / PAGES * 1024:.0f} kB per page")  # fmt: skip
    report.add(f"{PAGES} idle pages: messages per page and minute", f"{heard / PAGES / length * 60:.1f}")
    report.judge(f"{PAGES} idle pages below {LIMIT} % of one core", idle < LIMIT, f"{idle:.2f} %")


def make_pages(client: Client) -> list[dict[str, Any]]:
    """What a branch's page, a tree's page and the home page subscribe to."""
    client.get("/")
    path = client.post("/conversations/", {"prompt": "Give a plain answer"}).url
    deadline = time.monotonic() + PATIENCE
    while 'data-status="done"' not in (page := client.get(path).text):
        assert time.monotonic() < deadline, "the turn did not end"
        time.sleep(0.2)
    session, tree = (found_in(page, name) for name in ("session", "side-tree"))
    branch = {"panes": {session: int(found_in(page, "revision"))}, "trees": [], "side": tree, "home": False}
    return [branch, {"trees": [tree], "side": tree}, {"home": True}]


def found_in(page: str, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]+)"', page)
    assert found, f"the page has no data-{name}"
    return found[1]


async def hold_open(
    server: ServerProcess, client: Client, subscriptions: list[dict[str, Any]], length: float
) -> tuple[float, int, float]:
    """The server's share of a core with all pages open, how many messages came, and its memory."""
    async with AsyncExitStack() as stack:
        heard = [0]
        tasks = []
        for number in range(PAGES):
            page = await stack.enter_async_context(
                connect(
                    f"ws://127.0.0.1:{server.port}/live/",
                    origin=Origin(server.url),
                    additional_headers={"Cookie": client.cookie_header()},
                    proxy=None,
                    ping_interval=None,  # browsers send none
                )
            )
            await page.send(json.dumps(subscriptions[number % len(subscriptions)]))
            tasks.append(asyncio.create_task(listen(page, heard)))
        await asyncio.sleep(SETTLE)
        heard[0] = 0
        share = await asyncio.to_thread(busy, server, length)
        said, memory = heard[0], memory_of(server)
        assert not any(task.done() for task in tasks), "a page lost its socket"
    await asyncio.gather(*tasks)
    return share, said, memory


async def listen(page: ClientConnection, heard: list[int]) -> None:
    async for _ in page:
        heard[0] += 1


def busy(server: ServerProcess, length: float) -> float:
    """In percent of one core."""
    process = psutil.Process(server.pid)
    began, used = time.monotonic(), sum(process.cpu_times()[:2])
    time.sleep(length)
    return float(sum(process.cpu_times()[:2]) - used) / (time.monotonic() - began) * 100


def memory_of(server: ServerProcess) -> float:
    """In MB."""
    return float(psutil.Process(server.pid).memory_info().rss) / 2**20
