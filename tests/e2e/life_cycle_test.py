"""From the start to the end of `tidewheel scaler` as its pod sees it: probes, the drain, rights, limits."""

import json
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time
from concurrent import futures

import grpc

import confined
from harness import PORTS, ROOT, eventually
from raw_http2 import Listener
from scaler_test import ask, failure, field, scaled_object_ref

QUESTION = field(1, scaled_object_ref()) + field(2, b"s0-mail")
CHART_ARGUMENTS = ["--zap-log-level=info", "--zap-stacktrace-level=error"]
# What the chart renders by default, empty strings and all.
CHART_VARIABLES = {
    "METRIC_STORE_RETENTION_SECONDS": "120",
    "METRIC_STORE_LAZY_SERIES": "false",
    "METRIC_STORE_LAZY_AGGREGATES": "false",
    "METRIC_STORE_ERROR_IF_NOT_FOUND": "false",
    "METRIC_STORE_VALUE_IF_NOT_FOUND": "0",
    "IS_ACTIVE_POLLING_INTERVAL_MS": "500",
    "OTLP_TLS_CA_FILE": "",
    "OTLP_TLS_CERT_FILE": "",
    "OTLP_TLS_KEY_FILE": "",
    "OTLP_CERTIFICATE_RELOAD_INTERVAL": "5m",
    "KEDA_TLS_ENABLED": "false",
    "KEDA_TLS_CERT_FILE": "",
    "KEDA_TLS_KEY_FILE": "",
}


def connects(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def stuck_request(one):
    """A request under way that will never be all there: the drain waits for it."""
    client = socket.create_connection(("127.0.0.1", one.ports["otlp"]))
    client.sendall(b"POST /v1/metrics HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
    eventually(lambda: one.metric("tidewheel_net_connections_total", server="otlp", protocol="http1") > 0, one.log)
    return client


def stream(channel, method="StreamIsActive"):
    return channel.unary_stream(f"/externalscaler.ExternalScaler/{method}")(scaled_object_ref())


def test_info_is_not_answered_before_every_port_is_open(tidewheel):
    """The port of REST opens last but one and is not served before all are open: until then nobody is there, to whom a
    probe is what 503 is."""
    one = tidewheel(server="scaler").start()
    ports = dict(one.ports)
    assert one.stop() == 0
    first = []

    def probe():
        while not first:
            try:
                one.get("/info")
                first.append([name for name in PORTS if not connects(ports[name])])
            except OSError:
                pass

    prober = threading.Thread(target=probe)
    prober.start()
    one.restart()
    prober.join()
    assert first == [[]]


def test_info_names_the_commit(tidewheel):
    one = tidewheel(server="scaler").start()
    commit = json.loads(one.get("/info"))["gitSha"]
    assert f'gitSha="{commit}"' in one.get("/metrics", "metrics")
    if (ROOT / ".git").exists():
        known = subprocess.run(["git", "-C", ROOT, "cat-file", "-e", f"{commit}^{{commit}}"])
        assert re.fullmatch("[0-9a-f]{7}", commit) and known.returncode == 0, commit


def test_a_drain_ends_streams_keeps_probes_content_and_stays_within_the_grace(tidewheel):
    one = tidewheel(server="scaler", arguments=["--shutdown-grace", "3s"]).start()
    with grpc.insecure_channel(f"127.0.0.1:{one.ports['scaler']}") as channel, stuck_request(one):
        streams = [stream(channel), stream(channel, "StreamMetricSpec")]
        next(streams[1])
        eventually(lambda: one.metric("tidewheel_net_calls_open", server="scaler") == 2, one.log)
        one.process.send_signal(signal.SIGTERM)
        begun = time.monotonic()
        for each in streams:
            assert each.code() == grpc.StatusCode.UNAVAILABLE
            assert each.details() == "the server is shutting down"
        assert time.monotonic() - begun < 2.5, "streams end at once, not with the grace"
        eventually(lambda: not connects(one.ports["scaler"]), "no new connections")
        assert one.process.poll() is None and one.status("/info") == 200
        assert one.process.wait(30) == 0


def test_otlp_clients_get_goaway(tidewheel, sender):
    one = tidewheel(server="scaler").start()
    gauge = sender("go", "grpc", one.ports["otlp"], "gauge", "queue_depth", "queue=mail")
    gauge.say("set 1")
    eventually(lambda: "queue_depth" in one.get("/memstore/names"), one.log)
    with futures.ThreadPoolExecutor() as listening:
        heard = [listening.submit(Listener(one.ports[port]).farewells) for port in ("otlp", "scaler")]
        eventually(lambda: one.metric("tidewheel_net_connections_open", server="scaler") == 1, one.log)
        assert one.stop() == 0
        # First a notice, for calls that are on their way; then the last stream that counts.
        assert [each.result() for each in heard] == 2 * [[(2**31 - 1, 0), (0, 0)]]


def test_a_second_signal_ends_it_at_once(tidewheel):
    one = tidewheel(server="scaler", arguments=["--shutdown-grace", "10m"]).start()
    with stuck_request(one):
        one.process.send_signal(signal.SIGTERM)
        eventually(lambda: not connects(one.ports["scaler"]), "the drain")
        one.process.send_signal(signal.SIGTERM)
        assert one.process.wait(30) == -signal.SIGTERM


def test_runs_in_a_strict_pod(tidewheel, sender):
    """Uid 1000, no capability, no file system to write to, 256 MiB: nothing is lacking, nothing is complained about."""
    one = tidewheel(server="scaler", arguments=CHART_ARGUMENTS)
    one.wrapper, one.variables = confined.wrapper(), CHART_VARIABLES
    one.start()
    status = pathlib.Path(f"/proc/{one.process.pid}/status").read_text()
    assert re.search(rf"^Uid:\s+{confined.UID}\s+{confined.UID}\s", status, re.MULTILINE), status
    for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb"):
        assert re.search(rf"^Cap{kind}:\s+0+$", status, re.MULTILINE), status
    assert "tidewheel" in pathlib.Path(f"/proc/{one.process.pid}/cmdline").read_text().partition("\0")[0]

    gauge = sender("go", "grpc", one.ports["otlp"], "gauge", "queue_depth", "queue=mail")
    gauge.say("set 35")
    with grpc.insecure_channel(f"127.0.0.1:{one.ports['scaler']}") as channel:
        eventually(lambda: not failure(channel, "GetMetrics", QUESTION), one.log)
        assert ask(channel, "IsActive", scaled_object_ref()) == b"\x08\x01"
        assert next(stream(channel)) == b"\x08\x01"
    assert "queue_depth" in one.get("/memstore/data")
    assert one.get("/") and one.status("/info") == 200
    # What is open for writing are the two outputs that the test gave it.
    files = {str(path.resolve()) for path in pathlib.Path(f"/proc/{one.process.pid}/fd").iterdir()}
    kept = {file for file in files if file.startswith("/") and not file.startswith(("/proc/", "/dev/"))}
    assert kept == {str(one.log_path), str(one.folder / "tidewheel.out")}
    assert one.stop() == 0
    assert not re.search(r"\b(error|warn)", one.log(), re.IGNORECASE), one.log()


def test_256_mib_hold_a_hundred_thousand_series(tidewheel):
    one = tidewheel(server="scaler", arguments=CHART_ARGUMENTS)
    one.wrapper = confined.wrapper()
    one.start()
    export = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
    with grpc.insecure_channel(f"127.0.0.1:{one.ports['otlp']}") as channel:
        send = channel.unary_unary(export)
        for batch in range(100):
            send(gauges("load", range(batch * 1000, batch * 1000 + 1000)), timeout=60)
    assert "\ntidewheel_store_series 100000\n" in one.get("/metrics", "metrics")
    peak = re.search(r"^VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{one.process.pid}/status").read_text(), re.MULTILINE)
    assert int(peak[1]) << 10 < confined.MEMORY_BYTES
    assert one.stop() == 0


def gauges(name, values):
    """An ExportMetricsServiceRequest of one gauge with a series per value."""
    now = time.time_ns().to_bytes(8, "little")
    points = b""
    for value in values:
        attribute = field(7, field(1, b"id") + field(2, field(1, str(value).encode())))
        points += field(1, attribute + b"\x19" + now + b"\x31" + value.to_bytes(8, "little"))
    metric = large_field(2, field(1, name.encode()) + large_field(5, points))
    return large_field(1, large_field(2, metric))


def large_field(number, payload):
    size, length = b"", len(payload)
    while length > 127:
        size, length = size + bytes([length & 127 | 128]), length >> 7
    return bytes([number << 3 | 2]) + size + bytes([length]) + payload
