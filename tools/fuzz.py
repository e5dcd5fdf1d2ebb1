#!/usr/bin/env python3
"""Runs every fuzzer (x_fuzz.cpp) for FUZZ_SECONDS (default 600), JOBS at a time, from its seeds.

usage: tools/fuzz.py [NAME_PART...]   (default: all of them)
What a fuzzer finds stays in build/fuzz/findings/; its corpus grows in build/fuzz/corpus/ over runs.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "fuzz"
SECONDS = int(os.environ.get("FUZZ_SECONDS") or 600)
JOBS = int(os.environ.get("JOBS") or os.cpu_count() or 2)
TAIL_LINES = 40


def fuzzers():
    """(target, seed folder) of each x_fuzz.cpp, as cmake/folders.cmake names them."""
    sources = sorted(p.relative_to(ROOT) for p in ROOT.glob("[a-z]*/**/*_fuzz.cpp") if "build" not in p.parts)
    return [(f"{s.parts[0]}_{s.stem}", ROOT / s.parts[0] / "testdata" / s.stem) for s in sources]


def run(target, seeds):
    corpus = BUILD / "corpus" / target
    findings = BUILD / "findings" / target
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    log = BUILD / f"{target}.log"
    with log.open("w") as out:
        done = subprocess.run([BUILD / target, f"-max_total_time={SECONDS}", "-timeout=10", "-rss_limit_mb=3000",
                               "-print_final_stats=1", f"-artifact_prefix={findings}/", corpus, seeds],
                              cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    lines = log.read_text(errors="replace").splitlines()
    runs = next((line.split()[-1] for line in lines if "number_of_executed_units" in line), "?")
    print(f"   {target}: {'clean' if done.returncode == 0 else 'FAILED'} after {runs} runs", flush=True)
    if done.returncode != 0:
        print("\n".join(f"   | {line[:300]}" for line in lines[-TAIL_LINES:]), flush=True)
    return done.returncode == 0


def main():
    chosen = [f for f in fuzzers() if not sys.argv[1:] or any(part in f[0] for part in sys.argv[1:])]
    if not chosen:
        sys.exit("no such fuzzer")
    if subprocess.run(["tools/build.sh", "fuzz", *(target for target, _ in chosen)], cwd=ROOT).returncode:
        sys.exit("the fuzzers do not build")
    print(f"== fuzz: {len(chosen)} fuzzers, {SECONDS} s each, {JOBS} at a time", flush=True)
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        good = list(pool.map(lambda f: run(*f), chosen))
    print(f"   fuzz: {time.monotonic() - started:.0f} s\n")
    print(f"{good.count(True)} passed, {good.count(False)} failed")
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
