"""Whatever fails between the sender and KEDA, replicas never fall because of it, the ScaledObject says what is wrong, and
scaling goes on when the fault is over."""

import re
import time
from dataclasses import dataclass
from typing import Callable

import pytest

from api import eventually
from queue_metric import Queue

RETENTION = 3  # seconds after which a sample is stale
HOLD = 15      # seconds for which a fault stands: longer than staleness, cooldown and some polls together


class Scene:
    """A scaler, a sender, and a workload that has four replicas because of them."""

    def __init__(self, tidewheel, sender, workload, language="python"):
        self.sender = sender
        self.one = tidewheel(server="scaler", retention=RETENTION).start()
        self.queue = Queue(sender, self.one, language)
        self.queue.set(35)
        self.mail = workload("external", self.one.ports["scaler"])
        self.mail.wait_ready()
        self.mail.reach(4, 0)

    def kill(self):
        self.one.kill()

    def restart(self):
        self.one.kill()
        self.queue.gauge.stop()
        self.one.restart()

    def crash_sender(self):
        self.queue.gauge.stop()

    def vanish(self):
        self.queue.gauge.say("forget")

    def lose_the_number(self):
        self.queue.gauge.say("set NaN")

    def recover(self):
        """Everything runs and sends again."""
        if self.one.process.poll() is not None:
            self.one.restart()
        if self.queue.gauge.process.poll() is not None:
            self.queue = Queue(self.sender, self.one)


@dataclass(frozen=True)
class Fault:
    name: str
    happen: Callable
    told: str                 # what KEDA's events say about it, as a regular expression
    language: str = "python"  # of the sender's SDK


SILENCE = "older than the window|no series matches"
FAULTS = [
    Fault("the scaler is killed", Scene.kill, "got empty metric spec|code = Unavailable"),
    Fault("the scaler is killed and restarted without a sender", Scene.restart, "no series matches"),
    Fault("the sender is killed", Scene.crash_sender, SILENCE),
    Fault("the metric is sent no more", Scene.vanish, SILENCE),
    # The SDK for Python sends no NaN.
    Fault("the metric is not a number", Scene.lose_the_number, "not a number", language="go"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_replicas_hold_while(fault, tidewheel, sender, workload):
    scene = Scene(tidewheel, sender, workload, fault.language)
    mail = scene.mail
    since = time.monotonic()
    fault.happen(scene)
    eventually(lambda: mail.conditions()["Ready"] == ("False", "TriggerError"), mail.story)
    eventually(lambda: any(re.search(fault.told, note) for note in mail.failures()), mail.failures)
    eventually(lambda: mail.hpa_condition("ScalingActive") == ("False", "FailedGetExternalMetric"), mail.story)
    mail.hold(4, since, HOLD)
    assert mail.conditions()["Ready"] == ("False", "TriggerError")

    scene.recover()
    told, _ = scene.queue.set(72)
    mail.reach(8, told)
    eventually(lambda: mail.conditions()["Ready"][0] == "True", mail.story)
    assert min(mail.replicas.counts(since)) == 4


def test_a_restart_in_the_middle_of_load_changes_nothing(tidewheel, sender, workload):
    """The sender goes on, so the scaler knows again soon."""
    scene = Scene(tidewheel, sender, workload)
    since = time.monotonic()
    for _ in range(3):
        scene.one.kill()
        scene.one.restart()
        eventually(lambda: scene.queue.seen() == 35, "the value again")
    scene.mail.hold(4, since, HOLD)
    scene.mail.wait_ready()
