"""Start, stop, tempo, the thread and the command line."""

import asyncio
import contextlib
import signal
import subprocess
import sys
import time
from urllib.request import Request, urlopen

import aiohttp
import pytest

from sessions_app.demo_model.reply import say
from sessions_app.demo_model.scripts import script
from sessions_app.demo_model.scripts.tempo import numbered_words
from sessions_app.demo_model.server import DemoModel
from sessions_app.demo_model.thread import DemoModelThread
from tests.demo_model.wire import Api


@pytest.mark.parametrize("prompt", ["Stall mid-answer", "Wait 60 s before answering", "Stream 5 deltas/s for 60 s"])
async def test_it_stops_within_a_second_with_open_streams(prompt: str) -> None:
    model = DemoModel(pace=0)
    await model.start()

    async def read() -> None:
        async with aiohttp.ClientSession() as session:
            async for _ in Api(session, model.url).events(prompt):
                pass

    readers = [asyncio.create_task(read()) for _ in range(3)]
    await asyncio.sleep(0.2)
    began = time.monotonic()
    await model.stop()
    assert time.monotonic() - began < 1
    outcomes = await asyncio.wait_for(asyncio.gather(*readers, return_exceptions=True), 2)
    assert all(isinstance(outcome, aiohttp.ClientError) for outcome in outcomes)
    await model.stop()


async def test_it_installs_no_signal_handlers() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    model = DemoModel()
    await model.start()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before
    await model.stop()


async def test_a_port_that_is_taken_is_an_os_error(model: DemoModel) -> None:
    port = int(model.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        await DemoModel(port=port).start()


async def test_a_client_that_leaves_ends_its_stream(model: DemoModel) -> None:
    before = len(asyncio.all_tasks())
    async with aiohttp.ClientSession() as session:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                async for _ in Api(session, model.url).events("Stall mid-answer"):
                    pass
    await asyncio.sleep(0.2)
    assert len(asyncio.all_tasks()) <= before


async def test_an_exact_stream_keeps_its_rate_whatever_the_pace(api: Api) -> None:
    began = time.monotonic()
    times: list[float] = []
    words: list[str] = []
    async for event in api.events("Stream 50 deltas/s for 2 s"):
        if event["type"] == "content_block_delta":
            times.append(time.monotonic() - began)
            words.append(event["delta"]["text"])
    assert len(words) == 100
    assert "".join(words) == numbered_words(100)
    assert words[0].strip() == "w0001"
    assert words[39] == "w0040\n\n"
    assert words[-1] == "w0100"
    # The last word is due at 2.00 s; a schedule that drifts by the cost of its writes would be late.
    assert 1.98 < times[-1] < 2.25


async def test_an_ordinary_stream_takes_a_few_seconds_and_is_scaled_by_pace() -> None:
    model = DemoModel(pace=0.1)
    await model.start()
    began = time.monotonic()
    async with aiohttp.ClientSession() as session:
        async for _ in Api(session, model.url).events("Help me design a REST API for a user management system"):
            pass
    assert 0.4 < time.monotonic() - began < 1.2
    await model.stop()


async def test_a_wait_is_kept_before_the_first_byte(api: Api) -> None:
    began = time.monotonic()
    assert await api.text("Wait 0.5 s before answering")
    assert 0.5 <= time.monotonic() - began < 1.5


async def test_a_huge_answer_is_at_least_200_kb(api: Api) -> None:
    assert len(await api.text("Give a huge answer")) >= 200_000


async def test_own_scripts_replace_the_default_ones_and_the_rest_falls_back() -> None:
    model = DemoModel(pace=0, scripts=[script("mine", r"\bping\b", lambda request: say(f"pong {request.step}"))])
    await model.start()
    async with aiohttp.ClientSession() as session:
        api = Api(session, model.url)
        assert await api.text("PING please") == "pong 0"
        assert "demo" in await api.text("Refuse this")
    await model.stop()


def test_the_thread_serves_tests_that_are_not_coroutines() -> None:
    with DemoModelThread() as model:
        data = b'{"model": "m", "messages": [{"role": "user", "content": "Give a plain answer"}]}'
        with urlopen(Request(f"{model.url}/v1/messages", data=data)) as response:  # noqa: S310
            assert b"plain answer" in response.read()
        assert [request.prompt for request in model.requests] == ["Give a plain answer"]
        model.forget()
        assert model.requests == []


def test_the_thread_reports_a_port_that_is_taken() -> None:
    with DemoModelThread() as model:
        port = int(model.url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), DemoModelThread(port=port):
            pass


def test_it_runs_on_its_own_and_prints_its_address() -> None:
    command = [sys.executable, "-m", "sessions_app.demo_model", "--pace", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().split()[-1]
        with urlopen(url) as response:  # noqa: S310
            assert response.status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(5) == 0
