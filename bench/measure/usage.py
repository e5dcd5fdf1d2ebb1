"""What a process has used: processor time, memory, instructions."""

import contextlib
import functools
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

from measure.machine import ROOT
from measure.processes import Server


def cpu_seconds(pid):
    """User plus system time of its threads so far, to the nanosecond. Threads that have ended do not count."""
    return sum(int(task.joinpath("schedstat").read_text().split()[0])
               for task in pathlib.Path(f"/proc/{pid}/task").iterdir()) / 1e9


def memory_mib(pid, field="VmRSS"):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+)", status).group(1)) / 1024


def pss_mib(pid):
    """What it holds of memory, shared pages counted in parts."""
    rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE).group(1)) / 1024


EVENT = "instructions:u"


def counted(output):
    """The number that `perf stat -x,` printed for one event; None where the machine does not count it."""
    first = next((line.split(",")[0] for line in output.splitlines() if EVENT in line), "")
    return int(first) if first.isdigit() else None


@functools.cache
def has_counters():
    """Whether perf can count instructions here; virtual machines often cannot."""
    if not shutil.which("perf"):
        return False
    tried = subprocess.run(["perf", "stat", "-x,", "-e", EVENT, "true"], capture_output=True, text=True)
    return counted(tried.stderr) is not None


@contextlib.contextmanager
def instructions_of(pid):
    """Counts in user space, by the processor: a list with one number afterwards, or None where it has no counters."""
    result = [None]
    if not has_counters():
        yield result
        return
    with tempfile.NamedTemporaryFile("r") as output:
        perf = subprocess.Popen(["perf", "stat", "-x,", "-e", EVENT, "-o", output.name, "-p", str(pid)])
        time.sleep(0.2)  # until it has attached itself
        try:
            yield result
        finally:
            perf.send_signal(signal.SIGINT)
            perf.wait()
        result[0] = counted(output.read())


VALGRIND = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]


def has_valgrind():
    return shutil.which("valgrind") is not None


@contextlib.contextmanager
def stripped(program):
    """A copy without debug information, which valgrind 3.19 cannot read of clang's."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder, pathlib.Path(program).name)
        subprocess.run(["strip", "-o", str(copy), str(ROOT / program)], check=True)
        yield copy


def refs(log):
    return int(re.search(r"I\s+refs:\s+([\d,]+)", log).group(1).replace(",", ""))


def simulated(command):
    """Instructions in user space of a command that ends by itself."""
    done = subprocess.run([*VALGRIND, *map(str, command)], cwd=ROOT, capture_output=True, text=True, check=True)
    return refs(done.stderr)


def simulated_server(command, load):
    """Instructions in user space of a server of ours from its start to its end, with load(server) in between."""
    with tempfile.TemporaryFile("w+") as log:
        with Server(*VALGRIND, *command, log=log) as server:
            load(server)
        log.seek(0)
        return refs(log.read())
