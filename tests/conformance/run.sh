#!/bin/sh
# Holds the built program against the table of what OTLP means, against the OpenTelemetry Collector, and against what
# real SDKs say that they sent. Prints a summary of the table.
# usage: TIDEWHEEL=PROGRAM tests/conformance/run.sh [PYTEST_ARGUMENT...]
set -eu

cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
work=$root/build/e2e
go=${GO:-$("$root/tools/go.sh")}
TIDEWHEEL=$(cd "$root" && realpath "${TIDEWHEEL:-build/tidewheel}")
export TIDEWHEEL
mkdir -p "$work"

python=$("$root/tools/venv.sh" ../e2e/requirements.txt "$work")
. ../e2e/senders.sh
COLLECTOR=$(./prepare.sh)/collector
export COLLECTOR
exec "$python" -m pytest -p no:cacheprovider -n 3 --dist loadscope "$@"
