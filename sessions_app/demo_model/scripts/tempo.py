"""Scripts about time: exact rates for measurements, slow answers, late answers."""

import re
from dataclasses import replace

from sessions_app.demo_model.library import told
from sessions_app.demo_model.reply import Answer, Reply, Tempo, Text
from sessions_app.demo_model.request import ModelRequest
from sessions_app.demo_model.scripts import Try, script

RATE = re.compile(r"stream (\d+(?:\.\d+)?) deltas?/s for (\d+(?:\.\d+)?) s", re.IGNORECASE)
WAIT = re.compile(r"wait (\d+(?:\.\d+)?) s(?:ec(?:onds?)?)? before", re.IGNORECASE)
WORDS_PER_PARAGRAPH = 40
MAX_WORDS = 200_000
MAX_RATE = 5_000.0


def numbered_words(count: int) -> str:
    """The text of an exact-rate stream of `count` deltas: `w0001 w0002 ...`, a new paragraph every 40 words."""
    words = []
    for number in range(1, count + 1):
        words.append(f"w{number:04d}")
        if number < count:
            words.append(" " if number % WORDS_PER_PARAGRAPH else "\n\n")
    return "".join(words)


def at_a_rate(request: ModelRequest) -> Answer:
    """Numbered words, one per delta, at exactly the rate in the prompt."""
    match = RATE.search(request.prompt)
    rate, seconds = (float(match[1]), float(match[2])) if match else (50.0, 10.0)
    rate = min(max(rate, 0.1), MAX_RATE)
    count = min(max(1, round(rate * seconds)), MAX_WORDS)
    return Reply((Text(numbered_words(count)),), tempo=Tempo(rate=rate, wait=0, exact=True))


def late(request: ModelRequest) -> Answer:
    """Nothing at all for the seconds in the prompt, then a plain answer."""
    match = WAIT.search(request.prompt)
    wait = min(float(match[1]), 3600.0) if match else 5.0
    return replace(told("plain", request), tempo=Tempo(wait=wait, exact=True))


def slowly(request: ModelRequest) -> Answer:
    """A plain answer at three words per second."""
    return replace(told("plain", request), tempo=Tempo(rate=3))


TEMPO = (
    script(
        "exact rate",
        RATE.pattern,
        at_a_rate,
        Try("Stream 50 deltas/s for 60 s", "Numbered words at exactly that rate, any numbers, for measurements"),
    ),
    script("late", WAIT.pattern, late, Try("Wait 5 s before answering", "A late first word, any number of seconds")),
    script(
        "slow",
        r"\b(answer|stream) slowly\b|\bslow (stream|answer)\b",
        slowly,
        Try("Answer slowly", "Three words a second"),
    ),
)
