"""What must not be lost: replicas while data are missing, objects and decisions over a crash, and no child process."""

import json
import os
import signal
import time

from harness import eventually, processes_marked, scaled

QUEUE = scaled("mail", 'sum(queue_depth{queue="mail"})', "last_one", 10)


def send_queue_depth(one, sender, value):
    gauge = sender("python", "grpc", one.ports["otlp"], "gauge", "queue_depth", "queue=mail")
    gauge.say(f"set {value}")
    return gauge


def test_a_silent_sender_changes_nothing_and_is_seen(tidewheel, sender):
    one = tidewheel(QUEUE, retention=5).start()
    gauge = send_queue_depth(one, sender, 35)
    one.wait_replicas("mail", 4)
    gauge.stop()
    one.hold_replicas("mail", 4, 30)

    assert one.trigger("mail")["state"] == "stale"
    explained = json.loads(one.get("/api/v1/objects/default/mail/explain?format=json"))
    assert explained["object"]["triggers"][0]["state"] == "stale"
    assert "stale" in one.cli("explain", "default/mail")
    for state in ("value", "absent", "error", "not_a_number", "stale"):
        assert one.metric("tidewheel_trigger_state", scaledObject="mail", state=state) == (state == "stale")


NO_SNAPSHOT = ["--snapshot-file", "none"]


def test_a_crash_forgets_nothing(tidewheel, sender):
    one = tidewheel(QUEUE, arguments=NO_SNAPSHOT).start()
    gauge = send_queue_depth(one, sender, 35)
    one.wait_replicas("mail", 4)
    before = one.decisions("mail")
    created = one.object("mail")
    one.kill()
    gauge.stop()
    one.assert_nothing_left()

    one.start()
    assert one.trigger("mail")["state"] == "absent"
    assert [o["name"] for o in one.objects()] == ["mail"]
    kept = {d["id"]: d["decision"]["reason"] for d in one.decisions("mail")}
    scaled_up = [d for d in before if d["decision"]["to"] == 4]
    assert scaled_up and all(kept[d["id"]] == d["decision"]["reason"] for d in scaled_up)
    assert one.object("mail")["target"] == created["target"]
    one.wait_replicas("mail", 4)
    one.hold_replicas("mail", 4, 5)  # no data since the start, and longer than the cooldown

    send_queue_depth(one, sender, 72)
    one.wait_replicas("mail", 8)


def summed(window):
    return scaled("mail", "sum(queue_depth)", "last_one", 10, window=f"{window}s")


def say(one, sender, queue, value):
    gauge = sender("python", "grpc", one.ports["otlp"], "gauge", "queue_depth", f"queue={queue}")
    gauge.say(f"set {value}")
    return gauge


def seven_replicas(one, sender, window):
    """Two senders that ask for them, for longer than the window: what it knows is whole, and in the journal."""
    gauges = [say(one, sender, queue, 35) for queue in "ab"]
    one.wait_replicas("mail", 7)
    one.hold_replicas("mail", 7, window + 3)
    return gauges


def test_a_restart_goes_on_with_the_series_it_had(tidewheel, sender):
    window = 30
    one = tidewheel(summed(window)).start()
    gauges = seven_replicas(one, sender, window)
    assert one.stop() == 0
    assert (one.data / "series.snapshot").exists()
    gauges[0].say("set 12")
    gauges[1].stop()

    begun = time.monotonic()
    one.restart()
    eventually(lambda: one.trigger("mail").get("value") == 47, "what the one says and the other one said")
    one.wait_replicas("mail", 5)
    assert time.monotonic() - begun < window, "too slow to tell: by then the window has passed anyway"


def test_the_series_of_before_a_crash_lower_nothing(tidewheel, sender):
    window = 30
    one = tidewheel(summed(window), arguments=["--snapshot-interval", "1s"]).start()
    gauges = seven_replicas(one, sender, window)
    one.kill()
    gauges[0].say("set 12")
    gauges[1].stop()
    one.assert_nothing_left()

    one.restart()
    eventually(lambda: one.trigger("mail").get("value") == 47, "what the one says and the other one said")
    one.wait_replicas("mail", 7)
    one.hold_replicas("mail", 7, 3)  # who knows what the other one said last?
    one.wait_replicas("mail", 2)  # its window has passed


def test_a_restart_lowers_as_soon_as_all_series_are_back(tidewheel, sender):
    window = 30
    one = tidewheel(summed(window), arguments=NO_SNAPSHOT).start()
    gauges = seven_replicas(one, sender, window)
    one.kill()
    for gauge in gauges:
        gauge.stop()
    one.assert_nothing_left()

    begun = time.monotonic()
    one.start()
    send_queue_depth(one, sender, 12)
    eventually(lambda: one.trigger("mail")["state"] == "value", "a reading")
    one.wait_replicas("mail", 7)
    one.hold_replicas("mail", 7, 2)  # of two series one reports
    sender("python", "grpc", one.ports["otlp"], "gauge", "queue_depth", "queue=other").say("set 1")
    one.wait_replicas("mail", 2)
    assert time.monotonic() - begun < window, "too slow to tell: by then the window has passed anyway"


def test_sigterm_ends_with_status_0_and_takes_all_children(tidewheel, sender):
    one = tidewheel(QUEUE).start()
    send_queue_depth(one, sender, 35)
    one.wait_replicas("mail", 4)
    assert one.stop() == 0
    one.assert_nothing_left()


def test_a_killed_tidewheel_takes_all_children(tidewheel, sender):
    one = tidewheel(QUEUE).start()
    send_queue_depth(one, sender, 72)
    one.wait_replicas("mail", 8)
    one.kill()
    one.assert_nothing_left()


def test_a_killed_pod_is_replaced(tidewheel, sender):
    one = tidewheel(QUEUE).start()
    send_queue_depth(one, sender, 35)
    one.wait_replicas("mail", 4)
    victims = {pid for pid, env in processes_marked(one.mark).items() if env.get("POD_NAME", "").startswith("mail-")}
    os.kill(min(victims), signal.SIGKILL)
    eventually(lambda: not (victims <= set(processes_marked(one.mark))), "the pod's end")
    one.wait_replicas("mail", 4)
