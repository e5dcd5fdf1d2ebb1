#!/bin/sh
# Proves the gRPC server with real peers: grpc-go and grpc-python. Prints PASS or FAIL per case; exits 1 on a failure.
# usage: tests/grpc_peers/run.sh ECHO_SERVER BUILD_DIR
set -eu

[ $# = 2 ] || { sed -n '3s/^# //p' "$0" >&2; exit 2; }
server=$(realpath "$1")
mkdir -p "$2"
work=$(realpath "$2")
cd "$(dirname "$0")"
go=${GO:-$(../../tools/go.sh)}

if ! cmp -s python/requirements.txt "$work/requirements.txt"; then
  rm -rf "$work/venv"
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check -r python/requirements.txt
  cp python/requirements.txt "$work/requirements.txt"
fi
(cd go && "$go" build -o "$work/go_peer" .)

status=0
"$work/go_peer" "$server" || status=1
"$work/venv/bin/python" python/peer.py "$server" || status=1
exit $status
