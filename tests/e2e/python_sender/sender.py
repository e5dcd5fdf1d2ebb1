"""Sends metrics with the OpenTelemetry SDK for Python.

usage: sender.py gauge|counter|load NAME [KEY=VALUE...]

Where it sends, how and how often comes from the standard OTEL_* environment alone; what it sends comes from standard
input. README.md beside this folder has the commands, and what it says at its end. `forget` is of this sender alone: the
gauge has no value from then on and is not sent.

A counter that does not grow gets no measurements. Beside it goes a gauge, sender.uptime, which always reports.
"""

import itertools
import json
import os
import sys
import threading
import time

from opentelemetry.metrics import Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExportResult, PeriodicExportingMetricReader

TICK_SECONDS = 0.01


def exporter():
    if os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    else:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    return OTLPMetricExporter()


def points_in(metrics):
    return sum(len(metric.data.data_points) for resource in metrics.resource_metrics
               for scope in resource.scope_metrics for metric in scope.metrics)


def counted(exporter, counts):
    """The same exporter; counts what it sends, by how its exports end."""
    send = exporter.export

    def export(metrics, *arguments, **options):
        result = send(metrics, *arguments, **options)
        counts["exported" if result is MetricExportResult.SUCCESS else "failed"] += points_in(metrics)
        return result
    exporter.export = export
    return exporter


def every_tick(work):
    def run():
        while True:
            time.sleep(TICK_SECONDS)
            work()
    threading.Thread(target=run, daemon=True).start()


class Commands:
    def __init__(self):
        self.value = None
        self.rate = 0.0

    def obey(self, line):
        match line.split():
            case ["set", number]:
                self.value = float(number)
            case ["forget"]:
                self.value = None
            case ["rate", number]:
                self.rate = float(number)
            case _:
                sys.exit(f"not a command: {line!r}")

    def observe(self, name, meter, attributes):
        def callback(_):
            return [] if self.value is None else [Observation(self.value, attributes)]
        meter.create_observable_gauge(name, [callback])

    def count(self, name, meter, attributes):
        counter = meter.create_counter(name)

        owed, last = 0.0, time.monotonic()

        def grow():
            nonlocal owed, last
            now = time.monotonic()
            owed += self.rate * (now - last)
            last = now
            if owed >= 1:
                counter.add(int(owed), attributes)
                owed -= int(owed)
        every_tick(grow)

    def load(self, name, meter, attributes):
        counter = meter.create_counter(f"{name}.counter")
        level = meter.create_up_down_counter(f"{name}.level")
        histogram = meter.create_histogram(f"{name}.histogram")
        steps = itertools.count()

        def step():
            value = next(steps) % 1000
            for n in range(int(attributes["series"])):
                counter.add(1, {"n": n})
                level.add(1 if n % 2 else -1, {"n": n})
                histogram.record(value + n, {"n": n})
        every_tick(step)


def main():
    commands = Commands()
    kinds = {"gauge": commands.observe, "counter": commands.count, "load": commands.load}
    if len(sys.argv) < 3 or sys.argv[1] not in kinds:
        sys.exit("usage: sender.py gauge|counter|load NAME [KEY=VALUE...]")
    kind, name, *pairs = sys.argv[1:]
    attributes = dict(pair.split("=", 1) for pair in pairs)
    counts = {"exported": 0, "failed": 0}
    provider = MeterProvider([PeriodicExportingMetricReader(counted(exporter(), counts))])
    meter = provider.get_meter("tidewheel.e2e")
    began = time.monotonic()
    meter.create_observable_gauge("sender.uptime", [lambda _: [Observation(time.monotonic() - began)]])
    kinds[kind](name, meter, attributes)
    for line in sys.stdin:
        commands.obey(line)
    provider.shutdown()
    print(json.dumps(counts), flush=True)


if __name__ == "__main__":
    main()
