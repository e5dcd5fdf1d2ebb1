"""Sending metrics as OTLP/HTTP, over one connection: in JSON, or bodies of measure/shapes.py."""

import http.client
import json
import time

from measure.http2 import ANSWER_SECONDS_MAX

PER_REQUEST = 1_000


class Sender:
    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS_MAX)

    def gauges(self, points):
        """One request: points are (metric, attributes, value)."""
        now = str(time.time_ns())
        metrics = [{"name": metric, "gauge": {"dataPoints": [
            {"timeUnixNano": now, "asDouble": value,
             "attributes": [{"key": k, "value": {"stringValue": v}} for k, v in attributes]}]}}
            for metric, attributes, value in points]
        body = json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": metrics}]}]}).encode()
        self.post(body, "application/json")

    def post(self, body, content_type="application/x-protobuf"):
        self.connection.request("POST", "/v1/metrics", body, {"content-type": content_type})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200 or (text if content_type != "application/json" else b"rejected" in text):
            raise SystemExit(f"refused: {answer.status} {text}")


def fill(port, series, metric_of):
    """So many series, of the metrics that metric_of(i) says, told apart by the label i."""
    sender = Sender(port)
    for begin in range(0, series, PER_REQUEST):
        sender.gauges([(metric_of(i), (("i", str(i)), ("k8s.pod.name", f"checkout-7d4b9c6f5-{i % 500}")), i)
                       for i in range(begin, min(begin + PER_REQUEST, series))])
