"""Programs to compare with: what they are, whether they can be had here, and how they are started for a measurement."""

import contextlib
import pathlib
import shutil
import subprocess
import tempfile
import urllib.request

from measure.machine import ROOT
from measure.processes import Program, Server, answers, free_port

NULL_SERVER = "build/release/net_null_server"
NULL_HTTP2 = "build/release/bench_null_http2"
FLOORS = "build/release/bench_floors"
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}

COLLECTOR_CONFIG = """
receivers:
  otlp: {{protocols: {{grpc: {{endpoint: "127.0.0.1:{port}", max_recv_msg_size_mib: 16}}}}}}
exporters:
  nop: {{}}
service:
  telemetry: {{metrics: {{level: none}}, logs: {{level: error}}}}
  pipelines:
    metrics: {{receivers: [otlp], exporters: [nop]}}
"""


class Missing(Exception):
    """A rival that cannot be had here; the text says what would help."""


def prepared(script, why):
    """The path that a script prints which brings a program."""
    done = subprocess.run(script, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    path = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
    if done.returncode or not path:
        raise Missing(why)
    return path


def prometheus_program():
    if found := shutil.which("prometheus"):
        return found
    return prepared(["tools/debian_program.sh", "prometheus", "prometheus"], "not here: apt-get install prometheus")


def collector_program():
    if subprocess.run(["tools/go.sh"], cwd=ROOT, capture_output=True).returncode:
        raise Missing("not here: it is built with Go, see tools/go.sh")
    return prepared(["bench/collector/prepare.sh"], "not here: bench/collector/prepare.sh failed")


def is_ready(port, path):
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=1).status == 200
    except OSError:
        return False


@contextlib.contextmanager
def prometheus():
    """A Prometheus that takes remote write and scrapes nothing. (program, port)"""
    binary = prometheus_program()
    with tempfile.TemporaryDirectory() as data:
        config = pathlib.Path(data, "prometheus.yml")
        config.write_text("scrape_configs: []\n")
        port = free_port()
        with Program(binary, f"--config.file={config}", f"--storage.tsdb.path={data}/tsdb",
                     f"--web.listen-address=127.0.0.1:{port}", "--web.enable-remote-write-receiver", **QUIET) as program:
            program.await_that(lambda: is_ready(port, "/-/ready"))
            yield program, port


@contextlib.contextmanager
def collector():
    """OTLP over gRPC into the nop exporter, no queue and no batches between. (program, port)"""
    binary = collector_program()
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        config = pathlib.Path(folder, "config.yaml")
        config.write_text(COLLECTOR_CONFIG.format(port=port))
        with Program(binary, "--config", config, **QUIET) as program:
            program.await_that(lambda: answers(port))
            yield program, port


def null_server():
    """Our framing, and a handler that throws every message away."""
    return Server(NULL_SERVER)


def null_http2():
    """The same without anything of ours: nghttp2 alone."""
    return Server(NULL_HTTP2)
