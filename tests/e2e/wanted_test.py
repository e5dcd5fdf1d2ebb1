"""`--metrics wanted`: what nobody asks for is skipped, and asking starts the keeping."""

import json
import struct

import grpc
import pytest

from harness import eventually, scaled
from scaler_test import ask, failure, field, scaled_object_ref

WANTED = ("--metrics", "wanted", "--ingest-threads", "4")
SKIPPED = "tidewheel_otlp_skipped_metrics_total"
VALUE = 35.0


def kept(one):
    return set(json.loads(one.get("/memstore/names")) or ())


def start_sender(sender, one, metric, value=VALUE, *pairs):
    gauge = sender("python", "grpc", one.ports["otlp"], "gauge", metric, *pairs)
    gauge.say(f"set {value}")
    return gauge


def skips_more(one):
    """From here on something more is skipped."""
    before = one.metric(SKIPPED)
    eventually(lambda: one.metric(SKIPPED) > before, f"more than {before} skipped metrics")


@pytest.mark.parametrize("first", ["GetMetricSpec", "GetMetrics", "IsActive"])
def test_keda_gets_the_value_of_what_it_asked_for(tidewheel, sender, first):
    one = tidewheel(server="scaler", arguments=WANTED).start()
    start_sender(sender, one, "queue_depth", VALUE, "queue=mail")
    start_sender(sender, one, "other_depth")
    skips_more(one)
    assert kept(one) == set()
    request = field(1, scaled_object_ref()) + field(2, b"s0-mail")
    with grpc.insecure_channel(f"127.0.0.1:{one.ports['scaler']}") as channel:
        if first == "GetMetricSpec":
            assert struct.pack("<d", 10.0) in ask(channel, first, scaled_object_ref())
        else:
            asked = request if first == "GetMetrics" else scaled_object_ref()
            assert failure(channel, first, asked).code() == grpc.StatusCode.UNAVAILABLE  # not 0: it was not kept
        eventually(lambda: "queue_depth" in kept(one), "the metric")
        assert struct.pack("<d", VALUE) in ask(channel, "GetMetrics", request)
    skips_more(one)
    assert "other_depth" not in kept(one)


@pytest.mark.parametrize("path", ["/api/v1/query?query=sum(queue.depth)", "/api/v1/histograms?query=queue_depth"])
def test_a_query_by_rest_asks_and_listings_do_not(tidewheel, sender, path):
    one = tidewheel(server="scaler", arguments=WANTED).start()
    start_sender(sender, one, "queue_depth")
    for listing in ("/memstore/names", "/api/v1/top", "/api/v1/status/tsdb", "/api/v1/metadata"):
        one.get(listing)
    skips_more(one)
    assert kept(one) == set()
    one.get(path)
    eventually(lambda: kept(one) == {"queue_depth"}, "the metric")


def test_some_are_wanted_whoever_asks(tidewheel, sender):
    one = tidewheel(server="scaler", arguments=(*WANTED, "--wanted-metrics", "first.depth, up",
                                                "--wanted-metrics", "second.depth")).start()
    for metric in ("first_depth", "second_depth", "other_depth"):
        start_sender(sender, one, metric)
    eventually(lambda: kept(one) == {"first_depth", "second_depth"}, "both")
    skips_more(one)
    assert kept(one) == {"first_depth", "second_depth"}


def test_an_objects_appearance_starts_the_keeping(tidewheel, sender):
    one = tidewheel(scaled("web", "sum(web_depth)", "last_one", 10, window="2s"), arguments=WANTED).start()
    start_sender(sender, one, "web_depth", 25)
    start_sender(sender, one, "mail_depth", 15)
    one.wait_replicas("web", 3)
    skips_more(one)
    assert kept(one) == {"web_depth"}
    one.write("mail.yaml", scaled("mail", "sum(mail_depth)", "last_one", 10, window="2s").replace("$MARK$", one.mark))
    eventually(lambda: one.status("/api/v1/objects/default/mail") == 200, "the object")
    one.wait_replicas("mail", 2)
    assert kept(one) == {"web_depth", "mail_depth"}


def test_otel_add_ons_lazy_mode_is_the_same(tidewheel, sender):
    one = tidewheel(server="scaler")
    one.variables["METRIC_STORE_LAZY_SERIES"] = "true"
    one.start()
    start_sender(sender, one, "queue_depth")
    skips_more(one)
    assert kept(one) == set()
