"""`make bench`: measure everything, or what `--only` names, and print the table."""

import argparse
import os
import sys
import time
from collections.abc import Sequence

from bench import first_text, idle, inside, panes
from bench.figures import Report
from bench.machine import machine_line
from bench.processes import private_place

MEASURES = {
    "pages": inside.measure_pages,
    "fork": inside.measure_forks,
    "first-text": first_text.measure,
    "panes": panes.measure,
    "idle": idle.measure,
}


def chosen(given: Sequence[str]) -> tuple[list[str], bool]:
    """The names of the measures, and whether to hurry."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Figures beside baselines of the same run.")
    parser.add_argument(
        "--only", default=",".join(MEASURES), help=f"some of {', '.join(MEASURES)}, with commas between"
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions and shorter streams")
    options = parser.parse_args(given)
    names = [name.strip() for name in options.only.split(",") if name.strip()]
    if unknown := set(names) - set(MEASURES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; choose from {', '.join(MEASURES)}")
    return names, options.quick


def main(given: Sequence[str]) -> int:
    names, quick = chosen(given)
    report = Report()
    with private_place() as place:
        machine = machine_line()
        print(machine, flush=True)
        for name in names:
            began = time.monotonic()
            print(f"\n{name}", flush=True)
            MEASURES[name](report, place, quick=quick)
            print(f"  ({time.monotonic() - began:.0f} s, load now {os.getloadavg()[0]:.1f})", flush=True)
    print(f"\n{machine}, {os.getloadavg()[0]:.1f} at the end{', quick' if quick else ''}\n\n{report.table()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
