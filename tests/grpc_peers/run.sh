#!/bin/sh
# Proves our gRPC with real peers, grpc-go and grpc-python, as clients of our server and as servers of our client.
# Asks `tidewheel scaler` with them and with grpcurl, and attacks it. Prints PASS or FAIL per case, and then a table of
# features; exits 1 on a failure. The echo client and tidewheel are expected beside the echo server.
# usage: tests/grpc_peers/run.sh ECHO_SERVER BUILD_DIR
set -eu
export GRPC_VERBOSITY=NONE # what fails is told by the cases

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

certificates=$work/certificates
"$work/go_peer" certificates "$certificates"
rm -f "$work"/*.results "$work/failed"

# Runs a suite, whose output goes to NAME.results: some run beside others.
suite() {
  name=$1
  shift
  "$@" >"$work/$name.results" 2>&1 || touch "$work/failed"
}

status=0
suite go_scaler "$work/go_peer" scaler "$tidewheel" "$work/grpcurl" "$certificates" & # mostly waits for keep-alives
beside=$!
suite go_echo "$work/go_peer" echo "$server" "$certificates"
suite python_echo "$python" python/peer.py "$server" "$certificates"
suite python_scaler "$python" python/scaler.py "$tidewheel" "$certificates"
against grpc-go "$work/go_peer" serve
against grpc-python "$python" python/serve.py
wait "$beside"
suite hostile "$work/go_peer" hostile "$tidewheel" # alone, for what it measures
cat "$work"/*.results
python3 table.py "$work"/*.results || status=1
[ ! -e "$work/failed" ] || status=1
exit $status
