#!/bin/sh
# Builds KEDA's operator and metrics adapter once, into the cache, and lays its CRDs beside them.
# usage: tests/keda/prepare.sh
# Prints the folder: operator, adapter, crds/*.yaml. Progress goes to standard error. Takes minutes the first time,
# nothing after.
set -eu

cd "$(dirname "$0")"
. ../../tools/prepare_once.sh

# KEDA replaces modules, which counts only where it is itself the main module: it is built in the place where Go unpacks
# it. Its own go.sum pins all that it is made of, this sum pins KEDA.
module=github.com/kedacore/keda/v2
version=v2.21.0
sum=h1:R6z2HZvstK4RLUMxroNACzBj74xGxt3kG59b5Xc+Xps=
programs="./cmd/operator ./cmd/adapter"
ldflags="-s -w -X $module/version.Version=${version#v}"
# No C compiler takes part, and nothing of the surroundings.
export CGO_ENABLED=0 GOFLAGS='-trimpath -buildvcs=false -mod=readonly' GOTOOLCHAIN=local GOWORK=off

build() {
  go=${GO:-$(../../tools/go.sh)}
  progress() { echo "  $(seconds) s: KEDA's module is being fetched"; }
  with_progress "$go" mod download -json "$module@$version"
  got=$(told Sum)
  [ "$got" = "$sum" ] || { echo "$module $version has the sum $got, not $sum" >&2; exit 1; }
  cd "$(told Dir)"

  progress() { echo "  $(seconds) s: $(grep -c '^go: downloading' "$log") modules fetched"; }
  # shellcheck disable=SC2086 # a list of words
  with_progress "$go" list -deps $programs
  total=$(wc -l <"$out")
  progress() { echo "  $(seconds) s: $(grep -c . "$log") of at most $total packages compiled"; }
  # shellcheck disable=SC2086 # a list of words
  with_progress "$go" build -v -ldflags "$ldflags" -o "$1/" $programs
  mkdir "$1/crds"
  cp config/crd/bases/*.yaml "$1/crds"
}

# A member of what `go mod download -json` printed.
told() { sed -n "s/^\t\"$1\": \"\(.*\)\",\{0,1\}$/\1/p" "$out"; }

key=$(echo "$module $version $sum $programs $ldflags $CGO_ENABLED $GOFLAGS" | sha256sum | cut -c 1-12)
prepare_once keda "$key" "KEDA's operator and adapter $version, about 6 minutes"
