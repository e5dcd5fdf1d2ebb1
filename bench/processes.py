"""Starting Tidewheel for a measurement, and reading what a process has used."""

import os
import pathlib
import re
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TIDEWHEEL = os.environ.get("TIDEWHEEL", "build/release/tidewheel")
QUICK = os.environ.get("BENCH") == "quick"
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User plus system time of all threads so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mib(pid, field="VmRSS"):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+)", status).group(1)) / 1024


class Server:
    """One running server of ours; `ports` are those of its `ready` line."""

    def __init__(self, *command, log=subprocess.DEVNULL):
        self.started = time.monotonic()
        self.process = subprocess.Popen([str(c) for c in command], cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
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
