"""Slow and hostile peers: each costs a bounded amount, is told why it is closed, and slows nobody else."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import psutil
import pytest

from tests.browser.stage import set_stage
from tests.faults.peers import Peer, RawPeer, open_peer
from tests.support.client import Client
from tests.support.server import ServerProcess, signed_in_client

STALLED = 40
QUIET = 15.0  # percent of one core
LONGEST = 3.0  # seconds
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


@dataclass(slots=True)
class Reading:
    """What one peer read of a turn: how much, and its longest wait between the first words and the end."""

    messages: int = 0
    longest: float = 0.0


def read_to_the_end(peer: Peer, session: str) -> Reading:
    peer.say({"panes": {session: 0}})
    peer.hear_until(lambda message: bool(message.get("ops")))
    reading, heard_at = Reading(), time.monotonic()
    while True:
        message = peer.hear()
        now = time.monotonic()
        reading.messages += 1
        reading.longest, heard_at = max(reading.longest, now - heard_at), now
        if is_done(message):
            return reading


def megabytes_of(peer: Peer, session: str) -> float:
    """What a page that knows only the beginning of this branch is sent."""
    peer.say({"panes": {session: 1}})
    total, message = 0, peer.hear()
    while 'data-turn="626"' not in "".join(message.get("rows", ())):
        message = peer.hear()
        total += len(json.dumps(message))
    return total / 2**20


def test_peers_that_stop_reading_cost_little_slow_nobody_and_are_cut_off(server: ServerProcess, client: Client) -> None:
    (far,) = set_stage(server, "one_branch")
    set_stage(server, "far_ahead")
    prompt = "Stream 50 deltas/s for 10 s"
    with open_peer(server, client) as peer:
        each_wants = megabytes_of(peer, far)
    session = start_tree(client, f"{prompt}, to one that reads")
    with open_peer(server, client) as peer:
        alone = read_to_the_end(peer, session)
    before = memory_of(server)

    with ExitStack() as stack:
        stalled = [stack.enter_context(RawPeer(server, client)) for _ in range(STALLED)]
        for each in stalled:
            each.say(json.dumps({"panes": {far: 1}}).encode())
        process = psutil.Process(server.pid)
        wait_until(lambda: process.cpu_percent(1) < QUIET, patience=60)
        session = start_tree(client, f"{prompt}, beside many that do not")
        peer = stack.enter_context(open_peer(server, client))
        beside = read_to_the_end(peer, session)
        grown = memory_of(server) - before
        print(f"\n{alone}, alone\n{beside}, beside {STALLED}\n{each_wants:.1f} MB for each, {grown:.0f} MB in all")  # noqa: T201
        assert grown < each_wants * STALLED / 3, "what they do not read is not kept for them"
        assert beside.messages > alone.messages / 2
        assert beside.longest < LONGEST
        ports = {each.port for each in stalled}
        wait_until(
            lambda: not ports & {each.raddr.port for each in process.net_connections("tcp") if each.raddr}, patience=90
        )


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"not json", "not understood: "),
        (b"[" * 60_000, "not understood: "),
        (b'{"resync": 1e999}', "not understood: a message is a number"),
        (b'{"panes": []}', "not understood: panes or trees have the wrong shape"),
        (
            json.dumps({"panes": {str(uuid.uuid4()): 0 for _ in range(1000)}}).encode(),
            "not understood: at most 8 branch",
        ),
    ],
    ids=["not json", "deep", "not a number", "wrong shape", "1,000 subscriptions"],
)
def test_rubbish_is_closed_with_a_reason(raw: RawPeer, said: bytes, reason: str) -> None:
    raw.say(said)
    code, why = raw.hear_close()
    assert (code, why[: len(reason)]) == (4400, reason)


def test_a_page_subscribes_once(raw: RawPeer) -> None:
    raw.say(b"{}")
    raw.say(b"{}")
    assert raw.hear_close() == (4400, "not understood: a page subscribes once")


def test_bytes_that_are_no_text_are_closed_with_a_reason(raw: RawPeer) -> None:
    raw.say(b"\xff\xfe\xfd")
    code, why = raw.hear_close()
    assert (code, "UTF-8" in why) == (1007, True)


def test_frames_that_no_protocol_knows_are_closed_with_a_reason(raw: RawPeer) -> None:
    raw.say(b"", opcode=11)
    code, why = raw.hear_close()
    assert (code, "opcode" in why) == (1002, True)


def test_giant_frames_are_closed_before_they_arrive(raw: RawPeer) -> None:
    raw.say(b"x" * 1000, length=2**40)
    code, why = raw.hear_close()
    assert (code, "exceed" in why) == (1009, True)


def test_a_giant_message_in_small_frames_is_closed(raw: RawPeer) -> None:
    raw.say(b"x" * 40_000, last=False)
    raw.say(b"x" * 40_000, opcode=0, last=False)
    code, why = raw.hear_close()
    assert (code, "exceed" in why) == (1009, True)


def test_a_flood_is_closed_with_a_reason(server: ServerProcess, client: Client, raw: RawPeer) -> None:
    raw.say(b"{}")
    for number in range(150):
        raw.say(b'{"resync": %d}' % number)
    assert raw.hear_close() == (4429, "more than 100 messages in 10 seconds")
    with open_peer(server, client) as peer:
        assert "front" in peer.hear()


def test_who_never_subscribes_is_closed_with_a_reason(raw: RawPeer) -> None:
    assert raw.hear_close() == (4408, "no subscription within 10 seconds")


def test_one_sign_in_has_a_limited_number_of_pages(server: ServerProcess) -> None:
    client = Client(server.url)
    client.get(server.link())
    with ExitStack() as stack:
        for _ in range(500):
            peer = stack.enter_context(RawPeer(server, client))
            peer.say(b'{"home": true}')
            peer.hear()
        last = stack.enter_context(RawPeer(server, client))
        last.say(b'{"home": true}')
        assert last.hear_close() == (4429, "this sign-in has 500 pages open")


def test_a_quiet_server_is_heard_all_the_same(server: ServerProcess, client: Client) -> None:
    """By it, a page knows that its connection is not dead."""
    with open_peer(server, client) as peer:
        assert list(peer.hear()) == ["front"]
        peer.say({"home": True})
        peer.hear_until(lambda message: message == {}, patience=45)
