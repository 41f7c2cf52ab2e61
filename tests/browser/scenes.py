"""Scenes that `stage` can set: what a server holds before a browser looks at it."""

from django.db import transaction

from sessions_app.models import Message, MessageKind, MessageState, Project, Session, Turn, TurnStatus
from sessions_app.rendering.failures import failure
from tests.factories import make_conversation, make_message, make_session, make_turn
from tests.rendering.hostile import HOSTILE, SHORT_HOSTILE

MAX_TITLE = 200
FAR, PER_TURN = 5000, 8
LONG = [each for each in HOSTILE if each not in SHORT_HOSTILE]


USAGE_LIMIT: dict[str, object] = {"limit": "The 5-hour limit of this login", "reset": "on 26 Nov at 20:45 UTC"}


def stored(text: str) -> str:
    """As the services keep it: databases refuse NUL and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def title(text: str) -> str:
    return stored(text)[:MAX_TITLE] or "Untitled"


def tool(turn: Turn, position: int, text: str) -> Message:
    """A call whose name, command, other arguments and output are all `text`."""
    return make_message(
        turn,
        position,
        kind=MessageKind.TOOL,
        tool=text[:MAX_TITLE] if position == 1 else "Bash",
        tool_use_id=f"{turn.pk}-{position}",
        input={"command": text, "file_path": text, "description": text, text[:80]: text},
        is_error=False,
        text=text,
    )


def speak(turn: Turn, text: str) -> None:
    """Every kind of message with the same words."""
    make_message(turn, 0, text=text)
    tool(turn, 1, text)
    tool(turn, 2, text)
    make_message(turn, 3, kind=MessageKind.THINKING, text=text)
    make_message(turn, 4, kind=MessageKind.NOTICE, text=text)


def one_tree(texts: list[str]) -> list[Session]:
    """A tree named after the first text; a root with a turn per text, and a fork named after each."""
    project = Project.objects.get()
    tree = make_conversation(project, title=title(texts[0]))
    root = make_session(tree, title=title(texts[0]))
    sessions = [root]
    for number, text in enumerate(texts, start=1):
        turn = make_turn(root, number, prompt=text, status=TurnStatus.FAILED, error=text, model=title(text)[:100])
        speak(turn, text)
        sessions.append(make_session(tree, title=title(text), forked_from=turn))
    return sessions


@transaction.atomic
def short_hostile() -> list[Session]:
    """Each text as prompt, title, answer, thinking, notice, tool call, tool output and error of one long branch."""
    return one_tree([stored(each.text) for each in SHORT_HOSTILE])


@transaction.atomic
def hostile_trees() -> list[Session]:
    """A tree per text, so that each is a title in every place where titles stand."""
    return [session for each in SHORT_HOSTILE for session in one_tree([stored(each.text)])[:1]]


@transaction.atomic
def long_hostile() -> list[Session]:
    """What is long: prompts and outputs of a branch each, and titles."""
    project = Project.objects.get()
    tree = make_conversation(project, title="Long")
    sessions = []
    for each in LONG:
        text = stored(each.text)
        session = make_session(tree, title=title(text))
        tool(make_turn(session, prompt=text), 0, text)
        sessions.append(session)
    return sessions


# (prompt, kind, particulars, what the agent wrote before): failures that a demo has no prompt for.
STAGED_FAILURES: list[tuple[str, str, dict[str, object], str]] = [
    ("Design the API", "no_credentials", {}, ""),
    ("Design the API", "model_not_found", {"model": "claude-sonnet-9"}, ""),
    ("Design the API", "usage_limit", USAGE_LIMIT, ""),
    ("Design the API", "unreachable", {"times": "5 times"}, ""),
    ("Design the API, then write it", "max_turns", {"steps": "50 steps"}, "First the schema, then the handlers."),
    ("Write the handlers", "budget_exhausted", {"budget": "$0.50", "cost": "$0.512"}, "Three of five are done."),
    ("Run the tests", "cli_killed", {"signal": "SIGKILL"}, "They take a while; I start with the slow ones."),
    ("Run the tests", "cli_failed", {"said": "The runtime could not be initialised"}, ""),
    ("Run the tests", "cli_missing", {"path": "/opt/claude/bin/claude"}, ""),
    ("Run the tests", "directory_failed", {"path": "/data/cli", "reason": "read-only file system"}, ""),
    ("Run the tests", "disk_full", {}, "All of them pass but two, which I am looking at"),
    ("Explain the two", "store_failed", {}, "Both depend on the time of day."),
    ("Explain the two", "espalier_failed", {"error": "TypeError"}, ""),
    ("Explain the two", "end_lost", {}, "Both depend on"),
    ("Mend them", "unanswered", {"time": "60 minutes"}, "May I change the clock of the test machine?"),
    ("Mend them", "server_stopped", {}, "I begin with the clock."),
    ("Mend them", "server_died", {}, "I begin with the clock and"),
    ("Mend them", "stopped", {}, "The clock is an argument now, so that"),
    ("And clean up", "stopped_before", {}, ""),
]
INTERRUPTIONS = ("unanswered", "server_stopped", "server_died", "stopped", "stopped_before", "end_lost")


@transaction.atomic
def failures() -> list[Session]:
    """A branch with a turn for each, in the words that the server itself uses."""
    session = make_session(make_conversation(Project.objects.get(), title="Failures"), title="What else can go wrong")
    for number, (prompt, kind, particulars, text) in enumerate(STAGED_FAILURES, start=1):
        known, sentence = failure(kind, **particulars)  # type: ignore[arg-type]  # `said` is among them
        status = TurnStatus.INTERRUPTED if kind in INTERRUPTIONS else TurnStatus.FAILED
        turn = make_turn(session, number, prompt=prompt, status=status, error_kind=known, error=sentence)
        if text:
            make_message(turn, text=text)
    return [session]


@transaction.atomic
def one_branch() -> list[Session]:
    """A branch with one turn."""
    session = make_session(make_conversation(Project.objects.get(), title="A long way"), title="A long way")
    make_message(make_turn(session, 1, revision=1))
    return [session]


@transaction.atomic
def far_ahead() -> list[Session]:
    """The newest branch, 5,000 messages later: each was a change, as were the beginning and the end of each turn."""
    session = Session.objects.latest("created_at")
    revision = session.revision
    turns, messages = [], []
    for number in range(2, FAR // PER_TURN + 2):
        turn = make_turn(session, number, revision=revision + PER_TURN + 2, prompt=f"Prompt {number}")
        turns.append(turn)
        messages += [
            Message(
                turn=turn,
                position=position,
                kind=MessageKind.TEXT,
                state=MessageState.DONE,
                text=f"This is message {position} of turn {number}, with **emphasis** and `code`.",
                revision=revision + position + 2,
            )
            for position in range(PER_TURN)
        ]
        revision += PER_TURN + 2
    Message.objects.bulk_create(messages)
    Session.objects.filter(pk=session.pk).update(revision=revision)
    return [session]
