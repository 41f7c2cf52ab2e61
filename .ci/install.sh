#!/bin/sh
# Makes .venv and installs a lock file into it; does nothing when that was done for this very file.
# usage: .ci/install.sh requirements.txt
set -eu
cd "$(dirname "$0")/.."
lock=$1
python=.venv/bin/python
installed=.venv/installed-$lock # a copy of the lock file that was installed

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

recent() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

if ! recent "$python"; then
  for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
    if recent "$candidate"; then
      found=$candidate
      break
    fi
  done
  [ -n "${found:-}" ] || fail 'Espalier needs Python 3.11 or newer: install it, or name one: make run PYTHON=/path/to/python3'
  printf 'Making .venv with %s\n' "$("$found" --version)" >&2
  "$found" -m venv --clear .venv >/dev/null 2>&1 ||
    fail 'Python cannot make a virtual environment: install its venv module (on Debian and Ubuntu: apt install python3-venv).'
fi

if ! cmp -s "$lock" "$installed"; then
  printf 'Installing %s into .venv\n' "$lock" >&2
  "$python" -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r "$lock" ||
    fail "Could not install $lock: the lines above say why. Try again once the package index can be reached."
  cp "$lock" "$installed"
fi
