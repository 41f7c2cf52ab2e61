"""The session store: the SDK's own contract, and what is ours beyond it."""

import uuid

import pytest
from asgiref.sync import sync_to_async
from claude_agent_sdk import SessionKey
from claude_agent_sdk.testing import run_session_store_conformance

from sessions_app.agents.session_store import DjangoSessionStore, has_history, load_history
from sessions_app.models import Session, TranscriptEntry, Turn, TurnKind
from tests.factories import make_conversation, make_session, make_turn

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.both_databases,
    pytest.mark.usefixtures("shared_thread"),
]


async def empty_store() -> DjangoSessionStore:
    await TranscriptEntry.objects.all().adelete()
    return DjangoSessionStore()  # type: ignore[abstract]


async def test_it_passes_the_sdks_conformance_suite() -> None:
    await run_session_store_conformance(empty_store)


async def test_a_uuid_names_a_session_whatever_the_project_key() -> None:
    store, session = await empty_store(), str(uuid.uuid4())
    await store.append({"project_key": "here", "session_id": session}, [{"type": "user", "uuid": "a"}])
    assert await store.load({"project_key": "elsewhere", "session_id": session}) == [{"type": "user", "uuid": "a"}]


async def test_an_append_that_is_repeated_is_stored_once() -> None:
    store = await empty_store()
    key: SessionKey = {"project_key": "p", "session_id": str(uuid.uuid4())}
    await store.append(key, [{"type": "user", "uuid": "a"}])
    await store.append(key, [{"type": "user", "uuid": "a"}, {"type": "assistant", "uuid": "b"}])
    assert [entry["uuid"] for entry in await store.load(key) or []] == ["a", "b"]


async def test_nul_characters_and_other_oddities_come_back_as_they_went_in() -> None:
    store = await empty_store()
    key: SessionKey = {"project_key": "p", "session_id": str(uuid.uuid4())}
    odd = {"type": "user", "uuid": "a", "text": "\x00 \U0001f333 \u2028 </script>"}
    await store.append(key, [odd])  # type: ignore[list-item]
    assert await store.load(key) == [odd]


def write(session: Session, turn: Turn, *types: str) -> None:
    for kind in types:
        name = f"{kind} {turn.number} {session.title}"
        TranscriptEntry.objects.create(session=session, turn=turn, type=kind, line=f'{{"type":"{kind}","is":"{name}"}}')


def names(session: Session) -> list[str]:
    return [entry["is"] for entry in load_history(session.pk) or []]  # type: ignore[typeddict-item]


def make_three_levels() -> tuple[Session, Session, Session]:
    conversation = make_conversation()
    root = make_session(conversation, title="root")
    first, second = make_turn(root, 1), make_turn(root, 2)
    write(root, first, "user", "assistant", "cost-state", "prompt_snapshot")
    write(root, second, "user", "assistant")
    child = make_session(conversation, title="child", forked_from=first)
    turn = make_turn(child, 2)
    write(child, turn, "user", "assistant", "last-prompt")
    grandchild = make_session(conversation, title="grandchild", forked_from=turn)
    return root, child, grandchild


async def test_a_fork_loads_its_path_cut_at_each_fork_without_running_totals() -> None:
    root, child, grandchild = await sync_to_async(make_three_levels)()
    inherited = ["user 1 root", "assistant 1 root", "prompt_snapshot 1 root"]
    own = ["user 2 child", "assistant 2 child", "last-prompt 2 child"]
    assert await sync_to_async(names)(root) == [*inherited, "user 2 root", "assistant 2 root"]
    assert await sync_to_async(names)(child) == [*inherited, *own]
    assert await sync_to_async(names)(grandchild) == [*inherited, *own]


async def test_a_branch_has_a_history_once_anybody_on_its_path_said_something() -> None:
    root, child, grandchild = await sync_to_async(make_three_levels)()
    fresh = await sync_to_async(lambda: make_session(root.conversation, title="fresh"))()
    for session, expected in ((root, True), (child, True), (grandchild, True), (fresh, False)):
        assert await sync_to_async(has_history)(session.pk) is expected


def make_retried() -> tuple[Session, Session, Session]:
    """A root whose first turn was retried twice, and forks of it: at the first retry, and at the last."""
    root = make_session(make_conversation(), title="root")
    turns: list[Turn] = []
    for number in (1, 2, 3):
        kind, retry_of = (TurnKind.RETRY, turns[-1]) if turns else (TurnKind.PROMPT, None)
        turns.append(make_turn(root, number, kind=kind, retry_of=retry_of))
        write(root, turns[-1], "user", "assistant")
    middle, last = (make_session(root.conversation, forked_from=turn) for turn in turns[1:])
    return root, middle, last


async def test_a_retried_turn_is_left_out_where_its_retry_is_part_of_the_path() -> None:
    root, middle, last = await sync_to_async(make_retried)()
    assert await sync_to_async(names)(root) == ["user 3 root", "assistant 3 root"]
    assert await sync_to_async(names)(middle) == ["user 2 root", "assistant 2 root"]
    assert await sync_to_async(names)(last) == ["user 3 root", "assistant 3 root"]


def make_retry_that_said_nothing() -> Session:
    session = make_session(make_conversation(), title="root")
    turn = make_turn(session, 1)
    write(session, turn, "user", "assistant")
    TranscriptEntry.objects.create(session=session, turn=turn, subpath="subagents/agent-1", type="user", line="{}")
    make_turn(session, 2, kind=TurnKind.RETRY, retry_of=turn)
    return session


async def test_a_first_turn_that_is_retried_leaves_no_history_to_resume() -> None:
    session = await sync_to_async(make_retry_that_said_nothing)()
    assert await sync_to_async(load_history)(session.pk) is None
    assert not await sync_to_async(has_history)(session.pk)
    store = await empty_store()
    assert await store.list_subkeys({"project_key": "p", "session_id": str(session.pk)}) == []
