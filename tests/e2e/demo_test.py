"""What a newcomer sees first: `tidewheel demo`, which `make run` starts."""

import os
import re
import subprocess
import time

from harness import DEADLINE, PORTS, TIDEWHEEL, descendants, eventually


def start_demo(run_for=""):
    return subprocess.Popen([TIDEWHEEL, "demo", *(f"--{port}-port=0" for port in PORTS)], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                            env={**os.environ, "RUN_FOR": run_for})


def alive(processes):
    return {one for one in processes if one in descendants(1) | descendants(os.getpid())}


def test_the_demo_goes_from_0_to_many_and_back_and_ends_by_itself():
    demo = start_demo("60s")
    seen = set()
    while demo.poll() is None:
        seen |= descendants(demo.pid)
        time.sleep(0.5)
    told = demo.stdout.read()
    assert demo.returncode == 0, told
    changes = [(int(a), int(b)) for a, b in re.findall(r"default/queue-worker +(\d+) -> (\d+)", told)]
    peak = max(range(len(changes)), key=lambda i: changes[i][1], default=None)
    assert peak is not None and changes[0][0] == 0 and changes[peak][1] > 1, told
    assert 0 in [b for _, b in changes[peak:]], told
    assert seen
    eventually(lambda: not alive(seen), lambda: f"left over: {alive(seen)}")


def test_a_killed_demo_leaves_no_process():
    demo = start_demo()
    seen = eventually(lambda: len(descendants(demo.pid)) >= 2 and descendants(demo.pid), "a running pod")
    demo.kill()
    demo.wait(DEADLINE)
    eventually(lambda: not alive(seen), lambda: f"left over: {alive(seen)}")
