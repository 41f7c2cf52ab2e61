"""When something cannot be stored: the turn says so, keeps what it has, and never stays running.

With SQLite, which can be made to refuse and to be full for real.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.backends.signals import connection_created

from sessions_app.agents.failures import is_disk_full
from sessions_app.models import Message, Turn, TurnStatus
from tests.runs.world import World, in_thread

pytestmark = [pytest.mark.django_db(transaction=True)]


def sql(statement: str) -> Any:
    with connection.cursor() as cursor:
        return cursor.execute(statement).fetchone()


@contextmanager
def room_for(limit: int) -> Iterator[None]:
    """Databases that are opened now hold no more than so many pages: then they are "database or disk is full"."""

    def fill(**signal: Any) -> None:
        with signal["connection"].cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {limit}")

    connection_created.connect(fill)
    try:
        yield
    finally:
        connection_created.disconnect(fill)


async def test_a_full_disk_ends_the_turn_and_says_so_and_with_room_again_the_branch_goes_on(world: World) -> None:
    (pages,) = await in_thread(sql, "PRAGMA page_count")
    with room_for(pages + 40):
        session = await world.start("Give a huge answer")
        turn = await world.turn(session, 1)
    assert (turn.status, turn.error_kind) == (TurnStatus.FAILED, "disk_full")
    assert not await in_thread(Message.objects.filter(turn=turn, state="live").exists)
    await world.send(session, "Hello again")
    assert (await world.turn(session, 2)).status == TurnStatus.DONE


def test_a_full_disk_is_known_by_what_the_system_and_the_database_say() -> None:
    with pytest.raises(OSError, match="No space left") as full, Path("/dev/full").open("wb", buffering=0) as device:
        device.write(b"x")
    assert is_disk_full(full.value)
    with pytest.raises(OperationalError) as refused:
        sql("SELECT * FROM nowhere")
    assert not is_disk_full(refused.value)


@pytest.fixture
def refusing(transactional_db: None) -> Iterator[list[str]]:
    """Triggers to be dropped again."""
    names: list[str] = []
    yield names
    for name in names:
        sql(f"DROP TRIGGER IF EXISTS {name}")


async def test_a_transcript_that_cannot_be_stored_fails_the_turn(world: World, refusing: list[str]) -> None:
    refusing.append("no_entries")
    refuse = "BEGIN SELECT RAISE(ABORT, 'not today'); END"
    await in_thread(sql, f"CREATE TRIGGER no_entries BEFORE INSERT ON sessions_app_transcriptentry {refuse}")
    session = await world.start("Give a plain answer")
    turn = await world.turn(session, 1)
    assert (turn.status, turn.error_kind) == (TurnStatus.FAILED, "store_failed")
    assert await in_thread(Message.objects.filter(turn=turn, kind="text", state="done").exists)

    await in_thread(sql, "DROP TRIGGER no_entries")
    await world.send(session, "Hello again")
    assert (await world.turn(session, 2)).status == TurnStatus.DONE


async def test_a_turn_whose_end_cannot_be_written_is_ended_when_it_can(world: World, refusing: list[str]) -> None:
    refusing.append("no_ends")
    await in_thread(
        sql,
        "CREATE TRIGGER no_ends BEFORE UPDATE OF status ON sessions_app_turn WHEN NEW.ended_at IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'not today'); END",
    )
    session = await world.start("stream 20 deltas/s for 1 s", wait=False)
    await world.running(session, 1, saying="w0020")
    await world.until(lambda: not world.pool.runners)
    assert await in_thread(Turn.objects.filter(session=session, status=TurnStatus.RUNNING).exists)

    await in_thread(sql, "DROP TRIGGER no_ends")
    await world.settled(session)
    turn = await world.turn(session, 1)
    assert (turn.status, turn.error_kind) == (TurnStatus.INTERRUPTED, "end_lost")
    assert await in_thread(Message.objects.filter(turn=turn, text__contains="w0020").exists)
