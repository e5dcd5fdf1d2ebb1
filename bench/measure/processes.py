"""Starting servers for a measurement, and ending them: each lives on the server's core and never longer than its script."""

import ctypes
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

from measure.machine import ROOT, SERVER_CORE, stay_on_client_core

TIDEWHEEL = os.environ.get("TIDEWHEEL", "build/release/tidewheel")
READY_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None)
stay_on_client_core()
# Ended like by Ctrl-C: what was started is stopped.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def on_server_core():
    """For preexec_fn of a server; it dies with this process, however that ends."""
    os.sched_setaffinity(0, {SERVER_CORE})
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(port):
    """Whether somebody listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


class Program:
    """A running program; a context manager that stops it."""

    def __init__(self, *command, **streams):
        self.name = pathlib.Path(str(command[0])).name
        self.started = time.monotonic()
        self.process = subprocess.Popen([str(c) for c in command], cwd=ROOT, preexec_fn=on_server_core,
                                        **streams)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()

    def stop(self, with_signal=signal.SIGTERM):
        """Seconds until it had ended."""
        began = time.monotonic()
        self.process.send_signal(with_signal)
        try:
            self.process.wait(timeout=STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return time.monotonic() - began

    def await_that(self, ready):
        """Returns when ready() says so. Ends the script when the program ends before, or takes too long."""
        while not ready():
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name} ended before it was ready")
            if time.monotonic() - self.started > READY_SECONDS_MAX:
                self.stop()
                raise SystemExit(f"{self.name} was not ready within {READY_SECONDS_MAX} s")
            time.sleep(0.001)


class Server(Program):
    """One of ours; `ports` are those of its `ready` line."""

    def __init__(self, *command, log=subprocess.DEVNULL):
        super().__init__(*command, stdout=subprocess.PIPE, stderr=log, text=True)
        for line in self.process.stdout:
            if line.startswith("ready "):
                break
        else:
            raise SystemExit(f"{self.name} ended before it was ready")
        self.seconds_to_ready = time.monotonic() - self.started
        self.ports = {k: int(v) for k, v in (pair.split("=") for pair in line.split()[1:])}


PORTS = ("otlp", "scaler", "rest", "metrics")


def ports_at(ports):
    """Options: those ports, and a free one for each that is not named."""
    return [word for name in PORTS for word in (f"--{name}-port", str(ports.get(name, 0)))]


def scaler_at(ports):
    """The arguments of `tidewheel scaler`; a single resource may have all series that a script makes."""
    return ["scaler", "--bind", "127.0.0.1", *ports_at(ports), "--log-level", "warn",
            "--series-per-resource-max", "2000000", "--shutdown-grace", "1s"]


def scaler(*arguments):
    return Server(TIDEWHEEL, *scaler_at({}), *arguments)


def scaler_options():
    """Its help, by which scripts see what this build has."""
    return subprocess.run([TIDEWHEEL, "scaler", "--help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def build(*targets):
    subprocess.run(["tools/build.sh", "release", *targets], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
