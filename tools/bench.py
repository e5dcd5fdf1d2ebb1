#!/usr/bin/env python3
"""Runs the benchmarks: each folder's x_bench.cpp, then the whole-program scripts bench/run_*; then prints one table of what
these have measured, beside the goals and the rivals.

usage: tools/bench.py [NAME_PART...]   (default: all of them)
BENCH=quick in the environment asks for a short form. Scripts find the program in TIDEWHEEL.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
QUICK = os.environ.get("BENCH") == "quick"
# The quick form does without the largest sets: to make them takes longer than to measure them.
BENCH_ARGUMENTS = (["--benchmark_min_time=0.02", "--benchmark_filter=-/1(00000|000000)$"] if QUICK
                   else ["--benchmark_min_time=0.5"])
sys.path.insert(0, str(ROOT / "bench"))

from measure.table import published, text  # noqa: E402 (it lies beside the scripts)


def programs():
    return sorted({p.relative_to(ROOT).parts[0] + "_bench" for p in ROOT.glob("[a-z]*/**/*_bench.cpp")
                   if "build" not in p.parts})


def commands(wanted):
    """What is run, in this order. The folder benches are built for it."""
    benches = [name for name in programs() if wanted(name)]
    if benches and subprocess.run(["tools/build.sh", "release", *benches], cwd=ROOT).returncode:
        sys.exit("the benchmarks do not build")
    scripts = [path for path in sorted((ROOT / "bench").glob("run_*")) if wanted(path.name)]
    return ([[f"build/release/{name}", *BENCH_ARGUMENTS] for name in benches]
            + [[str(path.relative_to(ROOT))] for path in scripts])


def run(command, variables):
    """Whether it went well."""
    print(f"== {command[0]}", flush=True)
    began = time.monotonic()
    failed = subprocess.run(command, cwd=ROOT, env=variables).returncode
    print(f"({time.monotonic() - began:.0f} s)", flush=True)
    return not failed


def main():
    def wanted(name):
        return not sys.argv[1:] or any(part in name for part in sys.argv[1:])

    began = time.monotonic()
    with tempfile.NamedTemporaryFile("r", prefix="tidewheel-bench-") as figures:
        variables = {**os.environ, "TIDEWHEEL": "build/release/tidewheel", "BENCH_FIGURES": figures.name}
        failed = [command[0] for command in commands(wanted) if not run(command, variables)]
        if rows := published(figures.name):
            print("\n" + text(rows), flush=True)
    print(f"{'quick form, ' if QUICK else ''}{time.monotonic() - began:.0f} s in all", flush=True)
    if failed:
        sys.exit(f"failed: {' '.join(failed)}")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)  # what was running has got the same signal
