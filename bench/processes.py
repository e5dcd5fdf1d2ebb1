"""Starting Tidewheel for a measurement, and reading what a process has used.

Servers run on one core and the measuring process on another, where there are two.
"""

import os
import pathlib
import re
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TIDEWHEEL = os.environ.get("TIDEWHEEL", "build/release/tidewheel")
QUICK = os.environ.get("BENCH") == "quick"
CORES = sorted(os.sched_getaffinity(0))
os.sched_setaffinity(0, {CORES[-1]})


def cpu_seconds(pid):
    """User plus system time of its threads so far, to the nanosecond."""
    return sum(int(task.joinpath("schedstat").read_text().split()[0])
               for task in pathlib.Path(f"/proc/{pid}/task").iterdir()) / 1e9


def memory_mib(pid, field="VmRSS"):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+)", status).group(1)) / 1024


def pss_mib(pid):
    """What it holds of memory, shared pages counted in parts."""
    rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+)", rollup, re.MULTILINE).group(1)) / 1024


def percentile(values, share):
    return sorted(values)[int(share * (len(values) - 1))]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def on_server_core():
    """For preexec_fn of a server."""
    os.sched_setaffinity(0, {CORES[0]})


class Server:
    """One running server of ours; `ports` are those of its `ready` line."""

    def __init__(self, *command, log=subprocess.DEVNULL):
        self.started = time.monotonic()
        self.process = subprocess.Popen([str(c) for c in command], cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True,
                                        preexec_fn=on_server_core)
        for line in self.process.stdout:
            if line.startswith("ready "):
                break
        else:
            raise SystemExit(f"{command[0]} ended before it was ready")
        self.seconds_to_ready = time.monotonic() - self.started
        self.ports = {k: int(v) for k, v in (pair.split("=") for pair in line.split()[1:])}
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait(timeout=30)


FREE_PORTS = ["--otlp-port", "0", "--scaler-port", "0", "--rest-port", "0", "--metrics-port", "0"]


def scaler(*arguments):
    return Server(TIDEWHEEL, "scaler", "--bind", "127.0.0.1", *FREE_PORTS, "--log-level", "warn", *arguments)
