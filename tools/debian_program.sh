#!/bin/sh
# Prints the path of a program of a Debian package; unpacks the package into the cache where the program is not installed.
# Nothing is installed: no service starts, now or at the next boot, and root is not needed.
# usage: tools/debian_program.sh PACKAGE PROGRAM
set -eu

[ $# = 2 ] || { sed -n '4s/^# //p' "$0" >&2; exit 2; }
package=$1
program=$2
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tidewheel
home=$cache/$package

if command -v "$program"; then exit 0; fi
if [ -x "$home/usr/bin/$program" ]; then
  echo "$home/usr/bin/$program"
  exit 0
fi

fetch() {
  apt-get download --quiet --quiet -o APT::Sandbox::User=root "$package" >&2
}

echo "fetching the Debian package $package" >&2
mkdir -p "$cache"
new=$(mktemp -d "$cache/$package-XXXXXX")
trap 'rm -rf "$new"' EXIT
trap 'exit 1' HUP INT TERM
# The index is fetched only when it lacks the package, or is too old to download from.
(cd "$new" && { fetch || { apt-get update --quiet --quiet >&2 && fetch; }; } && dpkg-deb --extract ./*.deb tree)
# Of two at once the first wins.
mv -T "$new/tree" "$home" 2>/dev/null || [ -x "$home/usr/bin/$program" ]
echo "$home/usr/bin/$program"
