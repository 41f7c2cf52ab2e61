"""What one stream into the panes of a page came to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Run:
    """Delays are in ms, `processor` and `idle` in percent of one core; the others count words or messages."""

    delays: list[float] = field(default_factory=list)
    processor: float = 0.0
    idle: float = 0.0
    words: int = 0
    wrong: int = 0
    unlike_fresh: int = 0
    backwards: int = 0


def differing(shown: Sequence[str], expected: Sequence[str]) -> int:
    """How many words are lost, doubled or in the wrong place."""
    return sum(a != b for a, b in zip(shown, expected, strict=False)) + abs(len(shown) - len(expected))


def delays(written: Sequence[float], seen: Sequence[tuple[float, int]]) -> list[float]:
    """Per word, from the model handing it over until the page shows it; `seen` has the last word at each change."""
    found, at = [], 0
    for number, moment in enumerate(written, start=1):
        while at < len(seen) and seen[at][1] < number:
            at += 1
        if at < len(seen):
            found.append(seen[at][0] - moment * 1000)
    return found


def raw_delays(heard: dict[str, Any], answer: dict[str, Any]) -> list[float]:
    """The same for the SDK alone, until it hands over the delta."""
    return [(there - here) * 1000 for here, there in zip(answer["deltas"], heard["heard"], strict=True)]
