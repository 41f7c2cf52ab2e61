"""Turn after turn, started, watched and stopped: the server is afterwards what it was before."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psutil
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.faults.scene import LONG, Scene, until

WARM_UP = 10 if LONG else 4
CYCLES = 100 if LONG else 6
PROMPT = "stream 100 deltas/s for 60 s"
PAGES = 12
GROWTH = 5 << 20  # bytes


@contextmanager
def watching(scene: Scene, *turns: int) -> Iterator[None]:
    """A page that shows the branches of these turns, until it is closed."""
    headers = {"Cookie": scene.client.cookie_header()}
    address = f"ws://127.0.0.1:{scene.server.port}/live/"
    with connect(address, origin=Origin(scene.server.url), additional_headers=headers, max_queue=None) as socket:
        panes = {str(scene.session(turn)): 0 for turn in turns}
        socket.send(json.dumps({"panes": panes, "trees": [], "side": None, "home": False}))
        # The first message names the front end.
        while "rows" not in json.loads(socket.recv(20)):
            pass
        yield


def cycle(scene: Scene) -> None:
    """Two turns at a time."""
    turns = [scene.ask(PROMPT) for _ in range(2)]
    with watching(scene, *turns):
        until(lambda: all("w0020" in scene.text(turn) for turn in turns))
        for turn in turns:
            scene.stop(turn)
        until(lambda: all(scene.over(turn) for turn in turns))
    assert [scene.status(turn) for turn in turns] == ["interrupted"] * 2
    assert scene.processes() == []
    assert scene.temporary() == []


def test_cycles_leave_nothing_behind(scene: Scene) -> None:
    server = psutil.Process(scene.server.pid)
    for _ in range(WARM_UP // 2):
        cycle(scene)
    start_all_readers(scene)
    memory, files, threads = server.memory_info().rss, files_of(server), server.num_threads()
    for count in range(CYCLES // 2):
        cycle(scene)
        if count % 5 == 4:
            report(2 * count + 2, server.memory_info().rss - memory)
    grown = server.memory_info().rss - memory
    report(CYCLES, grown)
    assert grown <= GROWTH
    assert files_of(server) <= files
    assert server.num_threads() <= threads


def files_of(server: psutil.Process) -> int:
    """How many files and sockets it has open, without its database: SQLite keeps some of those to use them again,
    because the first that a process closes gives up the locks of all.
    """
    database = sum(file.path.endswith("espalier.sqlite3") for file in server.open_files())
    return server.num_fds() - database


def start_all_readers(scene: Scene) -> None:
    """The server's reading threads are started as they are needed, and keep their connection to the database."""
    turn = scene.ask("Give a plain answer")
    scene.done(turn)
    with ThreadPoolExecutor(PAGES) as people:
        list(people.map(lambda _: look(scene, turn), range(4 * PAGES)))


def look(scene: Scene, turn: int) -> None:
    with watching(scene, turn):
        pass


def report(cycles: int, grown: int) -> None:
    print(f"{cycles} cycles: {grown / 2**20:+.1f} MB")  # noqa: T201 a figure for people
