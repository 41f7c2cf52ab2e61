"""The socket: what it tells whom, and what it never tells."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from config.asgi import application
from sessions_app.live.consumer import NOT_SIGNED_IN, NOT_UNDERSTOOD
from sessions_app.live.log import LiveBlock, live_log
from sessions_app.models import MessageState, Session, TurnStatus, User
from sessions_app.rendering.stream import StreamingMarkdown
from sessions_app.services.prompts import send_prompt
from sessions_app.services.titles import rename_session
from tests.factories import make_conversation, make_message, make_project, make_session, make_turn, make_user
from tests.runs.world import in_thread

pytestmark = pytest.mark.django_db(transaction=True)
ORIGIN = "http://testserver"


class Page:
    """A browser page's end of the socket."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket

    async def show(self, **shown: Any) -> None:
        await self.socket.send_to(text_data=json.dumps(shown))

    async def receive(self) -> dict[str, Any]:
        return dict(json.loads(await self.socket.receive_from(timeout=3)))

    async def hears_nothing(self) -> bool:
        return bool(await self.socket.receive_nothing(timeout=0.3, interval=0.05))


def cookie_of(user: User | None) -> bytes:
    client = Client()
    if user is None:
        return b""
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}".encode()


async def open_page(user: User | None) -> tuple[Page, bool]:
    cookie = await in_thread(cookie_of, user)
    headers = [(b"host", b"testserver"), (b"origin", ORIGIN.encode()), (b"cookie", cookie)]
    socket = WebsocketCommunicator(application, "/live/", headers=headers)
    connected, _ = await socket.connect()
    page = Page(socket)
    if user is not None:
        assert await page.receive() == {"front": settings.FRONT_END}
    return page, connected


@pytest.fixture
async def owner(transactional_db: None) -> User:
    return await in_thread(make_user, "owner")


@pytest.fixture
async def session(owner: User) -> Session:
    def make() -> Session:
        session = make_session(make_conversation(make_project(owner)), title="Keep REST")
        make_message(make_turn(session, 1, prompt="What now?", revision=3), text="**Settled**", revision=3)
        Session.objects.filter(pk=session.pk).update(revision=3)
        return session

    return await in_thread(make)


@pytest.fixture
async def page(owner: User, session: Session) -> AsyncIterator[Page]:
    page, connected = await open_page(owner)
    assert connected
    yield page
    await page.socket.disconnect()


async def test_a_page_that_is_behind_gets_the_rows_it_lacks(page: Page, session: Session) -> None:
    await page.show(panes={str(session.pk): 2})
    rows = "".join((await page.receive())["rows"])
    assert f'id="head-{session.pk}"' in rows
    assert f'id="actions-{session.pk}"' in rows
    assert "What now?" in rows
    assert "<strong>Settled</strong>" in rows
    assert 'data-revision="3"' in rows


async def test_a_page_that_is_up_to_date_hears_nothing_until_something_changes(page: Page, session: Session) -> None:
    await page.show(panes={str(session.pk): 3})
    assert await page.hears_nothing()
    await in_thread(rename_session, session=session, title="A better name")
    rows = "".join((await page.receive())["rows"])
    assert "A better name" in rows
    assert "What now?" not in rows, "what did not change is not sent again"


async def test_a_prompt_sent_elsewhere_appears(page: Page, session: Session, owner: User) -> None:
    await page.show(panes={str(session.pk): 3})
    await in_thread(send_prompt, user=owner, session=session, prompt="From another window")
    rows = "".join((await page.receive())["rows"])
    assert "From another window" in rows
    assert 'data-turn="2"' in rows


async def test_text_is_heard_as_it_is_written_and_a_late_page_gets_all_of_it(
    page: Page, session: Session, owner: User
) -> None:
    turn = await in_thread(make_turn, session, 2, revision=4)
    message = await in_thread(make_message, turn, text="", state=MessageState.LIVE, revision=4)
    stream = StreamingMarkdown()
    await page.show(panes={str(session.pk): 4})
    live_log.open(session.pk, LiveBlock(message.pk, stream))
    try:
        stream.feed("Hello *wor")
        stream.frame()
        live_log.tell(session.pk)
        assert "Hello *wor" in (await page.receive())["ops"][str(message.pk)][0][2][0]
        stream.feed("ld*\n\n```python\nx = 1\n")
        stream.frame()
        live_log.tell(session.pk)
        assert "<em>world</em>" in str((await page.receive())["ops"])
        stream.feed("y = 2\n")
        stream.frame()
        live_log.tell(session.pk)
        (op,) = (await page.receive())["ops"][str(message.pk)]
        assert op == ["text", 1, len("x = 1\n"), "y = 2\n"], "an open code block costs only its new characters"

        late, _ = await open_page(owner)
        await late.show(panes={str(session.pk): 4})
        (kind, start, html), *more = (await late.receive())["ops"][str(message.pk)]
        assert (kind, start, more) == ("set", 0, [])
        assert "world" in html[0]
        assert "y = 2" in html[1]
        await late.socket.disconnect()
    finally:
        live_log.close(session.pk, message.pk)


async def test_a_page_that_lost_count_is_sent_the_message_anew(page: Page, session: Session) -> None:
    turn = await in_thread(make_turn, session, 2, revision=4)
    message = await in_thread(make_message, turn, text="", state=MessageState.LIVE, revision=4)
    stream = StreamingMarkdown()
    stream.feed("All of it")
    stream.frame()
    live_log.open(session.pk, LiveBlock(message.pk, stream))
    try:
        await page.show(panes={str(session.pk): 4})
        first = await page.receive()
        await page.socket.send_to(text_data=json.dumps({"resync": message.pk}))
        assert (await page.receive())["ops"] == first["ops"]
    finally:
        live_log.close(session.pk, message.pk)


async def test_a_home_page_and_an_outline_hear_of_a_change_in_a_tree(page: Page, session: Session, owner: User) -> None:
    await page.show(home=True, trees=[str(session.conversation_id)])
    first = "".join((await page.receive())["rows"])
    assert f'id="branch-{session.pk}"' in first
    await in_thread(send_prompt, user=owner, session=session, prompt="More")
    rows = "".join((await page.receive())["rows"])
    assert f'id="conversation-{session.conversation_id}"' in rows
    assert f'id="branch-{session.pk}"' in rows
    assert f'id="summary-{session.conversation_id}"' in rows


async def test_the_side_list_shows_a_new_branch_and_what_runs(page: Page, session: Session, owner: User) -> None:
    tree = str(session.conversation_id)
    await page.show(panes={str(session.pk): 3}, side=tree)
    assert 'data-status="idle"' in "".join((await page.receive())["rows"])
    await in_thread(make_turn, session, 2, status=TurnStatus.RUNNING)
    await in_thread(send_prompt, user=owner, session=session, prompt="And then?")
    said: list[str] = []
    while not any(f'id="side-{tree}"' in row for row in said):
        said += (await page.receive())["rows"]
    (side,) = (row for row in said if f'id="side-{tree}"' in row)
    assert 'data-status="running"' in side


async def test_a_stranger_hears_nothing_of_a_session_however_they_ask(session: Session) -> None:
    stranger = await in_thread(make_user, "stranger")
    page, _ = await open_page(stranger)
    message = await in_thread(make_message, await in_thread(make_turn, session, 2), state=MessageState.LIVE)
    stream = StreamingMarkdown()
    live_log.open(session.pk, LiveBlock(message.pk, stream))
    try:
        tree = str(session.conversation_id)
        await page.show(panes={str(session.pk): 0}, trees=[tree], side=tree, home=True)
        stream.feed("A secret")
        stream.frame()
        live_log.tell(session.pk)
        await in_thread(rename_session, session=session, title="Another secret")
        assert await page.hears_nothing()
    finally:
        live_log.close(session.pk, message.pk)
        await page.socket.disconnect()


async def test_a_page_that_is_not_signed_in_is_told_so_and_closed(transactional_db: None) -> None:
    page, _ = await open_page(None)
    assert (await page.socket.receive_output())["code"] == NOT_SIGNED_IN


@pytest.mark.parametrize(
    "rubbish",
    [
        "not json",
        "[]",
        '{"panes": []}',
        '{"panes": {"not-a-uuid": 1}}',
        json.dumps({"panes": {str(uuid.uuid4()): "x"}}),
        '{"trees": "x"}',
        '{"trees": [null]}',
        json.dumps({"panes": {str(uuid.uuid4()): 1 for _ in range(9)}}),
    ],
)
async def test_what_no_page_of_ours_would_say_closes_the_socket(owner: User, rubbish: str) -> None:
    page, _ = await open_page(owner)
    await page.socket.send_to(text_data=rubbish)
    closed = await page.socket.receive_output()
    assert (closed["type"], closed["code"]) == ("websocket.close", NOT_UNDERSTOOD)


async def test_a_page_that_leaves_is_forgotten(owner: User, session: Session) -> None:
    page, _ = await open_page(owner)
    await page.show(panes={str(session.pk): 3})
    await asyncio.sleep(0.2)
    assert session.pk in live_log.listeners
    await page.socket.disconnect()
    assert session.pk not in live_log.listeners
