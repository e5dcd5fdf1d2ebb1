"""A workload that reports its own queue and sleeps at zero: its silence means that nothing is wrong, and somebody else's
report wakes it."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Callable

from api import eventually
from queue_metric import Queue
from workload import hold, manifest

RETENTION = 3  # seconds after which a sample is stale
QUIET = 15     # seconds: many polls, and several times the retention
RARELY = 600   # seconds between two polls, far longer than a test
POLLED = 4     # seconds without a question after which nobody polls every second

QUICK = ("pollingInterval: 30", "pollingInterval: 1")
ACTIVATION = ('        clampMax: "600"\n', '        clampMax: "600"\n        activationTargetValue: "5"\n')


def service(name):
    """Who reports."""
    return {"OTEL_SERVICE_NAME": name}


def asleep(last, changes, one, sender, workload):
    """The workload had work, said that the rest is `last`, and went to sleep."""
    own = Queue(sender, one, settings=service("mail"))
    own.set(35)
    mail = workload(manifest("external-push", QUICK, *changes), one.ports["scaler"])
    mail.wait_ready()
    mail.reach(4, 0)
    told, _ = own.set(last)
    mail.reach(0, told)
    own.gauge.stop()
    eventually(lambda: own.seen() == -1, "its samples leave their window")
    return mail


def stop_polling(mail, one):
    """From now on KEDA hears of the workload only what is pushed."""
    mail.change({"spec": {"pollingInterval": RARELY}})
    reads = lambda: one.metric("keda_otel_scaler_metric_points_read", name="queue_depth")

    def nobody_asks():
        before = reads()
        time.sleep(POLLED)
        return reads() == before
    eventually(nobody_asks, "KEDA polls rarely")


def wake(mail, one, sender):
    """Somebody else reports work. Returns how long it took."""
    told, _ = Queue(sender, one, settings=service("front")).set(12)
    woken = mail.reach(1, told)
    mail.reach(2, woken)
    return woken - told


def silence_is_sleep(mail, one, sender):
    since, before = time.monotonic(), mail.failures()
    while time.monotonic() < since + QUIET:
        assert mail.conditions()["Ready"] == ("True", "ScaledObjectReady"), mail.story()
        assert mail.conditions()["Active"] == ("False", "ScalerNotActive"), mail.story()
        assert mail.replicas.counts(since) == [0], mail.story()
        time.sleep(0.2)
    assert mail.failures() == before
    stop_polling(mail, one)
    took = wake(mail, one, sender)
    assert mail.conditions()["Ready"][0] == "True"
    return took


def a_restart_makes_it_doubtful(mail, one, sender):
    """What the scaler knew is gone, and it says so; the workload sleeps on, and still wakes."""
    since = time.monotonic()
    one.kill()
    one.restart()
    eventually(lambda: mail.conditions()["Ready"] == ("False", "TriggerError"), mail.story)
    eventually(lambda: any("no series matches" in note for note in mail.failures()), mail.failures)
    hold([mail], 0, since, QUIET)
    took = wake(mail, one, sender)
    eventually(lambda: mail.conditions()["Ready"][0] == "True", mail.story)
    return took


@dataclass(frozen=True)
class Sleep:
    name: str
    last: float     # what the workload said before it fell silent
    then: Callable  # what comes of it
    changes: tuple = ()


SLEEPS = [
    Sleep("after zero", 0, silence_is_sleep),
    Sleep("at its activation", 5, silence_is_sleep, (ACTIVATION,)),
    Sleep("while the scaler restarts", 0, a_restart_makes_it_doubtful),
]


def sleep_through(sleep, one, sender, workload):
    return sleep.then(asleep(sleep.last, sleep.changes, one, sender, workload), one, sender)


def test_silence_after_the_last_work_is_sleep(tidewheel, sender, workload, hop, subtests):
    """All at once, for they wait most of the time."""
    scalers = [tidewheel(server="scaler", retention=RETENTION).start() for _ in SLEEPS]
    with ThreadPoolExecutor(len(SLEEPS)) as pool:
        slept = [pool.submit(sleep_through, sleep, one, sender, workload) for sleep, one in zip(SLEEPS, scalers)]
    for sleep, took in zip(SLEEPS, slept):
        with subtests.test(sleep.name):
            hop(f"{sleep.name}: somebody else reports work -> KEDA wakes it", took.result())
