#!/bin/sh
# Starts the CLI with an environment made of the names in ESPALIER_PASS and nothing else, and has it die with its parent.
# The SDK hands a child the server's whole environment; without this, the agent's shell could read every secret in it.
cli=$ESPALIER_CLI
death=$ESPALIER_DEATH
python=$ESPALIER_PYTHON
set -- "$cli" "$@"
case $death in
  python) set -- "$python" -I -S "${0%/*}/die_with_parent.py" "$@" ;;
esac
for name in $ESPALIER_PASS; do
  eval "if [ -n \"\${$name+x}\" ]; then set -- \"$name=\${$name}\" \"\$@\"; fi"
done
case $death in
  setpriv) exec setpriv --pdeathsig TERM env -i "$@" ;;
  *) exec env -i "$@" ;;
esac
