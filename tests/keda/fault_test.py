"""Whatever fails between the sender and KEDA, replicas never fall because of it, the ScaledObject says what is wrong, and
scaling goes on when the fault is over. All faults happen at once, each to a scaler, a sender and a workload of its own."""

import json
import re
import time
from dataclasses import dataclass
from typing import Callable

import pytest

import disk
import tls
from api import eventually
from queue_metric import Queue
from workload import hold, manifest

RETENTION = 3  # seconds after which a sample is stale
HOLD = 15      # seconds for which a fault stands: longer than staleness and many polls together
SKEW = 600     # seconds by which a clock is wrong

# KEDA 2.21 has a race of its own where any trigger fails: a poll that meets the scalers which a failing request of the HPA
# has just closed counts as inactive and without error, and with the cooldown over it deactivates. Here both happen every
# second, so the cooldown stays out of it; that KEDA sees an error at its polls is what Ready says.
LATER = ("cooldownPeriod: 8", "cooldownPeriod: 120")
# Each is polled every second, for only polls tell KEDA what is wrong.
TRIGGERS = {
    "external": [LATER],
    "external-push": [LATER, ("pollingInterval: 30", "pollingInterval: 1")],
}


class Scene:
    """A scaler, a sender, and a workload that has four replicas because of them."""

    def __init__(self, fault, sender, one, pair):
        self.fault = fault
        self.sender = sender
        self.one = one
        self.pair = pair  # of a Tls, where it speaks that
        if pair:
            one.variables = pair.variables()
        one.start()
        fault.prepare(self)
        self.queue = Queue(sender, one, fault.language)
        self.queue.tell(35)

    def meet(self, workload, trigger):
        changes, objects = list(TRIGGERS[trigger]), []
        if self.pair:
            changes.append(tls.TRUSTED)
            objects = self.pair.objects()
        self.queue.wait_seen(35)
        self.mail = workload(manifest(trigger, *changes), self.one.ports["scaler"], objects)

    # What can happen.

    def kill(self):
        self.one.kill()

    def restart_alone(self):
        self.one.kill()
        self.queue.gauge.stop()
        self.one.restart()

    def restart_under_load(self):
        """The sender goes on, so the scaler knows again soon."""
        for _ in range(3):
            self.one.kill()
            self.one.restart()
            self.queue.wait_seen(35)

    def crash_sender(self):
        self.queue.gauge.stop()

    def vanish(self):
        self.queue.gauge.say("forget")

    def lose_the_number(self):
        self.queue.gauge.say("set NaN")

    def fall_behind(self):
        self.queue.gauge.say(f"clock {-SKEW}")

    def run_ahead(self):
        self.queue.gauge.say(f"clock {SKEW}")

    def change_authority(self):
        """As when a certificate is renewed by somebody whom KEDA was not told to trust."""
        self.pair.use_stranger()
        self.one.kill()
        self.one.restart()

    def fill_disk(self):
        disk.fill(self.one)
        disk.make_log(self.one)

    # And what ends it.

    def recover(self):
        """Everything runs and sends again, by the right time and with the right certificate."""
        if self.pair:
            self.pair.use_own()
            self.one.kill()
        if self.one.process.poll() is not None:
            self.one.restart()
        if self.queue.gauge.process.poll() is not None:
            self.queue = Queue(self.sender, self.one)
        if self.fault.language == "go":
            self.queue.gauge.say("clock 0")

    # What it looks like.

    def names_the_handshake(self, keda):
        """KEDA's events say no more than that it got nothing; its log does, and we count."""
        eventually(lambda: any(tls.UNTRUSTED in error for error in keda.errors(self.mail.namespace)), "KEDA's log names it")
        assert self.one.metric("tidewheel_net_violations_total", server="scaler", kind="bad_handshake") > 0

    def says_what_is_wrong(self):
        mail = self.mail
        eventually(lambda: mail.conditions()["Ready"] == ("False", "TriggerError"), mail.story)
        eventually(lambda: any(re.search(self.fault.told, note) for note in mail.failures()), mail.failures)
        eventually(lambda: mail.hpa_condition("ScalingActive") == ("False", "FailedGetExternalMetric"), mail.story)

    def tells_the_skew(self, _):
        (clock,) = json.loads(self.one.get("/api/v1/warnings"))["clocks"]
        wanted = -SKEW if self.fault.happen is Scene.fall_behind else SKEW
        assert abs(clock["offsetSeconds"] - wanted) < 30, clock
        assert "points are refused for their time" in self.one.log()
        reason = "too_old" if wanted < 0 else "too_far_ahead"
        assert self.one.metric("tidewheel_otlp_points_dropped_total", reason=reason) > 0


def nothing(*_):
    pass


@dataclass(frozen=True)
class Fault:
    name: str
    happen: Callable = nothing
    told: str = ""            # what KEDA's events say about it, as a regular expression; empty: nothing is wrong
    language: str = "python"  # of the sender's SDK
    tls: bool = False
    prepare: Callable = nothing  # before there is load
    shows: Callable = nothing    # what else tells it, KEDA given


def skewed(side):
    minutes = "(9m[0-9]+s|10m([0-9]+s)?)"  # The text was on its way.
    return f"; points are refused, their time is {minutes} {side} ours: check the clock of service.name="


SILENCE = "older than the window|no series matches"
FAULTS = [
    Fault("the scaler is killed", Scene.kill, "got empty metric spec|code = Unavailable"),
    Fault("the scaler is killed and restarted without a sender", Scene.restart_alone, "no series matches"),
    Fault("the scaler is restarted in the middle of load", Scene.restart_under_load),
    Fault("the scaler's certificate is of a stranger", Scene.change_authority, "got empty metric spec|code = Unavailable",
          tls=True, shows=Scene.names_the_handshake),
    Fault("the sender is killed", Scene.crash_sender, SILENCE),
    Fault("the metric is sent no more", Scene.vanish, SILENCE),
    # The SDK for Python sends no NaN, and its clock is the machine's.
    Fault("the metric is not a number", Scene.lose_the_number, "not a number", language="go"),
    Fault("the sender's clock falls behind", Scene.fall_behind, skewed("behind"), language="go", shows=Scene.tells_the_skew),
    Fault("the sender's clock runs ahead", Scene.run_ahead, skewed("ahead of"), language="go", shows=Scene.tells_the_skew),
    Fault("the disk is full", prepare=lambda scene: disk.start_on_full_disk(scene.one)),
    Fault("the disk fills up", Scene.fill_disk, prepare=lambda scene: disk.start_on_small_disk(scene.one)),
]


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_replicas_hold(trigger, keda, tidewheel, sender, workload, tmp_path, subtests):
    scenes = []
    for number, fault in enumerate(FAULTS):
        one = tidewheel(server="scaler", retention=RETENTION)
        pair = tls.Tls(tmp_path / f"tls-{number}") if fault.tls else None
        scenes.append(Scene(fault, sender, one, pair))
    for scene in scenes:
        scene.meet(workload, trigger)
    for scene in scenes:
        scene.mail.wait_ready()
        scene.mail.reach(4, 0)

    since = time.monotonic()
    for scene in scenes:
        scene.fault.happen(scene)
    for scene in scenes:
        with subtests.test(f"{scene.fault.name}: it is told"):
            if scene.fault.told:
                scene.says_what_is_wrong()
            scene.fault.shows(scene, keda)
    hold([scene.mail for scene in scenes], 4, since, HOLD)
    for scene in scenes:
        with subtests.test(f"{scene.fault.name}: it is told while it stands"):
            wanted = ("False", "TriggerError") if scene.fault.told else ("True", "ScaledObjectReady")
            eventually(lambda: scene.mail.conditions()["Ready"] == wanted, scene.mail.story)

    for scene in scenes:
        if scene.fault.told:
            scene.recover()
    told = {scene.fault.name: scene.queue.tell(72) for scene in scenes}
    for scene in scenes:
        with subtests.test(f"{scene.fault.name}: scaling goes on"):
            scene.mail.reach(8, told[scene.fault.name])
            eventually(lambda: scene.mail.conditions()["Ready"][0] == "True", scene.mail.story)
            assert min(scene.mail.replicas.counts(since)) == 4
            assert scene.one.process.poll() is None
