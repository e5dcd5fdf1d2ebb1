"""The metric that the workloads of these tests scale by: a queue's depth, sent by an OpenTelemetry SDK."""

import json
import time
import urllib.request

from api import DEADLINE, eventually

NAME = "queue_depth"
QUERY = "sum(queue_depth{queue=mail})"


class Queue:
    """The depth of one queue, as one SDK reports it to one Tidewheel. `sender` starts SDKs."""

    def __init__(self, sender, one, language="python", settings=None):
        self.one = one
        self.gauge = sender(language, "grpc", one.ports["otlp"], "gauge", NAME, "queue=mail", settings=settings)

    def tell(self, depth):
        """Returns when the SDK was told, in seconds of time.monotonic()."""
        told = time.monotonic()
        self.gauge.say(f"set {depth}")
        return told

    def set(self, depth):
        """The same, and when the scaler had it."""
        told = self.tell(depth)
        self.wait_seen(depth)
        return told, time.monotonic()

    def wait_seen(self, depth):
        eventually(lambda: self.seen() == depth, f"{depth} in the scaler")

    def seen(self):
        """What the scaler knows; -1 for nothing, as otel-add-on says it."""
        body = json.dumps({"operationOverTime": "last_one", "query": QUERY}).encode()
        asked = urllib.request.Request(self.one.url("/memstore/query"), body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=DEADLINE) as answer:
            return json.loads(answer.read())["value"]
