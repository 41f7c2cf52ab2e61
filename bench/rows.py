"""Rows as real use leaves them: turns with thinking, tools and Markdown, and the transcript entries behind them."""

import json
import random
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone

from sessions_app.models import Conversation, Message, MessageKind, MessageState, Session, TranscriptEntry, Turn, User
from tests.factories import make_conversation, make_project, make_session, make_user

PER_TURN = 5  # messages, unless said otherwise
ENTRIES = 9  # transcript entries of a further turn
WORDS = ("the", "endpoint", "returns", "a", "page", "of", "users", "and", "cursor", "for", "next", "unless", "none")
ANSWER = """## Step {number}: {words}

{words}, **{words}**, and `limit_{number}` in *each* request. {words}.

- {words}
- {words}, see [the guide](https://example.org/{number})

| Field | Type | Note |
| --- | --- | --- |
| `id_{number}` | uuid | {words} |
| `name` | text | {words} |

```python
def page_{number}(cursor: str | None = None, limit: int = {number}) -> Page:
    \"\"\"{words}.\"\"\"
    rows = User.objects.filter(pk__gt=cursor or 0).order_by("pk")[: limit + 1]
    return Page(rows[:limit], next_cursor=rows[limit].pk if len(rows) > limit else None)
```

{words}. {words}.
"""


def some_words(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=12)).capitalize()


def answer(number: int, chance: random.Random) -> str:
    """A page of Markdown; no two are alike, so that no cache flatters the figures."""
    pieces = ANSWER.replace("{number}", str(number)).split("{words}")
    return pieces[0] + "".join(some_words(chance) + piece for piece in pieces[1:])


def parts(number: int, chance: random.Random) -> list[dict[str, Any]]:
    """The messages of one turn, backwards: the answer, a command, a file changed, one read, thinking, a first word."""
    path = f"api/users_{number}.py"
    tool = {"kind": MessageKind.TOOL, "is_error": False}
    edit = {
        "file_path": path,
        "old_string": "\n".join(answer(number, chance).splitlines()[-6:]),
        "new_string": "\n".join(answer(number, chance).splitlines()[-6:]),
    }
    command = {"command": f"pytest -q tests/{number}"}
    lines = "\n".join(some_words(chance) for _ in range(40))
    return [
        {"kind": MessageKind.TEXT, "text": answer(number, chance)},
        {**tool, "tool": "Bash", "input": command, "text": f"{number} passed in 1.2 s\n" * 8},
        {**tool, "tool": "Edit", "input": edit, "text": "The file has been updated."},
        {**tool, "tool": "Read", "input": {"file_path": path}, "text": lines},
        {"kind": MessageKind.THINKING, "text": f"{some_words(chance)}. " * 6},
        {"kind": MessageKind.TEXT, "text": f"I will read `{path}` first. {some_words(chance)}."},
    ]


def make_tree(title: str) -> tuple[User, Conversation]:
    owner = make_user()
    return owner, make_conversation(make_project(owner), title=title)


def make_turns(session: Session, numbers: Sequence[int]) -> list[Turn]:
    now = timezone.now()
    rows = [
        Turn(session=session, conversation_id=session.conversation_id, number=number, status="done",
             prompt=f"Now do step {number} of the plan, and say what changed.", created_by_id=session.created_by_id,
             started_at=now, ended_at=now, model="claude-sonnet-4-5", cost_usd=Decimal("0.0123"), input_tokens=1200,
             cache_read_tokens=30_000, cache_write_tokens=900, output_tokens=640)
        for number in numbers
    ]  # fmt: skip
    return Turn.objects.bulk_create(rows)


def make_messages(turns: Sequence[Turn], per_turn: int = PER_TURN) -> None:
    now, done = timezone.now(), MessageState.DONE
    rows = []
    for turn in turns:
        # The answer comes first in parts(), so that a short turn has one too.
        messages = reversed(parts(turn.number, random.Random(turn.pk))[:per_turn])
        rows += [
            Message(turn=turn, position=position, state=done, ended_at=now, revision=1, **message)
            for position, message in enumerate(messages)
        ]
    Message.objects.bulk_create(rows, batch_size=500)


def make_entries(turns: Sequence[Turn]) -> None:
    """Transcript entries of about the size and number that the SDK stores for a further turn."""
    rows = []
    for turn in turns:
        for number in range(ENTRIES):
            name = str(uuid.uuid4())
            line = json.dumps({"type": "assistant", "uuid": name, "message": {"content": "x" * 300}, "n": number})
            rows.append(TranscriptEntry(session_id=turn.session_id, turn=turn, uuid=name, type="assistant", line=line))
    TranscriptEntry.objects.bulk_create(rows, batch_size=500)


def make_branch(conversation: Conversation, turns: int, *, per_turn: int = PER_TURN) -> tuple[Session, list[Turn]]:
    """A root of `turns` turns, with all that belongs to them."""
    session = make_session(conversation, title=f"A branch of {turns} turns")
    made = make_turns(session, range(1, turns + 1))
    make_messages(made, per_turn)
    make_entries(made)
    return session, made
