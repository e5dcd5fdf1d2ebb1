#!/bin/sh
# Runs the end-to-end tests: real OpenTelemetry SDKs and a real browser against the built program.
# usage: TIDEWHEEL=PROGRAM tests/e2e/run.sh [PYTEST_ARGUMENT...]
set -eu

cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
work=$root/build/e2e
go=${GO:-$("$root/tools/go.sh")}
TIDEWHEEL=$(cd "$root" && realpath "${TIDEWHEEL:-build/tidewheel}")
export TIDEWHEEL
mkdir -p "$work"

if ! cmp -s requirements.txt "$work/requirements.txt"; then
  rm -rf "$work/venv"
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt
  cp requirements.txt "$work/requirements.txt"
fi
(cd go_sender && "$go" build -o "$work/go_sender" .)
export GO_SENDER="$work/go_sender"

# Tests mostly wait for the outside, so more of them than processors run at once.
exec "$work/venv/bin/python" -m pytest -p no:cacheprovider -n 4 --dist worksteal "$@" .
