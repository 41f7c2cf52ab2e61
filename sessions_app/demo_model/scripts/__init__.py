"""Scripts: which words in a prompt choose them, what they answer, and what a person can try."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sessions_app.demo_model.reply import Answer
from sessions_app.demo_model.request import ModelRequest

Answering = Callable[[ModelRequest], Answer]


@dataclass(frozen=True, slots=True)
class Try:
    """A line of the page's "Try" list: a prompt that can be typed, and what it shows."""

    prompt: str
    shows: str


@dataclass(frozen=True, slots=True)
class Script:
    """`answer` is called for every API request of a turn whose prompt contains `words`."""

    name: str
    words: re.Pattern[str]
    answer: Answering
    tries: tuple[Try, ...] = ()


def script(name: str, words: str, answer: Answering, *tries: Try) -> Script:
    """A script chosen by a regular expression, in any case of letters."""
    return Script(name, re.compile(words, re.IGNORECASE), answer, tries)


def in_steps(*steps: Answering) -> Answering:
    """One Answering per API request of the turn; the last one answers all that follow."""

    def answer(request: ModelRequest) -> Answer:
        return steps[min(request.step, len(steps) - 1)](request)

    return answer
