"""What each branch of a scene's database shows, read in a process of its own: the rows are not those of the tests."""

import json
import subprocess
import sys
from dataclasses import dataclass

from tests.support.server import ROOT, ServerProcess


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch up to the prompt of its last turn: `shown` is all of it, as tests/runs/spoken.py has it.

    That is what the model was sent, word for word, when every turn `is_whole`. Where one was cut off, `kept` are the
    prompts and texts that the model has to know in any case, in order.
    """

    session: str
    is_whole: bool
    shown: list[tuple[str, str, str]]
    kept: list[str]


def branches_of(server: ServerProcess) -> list[Branch]:
    command = [sys.executable, "-m", "tests.faults.told"]
    told = subprocess.run(command, cwd=ROOT, env=server.environment, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    return [
        Branch(session, is_whole, [(each[0], each[1], each[2]) for each in shown], kept)
        for session, is_whole, shown, kept in json.loads(told.stdout)
    ]


def main() -> None:
    import os

    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    from sessions_app.models import Session
    from tests.faults.kept import is_whole, kept_in
    from tests.runs.spoken import shown

    told = []
    for session in Session.objects.order_by("conversation", "position"):
        last = session.turns.latest("number").number
        told.append((str(session.pk), is_whole(session), shown(session, upto=last), kept_in(session)))
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
