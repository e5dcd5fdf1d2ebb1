"""Programs that tests start: each with its log, ended with the test however the test ends."""

import ctypes
import os
import signal
import socket
import subprocess
import time

PR_SET_PDEATHSIG = 1
STOP_SECONDS = 10
LIBC = ctypes.CDLL(None, use_errno=True)


class Ended(Exception):
    """A program ended that should run; the text has the end of its log."""


class Program:
    """A running program. The kernel kills it when the thread that started it is gone, even by SIGKILL."""

    def __init__(self, log, *command, env=None):
        self.log = log
        self.name = log.stem
        with log.open("w") as output:
            self.process = subprocess.Popen(list(map(str, command)), stdout=output, stderr=subprocess.STDOUT,
                                            stdin=subprocess.DEVNULL, env=env, cwd=log.parent,
                                            preexec_fn=dying_with_starter())

    def said(self):
        return self.log.read_text(errors="replace")

    def assert_running(self):
        if self.process.poll() is not None:
            end = "\n".join(self.said().splitlines()[-20:])
            raise Ended(f"{self.name} ended with status {self.process.returncode}:\n{end}")

    def wait_until(self, check, seconds):
        """Until `check` is true. Raises Ended when the program ends before, AssertionError when it takes too long."""
        end = time.monotonic() + seconds
        while not check():
            self.assert_running()
            assert time.monotonic() < end, f"{self.name} is not ready after {seconds} s; its log is {self.log}"
            time.sleep(0.05)

    def stop(self):
        """Asks it to end, and kills it when it does not. Ended already is fine."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_SECONDS)


def dying_with_starter():
    """For a child's preexec_fn: it is killed when the thread that starts it is gone."""
    parent = os.getpid()
    return lambda: die_with(parent)


def die_with(parent):
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # It was gone before the kernel knew of our wish.
        os._exit(1)


def free_ports(count):
    """Ports of 127.0.0.1 that nobody listens on; somebody may, before their owner does: be ready to ask again."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
