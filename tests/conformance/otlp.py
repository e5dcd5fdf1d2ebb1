"""A row's points as OTLP requests, and the ways to send them: both transports, both encodings."""

import json
import time
import urllib.request
from dataclasses import dataclass

import grpc
from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2

from harness import DEADLINE
from table import CUMULATIVE, DELTA, WHOLE_LIFE

SECOND = 1_000_000_000
TEMPORALITY = {DELTA: metrics_pb2.AGGREGATION_TEMPORALITY_DELTA, CUMULATIVE: metrics_pb2.AGGREGATION_TEMPORALITY_CUMULATIVE}
MEMBER = {"exponential": "exponential_histogram"}  # of a Metric, where it is not named as the type
BOUNDS = (1, 10)

# Attributes of every point and resource, and the labels that they are.
RESOURCE = {"service.name": "conformance", "host.name": "here"}
ATTRIBUTES = {"route": "/a", "code": 200, "ok": True, "share": 0.5}
LABELS = {**RESOURCE, "route": "/a", "code": "200", "ok": "true", "share": "0.5"}


def fill_attributes(target, attributes):
    for key, value in attributes.items():
        kind = {bool: "bool_value", int: "int_value", float: "double_value", str: "string_value"}[type(value)]
        setattr(target.add(key=key).value, kind, value)


def buckets_of(v):
    """The value's observations over a histogram's buckets, or an exponential one's zero and positive ones."""
    return [v // 2, v - v // 2, 0]


def fill_histogram(point, sent):
    point.count, point.sum = sent.v, 2 * sent.v
    point.explicit_bounds.extend(BOUNDS)
    point.bucket_counts.extend(buckets_of(sent.v))


def fill_exponential(point, sent):
    point.count, point.sum, point.scale = sent.v, 2 * sent.v, sent.scale
    point.zero_count, point.positive.offset = sent.v // 2, 1
    point.positive.bucket_counts.extend([sent.v - sent.v // 2])


def fill_summary(point, sent):
    point.count, point.sum = sent.v, 2 * sent.v
    point.quantile_values.add(quantile=0.5, value=2)


FILL = {"histogram": fill_histogram, "exponential": fill_exponential, "summary": fill_summary}


def fill_point(point, case, sent, before, base):
    """before: the point sent before it in the row, or None."""
    at = lambda seconds: int((base - seconds) * SECOND)
    if sent.t is not None:
        point.time_unix_nano = at(sent.t)
    if case.shape.temporality == DELTA:
        previous = before.t if before else sent.t + 10
        point.start_time_unix_nano = at(previous if sent.since is None else sent.since)
    elif case.shape.type != "gauge":
        point.start_time_unix_nano = at(WHOLE_LIFE if sent.began is None else sent.began)
    fill_attributes(point.attributes, ATTRIBUTES)
    if sent.gone:
        point.flags = metrics_pb2.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK
    elif case.shape.distribution:
        FILL[case.shape.type](point, sent)
    elif sent.v is not None:
        setattr(point, {"int64": "as_int", "double": "as_double"}[case.value], sent.v)


def export_requests(case, base):
    """The requests of a case, in order. base: seconds since 1970."""
    before = None
    for points in case.edge.sent:
        request = metrics_service_pb2.ExportMetricsServiceRequest()
        resource = request.resource_metrics.add()
        fill_attributes(resource.resource.attributes, RESOURCE)
        scope = resource.scope_metrics.add()
        scope.scope.name, scope.scope.version = "tidewheel.conformance", "1"
        metric = scope.metrics.add(name=case.metric, description=f"{case.id}, as a row says")
        data = getattr(metric, MEMBER.get(case.shape.type, case.shape.type))
        data.SetInParent()
        if case.shape.temporality:
            data.aggregation_temporality = TEMPORALITY[case.shape.temporality]
        if case.shape.type == "sum":
            data.is_monotonic = case.shape.monotonic
        for sent in points:
            fill_point(data.data_points.add(), case, sent, before, base)
            before = sent
        yield request


class Grpc:
    """To one port, over one connection."""

    def __init__(self, port):
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self.export = self.channel.unary_unary(
            "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
            request_serializer=metrics_service_pb2.ExportMetricsServiceRequest.SerializeToString,
            response_deserializer=metrics_service_pb2.ExportMetricsServiceResponse.FromString)

    def send(self, request):
        """(points rejected, why)."""
        partial = self.export(request, timeout=DEADLINE).partial_success
        return partial.rejected_data_points, partial.error_message

    def close(self):
        self.channel.close()


class Http:
    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}/v1/metrics"

    def post(self, body, media):
        request = urllib.request.Request(self.url, body, {"content-type": media})
        with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
            assert answer.headers["content-type"] == media
            return answer.read()

    def close(self):
        pass


class HttpProtobuf(Http):
    def send(self, request):
        body = self.post(request.SerializeToString(), "application/x-protobuf")
        partial = metrics_service_pb2.ExportMetricsServiceResponse.FromString(body).partial_success
        return partial.rejected_data_points, partial.error_message


class HttpJson(Http):
    def send(self, request):
        partial = json.loads(self.post(as_json(request), "application/json")).get("partialSuccess", {})
        return int(partial.get("rejectedDataPoints", 0)), partial.get("errorMessage", "")


def as_json(request):
    """OTLP's JSON: ProtoJSON with enums as numbers."""
    return json_format.MessageToJson(request, use_integers_for_enums=True).encode()


WAYS = {"grpc": Grpc, "http-protobuf": HttpProtobuf, "http-json": HttpJson}



@dataclass(frozen=True)
class Sent:
    """What became of a case's requests."""
    base: int
    arrived: tuple  # (before, after) the sending, in seconds since 1970
    rejected: int
    why: str


def send_case(way, case, base):
    before = time.time()
    answers = [way.send(request) for request in export_requests(case, base)]
    return Sent(base, (before, time.time()), sum(rejected for rejected, _ in answers), " ".join(why for _, why in answers if why))
