"""Asking a running Tidewheel: its metrics, its REST API, and as KEDA does."""

import http.client
import json
import re
import urllib.parse

from measure.http2 import GRPC_PREFIX, Connection, tcp, trigger
from measure.protobuf import field, fields

METRIC_VALUE, METRIC_VALUE_FLOAT = 2, 3


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"GET {path}: {answer.status} {text[:200]}")
    return text


def metrics(server):
    """{'name{labels}': value} of its own metrics."""
    return {name: float(value)
            for name, value in re.findall(r"^(\w+(?:\{[^}]*\})?) (\S+)$", get(server.ports["metrics"], "/metrics"), re.MULTILINE)}


def query(port, text):
    """The REST API's answer to a metricQuery: {"state": "absent", "value": None, "matched": 0, ...}."""
    return json.loads(get(port, "/api/v1/query?" + urllib.parse.urlencode({"query": text})))


class Scaler:
    """GetMetrics over one connection."""

    def __init__(self, port):
        self.connection = Connection(tcp(port))

    def value(self, query_text):
        """What KEDA is told; None when it is an error, so not known."""
        self.connection.open("GetMetrics", field(1, trigger(query_text)))
        answers = self.connection.ended()
        if not answers:
            return None
        of = dict(fields(dict(fields(answers[0][GRPC_PREFIX:]))[1]))  # the first MetricValue
        return of.get(METRIC_VALUE_FLOAT, of.get(METRIC_VALUE, 0))
