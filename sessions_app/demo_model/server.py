"""The scripted model's HTTP server: the routes of the Messages API, recording of requests, start and stop."""

import asyncio
import json
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sessions_app.demo_model.answering import Attempts, answer, structured
from sessions_app.demo_model.catalogue import DEFAULT_SCRIPTS
from sessions_app.demo_model.reply import Answer, Failure, Reply
from sessions_app.demo_model.request import ModelRequest, parse
from sessions_app.demo_model.scripts import Script
from sessions_app.demo_model.stream import CutError, events, message
from sessions_app.demo_model.usage import input_tokens

MODELS = ("claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5")
MAX_REQUEST = 64 << 20  # bytes
MAX_RECORDED = 1000
SECRET_HEADERS = frozenset({"authorization", "x-api-key", "cookie", "proxy-authorization"})
SHUTDOWN = 0.1  # seconds an open stream may take to end by itself


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as it arrived: `at` is monotonic seconds, header names are lower case, secrets are left out."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    at: float

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation that was sent."""
        return list(self.body.get("messages") or ())

    @property
    def model(self) -> str:
        """The model that was asked for."""
        return str(self.body.get("model", ""))

    @property
    def prompt(self) -> str:
        """What a person asked last, without what the CLI adds."""
        return parse(self.body).prompt

    @property
    def session_id(self) -> str:
        """The agent session that sent it, "" when the client does not say."""
        return self.headers.get("x-claude-code-session-id", "")


class DemoModel:
    """A Messages API on `url` that answers from `scripts`.

    `pace` scales every pause that the prompt did not spell out: 0 is as fast as possible, 2 is half the speed. It may
    be changed at any time, also for answers that are under way.
    With `record`, the last requests to `/v1/messages` are kept in `requests`. It lives in the caller's event loop
    and installs no signal handlers. `start` raises OSError when the port is taken.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        record: bool = False,
        pace: float = 1.0,
        scripts: Sequence[Script] = DEFAULT_SCRIPTS,
    ) -> None:
        self.pace = pace
        self._host = host
        self._port = port
        self._record = record
        self._scripts = scripts
        self._attempts = Attempts()
        self._recorded: deque[RecordedRequest] = deque(maxlen=MAX_RECORDED)
        self._lock = threading.Lock()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """The address to give as ANTHROPIC_BASE_URL. Known after `start`."""
        return f"http://{self._host}:{self._port}"

    @property
    def requests(self) -> list[RecordedRequest]:
        """A copy of what was recorded, oldest first. Safe from any thread."""
        with self._lock:
            return list(self._recorded)

    def forget(self) -> None:
        """Drop what was recorded."""
        with self._lock:
            self._recorded.clear()

    async def start(self) -> None:
        """Listen. With port 0 the system picks a free port."""
        app = web.Application(client_max_size=MAX_REQUEST)
        app.router.add_post("/v1/messages", self._messages)
        app.router.add_post("/v1/messages/count_tokens", self._count_tokens)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_get("/v1/models/{model}", self._show_model)
        app.router.add_get("/", self._hello)
        app.router.add_get("/api/hello", self._hello)  # the CLI probes it before its first request
        app.router.add_route("*", "/{rest:.*}", self._unknown)
        runner = web.AppRunner(
            app, handle_signals=False, access_log=None, shutdown_timeout=SHUTDOWN, handler_cancellation=True
        )
        await runner.setup()
        site = web.TCPSite(runner, self._host, self._port)
        try:
            await site.start()
        except BaseException:
            await runner.cleanup()
            raise
        self._port = runner.addresses[0][1]
        self._runner = runner

    async def stop(self) -> None:
        """Close the port and every open stream, in well under a second. Harmless when not started."""
        runner, self._runner = self._runner, None
        if runner:
            await runner.cleanup()

    async def _messages(self, http: web.Request) -> web.StreamResponse:
        body = await self._body(http)
        if isinstance(body, Failure):
            return refuse(body)
        session = http.headers.get("x-claude-code-session-id", "")
        request = parse(body, attempt=self._attempts.count(session, body["messages"]))
        reply = structured(request) or answer(request, self._scripts)
        await self._wait(reply)
        if isinstance(reply, Failure):
            return refuse(reply)
        if body.get("stream"):
            return await self._stream(http, request, reply)
        return await self._at_once(http, request, reply)

    async def _wait(self, reply: Answer) -> None:
        tempo = reply.tempo if isinstance(reply, Reply) else None
        if tempo:
            await asyncio.sleep(tempo.wait * (1.0 if tempo.exact else self.pace))

    async def _stream(self, http: web.Request, request: ModelRequest, reply: Reply) -> web.StreamResponse:
        headers = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(http)
        try:
            async for event in events(request, reply, pace=lambda: self.pace):
                await response.write(event)
        except CutError:
            cut(http)
        except ConnectionError:
            pass  # the client has gone: nobody is left to tell
        return response

    async def _at_once(self, http: web.Request, request: ModelRequest, reply: Reply) -> web.StreamResponse:
        if not reply.breakage:
            return web.json_response(message(request, reply))
        if reply.breakage.how == "error":
            return refuse(Failure(529, "overloaded_error", "Overloaded"))
        if reply.breakage.how == "stall":
            await asyncio.Event().wait()
        cut(http)
        return web.Response()

    async def _count_tokens(self, http: web.Request) -> web.StreamResponse:
        body = await self._body(http)
        return refuse(body) if isinstance(body, Failure) else web.json_response({"input_tokens": input_tokens(body)})

    async def _body(self, http: web.Request) -> dict[str, Any] | Failure:
        """The JSON body, recorded and checked as far as the real API would before it answers."""
        try:
            body = json.loads(await http.read())
        except web.HTTPRequestEntityTooLarge:
            return Failure(413, "request_too_large", "Request exceeds the maximum size")
        except ValueError:
            return Failure(400, "invalid_request_error", "The request body is not valid JSON")
        failure = check(body)
        if self._record and isinstance(body, dict):
            self._remember(http, body)
        return failure or body

    def _remember(self, http: web.Request, body: dict[str, Any]) -> None:
        headers = {name.lower(): value for name, value in http.headers.items() if name.lower() not in SECRET_HEADERS}
        with self._lock:
            self._recorded.append(RecordedRequest(http.method, http.path, headers, body, time.monotonic()))

    async def _list_models(self, http: web.Request) -> web.StreamResponse:
        data = [describe(model) for model in MODELS]
        return web.json_response({"data": data, "first_id": MODELS[0], "last_id": MODELS[-1], "has_more": False})

    async def _show_model(self, http: web.Request) -> web.StreamResponse:
        model = http.match_info["model"]
        return refuse(no_such_model(model)) if "nonexistent" in model else web.json_response(describe(model))

    async def _hello(self, http: web.Request) -> web.StreamResponse:
        return web.json_response({"message": "This is the scripted demo model."})

    async def _unknown(self, http: web.Request) -> web.StreamResponse:
        return refuse(Failure(404, "not_found_error", f"Not found: {http.method} {http.path}"))


def check(body: object) -> Failure | None:
    """What the real API would refuse before it answers, or None."""
    if not isinstance(body, dict):
        return Failure(400, "invalid_request_error", "The request body is not a JSON object")
    for field, kind in (("model", str), ("messages", list)):
        if not body.get(field) or not isinstance(body[field], kind):
            return Failure(400, "invalid_request_error", f"{field}: Field required")
    if not all(isinstance(message, dict) for message in body["messages"]):
        return Failure(400, "invalid_request_error", "messages: Input should be a list of objects")
    return no_such_model(body["model"]) if "nonexistent" in body["model"] else None


def no_such_model(model: str) -> Failure:
    """The API's answer to a model name it does not know."""
    return Failure(404, "not_found_error", f"model: {model}")


def describe(model: str) -> dict[str, str]:
    """A model as `/v1/models` lists it."""
    name = model.replace("-", " ").title()
    return {"type": "model", "id": model, "display_name": name, "created_at": "2025-09-29T00:00:00Z"}


def refuse(failure: Failure) -> web.Response:
    """A failure as an HTTP response."""
    return web.json_response(failure.body, status=failure.status, headers=failure.headers)


def cut(http: web.Request) -> None:
    """Close the connection after what was written, without the end that HTTP would need."""
    if http.transport:
        http.transport.close()
