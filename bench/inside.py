"""Forks and pages: run in a Django process of their own, and put into words here."""

import statistics
from pathlib import Path
from typing import Any

from bench.figures import Report, ratio, spread
from bench.processes import Helper

FORK_MS, FORK_KB, FORK_RATIO = 20, 8, 1.5
MOST_QUERIES = {"branch of 200 turns": 12, "tree of 1000 sessions": 10}


def measured(name: str, place: Path, repetitions: int) -> Any:
    environment = {"ESPALIER_DATA": str(place / name), "DJANGO_SETTINGS_MODULE": "config.settings"}
    (place / name).mkdir(exist_ok=True)
    with Helper("bench.child", name, str(repetitions), environment=environment) as child:
        return child.hear()


def measure_forks(report: Report, place: Path, *, quick: bool) -> None:
    found = measured("forks", place, 15 if quick else 60)
    base, longest = found["10"], found["2000"]
    for history, figures in found.items():
        compared = "" if figures is base else f"{ratio(figures['service'], base['service']):.2f}x"
        forms = "" if figures is base else f"{ratio(figures['form'], base['form']):.2f}x"
        kilobytes, basis = figures["stored"]["bytes"] / 1024, base["stored"]["bytes"] / 1024
        at = f"fork at {history} messages"
        report.add(f"{at}: service", spread(figures["service"], "ms", 1), spread(base["service"], "ms", 1), compared)
        report.add(f"{at}: whole form", spread(figures["form"], "ms", 1), spread(base["form"], "ms", 1), forms)
        report.add(f"{at}: stored", f"**{kilobytes:.2f} kB**", f"{basis:.2f} kB", f"{kilobytes / basis:.2f}x")
        report.add(f"{at}: messages and entries copied", str(figures["stored"]["rows"]))
    took, times = statistics.median(longest["service"]), ratio(longest["service"], base["service"])
    kilobytes = longest["stored"]["bytes"] / 1024
    bytes_ratio = longest["stored"]["bytes"] / base["stored"]["bytes"]
    report.judge(f"fork at 2,000 messages under {FORK_MS} ms", took < FORK_MS, f"{took:.1f} ms")
    report.judge(f"fork at 2,000 messages under {FORK_KB} kB", kilobytes < FORK_KB, f"{kilobytes:.2f} kB")
    report.judge(f"at most {FORK_RATIO} times the fork at 10", max(times, bytes_ratio) <= FORK_RATIO,
                 f"time {times:.2f}x, bytes {bytes_ratio:.2f}x")  # fmt: skip


def measure_pages(report: Report, place: Path, *, quick: bool) -> None:
    found = measured("pages", place, 3 if quick else 12)
    for name, baseline in (
        ("branch of 200 turns", "branch of 10 turns"),
        ("tree of 1000 sessions", "tree of 10 sessions"),
    ):
        here, there, page = found[name], found[baseline], f"page of a {name}"
        times = f"{ratio(here['again'], there['again']):.1f}x"
        firsts = f"{here['first'] / there['first']:.1f}x"
        queries, few, most = here["queries"], there["queries"], MOST_QUERIES[name]
        report.add(f"{page}: server", spread(here["again"], "ms"), f"{baseline}: {spread(there['again'], 'ms')}", times)
        report.add(f"{page}: nothing cached yet", f"{here['first']:.0f} ms", f"{there['first']:.0f} ms", firsts)
        report.add(f"{page}: size", f"{here['size']:.0f} kB", f"{there['size']:.0f} kB")
        report.add(f"{page}: queries", f"**{queries}**", str(few), f"{queries - few:+d}")
        report.judge(f"{name}: at most {most} queries", queries <= most, str(queries))
