#!/bin/sh
# Installs the Debian packages named in the given list files that are not installed yet, nor provided by others.
# usage: tools/install_packages.sh LIST...
# Works as root or through `sudo -n`; otherwise prints the command that is needed, and fails.
# Services that a package brings are not started.
set -eu

wanted=$(sed -e 's/#.*//' "$@" | tr -s ' \n' '\n' | sort -u | tr '\n' ' ')

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "This is not a Debian system: its own packages must provide what these are in Debian 12:" >&2
  echo "  $wanted" >&2
  exit 0
fi

missing() {
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}, ${Provides}\n' |
    sed -n -e 's/([^)]*)//g' -e 's/^installed //p' | tr -s ', ' '\n')
  for package in $wanted; do
    case "
$installed
" in *"
$package
"*) ;; *) printf '%s ' "$package" ;; esac
  done
}

packages=$(missing)
[ -n "$packages" ] || exit 0
command="apt-get install --yes --no-install-recommends $packages"

if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    exec sudo -n "$0" "$@"
  fi
  echo "Packages are missing, and neither root nor password-less sudo is at hand. Please run:" >&2
  echo "  sudo apt-get update && sudo $command" >&2
  exit 1
fi

echo "installing packages: $packages"
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\n# No service starts while packages are installed.\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

install() {
  # shellcheck disable=SC2086 # a list of words
  apt-get install --quiet --quiet --yes --no-install-recommends -o Dpkg::Use-Pty=0 $packages >/dev/null
}

known() {
  # shellcheck disable=SC2086 # a list of words
  apt-cache show --no-all-versions $packages >/dev/null 2>&1
}

# The index is fetched only when it lacks a package, or is too old to install from.
if ! known || ! install; then
  apt-get update --quiet --quiet
  install
fi
packages=$(missing)
if [ -n "$packages" ]; then
  echo "still missing: $packages" >&2
  exit 1
fi
