"""Compare: two to six branches side by side. The address is the permalink."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import takewhile

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sessions_app.models import Session, Turn, TurnStatus
from sessions_app.models.numbers import Numbers
from sessions_app.models.transcript import Transcript, load_transcripts
from sessions_app.rows.panes import Pane, viewer_of
from sessions_app.rows.side import load_side_tree
from sessions_app.views.access import Request
from sessions_app.views.choice import choose_sessions, compare_url, invalid

TABS = ("conversation", "numbers")


@require_safe
def compare(request: Request) -> HttpResponse:
    choice = choose_sessions(request.user, request.GET.getlist("s"))
    if choice.problem:
        return invalid(request, choice)
    return show_compare(request, choice.sessions)


def show_compare(request: Request, sessions: Sequence[Session], *, problem: str = "", draft: str = "") -> HttpResponse:
    conversation = sessions[0].conversation
    viewer = viewer_of(request.user, conversation.project_id)
    transcripts = load_transcripts(sessions)
    shared = shared_turns(transcripts)
    ids = [session.pk for session in sessions]
    link = compare_url(ids)
    panes = [Pane(transcript, viewer, shared_turns=shared, in_comparison=True, back=link) for transcript in transcripts]
    for pane in panes:
        if pane.status == TurnStatus.QUEUED:
            pane.queue_place = Turn.objects.queue_place(pane.sid)
    history = transcripts[0].turns[:shared]
    owners = {pane.sid: pane for pane in panes}
    tab = request.GET.get("view", "")
    context = {
        "conversation": conversation,
        "panes": panes,
        "viewer": viewer,
        "side": load_side_tree(conversation, ids),
        # A turn stands where its own branch has it, if that is shown: its row is updated with that branch's pane.
        "shared_rows": [owners.get(turn.session_id, panes[0]).row(turn) for turn in history],
        "shared": Numbers.of(history),
        "dearest": max((pane.transcript.own.cost_usd or Decimal(0) for pane in panes), default=Decimal(0)),
        "tab": tab if tab in TABS else TABS[0],
        "link": link,
        "problem": problem,
        "draft": draft,
    }
    return render(request, "compare/page.html", context, status=422 if problem else 200)


def shared_turns(transcripts: Sequence[Transcript]) -> int:
    """How many turns at their beginning all paths have in common."""
    # A turn that one of them leaves half way is not the same in both.
    paths = [[(turn.pk, path.left_at.get(turn.pk)) for turn in path.turns] for path in transcripts]
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, zip(*paths, strict=False)))
