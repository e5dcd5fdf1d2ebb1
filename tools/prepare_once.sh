# shellcheck shell=sh
# What scripts share that build programs of others once, into the cache. Sourced, not run:
#
#   prepare_once NAME KEY WHAT   prints ~/.cache/tidewheel/NAME-KEY; makes that folder first where it is missing, by the
#                                caller's function `build FOLDER`, which fills an empty folder
#   with_progress COMMAND...     for `build`: runs COMMAND beside a line every few seconds, which the caller's function
#                                `progress` prints; COMMAND's output is in $out, what it says in $log
#   seconds                      since `build` started
#
# Progress and errors go to standard error. Two at once: the second waits for the first. What a killed one leaves is
# never mistaken for a finished one.

progress_seconds=5
cache=${XDG_CACHE_HOME:-$HOME/.cache}/tidewheel

prepare_once() {
  home=$cache/$1-$2
  if [ ! -d "$home" ]; then
    mkdir -p "$cache"
    exec 9>"$cache/$1.lock"
    flock --nonblock 9 || {
      echo "waiting for another that prepares $3" >&2
      flock 9
    }
  fi
  # While we waited, the other one may have made it.
  [ -d "$home" ] || prepare_now "$1" "$3"
  echo "$home"
}

prepare_now() {
  rm -rf "$cache/$1"-*.new # What killed ones left; we hold the lock.
  new=$(mktemp -d "$cache/$1-XXXXXX.new")
  out=$new/out
  log=$new/log
  started=$(date +%s)
  pid=
  trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; rm -rf "$new"' EXIT
  trap 'exit 1' HUP INT TERM
  echo "preparing $2" >&2
  mkdir "$new/made"
  build "$new/made"
  mv "$new/made" "$home"
  echo "prepared in $(seconds) s" >&2
}

seconds() { echo $(($(date +%s) - started)); }

with_progress() {
  "$@" >"$out" 2>"$log" 9>&- &
  pid=$!
  next=$(($(seconds) + progress_seconds))
  while kill -0 "$pid" 2>/dev/null; do
    sleep 1
    if [ "$(seconds)" -ge "$next" ]; then
      progress >&2
      next=$(($(seconds) + progress_seconds))
    fi
  done
  wait "$pid" || { pid=; cat "$log" >&2; exit 1; }
  pid=
}
