"""What a running Tidewheel says of series, by each of its public ways of asking."""

import json
import urllib.parse
import urllib.request

import grpc

from harness import DEADLINE
from replay import double, field, fields, scaled_object_ref
from table import ABSENT, ENDED

STATES = {"stale": ENDED, "absent": ABSENT}
ERRORS = {"Metric is stale": ENDED, "Metric not found": ABSENT}


def query_memstore(one, series, operation):
    body = json.dumps({"query": series, "operationOverTime": operation}).encode()
    request = urllib.request.Request(one.url("/memstore/query"), body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
        told = json.loads(answer.read())
    return ERRORS[told["error"]] if told["error"] else told["value"]


def query_api(one, series, operation):
    query = urllib.parse.urlencode({"query": series, "operationOverTime": operation})
    told = json.loads(one.get(f"/api/v1/query?{query}"))
    return told["value"] if told["state"] == "value" else STATES[told["state"]]


def query_command(one, series, operation):
    told = json.loads(one.cli("query", series, "--operation", operation, "--json"))
    return told["value"] if told["state"] == "value" else STATES[told["state"]]


class Scaler:
    """KEDA's view: a value, or UNAVAILABLE where there is none."""

    def __init__(self, one):
        self.channel = grpc.insecure_channel(f"127.0.0.1:{one.ports['scaler']}")
        self.metrics = self.channel.unary_unary("/externalscaler.ExternalScaler/GetMetrics")

    def __call__(self, _, series, operation):
        trigger = {"meta": {"metricQuery": series, "operationOverTime": operation, "targetValue": "1"}}
        request = field(1, scaled_object_ref(trigger)) + field(2, b"asked")
        try:
            answer = self.metrics(request, timeout=DEADLINE)
        except grpc.RpcError as error:
            assert error.code() is grpc.StatusCode.UNAVAILABLE, error
            return ABSENT if "no series matches" in error.details() else ENDED
        return double(fields(fields(answer)[1]), 3)


def listing(one):
    """name -> its series, as {"labels", "data": [{"value", "time"}]}."""
    return json.loads(one.get("/memstore/data"))


def newest_histogram(one, name):
    """The newest histogram of the only series of that name, in Prometheus' shape."""
    [item] = json.loads(one.get(f"/api/v1/histograms?{urllib.parse.urlencode({'query': name})}"))["items"]
    return item["histogram"]


def metadata(one):
    """name -> what is said of it."""
    return json.loads(one.get("/api/v1/metadata?limit=1000"))["data"]
