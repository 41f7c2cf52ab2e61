"""First text: from the click to the first words on the screen, against the Agent SDK's first delta."""

import statistics
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from bench.figures import Report, spread
from bench.processes import Helper
from bench.stage import Stage, open_stage, raw_sdk, seconds, wait_for, wait_until_done
from tests.support.client import Client
from tests.support.server import signed_in_client

PAIRS = 12
LIMIT = 80  # ms
TURN_SQL = """
SELECT turn.queued_at, turn.started_at, message.started_at FROM sessions_app_turn turn
JOIN sessions_app_message message ON message.turn_id = turn.id WHERE turn.prompt = ? AND message.kind = 'text'
"""
# The path of a first word, from one moment to the next.
STEPS = {
    "click to turn queued": ("submitted", "queued"),
    "turn queued to claimed": ("queued", "claimed"),
    "claimed to model asked (agent starts)": ("claimed", "asked"),
    "model asked to first delta written": ("asked", "written"),
    "delta written to message row": ("written", "recorded"),
    "message row to frame in the browser": ("recorded", "frame"),
    "frame to text in the page": ("frame", "seen"),
    "text in the page to painted": ("seen", "painted"),
}
RAW_STEPS = {
    "connect() to connected": ("began", "connected"),
    "connected to model asked": ("connected", "asked"),
    "model asked to first delta written": ("asked", "written"),
    "delta written to first text delta": ("written", "first"),
}
Moments = dict[str, float]


def prompt_of(name: str) -> str:
    return f"Stream 200 deltas/s for 0.5 s, {name}"


def measure(report: Report, place: Path, *, quick: bool) -> None:
    pairs = 3 if quick else PAIRS
    with open_stage(place) as stage, raw_sdk(stage, place) as raw:
        page, client = stage.page("first_text.js"), signed_in_client(stage.server)
        found: dict[str, list[Moments]] = {}
        for number in range(-1, pairs):
            for kind, moments in one_round(stage, page, client, raw, number).items():
                if number >= 0:  # the first round warms up all that starts lazily
                    found.setdefault(kind, []).append(moments)
    for turn, baseline in (("first turn", "raw first"), ("second turn", "raw second")):
        compare(report, turn, found[turn], found[baseline])
    stored = [took(moments, "began", "first") for moments in found["raw stored"]]
    mine = [took(moments, "submitted", "painted") for moments in found["second turn"]]
    pairs_of = [here - there for here, there in zip(mine, stored, strict=True)]
    report.add("second turn, against the SDK with a session store", spread(mine, "ms"), spread(stored, "ms"),
               spread(pairs_of, "ms"))  # fmt: skip
    for turn, baseline in (("first turn", "raw first"), ("second turn", "raw second")):
        break_down(report, turn, found[turn], STEPS)
        break_down(report, f"raw SDK, {turn}", found[baseline], RAW_STEPS)
    agent = "claimed to model asked (agent starts)"
    break_down(report, "first turn, no page loading meanwhile", found["no page"], {agent: STEPS[agent]})


def one_round(stage: Stage, page: Page, client: Client, raw: Helper, number: int) -> dict[str, Moments]:
    """Each kind once, ours and the SDK's in turns."""
    found = {"first turn": start(stage, page, prompt_of(f"first {number}"))}
    found["raw first"], session = ask_raw(stage, raw, prompt_of(f"raw first {number}"))
    found["second turn"] = send(stage, page, prompt_of(f"second {number}"))
    found["raw second"], _ = ask_raw(stage, raw, prompt_of(f"raw second {number}"), resume=session)
    _, session = ask_raw(stage, raw, prompt_of(f"raw store {number}"), store=True)
    found["no page"] = post(stage, client, prompt_of(f"posted {number}"))
    found["raw stored"], _ = ask_raw(stage, raw, prompt_of(f"raw stored {number}"), resume=session, store=True)
    return found


def ask_raw(stage: Stage, raw: Helper, prompt: str, **asked: Any) -> tuple[Moments, str]:
    heard, answer = raw.ask({"prompt": prompt, **asked}), stage.answer(prompt)
    begin = {"began": heard["began"], "connected": heard["connected"], "first": heard["heard"][0]}
    return begin | {"asked": answer["asked"], "written": answer["deltas"][0]}, heard["session"]


def start(stage: Stage, page: Page, prompt: str) -> Moments:
    """A new tree, from the home page."""
    page.goto(stage.server.url)
    page.wait_for_selector("body[data-connected]")
    page.get_by_role("textbox", name="Prompt", exact=True).fill(prompt)
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**/sessions/**")
    return moments_of(stage, page, prompt)


def post(stage: Stage, client: Client, prompt: str) -> Moments:
    """A new tree without a page that is loaded for it meanwhile: the rest of the way, with the processor to itself."""
    client.get("/")
    submitted = time.time()
    client.post("/conversations/", {"prompt": prompt}, {"HX-Request": "true"})
    answer = stage.answer(prompt)
    done = "SELECT count(*) FROM sessions_app_turn WHERE prompt = ? AND status = 'done'"
    while not stage.query(done, prompt)[0][0]:
        time.sleep(0.1)
    return {"submitted": submitted} | moments_of_server(stage, prompt, answer)


def send(stage: Stage, page: Page, prompt: str) -> Moments:
    """One more turn in the page that is open."""
    page.wait_for_timeout(300)
    page.locator("[data-session] textarea").fill(prompt)
    page.get_by_role("button", name="Send", exact=True).click()
    return moments_of(stage, page, prompt)


def moments_of(stage: Stage, page: Page, prompt: str) -> Moments:
    wait_for(page, "window.bench?.painted", every=50)
    shown: Moments = {name: moment / 1000 for name, moment in page.evaluate("bench").items()}
    answer = stage.answer(prompt)
    wait_until_done(page)
    return shown | moments_of_server(stage, prompt, answer)


def moments_of_server(stage: Stage, prompt: str, answer: dict[str, Any]) -> Moments:
    queued, claimed, recorded = map(seconds, stage.query(TURN_SQL, prompt)[0])
    ours = {"queued": queued, "claimed": claimed, "recorded": recorded}
    return ours | {"asked": answer["asked"], "written": answer["deltas"][0]}


def took(moments: Moments, begin: str, end: str) -> float:
    """In ms; what came with the page itself had no frame, so it counts from when it stood there."""
    return (moments.get(end, moments.get("seen", 0.0)) - moments.get(begin, moments.get("seen", 0.0))) * 1000


def compare(report: Report, turn: str, ours: list[Moments], raw: list[Moments]) -> None:
    baseline = [took(moments, "began", "first") for moments in raw]
    for what, end in (("painted", "painted"), ("in the page", "seen")):
        values = [took(moments, "submitted", end) for moments in ours]
        differences = [here - there for here, there in zip(values, baseline, strict=True)]
        report.add(f"{turn}: click to first text {what}", spread(values, "ms"), spread(baseline, "ms"),
                   spread(differences, "ms"))  # fmt: skip
        if what == "painted":
            middle = statistics.median(differences)
            report.judge(f"first visible text, {turn}: at most {LIMIT} ms after the raw SDK's first delta",
                         middle <= LIMIT, f"median difference {middle:.0f} ms of {len(values)} pairs")  # fmt: skip


def break_down(report: Report, turn: str, found: list[Moments], steps: dict[str, tuple[str, str]]) -> None:
    for step, (begin, end) in steps.items():
        report.add(f"{turn}: {step}", spread([took(moments, begin, end) for moments in found], "ms", 1))
