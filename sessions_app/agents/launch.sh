#!/bin/sh
# Starts the CLI with an environment made of the names in ESPALIER_PASS and nothing else, and has it die with its parent.
# The SDK hands a child the server's whole environment; without this, the agent's shell could read every secret in it.
set -f
cli=$ESPALIER_CLI
death=$ESPALIER_DEATH
pass=" $ESPALIER_PASS "
set -- "$cli" "$@"
case $death in
  python) set -- "$ESPALIER_PYTHON" -I -S "${0%/*}/die_with_parent.py" "$@" ;;
esac
# Names alone stand on a command line, which everybody on the machine can read; values do not.
for name in $(awk 'BEGIN { for (name in ENVIRON) print name }'); do
  case $pass in
    *" $name "*) ;;
    *) set -- -u "$name" "$@" ;;
  esac
done
case $death in
  setpriv) exec setpriv --pdeathsig TERM env "$@" ;;
  *) exec env "$@" ;;
esac
