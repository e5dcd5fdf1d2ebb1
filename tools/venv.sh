#!/bin/sh
# Prints the path of a Python that has the packages which a requirements file pins. Its environment lies in FOLDER/venv,
# and is made where it is missing or was made for another file.
# usage: tools/venv.sh REQUIREMENTS FOLDER
set -eu

[ $# = 2 ] || { sed -n '4s/^# //p' "$0" >&2; exit 2; }
mkdir -p "$2"
if ! cmp -s "$1" "$2/requirements.txt"; then
  rm -rf "$2/venv"
  python3 -m venv "$2/venv" >&2
  "$2/venv/bin/pip" install --quiet --disable-pip-version-check -r "$1" >&2
  cp "$1" "$2/requirements.txt"
fi
echo "$(cd "$2" && pwd)/venv/bin/python"
