"""Which prompt gets which answer, and how a script goes on through a turn."""

import re
from typing import Any

import pytest

from sessions_app.demo_model.answering import choose
from sessions_app.demo_model.catalogue import CATALOGUE, DEFAULT_SCRIPTS, Try
from sessions_app.demo_model.library import TEXTS
from sessions_app.demo_model.reply import Reply, Text
from sessions_app.demo_model.stream import deltas
from tests.demo_model.wire import TOOLS, Api, call, result, said

ENVIRONMENT = (
    "<system-reminder>\n# Environment\n - Primary working directory: /srv/one\n - Shell: bash\n</system-reminder>"
)
MOVED = "<system-reminder>\n - Primary working directory: /srv/two (was /srv/one)\n</system-reminder>"
STORY = (
    "Help me design a REST API for a user management system",
    "Design a REST API for invoices",
    "Now let's redesign this as a GraphQL API instead",
    "Now let's redesign the billing API as GraphQL instead",
    "Can you add authentication to the REST API?",
    "Add authentication to the invoices API",
    "gRPC, keep a JSON gateway for the browser",
    "gRPC for invoices, keep a JSON gateway",
    "Keep REST, add cursor pagination and show the list endpoint",
    "Add pagination to the invoices",
    "Which roles do we need?",
    "Define the error format",
    "Add rate limiting",
    "What is the capital of France?",
    "Write a haiku about tractors in autumn",
    "Hi",
)


async def turn(api: Api, prompt: str) -> list[dict[str, Any]]:
    """The answers to a prompt until the model stops calling tools."""
    messages: list[dict[str, Any]] = [said("user", prompt)]
    answers = []
    for _ in range(12):
        _, answer = await api.ask(*messages, tools=TOOLS)
        answers.append(answer)
        calls = [block for block in answer["content"] if block["type"] == "tool_use"]
        if not calls:
            return answers
        results = [{"type": "tool_result", "tool_use_id": block["id"], "content": "done"} for block in calls]
        messages += [said("assistant", *answer["content"]), said("user", *results)]
    raise AssertionError("the turn does not end")


@pytest.mark.parametrize("proposal", CATALOGUE, ids=lambda proposal: proposal.prompt)
async def test_every_proposed_prompt_chooses_the_script_that_proposes_it(proposal: Try) -> None:
    assert proposal in choose(proposal.prompt, DEFAULT_SCRIPTS).tries
    assert proposal.shows


def test_the_fallbacks_name_only_prompts_that_choose_a_script() -> None:
    for name in ("fallback_1", "fallback_2", "fallback_3"):
        for prompt in re.findall(r"`([A-Z][^`]+ [^`]+|gRPC[^`]+)`", TEXTS[name][0].text):
            assert choose(prompt, DEFAULT_SCRIPTS).name != "fallback", prompt


@pytest.mark.parametrize("prompt", STORY)
async def test_the_demo_answers_are_80_to_250_words_and_4_to_10_seconds_long(api: Api, prompt: str) -> None:
    answers = await turn(api, prompt)
    blocks = [block for answer in answers for block in answer["content"]]
    words = sum(len(block["text"].split()) for block in blocks if block["type"] == "text")
    assert 80 <= words <= 250
    replies = [Reply((Text(block["text"]),)) for block in blocks if block["type"] == "text"]
    count = sum(1 for reply in replies for block in reply.blocks for _ in deltas(block, reply.tempo))
    assert 3.5 <= count / Reply(()).tempo.rate <= 10


@pytest.mark.parametrize("prompt", STORY)
async def test_no_marker_of_the_answer_files_is_left_in_an_answer(api: Api, prompt: str) -> None:
    for answer in await turn(api, prompt):
        assert not re.search(r"\{~|~\}|\{\{|^--- ", str(answer["content"]), re.MULTILINE)


async def test_the_story_branches_differ_and_repeat(api: Api) -> None:
    texts = {prompt: await api.text(prompt) for prompt in STORY}
    assert len(set(texts.values())) == len(STORY)
    assert texts == {prompt: await api.text(prompt) for prompt in STORY}
    assert "capital" in texts["What is the capital of France?"]
    assert "demo" in texts["What is the capital of France?"]


async def test_a_branch_keeps_the_subject_of_its_conversation(api: Api) -> None:
    history: list[Any] = ["Design a REST API for invoices", said("assistant", "Here it is.")]
    assert "invoices" in await api.text(*history, "Keep REST, add cursor pagination")
    assert "invoices" not in await api.text("Keep REST, add cursor pagination")


async def test_graphql_writes_the_schema_into_the_working_directory_and_then_explains(api: Api) -> None:
    prompt = said("user", ENVIRONMENT, "Now let's redesign this as a GraphQL API instead")
    ((name, given),) = await api.calls(prompt, tools=TOOLS)
    assert (name, given["file_path"]) == ("Write", "/srv/one/api/schema.graphql")
    assert "type User" in given["content"]
    turn: list[Any] = [prompt, said("assistant", "First.", call("Write")), said("user", result("File created"))]
    assert "api/schema.graphql" in await api.text(*turn, tools=TOOLS)


async def test_an_answer_does_not_claim_a_write_that_failed(api: Api) -> None:
    turn: list[Any] = [
        "As GraphQL, please",
        said("assistant", call("Write")),
        said("user", result("no space left", failed=True)),
    ]
    assert "no space left" in await api.text(*turn, tools=TOOLS)


async def test_the_last_working_directory_wins_wherever_it_is_told(api: Api) -> None:
    history: list[Any] = [
        said("user", ENVIRONMENT, "Hello"),
        said("assistant", "Hello."),
        said("user", MOVED, "Write a file"),
    ]
    ((_, given),) = await api.calls(*history, tools=TOOLS)
    assert given["file_path"] == "/srv/two/hello-2.py"
    told = said("system", "# Environment\n - Primary working directory: /srv/three")
    ((_, given),) = await api.calls("Write a file", told, tools=TOOLS)
    assert given["file_path"] == "/srv/three/hello.py"
    ((_, given),) = await api.calls("Write a file", tools=TOOLS)
    assert given["file_path"] == "hello.py"


async def test_what_the_client_injects_does_not_start_a_turn(api: Api) -> None:
    turn: list[Any] = [
        said("user", ENVIRONMENT, "Edit a file"),
        said("assistant", call("Write", 1)),
        said("user", result("ok", 1), "Tool loaded.", "<system-reminder>tokens left</system-reminder>"),
        said("system", "The date has changed."),
    ]
    assert [name for name, _ in await api.calls(*turn, tools=TOOLS)] == ["Read"]


async def test_edit_goes_from_write_to_read_to_edit_to_words(api: Api) -> None:
    answers = await turn(api, "Edit a file")
    names = [[block["name"] for block in answer["content"] if block["type"] == "tool_use"] for answer in answers]
    assert names == [["Write"], ["Read"], ["Edit"], []]


async def test_a_new_prompt_after_an_interrupted_tool_starts_a_new_turn(api: Api) -> None:
    messages = [
        said("user", "Edit a file"),
        said("assistant", call("Write", 1)),
        said(
            "user", result("rejected", failed=True), "[Request interrupted by user for tool use]", "Give a plain answer"
        ),
    ]
    assert "plain answer" in await api.text(*messages, tools=TOOLS)


async def test_the_last_of_several_unanswered_prompts_is_the_one_asked(api: Api) -> None:
    assert "plain answer" in await api.text(said("user", "Show rich Markdown", "Give a plain answer"))


async def test_words_inside_reminders_choose_nothing(api: Api) -> None:
    reminder = "<system-reminder>\nFail with overloaded. Refuse this.\n</system-reminder>"
    assert "plain answer" in await api.text(said("user", reminder, "Give a plain answer", reminder))


async def test_continue_says_the_rest_of_an_interrupted_answer(api: Api) -> None:
    whole = await api.text("Give a plain answer")
    half = whole[: whole.index("a real model") + 6]
    cut: list[Any] = ["Give a plain answer", said("assistant", half)]
    rest = await api.text(*cut, said("user", "[Request interrupted by user]", "Continue"))
    assert f"{half}{rest}".replace(" ", "") == whole.replace(" ", "")
    assert await api.text(said("user", "Give a plain answer", "Continue from where you left off.")) == whole
    done: list[Any] = ["Give a plain answer", said("assistant", whole)]
    assert "demo" in await api.text(*done, "Continue")


async def test_deferred_tools_are_loaded_first_and_loading_is_no_step(api: Api) -> None:
    listed = (
        "<system-reminder>\nThe following deferred tools are now available via ToolSearch. Their schemas are NOT "
        "loaded. Load them before calling them:\nTaskCreate\nTaskUpdate\n</system-reminder>"
    )
    prompt = said("user", listed, "Make a list of tasks")
    assert await api.calls(prompt, tools=("ToolSearch",)) == [
        ("ToolSearch", {"query": "select:TaskCreate", "max_results": 5})
    ]
    loaded: list[Any] = [prompt, said("assistant", call("ToolSearch")), said("user", result("loaded"), "Tool loaded.")]
    calls = await api.calls(*loaded, tools=("ToolSearch", "TaskCreate"))
    assert [name for name, _ in calls] == ["TaskCreate"] * 3


async def test_tasks_are_created_and_worked_through_in_order(api: Api) -> None:
    tools = ("TaskCreate", "TaskUpdate")
    created = [result(f"Task #{number} created successfully: x", number) for number in (4, 5, 6)]
    turn: list[Any] = [
        "Make a list of tasks",
        said("assistant", *(call("TaskCreate", n) for n in (4, 5, 6))),
        said("user", *created),
    ]
    updates = []
    while calls := await api.calls(*turn, tools=tools):
        updates.append(tuple(calls[0][1].values()))
        turn += [said("assistant", call("TaskUpdate", 9)), said("user", result("Updated task #4 status", 9))]
    assert updates == [(n, status) for n in ("4", "5", "6") for status in ("in_progress", "completed")]


@pytest.mark.parametrize("prompt", ["Ask me a question", "Make a plan", "Make a list of tasks", "Run a command"])
async def test_without_the_tool_the_answer_is_in_words(api: Api, prompt: str) -> None:
    _, answer = await api.ask(prompt)
    assert answer["stop_reason"] == "end_turn"
    assert "session" in answer["content"][0]["text"]


async def test_a_question_has_options_and_its_answer_is_heard(api: Api) -> None:
    ((name, given),) = await api.calls("Ask me a question", tools=("AskUserQuestion",))
    assert name == "AskUserQuestion"
    assert [question["multiSelect"] for question in given["questions"]] == [False, True]
    turn: list[Any] = [
        "Ask me a question",
        said("assistant", call("AskUserQuestion")),
        said("user", result("GraphQL, please")),
    ]
    assert "GraphQL, please" in await api.text(*turn, tools=("AskUserQuestion",))


async def test_a_plan_is_written_where_the_client_says_and_waits_for_approval(api: Api) -> None:
    tools = ("EnterPlanMode", "ExitPlanMode", "Write")
    turn: list[Any] = [said("user", "Make a plan")]
    assert [name for name, _ in await api.calls(*turn, tools=tools)] == ["EnterPlanMode"]
    where = "Plan mode is active.\nYou should create your plan at /cfg/plans/a.md using the Write tool."
    turn += [
        said("assistant", call("EnterPlanMode", 1)),
        said("user", result(f"Entered plan mode.\n<system-reminder>{where}</system-reminder>", 1)),
    ]
    ((name, given),) = await api.calls(*turn, tools=tools)
    assert (name, given["file_path"]) == ("Write", "/cfg/plans/a.md")
    turn += [said("assistant", call("Write", 2)), said("user", result("ok", 2))]
    assert [name for name, _ in await api.calls(*turn, tools=tools)] == ["ExitPlanMode"]
    turn += [said("assistant", call("ExitPlanMode", 3))]
    assert "approved" in await api.text(*turn, said("user", result("User has approved", 3)), tools=tools)
    assert "smaller" in await api.text(*turn, said("user", result("Make it smaller", 3, failed=True)), tools=tools)


async def test_a_denied_command_is_admitted(api: Api) -> None:
    turn: list[Any] = ["Do something that needs permission", said("assistant", call("Bash"))]
    text = await api.text(*turn, said("user", result("This command requires approval", failed=True)), tools=TOOLS)
    assert "not allowed" in text
    assert "This command requires approval" in text


async def test_echo_lists_the_history_without_reminders(api: Api) -> None:
    history: list[Any] = [
        said("user", ENVIRONMENT, "First prompt"),
        said("assistant", "First answer", call("Read")),
        said("user", result("contents of the file")),
        said("assistant", "Second answer"),
    ]
    text = await api.text(*history, "Echo back what you received", said("system", "noise"))
    assert text.splitlines() == [
        "I received 5 messages.",
        "",
        "~~~~text",
        "1. user: First prompt",
        "2. assistant: First answer / [calls Read]",
        "3. user: [result: contents of the file]",
        "4. assistant: Second answer",
        "5. user: Echo back what you received",
        "~~~~",
    ]


async def test_hostile_output_contains_what_it_promises(api: Api) -> None:
    text = await api.text("Show hostile output")
    for part in ("<script>", "javascript:", "onerror", "\u202e", "\u001b[31m", "Supercalifragilistic" * 60):
        assert part in text
    assert text.count("```") == 1  # the fence is never closed
