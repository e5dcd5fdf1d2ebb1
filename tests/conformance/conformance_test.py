"""Every row of the table, by both transports and both encodings: the series that it gives, and what is said of them."""

import time
from collections import Counter

import pytest

import answers
from harness import Tidewheel
from otlp import LABELS, WAYS, send_case
from table import CASES, RETENTION

# How the program's own metrics call what partial_success says in words.
REASONS = {"older than the retention": "too_old", "too far in the future": "too_far_ahead", "without a value": "empty"}


class Told:
    """All of the table, sent in one of the ways; and what the program lists then."""

    def __init__(self, way_name, one):
        self.one = one
        self.way_name = way_name
        way = WAYS[way_name](one.ports["otlp"])
        base = int(time.time())
        self.sent = {case.id: send_case(way, case, base) for case in CASES}
        way.close()
        self.listing = answers.listing(one)
        self.questions = {"POST /memstore/query": answers.query_memstore, "GET /api/v1/query": answers.query_api,
                          "GetMetrics": answers.Scaler(one)}

    def samples(self, name, sent):
        """((seconds before the base, value), ...) of the only series of that name; "now" is when the point arrived."""
        [series] = self.listing[name]
        assert series["labels"] == LABELS
        arrived = range(int(sent.arrived[0]), int(sent.arrived[1]) + 1)
        return tuple(("now" if sample["time"] in arrived else sent.base - sample["time"], sample["value"])
                     for sample in series["data"])


@pytest.fixture(scope="module", params=WAYS)
def told(request, tmp_path_factory):
    one = Tidewheel(tmp_path_factory.mktemp("scaler"), retention=RETENTION, server="scaler")
    try:
        yield Told(request.param, one.start())
    finally:
        one.end()


def close(number):
    return pytest.approx(number, rel=1e-9) if isinstance(number, (int, float)) else number


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_row(told, case, record_property):
    record_property("shape", case.shape.name)
    record_property("way", told.way_name)
    sent = told.sent[case.id]
    assert (sent.rejected, sent.why) == ((1, f"1 point dropped: 1 {case.edge.dropped}") if case.edge.dropped else (0, ""))
    for name, times in case.series.items():
        wanted = tuple((at, float(value * times)) for at, value in case.edge.samples)
        assert told.samples(name.replace(".", "_"), sent) == wanted
    for question, ask in told.questions.items():
        got = {(name, operation): ask(told.one, name, operation) for name, operation, _ in case.answers()}
        assert got == {(name, operation): close(wanted) for name, operation, wanted in case.answers()}, question


def filled(buckets):
    """How many there are in each bucket that has some."""
    return [int(count) for _, _, _, count in buckets if int(count)]


@pytest.mark.parametrize("case", [case for case in CASES if case.shape.distribution and case.shape.type != "summary"],
                         ids=lambda case: case.id)
def test_buckets(told, case):
    at, value = case.edge.samples[-1]
    histogram = answers.newest_histogram(told.one, case.metric)
    assert (histogram["count"], float(histogram["sum"])) == (str(value), float(2 * value))
    assert filled(histogram["buckets"]) == [half for half in (value // 2, value - value // 2) if half]
    if case.shape.type == "histogram":
        uppers = {upper: int(count) for _, _, upper, count in histogram["buckets"] if int(count)}
        assert uppers == {bound: half for bound, half in (("1", value // 2), ("10", value - value // 2)) if half}
    elif value:
        newest = [point for points in case.edge.sent for point in points if point.v == value and not point.gone][-1]
        _, lower, upper, _ = histogram["buckets"][-1]
        assert (float(lower), float(upper)) == pytest.approx(tuple(2 ** (edge * 2**-newest.scale) for edge in (1, 2)))


def test_what_is_said_of_metrics(told):
    types = {"gauge": "gauge", "sum": "counter", "updown": "gauge", "summary": "summary"}
    said = answers.metadata(told.one)
    for case in CASES:
        [row] = said[case.metric]
        kind = "updown" if case.shape.type == "sum" and not case.shape.monotonic else case.shape.type
        assert row["type"] == types.get(kind, "histogram"), case.id
        assert row["help"] == f"{case.id}, as a row says"


@pytest.mark.parametrize("operation", ("last_one", "min", "max", "avg", "count", "rate"))
def test_the_command_says_the_same(told, operation):
    for case in CASES:
        if case.edge.name != "plain":
            continue
        for name, asked, wanted in case.answers():
            if asked == operation:
                assert answers.query_command(told.one, name, operation) == close(wanted), name


def test_no_series_but_those_of_the_table(told):
    assert set(told.listing) == {name.replace(".", "_") for case in CASES for name in case.series}


def test_every_point_is_counted(told):
    dropped = Counter(REASONS[case.edge.dropped] for case in CASES if case.edge.dropped)
    assert told.one.metric("tidewheel_otlp_points_accepted_total") == sum(case.points for case in CASES) - dropped.total()
    assert {reason: told.one.metric("tidewheel_otlp_points_dropped_total", reason=reason)
            for reason in REASONS.values()} == dropped
