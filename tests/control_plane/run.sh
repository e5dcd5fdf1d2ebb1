#!/bin/sh
# Runs the tests against a real control plane, after preparing its programs where they are missing.
# usage: tests/control_plane/run.sh [PYTEST_ARGUMENT...]
set -eu

cd "$(dirname "$0")"
python=$(../../tools/venv.sh requirements.txt ../../build/control_plane)
./prepare.sh
exec "$python" -m pytest -p no:cacheprovider "$@"
