"""Random reloads, reconnects, stops and kills over a streaming tree: then every page equals a fresh page, every row is
in a final state, no word is lost, and the model was told what the pages show (invariants 3 and 4).

FAULTS_SEED=<number> takes one walk again. FAULTS=long walks for FAULTS_MINUTES (15).
"""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.windows import Windows, cookies_of
from tests.faults.aftermath import (
    assert_at_rest,
    assert_no_word_lost,
    assert_quiet,
    assert_requests_valid,
    assert_told,
    probe,
)
from tests.faults.proxy import Proxy
from tests.faults.scene import ASKING, LONG, new_scene
from tests.faults.screens import Screens
from tests.faults.walk import Walk

SEED = os.environ.get("FAULTS_SEED", "")
MINUTES = float(os.environ.get("FAULTS_MINUTES", "15"))
STEPS = int(os.environ.get("FAULTS_STEPS", "45"))
FORGIVEN = ("ERR_", "WebSocket", "status of 409", "status of 422", "htmx:")
SERVED = {"ESPALIER_PARALLEL_TURNS": "2", "ESPALIER_STOP_SECONDS": "1", **ASKING}


@contextmanager
def new_walk(directory: Path, browser: Browser, seed: int) -> Iterator[Walk]:
    """A walk on a server of its own. When something is wrong after it, it says how it went."""
    with new_scene(directory, **SERVED) as scene, Proxy(scene.server.port) as proxy, ExitStack() as stack:
        cookies = cookies_of(scene.client)
        near = Windows(browser, scene.server.url, cookies, stack)
        distant = Windows(browser, proxy.url, [each | {"url": proxy.url} for each in cookies], stack)
        for windows in (near, distant):
            windows.forgive(*FORGIVEN)
        walk = Walk(scene, Screens(near, distant, proxy), seed)
        try:
            yield walk
        except BaseException as error:
            error.add_note("\n".join([f"FAULTS_SEED={seed}, in {directory}:", *walk.log, scene.server.log()]))
            raise


def assert_all_well(walk: Walk) -> None:
    walk.come_to_rest()
    assert_at_rest(walk.scene)
    walk.screens.assert_same()
    assert_no_word_lost(walk)
    probe(walk)
    walk.screens.assert_same()
    assert_requests_valid(walk.scene)
    assert_told(walk.scene)
    assert_quiet([*walk.server_logs, walk.scene.server.log()])


def walk_once(directory: Path, browser: Browser, seed: int, steps: int = 0) -> None:
    """So many steps at random; without a number, a handful that comes by each kind of fault."""
    directory.mkdir()
    with new_walk(directory, browser, seed) as walk:
        walk.begin()
        if steps:
            walk.go(steps)
        else:
            walk.take(walk.stall, walk.send, walk.cut, walk.stall, walk.leave_or_return)
            walk.take(walk.watch, walk.kill_server, walk.fork, walk.leave_or_return, walk.send, walk.kill_cli)
        assert_all_well(walk)
        print(f"seed {seed}: {len(walk.log)} steps, {time.monotonic() - walk.began:.0f} s")  # noqa: T201


def test_a_walk_leaves_everything_well(tmp_path: Path, browser: Browser) -> None:
    if SEED:
        walk_once(tmp_path / SEED, browser, int(SEED), STEPS)
        return
    walk_once(tmp_path / "1", browser, 1)
    end = time.monotonic() + MINUTES * 60 if LONG else 0
    for seed in range(2, 10**6):
        if time.monotonic() > end:
            return
        walk_once(tmp_path / str(seed), browser, seed, STEPS)
