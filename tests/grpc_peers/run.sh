#!/bin/sh
# Proves our gRPC with real peers, grpc-go and grpc-python, as clients of our server and as servers of our client.
# Asks `tidewheel scaler` with them and with grpcurl. Prints PASS or FAIL per case; exits 1 on a failure. The echo
# client and tidewheel are expected beside the echo server.
# usage: tests/grpc_peers/run.sh ECHO_SERVER BUILD_DIR
set -eu

[ $# = 2 ] || { sed -n '5s/^# //p' "$0" >&2; exit 2; }
server=$(realpath "$1")
client=$(dirname "$server")/net_echo_client
tidewheel=$(dirname "$server")/tidewheel
mkdir -p "$2"
work=$(realpath "$2")
cd "$(dirname "$0")"
go=${GO:-$(../../tools/go.sh)}

python=$(../../tools/venv.sh python/requirements.txt "$work")
(cd go && "$go" build -o "$work/go_peer" . && "$go" build -o "$work/grpcurl" github.com/fullstorydev/grpcurl/cmd/grpcurl)

# Runs our client against the server that the remaining arguments start; the client's last case ends it.
against() {
  peer=$1
  shift
  rm -f "$work/port"
  mkfifo "$work/port"
  "$@" >"$work/port" &
  pid=$!
  read -r port <"$work/port"
  "$client" "$peer" "$port" || { status=1; kill "$pid" 2>/dev/null || true; }
  wait "$pid" || status=1
}

status=0
"$work/go_peer" "$server" || status=1
"$python" python/peer.py "$server" || status=1
"$work/go_peer" scaler "$tidewheel" "$work/grpcurl" || status=1
"$python" python/scaler.py "$tidewheel" || status=1
against grpc-go "$work/go_peer" serve
against grpc-python "$python" python/serve.py
exit $status
