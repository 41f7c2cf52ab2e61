"""Requests as rows: what expires says so, and what lies elsewhere is named."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from sessions_app.agents.events import PermissionAsked
from sessions_app.models import MessageState, PermissionMode, RequestState, Session, TurnStatus
from sessions_app.rows.panes import Viewer
from sessions_app.rows.partials import pane_rows
from sessions_app.runs.asking import Asking
from sessions_app.runs.writer import TurnWriter
from tests.factories import make_conversation, make_request, make_session, make_turn


@pytest.mark.django_db
@pytest.mark.both_databases
def test_a_request_that_expires_says_so_at_once_wherever_it_is_shown(
    tmp_path: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    turn = make_turn(make_session(make_conversation()), status=TurnStatus.WAITING)
    now = timezone.now()
    late = make_request(turn, 0, expires_at=now - timedelta(seconds=1))
    make_request(turn, 1, expires_at=now + timedelta(hours=1))
    had = turn.session.revision
    with django_capture_on_commit_callbacks() as rings:
        assert Asking(turn, TurnWriter(turn), tmp_path).expire(now)
    # The session's and the badge's.
    assert len(rings) == 2
    late.refresh_from_db()
    late.message.refresh_from_db()
    assert (late.state, late.message.state) == (RequestState.EXPIRED, MessageState.CUT)
    session = Session.objects.select_related("conversation").get(pk=turn.session_id)
    (row,) = pane_rows(session, Viewer(turn.created_by_id, writable=True), since=had)
    assert "Nobody answered in time" in row
    assert not Asking(turn, TurnWriter(turn), tmp_path).expire(now)


@pytest.mark.django_db
def test_a_request_names_the_place_of_a_file_that_is_not_the_branchs_own(tmp_path: Path) -> None:
    turn = make_turn(make_session(make_conversation()), status=TurnStatus.RUNNING)
    workspace, other = (tmp_path / "workspaces" / (letter * 32) for letter in "ab")
    workspace.mkdir(parents=True)
    (workspace / "link").symlink_to(other)
    asking = Asking(turn, TurnWriter(turn), workspace)
    paths = {"own": workspace / "a.py", "other": other / "a.py", "linked": workspace / "link" / "a.py"}
    for call, path in paths.items():
        given = {"file_path": str(path), "content": ""}
        assert asking.open(PermissionAsked(call, "Write", given, why="Said."), PermissionMode.ASK) is None
    why = dict(turn.permission_requests.values_list("message__tool_use_id", "why"))
    elsewhere = f"The file lies outside the branch's own directory: {(other / 'a.py').resolve()}. Said."
    assert why == {"own": "Said.", "other": elsewhere, "linked": elsewhere}
