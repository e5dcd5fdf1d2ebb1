#!/bin/sh
# Line coverage of a folder by its own tests: per file, and every line that no test reaches.
# usage: tools/coverage.sh FOLDER
set -eu

cd "$(dirname "$0")/.."
folder=${1:?usage: tools/coverage.sh FOLDER}
build=build/coverage
tests=$build/${folder}_tests

tools/build.sh coverage "${folder}_tests"
LLVM_PROFILE_FILE=$build/$folder.profraw "$tests" --gtest_brief=1
llvm-profdata-19 merge -sparse "$build/$folder.profraw" -o "$build/$folder.profdata"

# Tests, benches, fuzzers and their helpers are not what is measured.
others='(_test|_bench|_fuzz|_main)\.cpp$|/testing/'
sources=$(find "$folder" -name '*.cpp' -o -name '*.h' | grep -Ev "$others" | sort)
# shellcheck disable=SC2086  # one argument per file
llvm-cov-19 report "$tests" -instr-profile="$build/$folder.profdata" \
  -show-branch-summary=false -show-region-summary=false $sources
echo
echo "not covered:"
# shellcheck disable=SC2086
llvm-cov-19 export -format=lcov -skip-functions "$tests" -instr-profile="$build/$folder.profdata" $sources |
  awk -F'[:,]' -v root="$PWD/" '/^SF:/ {file = substr($0, 4); sub(root, "", file)} /^DA:/ && $3 == 0 {print "  " file ":" $2}'
