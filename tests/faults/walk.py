"""A random walk: what people do over a streaming tree, what networks, agents and servers do to them, in any order."""

import signal
import time
from collections.abc import Callable
from random import Random

from tests.faults.prompts import ASKING_PROMPTS, LONG_STREAM, PROMPTS
from tests.faults.scene import Scene, command_of
from tests.faults.screens import Screen, Screens
from tests.support.client import Answer

PATIENCE = 180  # seconds until everything has come to rest
SECONDS_TO_FINISH = 8
MOST_ASKING, MOST_SCREENS, MOST_SESSIONS, MOST_QUEUED = 2, 7, 7, 6
WATCHED = 100  # words: five seconds
HTMX = {"HX-Request": "true"}
Step = Callable[[], str]


class Walk:
    """`log` says what was done. The same seed makes the same choices, as far as the same things can be chosen."""

    def __init__(self, scene: Scene, screens: Screens, seed: int) -> None:
        self.scene, self.screens, self.random = scene, screens, Random(seed)
        self.began = time.monotonic()
        self.log: list[str] = []
        self.server_logs: list[str] = []
        # When the server was killed.
        self.kills: list[float] = []
        self.prompts = 0
        self.steps: list[tuple[int, Step]] = [
            (2, self.start_tree),
            (7, self.send),
            (2, self.watch),
            (5, self.fork),
            (5, self.stop),
            (6, self.go_on),
            (8, self.answer),
            (2, self.always_allow),
            (3, self.fork_here),
            (4, self.change_queue),
            (3, self.reload),
            (3, self.open_window),
            (3, self.cut),
            (3, self.stall),
            (3, self.leave_or_return),
            (2, self.kill_cli),
            (2, self.kill_server),
            (1, self.restart_server),
        ]

    def begin(self) -> None:
        """A tree, and a screen of each kind that shows it."""
        self.note(self.start_tree())
        self.screens.open("/", far=False)
        for kind in ("branch", "tree", "requests"):
            self.open_page(kind)

    def go(self, steps: int) -> None:
        """So many steps. What cannot be done at the moment is passed over."""
        weights, choices = zip(*self.steps, strict=True)
        for _ in range(steps):
            while not (done := self.random.choices(choices, weights)[0]()):
                pass
            self.note(done)
            self.screens.wait(self.random.choice((0, 0, 0.3, 0.6, 1.5)))

    def take(self, *steps: Step) -> None:
        """These steps, each as soon as it can be taken."""
        for step in steps:
            begin = time.monotonic()
            while not (done := step()):
                assert time.monotonic() < begin + PATIENCE, f"there was never a moment to {step.__name__}"
                self.screens.wait(0.2)
            self.note(done)
            self.screens.wait(0.5)

    def note(self, done: str) -> None:
        self.log.append(f"{time.monotonic() - self.began:6.1f} s  {done}")

    def come_to_rest(self) -> None:
        """All connections good, all requests answered, all turns over."""
        self.screens.come_back()
        begin = time.monotonic()
        while self.ids("turn", "status IN ('queued', 'running', 'waiting')"):
            assert time.monotonic() < begin + PATIENCE, "some turns do not end"
            for request in self.ids("permissionrequest", "state = 'pending'"):
                self.post(f"/requests/{request}/", {"decision": self.random.choice(("allow", "deny"))})
            if time.monotonic() > begin + SECONDS_TO_FINISH:
                for turn in self.ids("turn", "status = 'running' AND stop_requested_at IS NULL"):
                    self.post(f"/turns/{turn}/stop/")
            self.screens.wait(0.4)
        self.note("at rest")

    # What people do.

    def start_tree(self) -> str:
        if len(self.sessions()) >= MOST_SESSIONS:
            return ""
        self.post("/conversations/", {"prompt": (prompt := self.prompt())}, htmx=False)
        return f"start: {prompt}"

    def send(self) -> str:
        if len(self.ids("turn", "status = 'queued'")) >= MOST_QUEUED:
            return ""
        session, prompt = self.random.choice(self.sessions()), self.prompt()
        screen = self.random.choice(self.screens.reachable())
        if self.screens.send(screen, session, prompt):
            return f"send on {screen}: {prompt}"
        self.post(f"/sessions/{session}/turns/", {"prompt": prompt})
        return f"send to {session}: {prompt}"

    def watch(self) -> str:
        """Start a stream and follow it for a while: longer than the death of a server may cost."""
        if len(self.sessions()) >= MOST_SESSIONS:
            return ""
        self.prompts += 1
        turn = self.scene.ask(f"{LONG_STREAM} (no. {self.prompts})")
        screen = self.screens.open(f"/sessions/{self.scene.session(turn)}/", far=False)
        begin = time.monotonic()
        while self.screens.words_of(screen) < WATCHED and time.monotonic() < begin + PATIENCE / 6:
            self.screens.wait(0.2)
        return f"watch turn {turn} until it has said {self.screens.words_of(screen)} words"

    def fork(self) -> str:
        over = self.ids("turn", "ended_at IS NOT NULL AND started_at IS NOT NULL")
        if not over or len(self.sessions()) >= MOST_SESSIONS:
            return ""
        turn, prompt = self.random.choice(over), self.prompt()
        self.post(f"/turns/{turn}/fork/", {"prompt": prompt})
        return f"fork turn {turn}: {prompt}"

    def stop(self) -> str:
        return self.act_on(self.ids("turn", "status IN ('queued', 'running', 'waiting')"), "/turns/{}/stop/")

    def go_on(self) -> str:
        ended = self.ids("turn", "status IN ('failed', 'interrupted') AND started_at IS NOT NULL")
        if not self.may_ask():
            return ""
        return self.act_on(ended[-3:], self.random.choice(("/turns/{}/retry/", "/turns/{}/resume/")))

    def answer(self) -> str:
        return self.decide("/requests/{}/")

    def fork_here(self) -> str:
        return "" if len(self.sessions()) >= MOST_SESSIONS else self.decide("/requests/{}/fork/")

    def always_allow(self) -> str:
        calls = self.ids("permissionrequest", "state = 'pending' AND kind = 'call'")
        return self.act_on(calls, "/requests/{}/always/", choice="0", scope="session")

    def decide(self, address: str) -> str:
        pending = self.ids("permissionrequest", "state = 'pending'")
        if not pending:
            return ""
        request = self.random.choice(pending)
        ((kind,),) = self.scene.query("SELECT kind FROM sessions_app_permissionrequest WHERE id = ?", request)
        answers: dict[str, list[dict[str, str]]] = {
            "call": [{"decision": "allow"}, {"decision": "deny", f"note-{request}": "Not today"}],
            "question": [{"decision": "answer", f"answer-{request}-0": "gRPC", f"own-{request}-1": "Search"}],
            "plan": [{"decision": "approve"}, {"decision": "revise", f"note-{request}": "Smaller steps"}],
        }
        return self.act_on([request], address, **self.random.choice([*answers[kind], {"decision": "deny"}]))

    def change_queue(self) -> str:
        queued = self.ids("turn", "status = 'queued' AND kind = 'prompt'")
        change = self.random.choice(("prompt", "up", "down", "withdraw"))
        fields = {"prompt": self.prompt()} if change == "prompt" else {}
        return self.act_on(queued, f"/turns/{{}}/{change}/", **fields)

    def act_on(self, choices: list[int], address: str, **fields: str) -> str:
        """Press the button on a screen that has it, or send the form as another window would."""
        if not choices:
            return ""
        address = address.format(self.random.choice(choices))
        said = " ".join(f"{name}={value}" for name, value in fields.items())
        screen = self.random.choice(self.screens.reachable())
        # A button with fields of its own is filled in by forms only.
        by_button = set(fields) <= {"decision"} and "fork" not in address and self.random.random() < 0.7
        if by_button and self.screens.press(screen, address, fields.get("decision", "")):
            return f"press {address} {said} on {screen}"
        answer = self.post(address, fields)
        return f"post {address} {said}: {answer.status}"

    def post(self, address: str, fields: dict[str, str] | None = None, *, htmx: bool = True) -> Answer:
        answer = self.scene.client.post(address, fields or {}, HTMX if htmx else {})
        # 409 and 422: somebody was faster. It is said in words, and is nobody's mistake.
        assert answer.status in (200, 204, 409, 422), f"{address}: {answer.status} {answer.text[:300]}"
        return answer

    # What happens to pages.

    def open_window(self) -> str:
        if len(self.screens.opened) >= MOST_SCREENS:
            return ""
        return self.open_page(self.random.choice(("branch", "branch", "tree", "compare", "home", "requests")))

    def open_page(self, kind: str) -> str:
        session, *others = self.random.sample(self.sessions(), len(self.sessions()))
        tree = self.tree_of(session)
        beside = [other for other in others if self.tree_of(other) == tree][:1]
        paths = {
            "home": "/",
            "requests": "/requests/",
            "tree": f"/conversations/{tree}/",
            "branch": f"/sessions/{session}/",
            "compare": "/compare/?" + "&".join(f"s={each}" for each in (session, *beside)),
        }
        if kind == "compare" and not beside:
            return ""
        far = not self.screens.stalled and self.random.random() < 0.5
        return f"open {self.screens.open(paths[kind], far=far)}"

    def reload(self) -> str:
        screen = self.random.choice(self.screens.reachable())
        screen.page.reload()
        return f"reload {screen}"

    def cut(self) -> str:
        return f"cut {self.screens.proxy.cut()} connections"

    def stall(self) -> str:
        self.screens.stall(not self.screens.stalled)
        return "stall the line" if self.screens.stalled else "release the line"

    def leave_or_return(self) -> str:
        gone = [screen for screen in self.screens.opened if screen.away]
        screen: Screen = gone[0] if gone else self.random.choice(self.screens.opened[1:])
        self.screens.go_away(screen, not screen.away)
        return f"{'leave' if screen.away else 'return to'} {screen}"

    # What happens to agents and servers.

    def kill_cli(self) -> str:
        agents = [process for process in self.scene.processes() if "stream-json" in command_of(process)]
        if not agents:
            return ""
        agent = self.random.choice(agents)
        agent.kill()
        return f"kill agent {agent.pid} of {len(agents)}"

    def kill_server(self) -> str:
        self.kills.append(time.time())
        self.scene.server.kill()
        return self.start_again("kill")

    def restart_server(self) -> str:
        self.scene.server.stop(signal.SIGTERM)
        return self.start_again("stop")

    def start_again(self, how: str) -> str:
        self.server_logs.append(self.scene.server.log())
        self.screens.wait(self.random.choice((0, 0.5)))
        self.scene.start()
        return f"{how} the server and start it again"

    # What there is.

    def ids(self, table: str, condition: str) -> list[int]:
        rows = self.scene.query(f"SELECT id FROM sessions_app_{table} WHERE {condition} ORDER BY id")  # noqa: S608
        return [int(row[0]) for row in rows]

    def sessions(self) -> list[str]:
        rows = self.scene.query("SELECT id FROM sessions_app_session ORDER BY created_at")
        return [dashed(row[0]) for row in rows]

    def tree_of(self, session: str) -> str:
        question = "SELECT conversation_id FROM sessions_app_session WHERE id = ?"
        return dashed(self.scene.query(question, session.replace("-", ""))[0][0])

    def may_ask(self) -> bool:
        """Turns that wait hold a process each, beside those that run."""
        unfinished = "SELECT prompt, kind FROM sessions_app_turn WHERE status IN ('queued', 'running', 'waiting')"
        asking = [kind for prompt, kind in self.scene.query(unfinished) if kind == "resume" or asks(prompt)]
        return len(asking) < MOST_ASKING

    def prompt(self) -> str:
        """None is used twice: it is known by its number."""
        self.prompts += 1
        words = self.random.choice((*PROMPTS, *ASKING_PROMPTS) if self.may_ask() else PROMPTS)
        return f"{words} (no. {self.prompts})"


def asks(prompt: str) -> bool:
    return prompt.startswith(ASKING_PROMPTS)


def dashed(key: str) -> str:
    return f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"
