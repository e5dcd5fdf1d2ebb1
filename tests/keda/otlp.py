"""Points as a test wants them, their times included, to the OTLP port of a scaler."""

import json
import time
import urllib.request

from api import DEADLINE


def gauge(name, value, **attributes):
    """A metric with one value, of now."""
    return {"name": name, "gauge": {"dataPoints": [point(value, 0, attributes)]}}


def counter(name, rate, **attributes):
    """A counter that grew so fast, per second, for the last ten seconds."""
    points = [point(rate * (10 - age), age, attributes) for age in (10, 5, 0)]
    return {"name": name, "sum": {"aggregationTemporality": 2, "isMonotonic": True, "dataPoints": points}}


def point(value, age, attributes):
    return {"timeUnixNano": str(time.time_ns() - age * 10**9), "asDouble": value,
            "attributes": [{"key": key, "value": {"stringValue": text}} for key, text in attributes.items()]}


def send(one, *metrics):
    """From a resource of the test's own."""
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "test"}}]}
    body = {"resourceMetrics": [{"resource": resource, "scopeMetrics": [{"metrics": list(metrics)}]}]}
    asked = urllib.request.Request(one.url("/v1/metrics", "otlp"), json.dumps(body).encode(),
                                   {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=DEADLINE) as answer:
        assert json.loads(answer.read()) == {}, "points were refused"
