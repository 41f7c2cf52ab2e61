"""Figures: how measured values are put in words, and the table they end in."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

HEADINGS = ("What", "Here", "Baseline, same run", "Difference or ratio")


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(values: Sequence[float], unit: str, digits: int = 0) -> str:
    """The median, and from the least to the greatest."""
    if not values:
        return "none"
    middle, low, high = (f"{value:.{digits}f}" for value in (statistics.median(values), min(values), max(values)))
    return f"**{middle} {unit}** ({low} to {high})"


def ratio(here: Sequence[float], baseline: Sequence[float]) -> float:
    """How many times the baseline's median this one's is."""
    return statistics.median(here) / statistics.median(baseline)


@dataclass(frozen=True, slots=True)
class Target:
    """What was promised, whether it holds, and the value that says so."""

    name: str
    met: bool
    value: str

    def __str__(self) -> str:
        return f"target {self.name}: {'met' if self.met else 'NOT met'} ({self.value})"


@dataclass(slots=True)
class Report:
    """Collects the rows of the table and the targets, and says each as it comes."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    def add(self, what: str, here: str, baseline: str = "", compared: str = "") -> None:
        row = (what, here, baseline, compared)
        self.rows.append(row)
        print("  " + " · ".join(cell.replace("**", "") for cell in row if cell), flush=True)

    def judge(self, name: str, met: bool, value: str) -> None:
        self.targets.append(Target(name, met, value))
        print(f"  {self.targets[-1]}", flush=True)

    def table(self) -> str:
        """All rows and targets as Markdown."""
        lines = [HEADINGS, ("---",) * len(HEADINGS), *self.rows]
        table = [f"| {' | '.join(cells)} |" for cells in lines]
        return "\n".join([*table, "", *(f"- {target}" for target in self.targets)])
