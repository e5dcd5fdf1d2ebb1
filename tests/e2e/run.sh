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

python=$("$root/tools/venv.sh" requirements.txt "$work")
. ./senders.sh

# Tests mostly wait for the outside, so more of them than processors run at once.
exec "$python" -m pytest -p no:cacheprovider -n 4 --dist worksteal "$@" .
