#!/bin/sh
# Builds kube-apiserver and kube-controller-manager, as go.mod and go.sum pin them, once, into the cache.
# usage: tests/control_plane/prepare.sh
# Prints the folder with both programs; progress goes to standard error. Takes minutes the first time, nothing after.
set -eu

cd "$(dirname "$0")"
. ../../tools/prepare_once.sh
version=$(sed -n 's/^require k8s.io\/kubernetes //p' go.mod)
minor=$(echo "$version" | cut -d . -f 2)

# The server tells clients its version, which a build from modules does not know by itself.
stamp=k8s.io/component-base/version
ldflags="-s -w -X $stamp.gitVersion=$version -X $stamp.gitMajor=1 -X $stamp.gitMinor=$minor"
programs="k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kube-controller-manager"
# No C compiler takes part, and nothing of the surroundings.
export CGO_ENABLED=0 GOFLAGS='-trimpath -buildvcs=false -mod=readonly' GOTOOLCHAIN=local GOWORK=off

build() {
  go=${GO:-$(../../tools/go.sh)}
  progress() { echo "  $(seconds) s: $(grep -c '^go: downloading' "$log") modules fetched"; }
  # shellcheck disable=SC2086 # a list of words
  with_progress "$go" list -deps $programs
  total=$(wc -l <"$out")
  progress() { echo "  $(seconds) s: $(grep -c . "$log") of at most $total packages compiled"; }
  # shellcheck disable=SC2086 # a list of words
  with_progress "$go" build -v -ldflags "$ldflags" -o "$1/" $programs
}

key=$( (cat go.mod go.sum; echo "$ldflags $programs $CGO_ENABLED $GOFLAGS") | sha256sum | cut -c 1-12)
prepare_once control-plane "$key" "kube-apiserver and kube-controller-manager $version, about 5 minutes"
