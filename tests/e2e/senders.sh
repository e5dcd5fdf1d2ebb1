# shellcheck shell=sh
# Makes the senders' programs, and says where they are: GO_SENDER, NODE_SENDER, NODE_PATH, JAVA_SENDER. Where a language
# cannot be had, NODE_LACKS or JAVA_LACKS says what to install instead, and its tests are skipped with those words.
# Sourced, not run; needs root (the repository), go, and work (a folder of its own).

. "$root/tools/prepare_once.sh"
senders=$root/tests/e2e

# What a sender needs of others is pinned by a file, and lies in the cache under that file's sum.
sum_of() { sha256sum "$1" | cut -c 1-12; }

# In subshells, as each has its own `build`, and its lock ends with it.
node_modules() (
  build() {
    cp "$senders/node_sender/package.json" "$senders/node_sender/package-lock.json" "$1"
    (cd "$1" && npm ci --ignore-scripts --no-audit --no-fund --silent >&2)
  }
  prepare_once node_sender "$(sum_of "$senders/node_sender/package-lock.json")" "the OpenTelemetry SDK for Node.js"
)

java_jars() (
  build() {
    mvn --quiet --batch-mode --file "$senders/java_sender/pom.xml" dependency:copy-dependencies \
      "-DoutputDirectory=$1" >&2
  }
  prepare_once java_sender "$(sum_of "$senders/java_sender/pom.xml")" "the OpenTelemetry SDK for Java"
)

# lacking PACKAGE PROGRAM...: the packages whose program is not there.
lacking() {
  while [ $# -gt 0 ]; do
    command -v "$2" >/dev/null || printf ' %s' "$1"
    shift 2
  done
}

(cd "$senders/go_sender" && "$go" build -o "$work/go_sender" .)
export GO_SENDER="$work/go_sender"

missing=$(lacking nodejs node npm npm)
if [ -z "$missing" ]; then
  NODE_PATH=$(node_modules)/node_modules
  export NODE_PATH NODE_SENDER="$senders/node_sender/sender.js"
else
  export NODE_LACKS="needs Node.js: apt-get install$missing"
fi

missing=$(lacking openjdk-17-jdk-headless javac maven mvn)
if [ -z "$missing" ]; then
  jars=$(java_jars)
  javac -Xlint:all -Werror -cp "$jars/*" -d "$work/java_sender" "$senders"/java_sender/*.java
  export JAVA_SENDER="$jars/*:$work/java_sender"
else
  export JAVA_LACKS="needs Java: apt-get install$missing"
fi
