"""A scene of a fault: the real server, the real CLI and the scripted model, and what is seen of them from outside."""

import json
import os
import re
import sqlite3
import stat
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psutil

from sessions_app.agents.launcher import cli_path
from sessions_app.demo_model.catalogue import DEFAULT_SCRIPTS
from sessions_app.demo_model.reply import Answer, Call, Reply, Text, say
from sessions_app.demo_model.request import ModelRequest
from sessions_app.demo_model.scripts import in_steps, script
from sessions_app.demo_model.scripts.tools import bash, reports
from sessions_app.demo_model.thread import DemoModelThread
from sessions_app.models import FINAL
from tests.support.client import Answer as Page
from tests.support.client import Client
from tests.support.fixtures import UNASKED
from tests.support.server import ServerProcess, signed_in_client

T = TypeVar("T")
PATIENCE = 60  # seconds; half a second on an idle machine
ACKNOWLEDGED = 0.3  # seconds until a Stop is answered, on a machine that has not more to do than it can
ENDED = 5.0  # seconds until what was stopped is gone
LONG = os.environ.get("FAULTS") == "long"
# The environment of a server whose agents ask before they act, as they do unless told otherwise.
ASKING = {"ESPALIER_PERMISSION_MODE": "ask", "ESPALIER_CLI": str(cli_path())}
COMMAND = re.compile(r"exactly this: (.+)", re.DOTALL)


def runs_the_command(request: ModelRequest) -> Answer:
    found = COMMAND.search(request.prompt)
    return Reply((Text("Running it."), bash(found[1] if found else "true", "As asked")))


def calls_again(request: ModelRequest) -> Answer:
    """What an agent does that was interrupted at a call: it makes the call once more."""
    made = [block for message in request.body["messages"] for block in blocks(message) if block["type"] == "tool_use"]
    return Reply((Text("Where was I?"), *(Call(call["name"], call["input"]) for call in made[-1:])))


SCRIPTS = (
    script("any command", COMMAND.pattern, in_steps(runs_the_command, reports)),
    script("resumed", r"^Go on where you were interrupted", in_steps(calls_again, lambda _: say("That is done."))),
    *DEFAULT_SCRIPTS,
)


def overload() -> float:
    """How much slower everything is now: others that want the same cores slow down not just us."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def acknowledged() -> float:
    """The limit for now."""
    return ACKNOWLEDGED * overload()


def until(true: Callable[[], T], patience: float = PATIENCE) -> T:
    """Wait for something to become true; return what it then was."""
    deadline = time.monotonic() + patience
    while not (found := true()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return found


class Scene:
    """One data directory and one port, through any number of servers."""

    def __init__(
        self, model: DemoModelThread, directory: Path, environment: dict[str, str], servers: ExitStack
    ) -> None:
        self.model = model
        self.servers = servers
        self.data = directory / "data"
        self.environment = {"ANTHROPIC_BASE_URL": model.url, "ANTHROPIC_API_KEY": "scripted"} | UNASKED
        self.environment |= {"ESPALIER_CLI": allowing_commands(directory / "claude")} | environment
        self.server = ServerProcess(self.environment, data_dir=self.data)
        self.client = Client(self.server.url)

    def start(self) -> None:
        """Start the server, anew after the last one ended: the same address, the same person still signed in."""
        server = ServerProcess(self.environment, data_dir=self.data, port=self.server.port)
        self.server = self.servers.enter_context(server)
        if not self.client.cookie_header():
            self.client = signed_in_client(self.server)
        self.client.get("/")  # the token that forms need

    # What a person does.

    def ask(self, prompt: str) -> int:
        """Start a conversation; return the id of its turn."""
        return self.new_turn(lambda: self.client.post("/conversations/", {"prompt": prompt}))

    def go_on(self, turn: int, prompt: str) -> int:
        return self.new_turn(lambda: self.client.post(f"/sessions/{self.session(turn)}/turns/", {"prompt": prompt}))

    def fork(self, turn: int, prompt: str) -> int:
        return self.new_turn(lambda: self.client.post(f"/turns/{turn}/fork/", {"prompt": prompt}))

    def new_turn(self, act: Callable[[], Page]) -> int:
        before = {row[0] for row in self.query("SELECT id FROM sessions_app_turn")}
        answer = act()
        assert answer.status == 200, answer.text
        (new,) = {row[0] for row in self.query("SELECT id FROM sessions_app_turn")} - before
        return int(new)

    def stop(self, turn: int) -> float:
        """Press Stop as the page does; return the seconds until it was acknowledged."""
        session = self.session(turn)
        ((revision,),) = self.query("SELECT revision FROM sessions_app_session WHERE id = ?", session.hex)
        known = {f"revision-{session}": str(revision)}
        begin = time.monotonic()
        answer = self.client.post(f"/turns/{turn}/stop/", known, {"HX-Request": "true"})
        seconds = time.monotonic() - begin
        assert answer.status == 200, answer.text
        return seconds

    # What is kept.

    def query(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.data / "espalier.sqlite3", timeout=20)) as database:
            return database.execute(question, values).fetchall()

    def forget_transcript(self, turn: int, *, keep_prompt: bool) -> None:
        """Take away what a turn's agent has written down, but perhaps for the prompt and what the CLI says with it."""
        kept = "'user', 'attachment'" if keep_prompt else "''"
        with closing(sqlite3.connect(self.data / "espalier.sqlite3", timeout=20)) as database, database:
            database.execute(
                f"DELETE FROM sessions_app_transcriptentry WHERE turn_id = ? AND type NOT IN ({kept})",  # noqa: S608
                (turn,),
            )

    def status(self, turn: int) -> str:
        return str(self.query("SELECT status FROM sessions_app_turn WHERE id = ?", turn)[0][0])

    def why(self, turn: int) -> str:
        """The kind of its failure or interruption."""
        ((kind,),) = self.query("SELECT error_kind FROM sessions_app_turn WHERE id = ?", turn)
        return str(kind)

    def error(self, turn: int) -> str:
        return str(self.query("SELECT error FROM sessions_app_turn WHERE id = ?", turn)[0][0])

    def session(self, turn: int) -> uuid.UUID:
        return uuid.UUID(self.query("SELECT session_id FROM sessions_app_turn WHERE id = ?", turn)[0][0])

    def text(self, turn: int) -> str:
        rows = self.query("SELECT text FROM sessions_app_message WHERE turn_id = ? AND kind = 'text'", turn)
        return "".join(row[0] for row in rows)

    def messages(self, turn: int, kind: str) -> int:
        return len(self.query("SELECT 1 FROM sessions_app_message WHERE turn_id = ? AND kind = ?", turn, kind))

    def over(self, turn: int) -> bool:
        return self.status(turn) in FINAL

    def done(self, turn: int) -> None:
        until(lambda: self.over(turn))
        assert (self.status(turn), self.error(turn)) == ("done", "")

    def asked(self, turn: int) -> int:
        """Wait until the turn waits for a person; the request that it waits for."""
        waiting = "SELECT id FROM sessions_app_permissionrequest WHERE turn_id = ? AND state = 'pending' ORDER BY id"
        until(lambda: self.status(turn) == "waiting")
        return int(self.query(waiting, turn)[0][0])

    def state(self, request: int) -> str:
        """Of a permission request."""
        return str(self.query("SELECT state FROM sessions_app_permissionrequest WHERE id = ?", request)[0][0])

    def temporary(self) -> list[str]:
        return sorted(path.name for path in (self.data / "tmp").iterdir())

    # What runs.

    def processes(self) -> list[psutil.Process]:
        """All that was started for an agent of this data directory: it stands in their environment, many times."""
        found = []
        for process in psutil.process_iter():
            try:
                if str(self.data) in "".join(process.environ().values()) and not self.is_server(process):
                    found.append(process)
            except psutil.Error:
                continue  # it has ended, or is somebody else's
        return found

    def is_server(self, process: psutil.Process) -> bool:
        return "ESPALIER_DATA" in process.environ()

    def running(self, command: str) -> psutil.Process | None:
        """The agent's process that is `command`, word for word."""
        return next((process for process in self.processes() if " ".join(command_of(process)) == command), None)

    def cli(self) -> psutil.Process:
        """The one CLI there is."""
        (cli,) = [process for process in self.processes() if "stream-json" in command_of(process)]
        return cli

    # What the model was sent.

    def last_request(self, turn: int) -> list[dict[str, Any]]:
        session = str(self.session(turn))
        return [sent.messages for sent in self.model.requests if sent.session_id == session and sent.messages][-1]


def command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def allowing_commands(path: Path) -> str:
    """The CLI, for an agent that may run any command without asking."""
    path.write_text(f'#!/bin/sh\nexec {cli_path()} "$@" --allowedTools Bash\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@contextmanager
def new_scene(directory: Path, **environment: str) -> Iterator[Scene]:
    """A scene with its server running. Whatever a test leaves behind ends here, and is no longer its business."""
    with DemoModelThread(record=True, pace=0.0, scripts=SCRIPTS) as model, ExitStack() as servers:
        scene = Scene(model, directory, environment, servers)
        scene.start()
        try:
            yield scene
        finally:
            scene.server.kill()
            for process in scene.processes():
                process.kill()


def assert_valid(messages: list[dict[str, Any]]) -> None:
    """What the Messages API asks of a history: it begins and ends with a user, and every call has its result."""
    talk = [message for message in messages if message["role"] != "system"]
    assert talk[0]["role"] == talk[-1]["role"] == "user"
    for message, following in zip(talk, [*talk[1:], {"role": "", "content": []}], strict=True):
        assert message["role"] != following["role"]
        calls = {block["id"] for block in blocks(message) if block["type"] == "tool_use"}
        results = {block["tool_use_id"] for block in blocks(following) if block["type"] == "tool_result"}
        assert calls == results
        assert blocks(message)
        assert all(block["text"].strip() for block in blocks(message) if block["type"] == "text")


def blocks(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def said_to_model(messages: list[dict[str, Any]]) -> str:
    return json.dumps(messages)
