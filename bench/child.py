"""A helper: measures on a database of its own inside one Django process (`python -m bench.child forks`)."""

import importlib
import sys

import django
from django.core.management import call_command

from bench.processes import say


def main(name: str, repetitions: int) -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    say(importlib.import_module(f"bench.{name}").found(repetitions))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
