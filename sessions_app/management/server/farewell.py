"""What the server says while it stops: which turns it waits for, and what became of them."""

from sessions_app.runs.pool import Ending


def stopping(running: int, seconds: int) -> str:
    """The first line; empty when nothing runs. The turns have `seconds` to finish by themselves."""
    if not running:
        return ""
    turns, verb, have = ("1 turn", "is", "has") if running == 1 else (f"{running} turns", "are", "have")
    what = f"{have} {seconds} s to finish" if seconds else f"{verb} interrupted"
    return f"Stopping: {turns} {verb} running and {what}."


def stopped(ending: Ending) -> str:
    """The last line; empty when nothing ran and nothing waits."""
    became = [
        outcome(ending.finished, "finished", "finished"),
        outcome(ending.failed, "failed", "failed"),
        outcome(ending.interrupted, "was interrupted", "were interrupted"),
    ]
    parts = [
        ", ".join(part for part in became if part),
        outcome(ending.waiting, "waits", "wait", " for the next start"),
    ]
    said = "; ".join(part for part in parts if part)
    return f"Stopped: {said}." if said else ""


def outcome(count: int, one: str, many: str, rest: str = "") -> str:
    return "" if not count else f"1 turn {one}{rest}" if count == 1 else f"{count} turns {many}{rest}"
