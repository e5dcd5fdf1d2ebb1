#!/usr/bin/env python3
"""Runs the benchmarks: each folder's x_bench.cpp, then the whole-program scripts bench/run_*.

usage: tools/bench.py [NAME_PART...]   (default: all of them)
BENCH=quick in the environment asks for a short form. Scripts find the program in TIDEWHEEL.
"""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
QUICK = os.environ.get("BENCH") == "quick"


def programs():
    return sorted({p.relative_to(ROOT).parts[0] + "_bench" for p in ROOT.glob("[a-z]*/**/*_bench.cpp")
                   if "build" not in p.parts})


def environment():
    """Where scripts find the program, and in PATH the Prometheus they compare with, if it can be had."""
    found = subprocess.run(["tools/debian_program.sh", "prometheus", "prometheus"], cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout.strip()
    path = f"{os.path.dirname(found)}:{os.environ['PATH']}" if found else os.environ["PATH"]
    return {**os.environ, "TIDEWHEEL": "build/release/tidewheel", "PATH": path}


def main():
    def wanted(name):
        return not sys.argv[1:] or any(part in name for part in sys.argv[1:])

    benches = [name for name in programs() if wanted(name)]
    scripts = [path for path in sorted((ROOT / "bench").glob("run_*")) if wanted(path.name)]
    commands = [[f"build/release/{name}", f"--benchmark_min_time={0.05 if QUICK else 0.5}"] for name in benches]
    commands += [[str(path.relative_to(ROOT))] for path in scripts]
    if benches and subprocess.run(["tools/build.sh", "release", *benches], cwd=ROOT).returncode:
        sys.exit("the benchmarks do not build")
    failed = []
    variables = environment()
    for command in commands:
        print(f"== {command[0]}", flush=True)
        if subprocess.run(command, cwd=ROOT, env=variables).returncode:
            failed.append(command[0])
    if failed:
        sys.exit(f"failed: {' '.join(failed)}")


if __name__ == "__main__":
    main()
