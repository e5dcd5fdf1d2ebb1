#!/bin/sh
# Builds kube-apiserver and kube-controller-manager, as go.mod and go.sum pin them, once, into the cache.
# usage: tests/control_plane/prepare.sh
# Prints the folder with both programs; progress goes to standard error. Takes minutes the first time, nothing after.
# Two at once: the second waits for the first. What a killed one leaves is never mistaken for a finished one.
set -eu

progress_seconds=5
cd "$(dirname "$0")"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tidewheel
version=$(sed -n 's/^require k8s.io\/kubernetes //p' go.mod)
minor=$(echo "$version" | cut -d . -f 2)

# The server tells clients its version, which a build from modules does not know by itself.
stamp=k8s.io/component-base/version
ldflags="-s -w -X $stamp.gitVersion=$version -X $stamp.gitMajor=1 -X $stamp.gitMinor=$minor"
programs="k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kube-controller-manager"
# No C compiler takes part, and nothing of the surroundings.
export CGO_ENABLED=0 GOFLAGS='-trimpath -buildvcs=false -mod=readonly' GOTOOLCHAIN=local GOWORK=off

key=$( (cat go.mod go.sum; echo "$ldflags $programs $CGO_ENABLED $GOFLAGS") | sha256sum | cut -c 1-12)
home=$cache/control-plane-$key

if [ -d "$home" ]; then
  echo "$home"
  exit 0
fi

mkdir -p "$cache"
exec 9>"$cache/control-plane.lock"
flock --nonblock 9 || {
  echo "waiting for another that prepares the control plane" >&2
  flock 9
}
if [ -d "$home" ]; then # The other one made it.
  echo "$home"
  exit 0
fi

go=${GO:-$(../../tools/go.sh)}
rm -rf "$cache"/control-plane-*.new # What killed ones left; we hold the lock.
new=$(mktemp -d "$cache/control-plane-XXXXXX.new")
started=$(date +%s)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; rm -rf "$new"' EXIT
trap 'exit 1' HUP INT TERM

seconds() { echo $(($(date +%s) - started)); }

# Runs a command in the background of a line every few seconds that `progress` makes; on a failure shows all it said.
with_progress() {
  log=$new/log
  "$@" >"$new/out" 2>"$log" 9>&- &
  pid=$!
  next=$progress_seconds
  while kill -0 "$pid" 2>/dev/null; do
    sleep 1
    if [ "$(seconds)" -ge "$next" ]; then
      progress >&2
      next=$(($(seconds) + progress_seconds))
    fi
  done
  wait "$pid" || { pid=; cat "$log" >&2; exit 1; }
  pid=
}

echo "preparing kube-apiserver and kube-controller-manager $version with $("$go" env GOVERSION), about 5 minutes" >&2
progress() { echo "  $(seconds) s: $(grep -c '^go: downloading' "$log") modules fetched"; }
# shellcheck disable=SC2086 # a list of words
with_progress "$go" list -deps $programs
total=$(wc -l <"$new/out")
progress() { echo "  $(seconds) s: $(grep -c . "$log") of at most $total packages compiled"; }
mkdir "$new/bin"
# shellcheck disable=SC2086 # a list of words
with_progress "$go" build -v -ldflags "$ldflags" -o "$new/bin/" $programs

mv "$new/bin" "$home"
echo "prepared in $(seconds) s" >&2
echo "$home"
