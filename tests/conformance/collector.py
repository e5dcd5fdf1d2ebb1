"""A running OpenTelemetry Collector: OTLP in, one exporter out."""

import json
import os
import re
import urllib.request

from harness import DEADLINE
from processes import Ended, Program, free_ports

STARTS = 3  # so often, when somebody else takes a port in between
LISTENS = re.compile(r'Starting (GRPC|HTTP) server.*"endpoint": "127\.0\.0\.1:(\d+)"')
SAMPLE = re.compile(r"^(?P<name>[^\s{]+)(?:\{(?P<labels>.*)\})? (?P<value>\S+)(?: (?P<time>-?\d+))?$", re.MULTILINE)
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def samples(text):
    """(name, labels, value, milliseconds since 1970 or None) of every line of Prometheus' text."""
    for line in SAMPLE.finditer(text):
        at = line["time"] and int(line["time"])
        yield line["name"], dict(LABEL.findall(line["labels"] or "")), float(line["value"]), at


class Collector:
    """Ends with its context. make_exporter(port) says which exporter it has, as {name: settings}."""

    def __init__(self, folder, make_exporter):
        self.folder = folder
        self.make_exporter = make_exporter

    def __enter__(self):
        for _ in range(STARTS - 1):
            try:
                return self.start()
            except Ended:
                self.program.stop()
        return self.start()

    def __exit__(self, *_):
        self.program.stop()

    def start(self):
        self.exporter_port, self.own_port = free_ports(2)
        exporter = self.make_exporter(self.exporter_port)
        here = {"endpoint": "127.0.0.1:0"}
        pull = {"exporter": {"prometheus": {"host": "127.0.0.1", "port": self.own_port}}}
        configuration = {
            "receivers": {"otlp": {"protocols": {"grpc": here, "http": here}}},
            "exporters": exporter,
            "service": {"telemetry": {"metrics": {"readers": [{"pull": pull}]}},
                        "pipelines": {"metrics": {"receivers": ["otlp"], "exporters": list(exporter)}}},
        }
        path = self.folder / "collector.json"
        path.write_text(json.dumps(configuration))
        self.program = Program(self.folder / "collector.log", os.environ["COLLECTOR"], "--config", f"file:{path}")
        self.program.wait_until(lambda: "Everything is ready" in self.program.said(), DEADLINE)
        self.ports = {kind.lower(): int(port) for kind, port in LISTENS.findall(self.program.said())}
        return self

    def scrape(self, port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=DEADLINE) as answer:
            return list(samples(answer.read().decode()))

    def own(self, name):
        """The sum of one of its own counters; 0 where it has counted nothing yet."""
        return sum(value for got, _, value, _ in self.scrape(self.own_port) if got == name)
