"""Slow and hostile peers: each costs a bounded amount, is told why it is closed, and slows nobody else."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psutil
import pytest

from tests.faults.peers import Peer, RawPeer, open_peer
from tests.support.client import Client
from tests.support.server import ServerProcess, signed_in_client

STALLED = 20
BETWEEN = 0.05  # seconds


@pytest.fixture(scope="module")
def client(server: ServerProcess) -> Client:
    return signed_in_client(server)


@pytest.fixture
def raw(server: ServerProcess, client: Client) -> Iterator[RawPeer]:
    with RawPeer(server, client) as peer:
        yield peer


def start_tree(client: Client, prompt: str) -> str:
    """The id of its branch."""
    client.get("/")
    return client.post("/conversations/", {"prompt": prompt}).url.rstrip("/").rpartition("/")[2]


def memory_of(server: ServerProcess) -> float:
    """In MB."""
    return float(psutil.Process(server.pid).memory_info().rss) / 2**20


def wait_until(holds: Callable[[], bool], patience: float) -> None:
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(BETWEEN)


def is_done(message: dict[str, object]) -> bool:
    return 'data-status="done"' in str(message.get("rows", ""))


def read_to_the_end(peer: Peer, session: str) -> tuple[int, float]:
    """How many messages came, and the longest time without one between the first text and the end."""
    peer.say({"panes": {session: 0}})
    peer.hear_until(lambda message: bool(message.get("ops")))
    count, longest, heard_at = 0, 0.0, time.monotonic()
    while True:
        message = peer.hear()
        now = time.monotonic()
        count, longest, heard_at = count + 1, max(longest, now - heard_at), now
        if is_done(message):
            return count, longest


def test_peers_that_stop_reading_cost_little_slow_nobody_and_are_cut_off(server: ServerProcess, client: Client) -> None:
    # Text of one paragraph that grows: the dearest to send, since each frame carries the paragraph.
    prompt = "Stream 200 deltas/s for 15 s"
    session = start_tree(client, f"{prompt}, to one that reads")
    with open_peer(server, client) as peer:
        alone, longest_alone = read_to_the_end(peer, session)
    before = memory_of(server)

    session = start_tree(client, f"{prompt}, to many that do not")
    with ExitStack() as stack:
        stalled = [stack.enter_context(RawPeer(server, client)) for _ in range(STALLED)]
        for each in stalled:
            each.say(json.dumps({"panes": {session: 0}}).encode())
        peer = stack.enter_context(open_peer(server, client))
        beside, longest_beside = read_to_the_end(peer, session)
        after = memory_of(server)
        print(  # noqa: T201
            f"alone {alone} messages, longest pause {longest_alone:.2f} s; beside {STALLED} that do not read {beside}, "
            f"{longest_beside:.2f} s; memory {before:.0f} MB, then {after:.0f} MB"
        )
        assert (after - before) / STALLED < 1
        assert beside > alone / 2
        ports = {each.port for each in stalled}
        process = psutil.Process(server.pid)
        wait_until(
            lambda: not ports & {each.raddr.port for each in process.net_connections("tcp") if each.raddr}, patience=90
        )
