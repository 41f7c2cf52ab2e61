"""Panes: delays and completeness of text that streams into one and four panes, and what the server spends on it."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from bench.figures import Report, percentile, spread
from bench.pane_runs import Run, delays, differing, raw_delays
from bench.stage import LONG, Stage, open_stage, raw_sdk, wait_for, wait_until_done
from tests.support.server import signed_in_client

RATE = 50  # deltas per second and pane
LIMIT = 30  # percent of one core
SHARES = (0.5, 0.95, 0.99)


def measure(report: Report, place: Path, *, quick: bool) -> None:
    length, repetitions = (10, 1) if quick else (60, 2)
    alone: list[list[float]] = []
    runs: dict[int, list[Run]] = {1: [], 4: []}
    with open_stage(place) as stage, raw_sdk(stage, place) as raw:
        sessions = make_branches(stage)
        for number in range(repetitions):
            prompt = f"Stream {RATE} deltas/s for 10 s, alone, run {number}"
            alone.append(raw_delays(raw.ask({"prompt": prompt}), stage.answer(prompt)))
            for panes, done in runs.items():
                prompt = f"Stream {RATE} deltas/s for {length} s, into {panes}, run {number}"
                done.append(one_run(stage, sessions[:panes], prompt, length))
    describe(report, "1 pane", runs[1], "raw SDK", alone)
    describe(report, "4 panes", runs[4], "1 pane", [run.delays for run in runs[1]])
    every = [run for done in runs.values() for run in done]
    lost, words = sum(run.wrong + run.unlike_fresh for run in every), sum(run.words for run in every)
    report.judge(f"no lost, doubled or reordered text in {length} s", not lost, f"{lost} of {words} words")
    busiest = max(run.processor for run in runs[4])
    report.judge(f"server below {LIMIT} % of one core with four panes", busiest < LIMIT, f"at most {busiest:.1f} %")


def make_branches(stage: Stage) -> list[str]:
    """Four branches of one tree, each with a turn that is done."""
    client = signed_in_client(stage.server)
    short = f"Stream {RATE} deltas/s for 0.1 s"
    first = client.post("/conversations/", {"prompt": short}).url
    wait_for_turns(stage, 1)
    turn = stage.query("SELECT id FROM sessions_app_turn")[0][0]
    for _ in range(4):
        client.get(first)
        client.post(f"/turns/{turn}/fork/", {"prompt": short})
    wait_for_turns(stage, 5)
    found = stage.query("SELECT id FROM sessions_app_session WHERE forked_from_id IS NOT NULL ORDER BY position")
    return [dashed(row[0]) for row in found]


def dashed(session: str) -> str:
    """SQLite has uuids without dashes."""
    return "-".join((session[:8], session[8:12], session[12:16], session[16:20], session[20:]))


def wait_for_turns(stage: Stage, number: int) -> None:
    deadline = time.monotonic() + LONG / 1000
    while stage.query("SELECT count(*) FROM sessions_app_turn WHERE status = 'done'")[0][0] < number:
        if time.monotonic() > deadline:
            raise TimeoutError(f"the turns did not end: {stage.server.log()[-2000:]}")
        time.sleep(0.2)


def one_run(stage: Stage, sessions: list[str], prompt: str, length: float) -> Run:
    several = "/compare/?" + "&".join(f"s={session}" for session in sessions)
    path = several if len(sessions) > 1 else f"/sessions/{sessions[0]}/"
    page = stage.page("panes.js", path)
    run = Run()
    run.idle = busy(stage, lambda: page.wait_for_timeout(max(5.0, length / 6) * 1000))
    run.processor = busy(stage, lambda: stream(page, prompt, length))
    shown, seen = page.evaluate("benchWords()"), page.evaluate("bench.seen")
    run.backwards = page.evaluate("bench.backwards")
    expected = [f"w{number:04d}" for number in range(1, round(RATE * length) + 1)]
    for session in sessions:
        run.words += len(expected)
        run.wrong += differing(shown[session], expected)
        answer = stage.answer(prompt, session)
        run.delays += delays(answer["deltas"], [(at, word) for at, pane, word in seen if pane == session])
    run.unlike_fresh = unlike_fresh(stage, page, path)
    page.close()
    return run


def busy(stage: Stage, action: Callable[[], Any]) -> float:
    """Percent of one core that the server used meanwhile."""
    used, began = stage.processor_seconds(), time.monotonic()
    action()
    return 100 * (stage.processor_seconds() - used) / (time.monotonic() - began)


def stream(page: Page, prompt: str, length: float) -> None:
    """From the prompt to the end of all answers, the start of the agents included."""
    page.evaluate("benchBegin()")
    everyone = page.locator("#prompt-all")
    box = everyone if everyone.count() else page.locator("[data-session] textarea")
    box.fill(prompt)
    box.press("Control+Enter")
    wait_for(page, "bench.seen.length")
    wait_until_done(page, LONG + length * 1000)


def unlike_fresh(stage: Stage, page: Page, path: str) -> int:
    """How many text messages differ between the page that saw it all and one that is loaded now."""
    fresh = stage.page("panes.js", path)
    old, new = page.evaluate("benchTexts()"), fresh.evaluate("benchTexts()")
    fresh.close()
    return sum(old.get(name) != new.get(name) for name in {*old, *new})


def describe(report: Report, name: str, runs: list[Run], other: str, baseline: list[list[float]]) -> None:
    for share in SHARES:
        here = [percentile(run.delays, share) for run in runs]
        there = [percentile(values, share) for values in baseline]
        more = f"+{statistics.median(here) - statistics.median(there):.0f} ms"
        what = f"{name}: delay of a delta, p{share * 100:.0f}"
        report.add(what, spread(here, "ms"), f"{other}: {spread(there, 'ms')}", more)
    wrong, words = sum(run.wrong for run in runs), sum(run.words for run in runs)
    fresh = f"{sum(run.unlike_fresh for run in runs)} messages unlike a fresh page"
    back = f"went back while streaming: {sum(run.backwards for run in runs)}"
    report.add(f"{name}: words lost, doubled or reordered", f"**{wrong}** of {words}", fresh, back)
    processor, idle = [run.processor for run in runs], [run.idle for run in runs]
    more = f"+{statistics.median(processor) - statistics.median(idle):.1f} %"
    report.add(f"{name}: server, of one core", spread(processor, "%", 1), f"idle: {spread(idle, '%', 1)}", more)
