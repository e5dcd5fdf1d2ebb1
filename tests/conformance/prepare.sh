#!/bin/sh
# Builds the OpenTelemetry Collector, of the parts that the tests ask, once, into the cache.
# usage: tests/conformance/prepare.sh
# Prints the folder: collector. Progress goes to standard error. Takes minutes the first time, nothing after.
set -eu

cd "$(dirname "$0")/collector"
. ../../../tools/prepare_once.sh

# No C compiler takes part, and nothing of the surroundings.
export CGO_ENABLED=0 GOFLAGS='-trimpath -buildvcs=false -mod=readonly' GOTOOLCHAIN=local GOWORK=off

build() {
  go=${GO:-$(../../../tools/go.sh)}
  progress() { echo "  $(seconds) s: $(grep -c '^go: downloading' "$log") modules fetched"; }
  with_progress "$go" list -deps .
  total=$(wc -l <"$out")
  progress() { echo "  $(seconds) s: $(grep -c . "$log") of at most $total packages compiled"; }
  with_progress "$go" build -v -ldflags '-s -w' -o "$1/collector" .
}

key=$(cat main.go go.mod go.sum | sha256sum | cut -c 1-12)
prepare_once collector "$key" "the OpenTelemetry Collector, about 3 minutes"
