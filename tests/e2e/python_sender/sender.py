"""Sends one gauge or counter with the OpenTelemetry SDK for Python.

usage: sender.py gauge|counter NAME [KEY=VALUE...]

Where it sends, how and how often comes from the standard OTEL_* environment alone; what it sends comes from standard
input, one command a line:

    set VALUE        the gauge's value from now on
    forget           the gauge has no value from now on: it is not sent
    rate PER_SECOND  how fast the counter grows from now on

A counter that does not grow gets no measurements. Beside it goes a gauge, sender.uptime, which always reports.
It ends with its input.
"""

import os
import sys
import threading
import time

from opentelemetry.metrics import Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

TICK_SECONDS = 0.01


def exporter():
    if os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    else:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    return OTLPMetricExporter()


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

        def grow():
            owed, last = 0.0, time.monotonic()
            while True:
                time.sleep(TICK_SECONDS)
                now = time.monotonic()
                owed += self.rate * (now - last)
                last = now
                if owed >= 1:
                    counter.add(int(owed), attributes)
                    owed -= int(owed)
        threading.Thread(target=grow, daemon=True).start()


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in ("gauge", "counter"):
        sys.exit("usage: sender.py gauge|counter NAME [KEY=VALUE...]")
    kind, name, *pairs = sys.argv[1:]
    attributes = dict(pair.split("=", 1) for pair in pairs)
    provider = MeterProvider([PeriodicExportingMetricReader(exporter())])
    meter = provider.get_meter("tidewheel.e2e")
    began = time.monotonic()
    meter.create_observable_gauge("sender.uptime", [lambda _: [Observation(time.monotonic() - began)]])
    commands = Commands()
    start = commands.observe if kind == "gauge" else commands.count
    start(name, meter, attributes)
    for line in sys.stdin:
        commands.obey(line)
    provider.shutdown()


if __name__ == "__main__":
    main()
