#!/bin/sh
# Runs the tests against a real control plane, after preparing its programs where they are missing.
# usage: tests/control_plane/run.sh [PYTEST_ARGUMENT...]
set -eu

cd "$(dirname "$0")"
work=$(cd ../.. && pwd)/build/control_plane
mkdir -p "$work"

if ! cmp -s requirements.txt "$work/requirements.txt"; then
  rm -rf "$work/venv"
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt
  cp requirements.txt "$work/requirements.txt"
fi
./prepare.sh
exec "$work/venv/bin/python" -m pytest -p no:cacheprovider "$@"
