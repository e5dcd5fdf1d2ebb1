#!/bin/sh
# Runs the tests with a real KEDA, after preparing its programs, and the control plane's, where they are missing.
# usage: TIDEWHEEL=PROGRAM tests/keda/run.sh [PYTEST_ARGUMENT...]
set -eu

cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
go=${GO:-$("$root/tools/go.sh")}
TIDEWHEEL=$(cd "$root" && realpath "${TIDEWHEEL:-build/tidewheel}")
export TIDEWHEEL
python=$("$root/tools/venv.sh" ../e2e/requirements.txt "$root/build/e2e")
(cd ../e2e/go_sender && "$go" build -o "$root/build/e2e/go_sender" .)
export GO_SENDER="$root/build/e2e/go_sender"
../control_plane/prepare.sh
./prepare.sh
exec "$python" -m pytest -p no:cacheprovider "$@"
