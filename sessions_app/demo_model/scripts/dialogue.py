"""Scripts that involve the person: a question, a plan to approve, a list of tasks."""

import re

from sessions_app.demo_model.library import first_line, told
from sessions_app.demo_model.reply import Answer, Call, Reply, Text, say
from sessions_app.demo_model.request import ModelRequest
from sessions_app.demo_model.scripts import Try, in_steps, script

PLAN_FILE = re.compile(r"plan(?: file)?(?: already exists)? at (/\S+\.md)")
TASK_NUMBER = re.compile(r"Task #(\d+)")
TASKS = ("Sketch the resources", "Write the schema", "Add authentication")
QUESTIONS = [
    {
        "question": "Which style should the API have?",
        "header": "Style",
        "multiSelect": False,
        "options": [
            {"label": "REST", "description": "Resources and verbs; easy to cache and to explore with a browser"},
            {"label": "GraphQL", "description": "One schema; clients choose the fields they need"},
            {"label": "gRPC", "description": "Typed contracts and streaming; best between services"},
        ],
    },
    {
        "question": "Which parts do you want first?",
        "header": "Parts",
        "multiSelect": True,
        "options": [
            {"label": "Authentication", "description": "Sign-in, tokens, roles"},
            {"label": "Pagination", "description": "Cursors that stay stable while data changes"},
            {"label": "Webhooks", "description": "Tell other systems what changed"},
        ],
    },
]


def asks(request: ModelRequest) -> Answer:
    """Asks two questions with options."""
    call = Call("AskUserQuestion", {"questions": QUESTIONS})
    return Reply((Text("Two questions before I begin."), call), otherwise=told("question_in_words", request).text)


def hears(request: ModelRequest) -> Answer:
    """Repeats what the person answered."""
    answer = first_line(request.results[-1].text) if request.results else "nothing"
    return say(f"Thank you. What I understood:\n\n> {answer}\n\nI will design the API along these lines.\n")


def plans(request: ModelRequest) -> Answer:
    """Enters plan mode, writes the plan where the client wants it, and asks for approval."""
    done = {result.name for result in request.results}
    plan = told("plan", request).text
    if "ExitPlanMode" in done:
        return after_the_plan(request)
    paths = PLAN_FILE.findall(request.notes)
    if "EnterPlanMode" not in done and "Plan mode is active" not in request.notes:
        return Reply((Text("I will plan this first."), Call("EnterPlanMode", {})), otherwise=in_words(plan))
    if "Write" not in done and paths and "Write" in request.tools:
        return Reply((Call("Write", {"file_path": paths[-1], "content": plan}),), otherwise=in_words(plan))
    return Reply((Text("The plan is ready."), Call("ExitPlanMode", {"plan": plan})), otherwise=in_words(plan))


def in_words(plan: str) -> str:
    """The plan as text, for a session that cannot ask for approval."""
    return f"This session cannot ask for approval of a plan, so here it is in words.\n\n{plan}\n\nShall I begin?\n"


def after_the_plan(request: ModelRequest) -> Answer:
    """Says what the decision means."""
    decision = next(result for result in reversed(request.results) if result.name == "ExitPlanMode")
    if decision.failed:
        return say(f"Understood, I will not begin. You said:\n\n> {first_line(decision.text)}\n\nWhat should change?\n")
    return say("The plan is approved. I would begin with the first step now.\n")


def tasks(request: ModelRequest) -> Answer:
    """Creates tasks, then works through them one status at a time."""
    numbers = [number for result in request.results for number in TASK_NUMBER.findall(result.text)[:1]]
    if request.step == 0:
        calls = [Call("TaskCreate", {"subject": task, "description": f"{task} for the API"}) for task in TASKS]
        return Reply((Text("I will keep a list of tasks."), *calls), otherwise=told("tasks_in_words", request).text)
    numbers = sorted(set(numbers), key=int)[-len(TASKS) :]
    done, halfway = divmod(request.step - 1, 2)
    if done >= len(numbers):
        return say("All tasks are done.\n")
    status = "completed" if halfway else "in_progress"
    return Reply((Call("TaskUpdate", {"taskId": numbers[done], "status": status}),))


DIALOGUE = (
    script(
        "question",
        r"\bask me\b|\bask (the user )?a question\b",
        in_steps(asks, hears),
        Try("Ask me a question", "A question with options; in words where the session cannot ask"),
    ),
    script("plan", r"\b(make|show|write) (me )?a plan\b", plans, Try("Make a plan", "A plan that waits for approval")),
    script(
        "tasks",
        r"\b(make|keep|create|show)( me)? an? (list of tasks|task list|to-?do list)\b",
        tasks,
        Try("Make a list of tasks", "A task list at work"),
    ),
)
