"""The round: what pages missed, and what they may no longer see."""

from collections.abc import AsyncIterator

import pytest
from django.contrib.sessions.models import Session as Login
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_app.live.consumer import NOT_SIGNED_IN
from sessions_app.live.log import LiveBlock, live_log
from sessions_app.live.rounds import find, rounds
from sessions_app.models import Conversation, Membership, MessageState, Session, User
from sessions_app.rendering.stream import StreamingMarkdown
from tests.factories import make_conversation, make_message, make_project, make_session, make_turn, make_user
from tests.live.test_consumer import Page, open_page
from tests.runs.world import in_thread

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def owner(transactional_db: None) -> User:
    return await in_thread(make_user, "owner")


@pytest.fixture
async def session(owner: User) -> Session:
    return await in_thread(lambda: make_session(make_conversation(make_project(owner)), title="Keep REST"))


@pytest.fixture
async def page(owner: User) -> AsyncIterator[Page]:
    page, connected = await open_page(owner)
    assert connected
    yield page
    await page.socket.disconnect()


def rename_without_a_ring(session: Session, title: str) -> None:
    Session.objects.filter(pk=session.pk).update(title=title, revision=session.revision + 1)


async def settle(page: Page) -> None:
    """Until the page has all there is."""
    while not await page.socket.receive_nothing(timeout=0.8, interval=0.05):
        await page.receive()


async def test_what_a_lost_ring_would_have_said_comes_with_the_round(page: Page, session: Session) -> None:
    await page.show(panes={str(session.pk): 1})
    assert await page.hears_nothing()
    await in_thread(rename_without_a_ring, session, "A better name")
    assert await page.hears_nothing()
    await rounds.go()
    assert "A better name" in "".join((await page.receive())["rows"])


async def test_a_tree_and_a_home_page_get_what_they_missed(page: Page, owner: User, session: Session) -> None:
    tree = str(session.conversation_id)
    await page.show(trees=[tree], side=tree)
    await settle(page)
    home, _ = await open_page(owner)
    await home.show(home=True)
    await settle(home)
    await in_thread(rename_without_a_ring, session, "A better name")
    touch = Conversation.objects.filter(pk=session.conversation_id).update
    await in_thread(lambda: touch(touched_at=timezone.now(), title="A better tree"))
    await rounds.go()
    assert "A better name" in "".join((await page.receive())["rows"])
    assert "A better tree" in "".join((await home.receive())["rows"])
    await home.socket.disconnect()


async def test_the_round_says_nothing_where_nothing_changed(page: Page, session: Session) -> None:
    tree = str(session.conversation_id)
    await page.show(panes={str(session.pk): 1}, trees=[tree], side=tree)
    await settle(page)
    for _ in range(2):
        await rounds.go()
        assert await page.hears_nothing()


async def test_who_lost_the_project_hears_no_more_of_it(page: Page, session: Session) -> None:
    message = await in_thread(lambda: make_message(make_turn(session), text="", state=MessageState.LIVE))
    stream = StreamingMarkdown()
    live_log.open(session.pk, LiveBlock(message.pk, stream))
    try:
        await page.show(panes={str(session.pk): 1})
        stream.feed("For members")
        stream.frame()
        live_log.tell(session.pk)
        assert "For members" in str((await page.receive())["ops"])
        await in_thread(lambda: Membership.objects.all().delete())
        await rounds.go()
        stream.feed(" and for nobody else")
        stream.frame()
        live_log.tell(session.pk)
        assert await page.hears_nothing()
    finally:
        live_log.close(session.pk, message.pk)


async def test_who_signed_out_elsewhere_is_told(owner: User, session: Session) -> None:
    page, _ = await open_page(owner)
    await page.show(panes={str(session.pk): 1})
    assert await page.hears_nothing()
    await in_thread(lambda: Login.objects.all().delete())
    await rounds.go()
    closed = await page.socket.receive_output()
    assert (closed["code"], closed["reason"]) == (NOT_SIGNED_IN, "no longer signed in")
    await page.socket.disconnect()


async def test_a_round_asks_the_same_few_questions_for_any_number_of_pages(owner: User, session: Session) -> None:
    pages = [(await open_page(owner))[0] for _ in range(12)]
    for page in pages:
        tree = str(session.conversation_id)
        await page.show(panes={str(session.pk): 1}, trees=[tree], side=tree, home=True)
        await settle(page)
    sockets = list(rounds.sockets)
    assert len(sockets) == len(pages)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            find([socket.shown for socket in sockets], {socket.login for socket in sockets}, {owner.pk}, timezone.now())
        return len(queries)

    assert await in_thread(count) <= 6
    for page in pages:
        await page.socket.disconnect()
    assert not rounds.sockets
