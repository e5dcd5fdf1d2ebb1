#!/bin/sh
# Builds targets of one CMake preset in build/PRESET.
# usage: tools/build.sh PRESET TARGET...
set -eu

cd "$(dirname "$0")/.."
preset=$1
shift
folder=build/$preset

# Programs alone build without what the tests need.
tests=OFF
for target in "$@"; do
  case $target in
    tidewheel | scale_hpa_vectors) ;;
    *) tests=ON ;;
  esac
done

configured() {
  [ -e "$folder/build.ninja" ] || return 1
  [ "$tests" = OFF ] || grep -q '^TIDEWHEEL_TESTS:BOOL=ON' "$folder/CMakeCache.txt"
}

echo "building $* (preset $preset, in $folder)"
if ! configured; then
  mkdir -p "$folder"
  cmake --preset "$preset" -DTIDEWHEEL_TESTS="$tests" >"$folder/configure.log" 2>&1 || {
    cat "$folder/configure.log" >&2
    exit 1
  }
fi
# On a terminal ninja shows one moving line; a log gets failures only.
[ -t 1 ] && quiet= || quiet=--quiet
exec ninja -C "$folder" -j "${JOBS:-$(nproc)}" $quiet "$@"
