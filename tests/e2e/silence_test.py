"""Silence that proves there is nothing, and silence that does not."""

from harness import eventually, scaled

WINDOW = 4
HITS = scaled("web", 'sum(hits{route="/"})', "rate", 50, window=f"{WINDOW}s")


def start_counter(one, sender):
    """Three replicas' worth from a sender whose counter brings points only while it grows."""
    counter = sender("python", "grpc", one.ports["otlp"], "counter", "hits", "route=/", temporality="delta")
    counter.say("rate 140")
    one.settle_replicas("web", 3, WINDOW)
    return counter


def test_a_silent_delta_stream_of_a_sender_that_reports_is_zero(tidewheel, sender):
    one = tidewheel(HITS).start()
    counter = start_counter(one, sender)
    counter.say("rate 0")
    one.wait_replicas("web", 0)
    assert "signal has ended" in one.cli("explain", "default/web")
    counter.say("rate 140")
    one.wait_replicas("web", 3)


def test_a_silent_delta_stream_of_a_killed_sender_holds(tidewheel, sender):
    one = tidewheel(HITS).start()
    start_counter(one, sender).stop()
    eventually(lambda: one.trigger("web")["state"] == "stale", "a stale trigger")
    held = one.replicas("web")[0]
    assert held > 0
    one.hold_replicas("web", held, 5 * WINDOW)
