"""Permission requests in pages and forms: shown where they are asked, answered once, by whoever may."""

from html.parser import HTMLParser

import pytest
from django.test import Client

from sessions_app.models import PermissionRequest, PermissionRule, RequestKind, RequestState, Turn, TurnStatus
from tests.factories import make_request, make_turn
from tests.views.conftest import World

HTMX = {"HX-Request": "true"}
QUESTION = {
    "question": "Which style?",
    "multiSelect": False,
    "options": [{"label": "REST", "description": "Verbs"}, {"label": "gRPC", "description": "Types"}],
}


@pytest.fixture
def waiting(world: World) -> Turn:
    return make_turn(world.child, 3, status=TurnStatus.WAITING)


@pytest.fixture
def asked(waiting: Turn) -> PermissionRequest:
    return make_request(waiting)


def state_of(asked: PermissionRequest) -> str:
    asked.refresh_from_db()
    return asked.state


class Controls(HTMLParser):
    """The inputs of a page, and the texts of its text areas as a browser sends them, by name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.inputs: list[dict[str, str]] = []
        self.areas: dict[str, str] = {}
        self.name = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input":
            self.inputs.append({"type": "text"} | given)
        elif tag == "textarea":
            self.name = given.get("name", "")
            self.areas[self.name] = ""

    def handle_endtag(self, tag: str) -> None:
        self.name = "" if tag == "textarea" else self.name

    def handle_data(self, data: str) -> None:
        if self.name:
            self.areas[self.name] += data


def inputs_of(page: str, *, form: str) -> list[dict[str, str]]:
    return [each for each in Controls(page).inputs if each.get("form") == form]


def sent_form(page: str, asked: PermissionRequest) -> dict[str, str]:
    """What a browser sends of a call's input when nobody touched it."""
    areas = Controls(page.replace("\r\n", "\n").replace("\r", "\n")).areas
    mine = (f"text-{asked.pk}-", f"whole-{asked.pk}")
    return {
        name: text.removeprefix("\n").replace("\n", "\r\n") for name, text in areas.items() if name.startswith(mine)
    }


def test_a_request_is_shown_in_its_branch_its_tree_and_on_every_page(
    owner: Client, world: World, asked: PermissionRequest
) -> None:
    branch = owner.get(f"/sessions/{world.child.pk}/").content.decode()
    assert 'role="alertdialog"' in branch
    assert "Claude wants to run a command" in branch
    assert "curl http://127.0.0.1:9/" in branch
    assert all(f">{name}</button>" in branch for name in ("Allow once", "Always allow …", "Deny", "Fork here"))
    assert "Needs you" in owner.get(f"/conversations/{world.conversation.pk}/").content.decode()
    home = owner.get("/").content.decode()
    assert "1 needs you" in home
    assert "<title >(1) " in home
    page = owner.get("/requests/").content.decode()
    assert f"/sessions/{world.child.pk}/#turn-{asked.turn_id}" in page
    assert "Allow once" in page


def test_whoever_may_only_read_sees_what_is_asked_and_no_buttons(
    reader: Client, world: World, asked: PermissionRequest
) -> None:
    branch = reader.get(f"/sessions/{world.child.pk}/").content.decode()
    assert "Claude wants to run a command" in branch
    assert "Allow once" not in branch
    assert 'data-count="0"' in reader.get("/").content.decode()


def test_it_allows(owner: Client, world: World, asked: PermissionRequest) -> None:
    response = owner.post(f"/requests/{asked.pk}/", {"decision": "allow"})
    assert response["Location"] == f"/sessions/{world.child.pk}/#turn-{asked.turn_id}"
    assert state_of(asked) == RequestState.ALLOWED
    assert asked.decided_by == world.owner
    asked.turn.refresh_from_db()
    assert asked.turn.status == TurnStatus.RUNNING


def test_what_was_not_touched_is_not_an_edit_and_what_was_is(owner: Client, asked: PermissionRequest) -> None:
    field = f"text-{asked.pk}-1"
    owner.post(f"/requests/{asked.pk}/", {"decision": "allow", field: "curl http://127.0.0.1:9/"})
    assert state_of(asked) == RequestState.ALLOWED
    assert asked.updated_input is None

    other = make_request(asked.turn, 1)
    owner.post(f"/requests/{other.pk}/", {"decision": "allow", f"text-{other.pk}-1": "echo\r\nhello"})
    assert state_of(other) == RequestState.ALLOWED
    assert other.updated_input == {"command": "echo\nhello"}


def test_names_of_the_input_are_the_models_and_no_form_trusts_them(owner: Client, waiting: Turn) -> None:
    hidden = {"command": "ls", "": '{"command": "rm -rf ~"}', "odd\r\nname": "kept\ras it is"}
    asked = make_request(waiting, input=hidden)
    form = sent_form(owner.get(f"/sessions/{waiting.session_id}/").content.decode(), asked)
    assert len(form) == 3
    owner.post(f"/requests/{asked.pk}/", {"decision": "allow", **form})
    assert state_of(asked) == RequestState.ALLOWED
    assert asked.updated_input is None

    other = make_request(waiting, 1, input=hidden)
    form = sent_form(owner.get(f"/sessions/{waiting.session_id}/").content.decode(), other)
    odd = next(name for name, text in form.items() if "kept" in text)
    owner.post(f"/requests/{other.pk}/", {"decision": "allow", **form, odd: "changed\x00"})
    assert state_of(other) == RequestState.ALLOWED
    assert other.updated_input == hidden | {"odd\r\nname": "changed"}


def test_an_input_without_texts_is_changed_as_a_whole(owner: Client, waiting: Turn) -> None:
    asked = make_request(waiting, tool="mcp__shop__order", input={"items": [1, 2]})
    address, field = f"/requests/{asked.pk}/", f"whole-{asked.pk}"
    form = sent_form(owner.get(f"/sessions/{waiting.session_id}/").content.decode(), asked)
    assert list(form) == [field]
    for nonsense in ("{", "[1]", "[" * 100_000):
        assert owner.post(address, {"decision": "allow", field: nonsense}, headers=HTMX).status_code == 422
    owner.post(address, {"decision": "allow", field: '{"items": [3, "\\u0000"]}'})
    assert state_of(asked) == RequestState.ALLOWED
    assert asked.updated_input == {"items": [3, ""]}


def test_enter_in_a_reason_presses_no_button(owner: Client, waiting: Turn) -> None:
    make_request(waiting)
    make_request(waiting, 1, kind=RequestKind.QUESTION, tool="AskUserQuestion", input={"questions": [QUESTION]})
    page = owner.get(f"/sessions/{waiting.session_id}/").content.decode()
    # Enter in an input of text presses the first button of its form, whichever that is; in a text area it does not.
    kinds = {attributes["type"] for attributes in inputs_of(page, form="act")}
    assert kinds == {"radio"}


def test_what_is_allowed_for_good_is_shown_with_all_that_a_terminal_would_hide(owner: Client, waiting: Turn) -> None:
    asked = make_request(waiting, input={"command": "ls #\x1b]0;\n rm -rf ~ \x07 \b\b\b \u202e"})
    for page in (f"/requests/{asked.pk}/always/", f"/sessions/{waiting.session_id}/"):
        shown = owner.get(page).content.decode()
        assert "␛" in shown
        assert "␈␈␈ ⟨U+202E⟩" in shown


@pytest.mark.parametrize("questions", [None, 7, {"a": 1}, ["words", QUESTION]])
def test_questions_without_their_shape_break_nothing(owner: Client, waiting: Turn, questions: object) -> None:
    given = {"questions": questions}
    asked = make_request(waiting, kind=RequestKind.QUESTION, tool="AskUserQuestion", input=given)
    assert owner.get(f"/sessions/{waiting.session_id}/").status_code == 200
    form = {"decision": "answer", f"answer-{asked.pk}-0": "REST"}
    assert owner.post(f"/requests/{asked.pk}/", form).status_code == 302
    assert state_of(asked) == RequestState.ALLOWED


def test_a_denial_keeps_its_reason(owner: Client, asked: PermissionRequest) -> None:
    owner.post(f"/requests/{asked.pk}/", {"decision": "deny", f"note-{asked.pk}": "Use wget"})
    assert (state_of(asked), asked.note) == (RequestState.DENIED, "Use wget")


def test_a_turn_waits_until_its_last_request_is_answered(owner: Client, asked: PermissionRequest) -> None:
    second = make_request(asked.turn, 1)
    owner.post(f"/requests/{asked.pk}/", {"decision": "allow"})
    asked.turn.refresh_from_db()
    assert asked.turn.status == TurnStatus.WAITING
    owner.post(f"/requests/{second.pk}/", {"decision": "deny"})
    asked.turn.refresh_from_db()
    assert asked.turn.status == TurnStatus.RUNNING


def test_the_second_answer_is_told_who_was_first(owner: Client, asked: PermissionRequest) -> None:
    owner.post(f"/requests/{asked.pk}/", {"decision": "allow"})
    late = owner.post(f"/requests/{asked.pk}/", {"decision": "deny"})
    assert late.status_code == 409
    assert "Already answered: owner allowed this." in late.content.decode()
    rows = owner.post(f"/requests/{asked.pk}/", {"decision": "deny"}, headers=HTMX)
    assert rows.status_code == 200
    assert "Already answered: owner allowed this." in rows.content.decode()
    assert state_of(asked) == RequestState.ALLOWED


def test_htmx_gets_the_rows_that_changed(owner: Client, world: World, asked: PermissionRequest) -> None:
    data = {"decision": "deny", f"revision-{world.child.pk}": str(world.child.revision)}
    rows = owner.post(f"/requests/{asked.pk}/", data, headers=HTMX).content.decode()
    assert f'id="message-{asked.message_id}"' in rows
    assert "<b>Denied</b>" in rows
    assert "by you" in rows


def test_a_page_that_does_not_show_the_branch_gets_the_request_alone(owner: Client, asked: PermissionRequest) -> None:
    for decision, news in (("deny", "<b>Denied</b>"), ("allow", "Already answered")):
        rows = owner.post(f"/requests/{asked.pk}/", {"decision": decision}, headers=HTMX).content.decode()
        assert rows.count('id="message-') == 1
        assert news in rows
        assert 'id="turn-' not in rows


def test_a_question_wants_an_answer_to_each(owner: Client, waiting: Turn) -> None:
    asked = make_request(
        waiting,
        kind=RequestKind.QUESTION,
        tool="AskUserQuestion",
        input={"questions": [QUESTION, QUESTION | {"question": "Why?"}]},
    )
    page = owner.get(f"/sessions/{waiting.session_id}/").content.decode()
    assert "Claude has 2 questions" in page
    one = {"decision": "answer", f"answer-{asked.pk}-0": "gRPC"}
    refused = owner.post(f"/requests/{asked.pk}/", one, headers=HTMX)
    assert refused.status_code == 422
    assert "Why?" in refused.content.decode()
    owner.post(f"/requests/{asked.pk}/", one | {f"own-{asked.pk}-1": "Because"})
    assert state_of(asked) == RequestState.ALLOWED
    assert (asked.updated_input or {})["answers"] == {"Which style?": "gRPC", "Why?": "Because"}


def test_a_plan_is_rendered_and_revised_only_with_words(owner: Client, waiting: Turn) -> None:
    asked = make_request(
        waiting, kind=RequestKind.PLAN, tool="ExitPlanMode", input={"plan": "# The plan\n\n1. **Begin**"}
    )
    page = owner.get(f"/sessions/{waiting.session_id}/").content.decode()
    assert "<strong>Begin</strong>" in page
    assert all(f">{name}</button>" in page for name in ("Approve", "Approve and accept edits", "Revise"))
    assert owner.post(f"/requests/{asked.pk}/", {"decision": "revise"}, headers=HTMX).status_code == 422
    owner.post(f"/requests/{asked.pk}/", {"decision": "approve_edits"})
    assert (state_of(asked), asked.then_mode) == (RequestState.ALLOWED, "accept_edits")


@pytest.mark.parametrize("decision", ["", "answer", "approve", "nonsense"])
def test_an_answer_that_does_not_fit_changes_nothing(owner: Client, asked: PermissionRequest, decision: str) -> None:
    assert owner.post(f"/requests/{asked.pk}/", {"decision": decision}, headers=HTMX).status_code == 422
    assert state_of(asked) == RequestState.PENDING


def test_a_rule_is_shown_before_it_is_made_listed_and_revoked(
    owner: Client, world: World, asked: PermissionRequest
) -> None:
    shown = owner.get(f"/requests/{asked.pk}/always/").content.decode()
    assert "Exactly this command: curl http://127.0.0.1:9/" in shown
    assert "Any command that only runs curl" in shown
    assert not PermissionRule.objects.exists()

    owner.post(f"/requests/{asked.pk}/always/", {"choice": "1", "scope": "conversation"})
    rule = PermissionRule.objects.get()
    assert (rule.tool, rule.match, rule.value, rule.scope) == ("Bash", "program", "curl", "conversation")
    assert (state_of(asked), asked.rule) == (RequestState.ALLOWED, rule)
    listed = owner.get("/rules/").content.decode()
    assert "Any command that only runs curl" in listed

    owner.post(f"/rules/{rule.pk}/revoke/")
    rule.refresh_from_db()
    assert rule.revoked_by == world.owner
    assert "revoked by owner" in owner.get("/rules/").content.decode()


def test_no_rule_is_made_of_what_was_answered_meanwhile(owner: Client, asked: PermissionRequest) -> None:
    owner.post(f"/requests/{asked.pk}/", {"decision": "deny"})
    late = owner.post(f"/requests/{asked.pk}/always/", {"choice": "0", "scope": "project"})
    assert late.status_code == 409
    assert not PermissionRule.objects.exists()


@pytest.mark.parametrize(
    "form", [{"choice": "7", "scope": "project"}, {"choice": "0", "scope": "world"}, {"choice": "x"}]
)
def test_a_rule_that_was_not_offered_is_refused(owner: Client, asked: PermissionRequest, form: dict[str, str]) -> None:
    assert owner.post(f"/requests/{asked.pk}/always/", form).status_code == 422
    assert not PermissionRule.objects.exists()


def test_a_fork_here_says_why_it_cannot_be(owner: Client, asked: PermissionRequest) -> None:
    assert "not in the transcript yet" in owner.get(f"/requests/{asked.pk}/fork/").content.decode()
    assert owner.post(f"/requests/{asked.pk}/fork/", {"decision": "deny"}).status_code == 422


def test_strangers_readers_methods(owner: Client, reader: Client, stranger: Client, asked: PermissionRequest) -> None:
    for path in ("", "always/", "fork/"):
        address = f"/requests/{asked.pk}/{path}"
        form = {"decision": "allow", "choice": "0", "scope": "project"}
        assert stranger.post(address, form).status_code == 404
        assert reader.post(address, form).status_code == 403
        assert owner.put(address).status_code == 405
        if path:
            assert stranger.get(address).status_code == 404
            assert reader.get(address).status_code == 403
    assert owner.get(f"/requests/{asked.pk}/").status_code == 405
    assert owner.post("/requests/").status_code == 405
    assert "curl" not in stranger.get("/requests/").content.decode()
    assert state_of(asked) == RequestState.PENDING

    owner.post(f"/requests/{asked.pk}/always/", {"choice": "0", "scope": "project"})
    rule = PermissionRule.objects.get()
    assert stranger.post(f"/rules/{rule.pk}/revoke/").status_code == 404
    assert reader.post(f"/rules/{rule.pk}/revoke/").status_code == 403
    assert owner.get(f"/rules/{rule.pk}/revoke/").status_code == 405
    assert owner.post("/rules/").status_code == 405
    assert "curl" not in stranger.get("/rules/").content.decode()
    assert "Revoke</button>" not in reader.get("/rules/").content.decode()
    rule.refresh_from_db()
    assert rule.revoked_at is None
