"""A real KEDA scales a Deployment from 0 to 1 to N to 0 by what a real SDK sends to `tidewheel scaler`."""

import time

from queue_metric import Queue

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
    mail = workload("external", one.ports["scaler"])
    mail.wait_ready()
    assert mail.target() == (f"s0-{mail.namespace}-mail", "10")
    follow(queue, mail, hop)


def test_pushed(tidewheel, sender, workload, hop):
    """KEDA polls when it meets the object, and then half a minute later: in between, only the scaler can wake it."""
    one = tidewheel(server="scaler").start()
    queue = Queue(sender, one)
    queue.set(0)
    met = time.monotonic()
    mail = workload("external-push", one.ports["scaler"])
    mail.wait_ready()
    woken = follow(queue, mail, hop)
    assert woken - met < POLL
