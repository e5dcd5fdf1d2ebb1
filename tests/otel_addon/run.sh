#!/bin/sh
# Replays what otel-add-on was asked against the built program. Prints a table, then "N passed, M failed".
# usage: TIDEWHEEL=PROGRAM tests/otel_addon/run.sh [CASES.json...]   (default: cases.json here)
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/build/otel_addon
TIDEWHEEL=$(realpath "${TIDEWHEEL:-$root/build/tidewheel}")
export TIDEWHEEL
mkdir -p "$work"

if ! cmp -s "$here/requirements.txt" "$work/requirements.txt"; then
  rm -rf "$work/venv"
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$work/requirements.txt"
fi

[ $# -gt 0 ] || set -- "$here/cases.json"
exec "$work/venv/bin/python" "$here/replay.py" "$@"
