"""A scaler whose standard output, standard error and working folder are on a disk that is full. It writes nothing else."""

import pathlib
import subprocess
import urllib.error
import urllib.request

import pytest

from api import DEADLINE

BYTES = 256 << 10
# In namespaces of its own nobody needs to be root to mount; the program takes the shell's place and keeps its number.
ON_A_SMALL_DISK = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
                   f'mount -t tmpfs -o size={BYTES} tmpfs "$0" && cd "$0" && exec "$@" >>out 2>>log']


def start_on_full_disk(one):
    """Starts it again where no byte was ever free."""
    one.kill()
    one.fixed_ports = dict(one.ports)
    with open("/dev/full", "w") as full:
        one.process = subprocess.Popen(one.command("--log-level=debug"), stdout=full, stderr=full,
                                       stdin=subprocess.DEVNULL, env=one.environment())
    one.wait_ready()


def start_on_small_disk(one):
    """Starts it again on a disk that can be filled."""
    one.kill()
    one.fixed_ports = dict(one.ports)
    place = one.folder / "disk"
    place.mkdir()
    one.process = subprocess.Popen([*ON_A_SMALL_DISK, place, *one.command("--log-level=debug")],
                                   stdin=subprocess.DEVNULL, env=one.environment())
    one.wait_ready()
    assert " otlp=" in (inside(one) / "out").read_text()


def fill(one):
    """Until its log cannot take one more byte."""
    with (inside(one) / "log").open("ab", buffering=0) as log:
        for piece in (1 << 12, 1):
            try:
                while True:
                    log.write(b"\n" * piece)
            except OSError:
                pass  # There is no space for a piece of this size.


def inside(one):
    """The disk as the process sees it."""
    return pathlib.Path(f"/proc/{one.process.pid}/root{one.folder}/disk")


def make_log(one):
    """Has it write a line: whoever offers traces is named, once."""
    asked = urllib.request.Request(one.url("/v1/traces", "otlp"), b"{}", {"Content-Type": "application/json"})
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(asked, timeout=DEADLINE)
