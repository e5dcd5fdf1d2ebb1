"""The machine: its cores, how busy others keep it, and whether this is a short run."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
QUICK = os.environ.get("BENCH") == "quick"
ROUNDS = 5  # of everything that is compared
CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE, CLIENT_CORE = CORES[0], CORES[-1]


def stay_on_client_core():
    """This process, and what it starts, leave the server's core alone."""
    os.sched_setaffinity(0, {CLIENT_CORE})


def processor():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown processor")


def busy():
    """Processes that wanted a core, on average of the last minute."""
    return os.getloadavg()[0]
