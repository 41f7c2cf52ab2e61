"""The stage for measurements in a browser: the scripted model, the real server, and a signed-in Chromium."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty
from typing import Any

import psutil
from playwright.sync_api import BrowserContext, Page, sync_playwright

from bench.processes import Helper
from sessions_app.agents.launcher import FIXED
from tests.support.chromium import find_chromium
from tests.support.server import ServerProcess

HERE = Path(__file__).resolve().parent
LONG = 180_000  # ms


@dataclass(frozen=True, slots=True)
class Stage:
    """`model` says of each answer when it was asked for and when it wrote its deltas."""

    model: Helper
    credentials: dict[str, str]
    server: ServerProcess
    context: BrowserContext
    said: list[dict[str, Any]] = field(default_factory=list)

    def page(self, script: str, path: str = "/") -> Page:
        """A new page with one of our scripts in it, connected to the server."""
        page = self.context.new_page()
        page.add_init_script(path=HERE / script)
        page.goto(self.server.url + path)
        page.wait_for_selector("body[data-connected]", timeout=LONG)
        return page

    def answer(self, prompt: str, session: str = "") -> dict[str, Any]:
        """What the model says of its answer to `prompt`; the CLI asks other things too, such as for a title."""
        while True:
            for said in self.said:
                if said["prompt"] == prompt and session in ("", said["session"]):
                    self.said.remove(said)
                    return said
            try:
                self.said.append(self.model.hear(5))
            except Empty:
                others = [(said["prompt"][:80], said["session"]) for said in self.said[-8:]]
                raise LookupError(f"the model was never asked {prompt!r} by {session!r}, but {others}") from None

    def query(self, sql: str, *values: Any) -> list[Any]:
        """Rows from the server's database."""
        file = self.server.data_dir / "espalier.sqlite3"
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
            return connection.execute(sql, values).fetchall()

    def processor_seconds(self) -> float:
        """What the server itself has used, without its agents."""
        used = psutil.Process(self.server.pid).cpu_times()
        return float(used.user + used.system)


@contextmanager
def open_stage(place: Path) -> Iterator[Stage]:
    with Helper("bench.scripted_model") as model:
        credentials = {"ANTHROPIC_BASE_URL": model.hear()["url"], "ANTHROPIC_API_KEY": "scripted"}
        with ServerProcess(credentials) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium())
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            entry = context.new_page()
            entry.goto(server.sign_in_url)
            entry.close()  # a page that stays open is served too
            yield Stage(model, credentials, server, context)
            browser.close()


def raw_sdk(stage: Stage, place: Path) -> Helper:
    """The SDK alone, kept off the network by the same settings as our agents; they also make the CLI start faster."""
    workspace = place / "raw-workspace"
    workspace.mkdir(exist_ok=True)
    ours = {"CLAUDE_CONFIG_DIR": str(place / "raw-config"), "BENCH_WORKSPACE": str(workspace)}
    return Helper("bench.raw_sdk", environment=FIXED | stage.credentials | ours)


def seconds(stored: str) -> float:
    """A moment as SQLite has it, on the clock of time.time()."""
    return datetime.fromisoformat(stored).replace(tzinfo=UTC).timestamp()


def wait_for(page: Page, expression: str, *, patience: float = LONG, every: float = 100) -> None:
    """Until `expression` is true; asked from here, because our pages allow no evaluation of their own. In ms."""
    deadline = time.monotonic() + patience / 1000
    while not page.evaluate(expression):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{expression} never came true on {page.url}: {page.inner_text('main')[-2000:]}")
        page.wait_for_timeout(every)


def wait_until_done(page: Page, patience: float = LONG) -> None:
    """Until every pane says that its branch is done."""
    panes = "[...document.querySelectorAll('[data-session]')]"
    wait_for(page, f"{panes}.every(pane => pane.dataset.status === 'done')", patience=patience, every=250)
