#!/usr/bin/env python3
"""Runs the tidy rules, then clang-tidy (rules in .clang-tidy) over our sources.

usage: tools/lint.py [SOURCE...]   (default: every source outside tests, benches and fuzzers)
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATABASE = ROOT / "build" / "release" / "compile_commands.json"
JOBS = int(os.environ.get("JOBS") or os.cpu_count() or 2)
EXEMPT = ("_test.cpp", "_bench.cpp", "_fuzz.cpp", "fuzz_replay.cpp")


def lint(source):
    done = subprocess.run(["clang-tidy-19", "-p", DATABASE.parent, "--quiet", "--warnings-as-errors=*", source],
                          cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, flush=True)
    return done.returncode == 0


def main():
    subprocess.run(["tools/build.sh", "release", "build.ninja"], cwd=ROOT, check=True)
    good = subprocess.run([sys.executable, "tools/tidy.py", "--compile-commands", DATABASE], cwd=ROOT).returncode == 0
    known = {entry["file"] for entry in json.loads(DATABASE.read_text())}
    sources = [str(pathlib.Path(s).resolve()) for s in sys.argv[1:]]
    sources = sources or sorted(s for s in known if not s.endswith(EXEMPT))
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        results = list(pool.map(lint, sources))
    print(f"clang-tidy: {results.count(True)} of {len(sources)} sources are clean")
    sys.exit(0 if good and all(results) else 1)


if __name__ == "__main__":
    main()
