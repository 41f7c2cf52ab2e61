"""`make lint`: every check that reads the code without running it."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.support.hygiene import clean_environment

ROOT = Path(__file__).resolve().parent.parent.parent
# Never the scripts in .venv/bin: they name the directory the checkout was in when they were made.
PYTHON = (sys.executable, "-m")
LINT_IMPORTS = "from importlinter.cli import lint_imports_command as main; main()"
CHECKS: dict[str, list[str]] = {
    "ruff check": [*PYTHON, "ruff", "check", "."],
    "ruff format": [*PYTHON, "ruff", "format", "--check", "."],
    "mypy": [*PYTHON, "mypy", "."],
    "djlint": [*PYTHON, "djlint", "templates", "--lint", "--quiet"],
    "import-linter": [sys.executable, "-c", LINT_IMPORTS, "--no-cache"],
    "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
    "system checks": [sys.executable, "manage.py", "check", "--fail-level", "WARNING"],
}


def main() -> int:
    clean_environment()
    failed = [name for name in CHECKS if not passes(name)]
    return 1 if failed else 0


def passes(name: str) -> bool:
    start = time.monotonic()
    environment = os.environ | {"PYTHONPATH": str(ROOT)}  # import-linter imports our packages by name
    answer = subprocess.run(
        CHECKS[name],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    verdict = "ok" if answer.returncode == 0 else "FAILED"
    sys.stdout.write(f"{name:14} {verdict} ({time.monotonic() - start:.1f} s)\n")
    if answer.returncode:
        sys.stdout.write(answer.stdout)
    sys.stdout.flush()
    return answer.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
