"""A real KEDA scales a Deployment from 0 to 1 to N to 0 by what a real SDK sends to `tidewheel scaler`."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

import tls
from api import eventually
from queue_metric import Queue
from workload import hold, manifest

POLL = 30  # seconds between two polls of external-push.yaml


def follow(queue, mail, hop):
    """From 0 to 1 to 4 to 8 to 0; notes the hops. Returns when KEDA had made the first replica."""
    told, arrived = queue.set(35)
    hop("the SDK is told 35 -> the scaler has it", arrived - told)
    woken = mail.reach(1, told)
    hop("the SDK is told 35 -> KEDA scales 0 to 1", woken - told)
    hop("KEDA has scaled to 1 -> the HPA scales to 4", mail.reach(4, woken) - woken)
    told, _ = queue.set(72)
    hop("the SDK is told 72 -> the HPA scales 4 to 8", mail.reach(8, told) - told)
    told, _ = queue.set(0)
    hop("the SDK is told 0 -> the HPA scales 8 to 1", mail.reach(1, told) - told)
    hop("the SDK is told 0 -> KEDA scales 1 to 0", mail.reach(0, told) - told)
    assert mail.replicas.counts() == [0, 1, 4, 8, 1, 0]
    return woken


def test_polled(tidewheel, sender, workload, hop):
    one = tidewheel(server="scaler").start()
    queue = Queue(sender, one)
    queue.set(0)
    mail = workload(manifest("external"), one.ports["scaler"])
    mail.wait_ready()
    assert mail.targets() == [(f"s0-{mail.namespace}-mail", "10")]
    follow(queue, mail, hop)


def test_pushed(tidewheel, sender, workload, hop):
    """KEDA polls when it meets the object, and then half a minute later: in between, only the scaler can wake it."""
    one = tidewheel(server="scaler").start()
    queue = Queue(sender, one)
    queue.set(0)
    met = time.monotonic()
    mail = workload(manifest("external-push"), one.ports["scaler"])
    mail.wait_ready()
    woken = follow(queue, mail, hop)
    assert woken - met < POLL


@dataclass(frozen=True)
class Way:
    """How KEDA and the scaler speak TLS; the SDK does in all of them."""
    name: str
    trigger: str     # a manifest
    change: tuple    # of it
    mutual: bool = False


WAYS = [
    Way("polled", "external", tls.TRUSTED),
    Way("pushed", "external-push", tls.TRUSTED),
    Way("polled with a client's certificate", "external", tls.MUTUAL, mutual=True),
    Way("pushed with a client's certificate", "external-push", tls.MUTUAL, mutual=True),
    Way("polled without verifying", "external", tls.UNVERIFIED),
]


def met_over_tls(way, pair, tidewheel, sender, workload):
    """The scaler, the metric and the workload of one way, with nothing to do."""
    one = tidewheel(server="scaler", arguments=[pair.require_client()] if way.mutual else [])
    one.variables = pair.variables(otlp=True)
    one.start()
    queue = Queue(sender, one, settings=pair.sdk(one.ports["otlp"]))
    queue.set(0)
    mail = workload(manifest(way.trigger, way.change), one.ports["scaler"], pair.objects())
    return one, queue, mail


def test_over_tls(tidewheel, sender, workload, hop, tmp_path):
    """All ways at once, for they wait most of the time."""
    met = [met_over_tls(way, tls.Tls(tmp_path / str(number)), tidewheel, sender, workload)
           for number, way in enumerate(WAYS)]
    hops = [[] for _ in WAYS]
    with ThreadPoolExecutor(len(WAYS)) as pool:
        followed = []
        for (_, queue, mail), its in zip(met, hops):
            mail.wait_ready()
            followed.append(pool.submit(follow, queue, mail, lambda *note, its=its: its.append(note)))
        for one in followed:
            one.result()
    for way, its in zip(WAYS, hops):
        for what, seconds in its:
            hop(f"{way.name}: {what}", seconds)
    for one, _, _ in met:
        for port in ("otlp", "scaler"):
            assert one.metric("tidewheel_tls_handshakes_total", server=port) > 0


@dataclass(frozen=True)
class Distrust:
    """Why KEDA and the scaler do not come together, and how its user gets to know."""
    name: str
    told: str            # a part of what KEDA's log says
    change: tuple = ()   # of the trigger
    stranger: bool = False
    mutual: bool = False


DISTRUST = [
    Distrust("another authority", tls.UNTRUSTED, tls.TRUSTED, stranger=True),
    Distrust("no authority", tls.UNTRUSTED, tls.trigger("enableTLS")),
    Distrust("plain text", "error reading server preface"),
    Distrust("no client certificate", "tls: certificate required", tls.TRUSTED, mutual=True),
]
DISTRUST_SECONDS = 15  # for which it stands


@pytest.mark.parametrize("trigger", ["external", "external-push"])
def test_who_is_not_trusted_changes_nothing_and_is_told(trigger, keda, tidewheel, sender, workload, tmp_path, subtests):
    """From the start, while three replicas are up. KEDA makes no HPA then, and only its log names the reason."""
    since = time.monotonic()
    mails = []
    for number, distrust in enumerate(DISTRUST):
        pair = tls.Tls(tmp_path / str(number))
        if distrust.stranger:
            pair.use_stranger()
        one = tidewheel(server="scaler", arguments=[pair.require_client()] if distrust.mutual else [])
        one.variables = pair.variables()
        one.start()
        Queue(sender, one).set(0)
        changes = [("replicas: 0", "replicas: 3"), *([distrust.change] if distrust.change else [])]
        mails.append(workload(manifest(trigger, *changes), one.ports["scaler"], pair.objects()))
    for distrust, mail in zip(DISTRUST, mails):
        with subtests.test(distrust.name):
            eventually(lambda: mail.conditions().get("Ready") == ("False", "ScaledObjectCheckFailed"), mail.story)
            eventually(lambda: any(distrust.told in error for error in keda.errors(mail.namespace)), mail.story)
    hold(mails, 3, since, DISTRUST_SECONDS)
