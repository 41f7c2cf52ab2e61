"""What holds after anything: final states, no word lost, nothing left running, and models that were told the truth."""

import json
import re
from collections import Counter
from datetime import UTC, datetime

from tests.faults.scene import ENDED, Scene, assert_valid, overload, until
from tests.faults.told import Branch, branches_of
from tests.faults.walk import Walk
from tests.runs.spoken import Said, sent

TO_GO_ON = "Output token limit hit. Resume directly"
LOST = 1.0  # seconds of text that the death of a server may cost
NUMBERED = re.compile(r"w\d{4}")
ERROR = re.compile(r"\S+ \S+ (ERROR|CRITICAL) (?!claude_agent_sdk)")
TAGGED = re.compile(r"\(no\. \d+\)$")


def assert_at_rest(scene: Scene) -> None:
    until(lambda: not scene.processes() and not scene.temporary(), ENDED * overload())
    final = "('done', 'failed', 'interrupted')"
    assert scene.query(f"SELECT id, status FROM sessions_app_turn WHERE status NOT IN {final}") == []  # noqa: S608
    assert scene.query("SELECT id FROM sessions_app_message WHERE state = 'live'") == []
    assert scene.query("SELECT id FROM sessions_app_permissionrequest WHERE state = 'pending'") == []
    unsaid = "SELECT id FROM sessions_app_turn WHERE status != 'done' AND error = ''"
    assert scene.query(f"{unsaid} OR status = 'done' AND error != '' OR error LIKE '%Traceback%'") == []


def assert_no_word_lost(walk: Walk) -> None:
    """What a page showed is kept, but for the last second before the turn's server was killed."""
    rows = walk.scene.query(
        "SELECT message.id, text, turn.id, error_kind, turn.started_at FROM sessions_app_message message "
        "JOIN sessions_app_turn turn ON turn.id = turn_id"
    )
    assert walk.screens.seen.keys() <= {message for message, *_ in rows}
    for message, text, turn, why, started in rows:
        kept = len(NUMBERED.findall(text))
        began = datetime.fromisoformat(started).replace(tzinfo=UTC).timestamp()
        certain = min(kill for kill in walk.kills if kill > began) - LOST * overload() if why == "server_died" else None
        for at, words in walk.screens.seen.get(message, []):
            lost = f"of message {message} in turn {turn} {words} words were seen, {kept} are kept"
            assert words <= kept or (certain and at > certain), lost


def assert_quiet(logs: list[str]) -> None:
    """Servers wrote down no error; that an agent was killed, the SDK may say."""
    assert [line for log in logs for line in log.splitlines() if ERROR.match(line)] == []


def assert_requests_valid(scene: Scene) -> None:
    """Whatever the model was sent is a history, with each prompt in it once."""
    for request in scene.model.requests:
        if request.session_id and request.messages:
            assert_valid(request.messages)
            said = Counter(
                words for _, kind, words in sent(request.messages) if kind == "text" and TAGGED.search(words)
            )
            assert [words for words, times in said.items() if times > 1] == []


def probe(walk: Walk) -> None:
    """One prompt more in every branch, so that the model is sent all of it."""
    last = walk.scene.query("SELECT MAX(id) FROM sessions_app_turn GROUP BY session_id")
    probes = [walk.scene.go_on(turn, f"Give a plain answer at last, after turn {turn}") for (turn,) in last]
    for turn in probes:
        walk.scene.done(turn)


def assert_told(scene: Scene) -> None:
    """After `probe`: for every branch, what the model was sent is what the branch shows."""
    for branch in branches_of(scene.server):
        requests = [
            sent.messages for sent in scene.model.requests if sent.session_id == branch.session and sent.messages
        ]
        assert_branch_told(branch, sent(requests[-1]))


def assert_branch_told(branch: Branch, told: list[Said]) -> None:
    # Rows cannot hold NUL. After an answer that reached the token limit, the CLI tells the model to go on.
    told = [(who, kind, words.replace("\0", "")) for who, kind, words in told if not words.startswith(TO_GO_ON)]
    if branch.is_whole:
        assert told == branch.shown, f"branch {branch.session}"
        return
    rest = iter([words for _, kind, words in told if kind == "text"])
    for words in branch.kept:
        # The transcript may have more of an answer that was cut off than the row of a server that was killed.
        heard_in_order = any(heard.startswith(words) for heard in rest)
        assert heard_in_order, f"branch {branch.session}: {words[:200]!r} is not in\n{json.dumps(told, indent=1)}"
