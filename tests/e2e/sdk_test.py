"""Real SDKs, set up by environment alone: replicas are what the arithmetic says, zero included."""

import pytest

from harness import scaled

# language -> the protocols that its SDK speaks; an object and a sender each, side by side
PROTOCOLS = {
    "go": ("grpc", "http/protobuf"),
    "java": ("grpc", "http/protobuf"),
    "node": ("grpc", "http/protobuf", "http/json"),
    "python": ("grpc", "http/protobuf"),
}

# An SDK with default settings sends gRPC to 4317 and HTTP to 4318: the OTLP and the scaler port.
PORT_OF = {"grpc": "otlp", "http/protobuf": "scaler", "http/json": "scaler"}


def name_of(protocol):
    return protocol.replace("/", "-")


def objects(protocols, metric, operation, target, window):
    return [scaled(name_of(protocol), f'sum({metric}{{by="{protocol}"}})', operation, target, window=window)
            for protocol in protocols]


def start_senders(one, sender, language, kind, metric):
    return [sender(language, protocol, one.ports[PORT_OF[protocol]], kind, metric, f"by={protocol}")
            for protocol in PROTOCOLS[language]]


@pytest.mark.parametrize("language", PROTOCOLS)
def test_gauges_with_last_one(tidewheel, sender, language):
    names = [name_of(protocol) for protocol in PROTOCOLS[language]]
    one = tidewheel(*objects(PROTOCOLS[language], "queue_depth", "last_one", 10, "5s")).start()
    gauges = start_senders(one, sender, language, "gauge", "queue_depth")
    one.hold_replicas(names, 0, 1)  # nothing said, nothing started
    for value, replicas in [(35, 4), (72, 8), (500, 10), (12, 2), (0, 0), (1, 1), (-5, 0), (25, 3)]:
        for gauge in gauges:
            gauge.say(f"set {value}")
        one.wait_replicas(names, replicas)
        one.hold_replicas(names, replicas, 1)


@pytest.mark.parametrize("language", PROTOCOLS)
def test_counters_with_rate(tidewheel, sender, language):
    # 2.8, 5.8 and 1.2 replicas' worth: a fifth away from where rounding up would turn over.
    names = [name_of(protocol) for protocol in PROTOCOLS[language]]
    one = tidewheel(*objects(PROTOCOLS[language], "hits", "rate", 50, "4s")).start()
    counters = start_senders(one, sender, language, "counter", "hits")
    for rate, replicas in [(140, 3), (290, 6), (60, 2), (0, 0), (140, 3)]:
        for counter in counters:
            counter.say(f"rate {rate}")
        one.settle_replicas(names, replicas, window=4)
        one.hold_replicas(names, replicas, 2)
