#!/bin/sh
# Replays what otel-add-on was asked against the built program. Prints a table of each file, then "N passed, M failed".
# usage: TIDEWHEEL=PROGRAM tests/otel_addon/run.sh [CASES.json...]   (default: cases.json and golden.json here)
#        TIDEWHEEL=PROGRAM tests/otel_addon/run.sh defects [PYTEST_ARGUMENT...]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/build/otel_addon
TIDEWHEEL=$(realpath "${TIDEWHEEL:-$root/build/tidewheel}")
export TIDEWHEEL
python=$("$root/tools/venv.sh" "$here/requirements.txt" "$work")

if [ "${1-}" = defects ]; then
  shift
  cd "$here"
  exec "$python" -m pytest -p no:cacheprovider "$@" .
fi
[ $# -gt 0 ] || set -- "$here/cases.json" "$here/golden.json"
exec "$python" "$here/replay.py" "$@"
