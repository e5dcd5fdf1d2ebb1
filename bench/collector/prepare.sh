#!/bin/sh
# Builds the OpenTelemetry Collector of main.go once, into the cache.
# usage: bench/collector/prepare.sh
# Prints the program's path. Progress goes to standard error. Takes minutes the first time, nothing after.
set -eu

cd "$(dirname "$0")"
. ../../tools/prepare_once.sh

# No C compiler takes part, and nothing of the surroundings.
export CGO_ENABLED=0 GOFLAGS='-trimpath -buildvcs=false -mod=readonly' GOTOOLCHAIN=local GOWORK=off

build() {
  go=${GO:-$(../../tools/go.sh)}
  progress() { echo "  $(seconds) s: $(grep -c . "$log") packages fetched or compiled"; }
  with_progress "$go" build -v -ldflags '-s -w' -o "$1/collector" .
}

key=$(cat main.go go.mod go.sum | sha256sum | cut -c 1-12)
folder=$(prepare_once nop-collector "$key" "the OpenTelemetry Collector, about 3 minutes")
echo "$folder/collector"
