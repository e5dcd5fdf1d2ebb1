#!/bin/sh
# Line coverage of a folder by its own tests: per file, every line that no test reaches, and the whole in the last line.
# usage: tools/coverage.sh FOLDER
set -eu

cd "$(dirname "$0")/.."
folder=${1:?usage: tools/coverage.sh FOLDER}
build=build/coverage
tests=$build/${folder}_tests
profiles=$build/$folder.profiles
merged=$build/$folder.profdata

tools/build.sh coverage "${folder}_tests"
rm -rf "$profiles"
# One profile per process: tests start programs of the folder.
LLVM_PROFILE_FILE=$PWD/$profiles/%p.profraw "$tests" --gtest_brief=1
llvm-profdata-19 merge -sparse "$profiles"/*.profraw -o "$merged"

# Tests, benches, fuzzers and their helpers are not what is measured.
others='(_test|_bench|_fuzz|_main)\.cpp$|/testing/'
sources=$(find "$folder" -name '*.cpp' -o -name '*.h' | grep -Ev "$others" | sort)
# shellcheck disable=SC2086  # one argument per file
llvm-cov-19 report "$tests" -instr-profile="$merged" \
  -show-branch-summary=false -show-region-summary=false $sources
echo
echo "not covered:"
# shellcheck disable=SC2086
llvm-cov-19 export -format=lcov -skip-functions "$tests" -instr-profile="$merged" $sources |
  awk -F'[:,]' -v root="$PWD/" -v folder="$folder" '
    /^SF:/ {file = substr($0, 4); sub(root, "", file); number = 0}
    /^DA:/ {
      all++
      if ($3 > 0) next
      missed++
      while (number < $2) {getline text < file; number++}
      print "  " file ":" $2 ": " text
    }
    END {
      printf "line coverage of %s: %.1f %% (%d of %d lines)\n", folder, 100 * (all - missed) / all, all - missed, all
    }'
