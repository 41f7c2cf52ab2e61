"""The prompts of a random walk, by what the scripted model does with them."""

LONG_STREAM = "stream 20 deltas/s for 20 s"
PROMPTS = (
    "stream 20 deltas/s for 5 s",
    "stream 20 deltas/s for 9 s",
    "stream 100 deltas/s for 6 s",
    "stream 400 deltas/s for 2 s",
    "Give a plain answer",
    "Show rich Markdown",
    "Show hostile output",
    "Think hard before answering",
    "Wait 2 s before answering",
    "Hit the token limit",
    "Refuse this",
    "Stall mid-answer",
    "Cut the stream once",
    "Cut the stream always",
    "Fail mid-stream once",
    "Fail with overloaded once",
    "Fail with internal error once",
    "Fail with invalid request",
)
# Those whose agents ask before they act.
ASKING_PROMPTS = (
    "Do something that needs permission",
    "Ask me a question",
    "Make a plan",
    "Fetch two pages at once",
    "Write outside the working directory",
    "Edit a file",
    "Run a command that takes 2 s",
    "Use several tools in parallel",
)
