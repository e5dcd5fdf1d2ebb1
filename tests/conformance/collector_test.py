"""The table's requests, sent to the OpenTelemetry Collector too: its Prometheus exporter shows the same newest values,
but for the differences that differences.py names. One that is not named fails, and so does a named one that is none."""

import time

import pytest

import answers
from collector import Collector
from differences import DIFFERENCES, NOTHING
from harness import Tidewheel
from otlp import ATTRIBUTES, LABELS, RESOURCE, Grpc, send_case
from table import CASES, RETENTION


class Both:
    """What Tidewheel and the exporter show of the table: name as sent -> (value, seconds before the base)."""

    def __init__(self, one, collector):
        ways = [Grpc(one.ports["otlp"]), Grpc(collector.ports["grpc"])]
        self.base = int(time.time())
        for case in CASES:
            for way in ways:
                send_case(way, case, self.base)
        for way in ways:
            way.close()
        self.listing = answers.listing(one)
        self.scrape = {name: (labels, value, at) for name, labels, value, at in collector.scrape(collector.exporter_port)}

    def ours(self, name):
        [series] = self.listing[name.replace(".", "_")]
        newest = series["data"][-1]
        return newest["value"], self.base - newest["time"]

    def theirs(self, case, name):
        shown = self.scrape.get(exported(case, name))
        return shown and (shown[1], self.base - shown[2] / 1000)


def exported(case, name):
    """What the exporter calls a series."""
    return name.replace(".", "_") + ("_total" if case.shape.type == "sum" and case.shape.monotonic else "")


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    def exporter(port):
        return {"prometheus": {"endpoint": f"127.0.0.1:{port}", "send_timestamps": True}}

    one = Tidewheel(tmp_path_factory.mktemp("scaler"), retention=RETENTION, server="scaler")
    try:
        with Collector(tmp_path_factory.mktemp("collector"), exporter) as collector:
            yield Both(one.start(), collector)
    finally:
        one.end()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_newest_value(both, case, record_property):
    record_property("shape", case.shape.name)
    record_property("way", "Collector")
    named = [difference for difference in DIFFERENCES if difference.concerns(case)]
    assert len(named) <= 1, "two rows claim this case"
    for name, times in case.series.items():
        ours, theirs = both.ours(name), both.theirs(case, name)
        if not named:
            assert theirs == ours, "a difference that no row names"
            continue
        shown = named[0].shown[case.edge.name]
        assert theirs == (shown and (shown[0] * times, shown[1])), named[0].why
        assert theirs != ours, f"no difference any more: {named[0].why}"


def test_every_named_difference_has_a_case():
    assert [row.why for row in DIFFERENCES if not any(map(row.concerns, CASES))] == []


def test_names_and_labels(both):
    """Named as well: Prometheus' spelling of names, `_total`, and a resource of which only `job` is left."""
    own = {key: LABELS[key] for key in ATTRIBUTES}
    scope = {"otel_scope_name": "tidewheel.conformance", "otel_scope_version": "1", "otel_scope_schema_url": ""}
    for case in CASES:
        for name in case.series:
            if both.theirs(case, name) is not NOTHING:
                assert both.scrape[exported(case, name)][0] == {**own, **scope, "job": RESOURCE["service.name"]}
