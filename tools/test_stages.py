#!/usr/bin/env python3
"""Runs the test stages, each with its wall time, and counts single tests over all of them.

usage: tools/test_stages.py [STAGE...]   (default: all of them, in the order of the table below)

A failing stage does not stop the others. Each stage writes build/logs/STAGE.log; the end of a failing one is shown.
A stage whose component cannot be had is skipped with a line that says what to install; where CI is set, that fails.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from typing import Callable

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "logs"
JOBS = os.environ.get("JOBS") or str(os.cpu_count() or 2)
EXCERPT_LINES = 80
TAIL_LINES = 20

# Where in a log the reason of a failure begins.
REASON = re.compile(r": Failure$|ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|\berror: |^bug: |^FAIL |"
                    r"^_{3,} .* _{3,}$|^\S+:\d+: ")
REASON_LINES = 14

# The folders whose code runs on, or hands over between, several threads.
TSAN_FOLDERS = ["base", "net", "tsdb", "storage", "otlp", "kube", "server", "control", "cluster", "cli"]

# Where a suite against the program is quick, it has several ingest threads, whatever the machine has.
FOUR_THREADS = {"TIDEWHEEL_INGEST_THREADS": "4"}

# The folder whose tests must reach nearly every line.
COVERED_FOLDER = "scale"
COVERAGE_PERCENT_MIN = 95.0

# Tests that ask a real API server: the stage `control_plane` runs them, and no other.
REAL_SERVER = "*RealServer*"

SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": "second_deadlock_stack=1",
    "ASAN_SYMBOLIZER_PATH": "/usr/bin/llvm-symbolizer-19",
    "TSAN_SYMBOLIZER_PATH": "/usr/bin/llvm-symbolizer-19",
}


@dataclass
class Outcome:
    passed: int = 0
    failed: int = 0
    names: list = field(default_factory=list)    # of what failed
    skipped: list = field(default_factory=list)  # why, once per skipped thing

    def add(self, name, counts, good):
        """counts: of one program's report, None where it has none. good: whether the program itself succeeded."""
        passed, failed, skipped = counts or (1 if good else 0, 0, [])
        failed = failed if good else max(failed, 1)
        self.passed += passed
        self.failed += failed
        self.skipped += skipped
        if failed:
            self.names.append(name)


class Stage:
    """One stage's log and its reports. Commands write to the log; `run` says whether the command succeeded."""

    def __init__(self, name):
        self.name = name
        self.reports = LOGS / name
        shutil.rmtree(self.reports, ignore_errors=True)
        self.reports.mkdir(parents=True)
        self.path = LOGS / f"{name}.log"
        self.log = self.path.open("w")

    def run(self, *command, env=None):
        self.log.write(f"$ {' '.join(map(str, command))}\n")
        self.log.flush()
        return subprocess.run(list(map(str, command)), cwd=ROOT, stdout=self.log, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})}).returncode == 0

    def build(self, preset, *targets):
        started = time.monotonic()
        good = self.run("tools/build.sh", preset, *targets)
        print(f"   {self.name}: {'built' if good else 'NOT built'} in {time.monotonic() - started:.0f} s", flush=True)
        return good

    def show(self, beginning):
        """Prints the lines of the log that begin so."""
        for line in self.path.read_text(errors="replace").splitlines():
            if line.startswith(beginning):
                print(f"   {line.removeprefix(beginning)}", flush=True)

    def excerpt(self):
        """The lines after each reason of a failure, then the end."""
        lines = self.path.read_text(errors="replace").splitlines()
        shown = {i + more for i, line in enumerate(lines) if REASON.search(line) for more in range(REASON_LINES)}
        told = [lines[i] for i in sorted(shown) if i < len(lines) - TAIL_LINES]
        return [*told[:EXCERPT_LINES], "...", *lines[-TAIL_LINES:]]


def junit_counts(path):
    """(passed, failed, why skipped) of a JUnit file; None when it is missing or cut short."""
    try:
        cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError):
        return None
    bad = sum(1 for c in cases if c.find("failure") is not None or c.find("error") is not None)
    skipped = [c.find("skipped").get("message", c.get("name")) for c in cases if c.find("skipped") is not None]
    idle = sum(1 for c in cases if c.get("status") == "notrun")
    return len(cases) - bad - len(skipped) - idle, bad, skipped


def run_ctest(stage, preset, *selection):
    """Runs CTest and counts the cases inside each GoogleTest program, or the program itself where it has none."""
    report = stage.reports / "ctest.xml"
    gtest = stage.reports / "gtest"
    stage.run("ctest", "--test-dir", f"build/{preset}", "-j", JOBS, "--output-on-failure", "--no-tests=error",
              "--output-junit", report, *selection,
              env={**SANITIZER_OPTIONS, "GTEST_OUTPUT": f"xml:{gtest}/", "GTEST_FILTER": f"-{REAL_SERVER}"})
    outcome = Outcome()
    if not report.exists():
        outcome.add("ctest", None, good=False)
        return outcome
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = case.get("name")
        outcome.add(name, junit_counts(gtest / f"{name}_tests.xml"), case.get("status") == "run")
    return outcome


def put_link(built, name):
    """Makes what a preset built known as build/NAME, as `make build` does."""
    place = ROOT / "build" / name
    place.unlink(missing_ok=True)
    os.link(ROOT / "build" / built, place)


def not_built():
    return Outcome(failed=1, names=["build"])


def unit(stage):
    if not stage.build("release", "tidewheel", "unit_tests"):
        return not_built()
    put_link("release/scale_hpa_vectors", "hpa_vectors")
    return run_ctest(stage, "release", "--label-exclude", "^tidy$")


def tidy(stage):
    if not stage.run("tools/build.sh", "release", "build.ninja"):
        return not_built()
    return run_ctest(stage, "release", "--label-regex", "^tidy$")


def asan(stage):
    if not stage.build("asan", "unit_tests"):
        return not_built()
    return run_ctest(stage, "asan")


def coverage(stage):
    if not stage.build("coverage", f"{COVERED_FOLDER}_tests"):
        return not_built()
    report = stage.reports / "report.xml"
    good = stage.run("tools/coverage.sh", COVERED_FOLDER, env={"GTEST_OUTPUT": f"xml:{report}"})
    outcome = Outcome()
    outcome.add(f"{COVERED_FOLDER}_tests", junit_counts(report), good)
    if good:
        whole = stage.path.read_text(errors="replace").splitlines()[-1]
        print(f"   {stage.name}: {whole}", flush=True)
        reached = float(re.search(r"([0-9.]+) %", whole).group(1))
        outcome.add(f"coverage, which must be {COVERAGE_PERCENT_MIN} %", None, reached >= COVERAGE_PERCENT_MIN)
    return outcome


def tsan(stage):
    folders = [f for f in TSAN_FOLDERS if any((ROOT / f).rglob("*_test.cpp"))]
    if not stage.build("tsan", *(f"{f}_tests" for f in folders)):
        return not_built()
    return run_ctest(stage, "tsan", "--tests-regex", f"^({'|'.join(folders)})$")


def grpc_peers(stage):
    if not stage.build("release", "net_echo_server", "net_echo_client", "tidewheel"):
        return not_built()
    good = stage.run("tests/grpc_peers/run.sh", "build/release/net_echo_server", "build/grpc_peers", env={"GO": go(), **FOUR_THREADS})
    stage.show("table: ")
    words = [line.split(" ")[0] for line in stage.path.read_text(errors="replace").splitlines()]
    outcome = Outcome()
    outcome.add("grpc_peers", (words.count("PASS"), words.count("FAIL"), []), good)
    return outcome


def otel_addon(stage):
    if not stage.build("release", "tidewheel"):
        return not_built()
    program = {"TIDEWHEEL": "build/release/tidewheel", **FOUR_THREADS}
    good = stage.run("tests/otel_addon/run.sh", env=program)
    told = stage.path.read_text(errors="replace")
    counts = re.search(r"^(\d+) passed, (\d+) failed$", told, re.MULTILINE)
    if counts:
        print("\n".join(f"   | {line}" for line in told[told.index("table of "):counts.start()].splitlines()))
    outcome = Outcome()
    outcome.add("cases", counts and (int(counts[1]), int(counts[2]), []), good)
    report = stage.reports / "defects.xml"
    good = stage.run("tests/otel_addon/run.sh", "defects", f"--junitxml={report}", env=program)
    outcome.add("defects", junit_counts(report), good)
    return outcome


def e2e(stage):
    if not stage.build("release", "tidewheel"):
        return not_built()
    report = stage.reports / "report.xml"
    good = stage.run("tests/e2e/run.sh", f"--junitxml={report}", env={"GO": go(), "TIDEWHEEL": "build/release/tidewheel"})
    outcome = Outcome()
    outcome.add("e2e", junit_counts(report), good)
    return outcome


def conformance(stage):
    if not stage.build("release", "tidewheel"):
        return not_built()
    started = time.monotonic()
    if not prepared(stage, "tests/conformance/prepare.sh"):
        return not_built()
    print(f"   {stage.name}: prepared in {time.monotonic() - started:.0f} s", flush=True)
    report = stage.reports / "report.xml"
    good = stage.run("tests/conformance/run.sh", f"--junitxml={report}",
                     env={"GO": go(), "TIDEWHEEL": "build/release/tidewheel", **FOUR_THREADS})
    stage.show("table: ")
    outcome = Outcome()
    outcome.add("conformance", junit_counts(report), good)
    return outcome


# Controllers that would change the Deployments which the contract asks about.
CONTRACT_CONTROLLERS = "--controllers=-deployment-controller,-replicaset-controller"


def control_plane(stage):
    if not stage.build("release", "scale_hpa_vectors", "kube_tests"):
        return not_built()
    started = time.monotonic()
    if not prepared(stage, "tests/control_plane/prepare.sh"):
        return not_built()
    print(f"   {stage.name}: prepared in {time.monotonic() - started:.0f} s", flush=True)
    report = stage.reports / "report.xml"
    good = stage.run("tests/control_plane/run.sh", f"--junitxml={report}",
                     env={"GO": go(), "CONTROL_PLANE_LOGS": str(stage.reports),
                          "HPA_VECTORS": "build/release/scale_hpa_vectors"})
    outcome = Outcome()
    outcome.add("control_plane", junit_counts(report), good)
    report = stage.reports / "contract.xml"
    good = stage.run("tests/control_plane/plane.py", "run", f"--controller-manager-flag={CONTRACT_CONTROLLERS}", "--",
                     "build/release/kube_tests", f"--gtest_filter={REAL_SERVER}", f"--gtest_output=xml:{report}",
                     env={"GO": go(), "CONTROL_PLANE_LOGS": str(stage.reports)})
    outcome.add("contract", junit_counts(report), good)
    return outcome


def keda(stage):
    if not stage.build("release", "tidewheel"):
        return not_built()
    started = time.monotonic()
    for prepare in ("tests/control_plane/prepare.sh", "tests/keda/prepare.sh"):
        if not prepared(stage, prepare):
            return not_built()
    print(f"   {stage.name}: prepared in {time.monotonic() - started:.0f} s", flush=True)
    report = stage.reports / "report.xml"
    good = stage.run("tests/keda/run.sh", f"--junitxml={report}",
                     env={"GO": go(), "CONTROL_PLANE_LOGS": str(stage.reports), "TIDEWHEEL": "build/release/tidewheel"})
    stage.show("hop: ")
    outcome = Outcome()
    outcome.add("keda", junit_counts(report), good)
    return outcome


def prepared(stage, script):
    """Its progress is for whoever waits, minutes the first time; it tells an error itself."""
    return subprocess.run([script], cwd=ROOT, stdout=stage.log, env={**os.environ, "GO": go()}).returncode == 0


def go():
    return subprocess.run(["tools/go.sh"], cwd=ROOT, capture_output=True, text=True).stdout.strip()


def lacks_go():
    return "" if go() else "needs Go 1.26 or newer: apt-get install golang, or let tools/go.sh reach PyPI"


def lacks_control_plane():
    etcd = subprocess.run(["tools/debian_program.sh", "etcd-server", "etcd"], cwd=ROOT, stdout=subprocess.DEVNULL)
    return lacks_go() or ("needs etcd: apt-get install etcd-server" if etcd.returncode else "")


def nothing_lacks():
    return ""


@dataclass(frozen=True)
class Row:
    name: str
    what: str
    run: Callable
    lacks: Callable = nothing_lacks


STAGES = [
    Row("unit", "unit tests, release build", unit),
    Row("tidy", "layers, banned calls, headers", tidy),
    Row("grpc_peers", "grpc-go, grpc-python and grpcurl against our gRPC", grpc_peers, lacks_go),
    Row("otel_addon", "what otel-add-on was asked, and answered or should have", otel_addon),
    Row("conformance", "what OTLP means: a table, the OpenTelemetry Collector beside it, and no point lost", conformance, lacks_go),
    Row("e2e", "OpenTelemetry SDKs against build/tidewheel", e2e, lacks_go),
    Row("control_plane", "a real Kubernetes control plane; our HPA beside its own", control_plane, lacks_control_plane),
    Row("keda", "a real KEDA beside tidewheel scaler, on that control plane", keda, lacks_control_plane),
    Row("asan", "unit tests, address and undefined-behaviour sanitizers", asan),
    Row("coverage", f"line coverage of {COVERED_FOLDER} by its own tests", coverage),
    Row("tsan", f"unit tests of {' '.join(TSAN_FOLDERS)}, thread sanitizer", tsan),
]


def run_stage(row):
    print(f"== {row.name}: {row.what}", flush=True)
    if lacking := row.lacks():
        outcome = Outcome(skipped=[lacking])
    else:
        stage = Stage(row.name)
        outcome = row.run(stage)
    for reason in sorted(set(outcome.skipped)):
        print(f"   {row.name}: SKIPPED {outcome.skipped.count(reason)}: {reason}", flush=True)
    if outcome.skipped and os.environ.get("CI"):
        outcome.failed += len(outcome.skipped)
        outcome.names.append("what CI must not skip")
    if outcome.names:
        if not lacking:
            print("\n".join(f"   | {line[:300]}" for line in stage.excerpt()))
        print(f"   {row.name}: FAILED in {', '.join(outcome.names)}; the whole log is build/logs/{row.name}.log")
    return outcome


def main():
    chosen = sys.argv[1:] or [row.name for row in STAGES]
    unknown = set(chosen) - {row.name for row in STAGES}
    if unknown:
        sys.exit(f"unknown stage: {' '.join(sorted(unknown))}; there are: {' '.join(row.name for row in STAGES)}")
    rows = []
    for row in (r for r in STAGES if r.name in chosen):
        started = time.monotonic()
        outcome = run_stage(row)
        seconds = time.monotonic() - started
        rows.append((row.name, outcome, seconds))
        print(f"   {row.name}: {outcome.passed} passed, {outcome.failed} failed, {seconds:.0f} s", flush=True)

    print(f"\n{'stage':<14}{'passed':>8}{'failed':>8}{'seconds':>9}")
    for name, outcome, seconds in rows:
        note = f"  {len(outcome.skipped)} skipped" if outcome.skipped else ""
        print(f"{name:<14}{outcome.passed:>8}{outcome.failed:>8}{seconds:>9.0f}{note}")
    failed = sum(o.failed for _, o, _ in rows)
    print(f"{'all':<14}{'':>8}{'':>8}{sum(s for _, _, s in rows):>9.0f}\n")
    print(f"{sum(o.passed for _, o, _ in rows)} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
