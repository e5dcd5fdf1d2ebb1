"""Real SDKs, set up by environment alone: replicas are what the arithmetic says, zero included."""

import pytest

from harness import scaled

SDKS = [(language, protocol) for language in ("python", "go") for protocol in ("grpc", "http/protobuf")]

# An SDK with default settings sends gRPC to 4317 and HTTP to 4318: the OTLP and the scaler port.
PORT_OF = {"grpc": "otlp", "http/protobuf": "scaler"}


@pytest.mark.parametrize("language,protocol", SDKS)
def test_a_gauge_with_last_one(tidewheel, sender, language, protocol):
    one = tidewheel(scaled("mail", 'sum(queue_depth{queue="mail"})', "last_one", 10, window="5s")).start()
    gauge = sender(language, protocol, one.ports[PORT_OF[protocol]], "gauge", "queue_depth", "queue=mail")
    one.hold_replicas("mail", 0, 1)  # nothing said, nothing started
    for value, replicas in [(35, 4), (72, 8), (500, 10), (12, 2), (0, 0), (1, 1), (-5, 0), (25, 3)]:
        gauge.say(f"set {value}")
        one.wait_replicas("mail", replicas)
        one.hold_replicas("mail", replicas, 1)


@pytest.mark.parametrize("language,protocol", SDKS)
def test_a_counter_with_rate(tidewheel, sender, language, protocol):
    # 2.8, 5.8 and 1.2 replicas' worth: a fifth away from where rounding up would turn over.
    one = tidewheel(scaled("web", 'sum(hits{route="/"})', "rate", 50, window="4s")).start()
    counter = sender(language, protocol, one.ports[PORT_OF[protocol]], "counter", "hits", "route=/")
    for rate, replicas in [(140, 3), (290, 6), (60, 2), (0, 0), (140, 3)]:
        counter.say(f"rate {rate}")
        one.settle_replicas("web", replicas, window=4)
        one.hold_replicas("web", replicas, 2)
