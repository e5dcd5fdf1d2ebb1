"""Writes the golden requests of this folder: NAME.bin, NAME.json and NAME.want for each.

Run it in a virtual environment that has the package opentelemetry-proto:  python make_vectors.py
The bytes and the JSON come from that package; the wanted points are computed here, not by us.
"""

import base64
import json
import math
import pathlib
import struct

from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.metrics.v1 import metrics_pb2 as m

T0 = 1_800_000_000_000_000_000
FOLDER = pathlib.Path(__file__).parent


def any_value(v):
    if v is None:
        return AnyValue()
    if isinstance(v, bool):
        return AnyValue(bool_value=v)
    if isinstance(v, int):
        return AnyValue(int_value=v)
    if isinstance(v, float):
        return AnyValue(double_value=v)
    if isinstance(v, bytes):
        return AnyValue(bytes_value=v)
    if isinstance(v, list):
        return AnyValue(array_value=ArrayValue(values=[any_value(x) for x in v]))
    if isinstance(v, dict):
        return AnyValue(kvlist_value=KeyValueList(values=attributes(v)))
    return AnyValue(string_value=v)


def attributes(d):
    return [KeyValue(key=k, value=any_value(v)) for k, v in d.items()]


def point(value=None, attrs=None, t=T0, start=0, flags=0, **more):
    p = m.NumberDataPoint(
        time_unix_nano=t, start_time_unix_nano=start, attributes=attributes(attrs or {}),
        flags=flags, **more)
    if isinstance(value, int):
        p.as_int = value
    elif value is not None:
        p.as_double = value
    return p


def gauge(name, *points):
    return m.Metric(name=name, gauge=m.Gauge(data_points=points))


def counter(name, *points, temporality=2, monotonic=True):
    return m.Metric(name=name, unit="1", description="d", sum=m.Sum(
        data_points=points, aggregation_temporality=temporality, is_monotonic=monotonic))


def resource(attrs, *scopes):
    r = m.ResourceMetrics(scope_metrics=scopes, schema_url="https://example.test/schema")
    r.resource.attributes.extend(attributes(attrs))
    r.resource.dropped_attributes_count = 2
    return r


def scope(name, version, attrs, *metrics):
    s = m.ScopeMetrics(metrics=metrics, schema_url="https://example.test/schema")
    s.scope.name = name
    s.scope.version = version
    s.scope.attributes.extend(attributes(attrs))
    return s


def number(d):
    if math.isnan(d):
        return "NaN"
    if math.isinf(d):
        return "+Inf" if d > 0 else "-Inf"
    return str(int(d)) if d == int(d) and abs(d) < 1e6 else repr(d)


def raw(any_v):
    """What Go's json.Marshal would be given."""
    kind = any_v.WhichOneof("value")
    if kind is None:
        return None
    v = getattr(any_v, kind)
    if kind == "bytes_value":
        return base64.b64encode(v).decode()
    if kind == "array_value":
        return [raw(x) for x in v.values]
    if kind == "kvlist_value":
        return {x.key: raw(x.value) for x in v.values}
    return v


def text(any_v):
    kind = any_v.WhichOneof("value")
    if kind is None:
        return ""
    v = getattr(any_v, kind)
    if kind == "bool_value":
        return "true" if v else "false"
    if kind == "int_value":
        return str(v)
    if kind == "double_value":
        return number(v)
    if kind == "bytes_value":
        return raw(any_v)
    if kind in ("array_value", "kvlist_value"):
        return json.dumps(raw(any_v), separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return v


def labels(name, attrs):
    return " %s{%s}" % (name, "".join('%s="%s",' % (a.key, text(a.value)) for a in attrs))


def value(p):
    if p.flags & 1:
        return "no recorded value"
    if p.WhichOneof("value") == "as_int":
        return "int %d" % p.as_int
    if math.isnan(p.as_double):
        return "double nan"
    return "double " + struct.pack(">d", p.as_double).hex()


def short(d):
    return str(d) if not math.isfinite(d) else str(int(d)) if d == int(d) else repr(d)


def beside(p, kind):
    """The histogram that is kept beside a point's count, where its buckets add up to that."""
    if kind == "summary" or p.flags & 1:
        return ""
    found = "count %d" % p.count + "".join(
        " %s %s" % (f, short(getattr(p, f))) for f in ("sum", "min", "max") if p.HasField(f))
    if kind == "histogram":
        if len(p.bucket_counts) != len(p.explicit_bounds) + 1 or sum(p.bucket_counts) != p.count:
            return ""
        return " beside it %s bounds%s counts%s" % (
            found, "".join(" " + short(b) for b in p.explicit_bounds), "".join(" %d" % c for c in p.bucket_counts))
    if sum(p.positive.bucket_counts) + sum(p.negative.bucket_counts) + p.zero_count != p.count:
        return ""
    return " beside it %s scale %d zeros %d within %s" % (found, p.scale, p.zero_count, short(p.zero_threshold)) + "".join(
        " %s %d counts%s" % (name, side.offset, "".join(" %d" % c for c in side.bucket_counts))
        for name, side in (("positive", p.positive), ("negative", p.negative)))


def distribution_lines(r, s, metric, kind):
    """What a histogram's or a summary's points are stored as: NAME_count, then NAME_sum where there is one."""
    data = getattr(metric, kind)
    temporality = 2 if kind == "summary" else data.aggregation_temporality
    counts, sums = [], []
    for p in data.data_points:
        def line(name, text):
            return "%s%s sum temporality %d monotonic%s scope \"%s %s\"%s%s time %d start %d %s" % (
                metric.name, name, temporality, labels("resource", r.resource.attributes), s.scope.name,
                s.scope.version, labels("scope", s.scope.attributes), labels("point", p.attributes),
                p.time_unix_nano, p.start_time_unix_nano, "no recorded value" if p.flags & 1 else text)
        counts.append(line("_count", "int %d" % min(p.count, 2**63 - 1)) + beside(p, kind))
        if kind == "summary" or p.HasField("sum") or p.flags & 1:
            sums.append(line("_sum", "double " + struct.pack(">d", p.sum).hex()))
    return counts + sums


def want(request):
    lines, empty = [], 0
    for r in request.resource_metrics:
        for s in r.scope_metrics:
            for metric in s.metrics:
                kind = metric.WhichOneof("data")
                if kind not in ("gauge", "sum"):
                    if kind:
                        lines += distribution_lines(r, s, metric, kind)
                    continue
                data = getattr(metric, kind)
                temporality = data.aggregation_temporality if kind == "sum" else 0
                monotonic = " monotonic" if kind == "sum" and data.is_monotonic else ""
                for p in data.data_points:
                    if p.WhichOneof("value") is None and not p.flags & 1:
                        empty += 1
                        continue
                    lines.append("%s %s temporality %d%s%s scope \"%s %s\"%s%s time %d start %d %s" % (
                        metric.name, kind, temporality, monotonic,
                        labels("resource", r.resource.attributes), s.scope.name, s.scope.version,
                        labels("scope", s.scope.attributes), labels("point", p.attributes),
                        p.time_unix_nano, p.start_time_unix_nano, value(p)))
    return lines + ["empty points %d" % empty]


def write(name, *resources):
    request = ExportMetricsServiceRequest(resource_metrics=resources)
    (FOLDER / (name + ".bin")).write_bytes(request.SerializeToString(deterministic=True))
    (FOLDER / (name + ".json")).write_text(json_format.MessageToJson(request, indent=1) + "\n")
    (FOLDER / (name + ".want")).write_text("\n".join(want(request)) + "\n")


INF = float("inf")

write("empty")

write(
    "plain",
    resource(
        {"service.name": "shop", "host.name": "node-1"},
        scope("http", "1.2.3", {"lib": "x"},
              gauge("queue.length", point(7.5, {"queue": "orders"})),
              counter("http.requests", point(1000, {"code": "200"}, start=T0 - 10**10),
                      point(3, {"code": "500"}, start=T0 - 10**10))),
        scope("", "", {}, counter("delta", point(5), temporality=1),
              counter("updown", point(-5), monotonic=False))),
    resource({}, scope("other", "", {}, gauge("größe", point(1, {"ä": "ö€😀"})))))

write(
    "values",
    resource({}, scope("s", "", {}, gauge(
        "g", point(-5), point(-0.25), point(2**63 - 1), point(-(2**63)), point(2**53 + 1), point(0),
        point(0.0), point(-0.0), point(float("nan")), point(INF), point(-INF), point(5e-324),
        point(1.7976931348623157e308), point(0.1), point(None), point(None, flags=1),
        point(4, flags=1), point(4, flags=2), point(1, t=0), point(1, t=2**64 // 2 - 1),
        point(1, exemplars=[m.Exemplar(as_int=3, time_unix_nano=T0, trace_id=b"t" * 16)])))))

write(
    "attributes",
    resource(
        {"s": "text", "empty": "", "t": True, "f": False, "i": -42, "big": 2**63 - 1, "d": 0.5,
         "whole": 3.0, "large": 1e21, "small": 1e-05, "nan": float("nan"), "inf": INF,
         "bytes": b"\x00\xff\xfe", "unset": None},
        scope("s", "1", {"list": ["a", 1, True, 1.5, None, b"f"], "none": []},
              gauge("g", point(1, {"map": {"z": "1", "a": ["x", {"k": False}]}, "nothing": {},
                                   "quote": ['"\\\n\t\u00e4']})))))

write(
    "types",
    resource({}, scope(
        "s", "", {},
        gauge("before", point(1)),
        m.Metric(name="nothing"),
        m.Metric(name="latency", histogram=m.Histogram(aggregation_temporality=2, data_points=[
            m.HistogramDataPoint(time_unix_nano=T0, start_time_unix_nano=T0 - 10**10, count=3, sum=4.5,
                                 bucket_counts=[1, 2], explicit_bounds=[0.5], min=0.25, max=4,
                                 attributes=attributes({"code": 200}),
                                 exemplars=[m.Exemplar(as_double=4, time_unix_nano=T0)]),
            m.HistogramDataPoint(time_unix_nano=T0, count=2**64 - 1, sum=-0.5, attributes=attributes({"code": 500})),
            m.HistogramDataPoint(time_unix_nano=T0, count=7),
            m.HistogramDataPoint(time_unix_nano=T0, flags=1)])),
        m.Metric(name="delta", histogram=m.Histogram(aggregation_temporality=1, data_points=[
            m.HistogramDataPoint(time_unix_nano=T0, count=3, sum=INF)])),
        m.Metric(name="exp", exponential_histogram=m.ExponentialHistogram(aggregation_temporality=1, data_points=[
            m.ExponentialHistogramDataPoint(
                time_unix_nano=T0, start_time_unix_nano=T0 - 10**10, count=6, sum=2.5, scale=-1, zero_count=1,
                zero_threshold=0.5, positive=m.ExponentialHistogramDataPoint.Buckets(offset=-3, bucket_counts=[1, 3]),
                negative=m.ExponentialHistogramDataPoint.Buckets(bucket_counts=[1]),
                attributes=attributes({"k": "x"})),
            m.ExponentialHistogramDataPoint(time_unix_nano=T0, count=1),
            m.ExponentialHistogramDataPoint(time_unix_nano=T0, flags=1)])),
        m.Metric(name="quantiles", summary=m.Summary(data_points=[
            m.SummaryDataPoint(time_unix_nano=T0, count=1, sum=2.0, attributes=attributes({"k": "x"}), quantile_values=[
                m.SummaryDataPoint.ValueAtQuantile(quantile=0.5, value=2)]),
            m.SummaryDataPoint(time_unix_nano=T0),
            m.SummaryDataPoint(time_unix_nano=T0, count=9, sum=9, flags=1)])),
        m.Metric(name="no points", gauge=m.Gauge()),
        gauge("after", point(2)))))
