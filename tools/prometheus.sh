#!/bin/sh
# Prints the path of a Prometheus to compare with; unpacks Debian's into the cache, without installing its service.
# usage: tools/prometheus.sh
set -eu

home=${XDG_CACHE_HOME:-$HOME/.cache}/tidewheel/prometheus
if command -v prometheus; then exit 0; fi
if [ ! -x "$home/usr/bin/prometheus" ]; then
  echo "fetching the Debian package prometheus" >&2
  mkdir -p "$home"
  new=$(mktemp -d)
  trap 'rm -rf "$new"' EXIT
  chmod 755 "$new"
  (cd "$new" && apt-get download --quiet --quiet -o APT::Sandbox::User=root prometheus >&2 && dpkg-deb --extract ./*.deb "$home")
fi
echo "$home/usr/bin/prometheus"
