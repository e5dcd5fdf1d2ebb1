"""Asks the gRPC services of a running `tidewheel scaler` with grpcio, and with what is built on it: messages are made
from what reflection tells.

usage: scaler.py TIDEWHEEL CERTIFICATES
"""

import json
import subprocess
import sys
import tempfile
import time
import urllib.request

import grpc
from google.protobuf import descriptor_pool, message_factory
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from suite import MUTUAL, PATIENCE, SECURE, Case, error_of, run_all, same

SERVICES = [
    "externalscaler.ExternalScaler",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "opentelemetry.proto.collector.metrics.v1.MetricsService",
]
ACTIVE, INACTIVE = b"\x08\x01", b"\x08\x00"


class Scaler:
    """One running scaler and a channel to its port."""

    def __init__(self, program, transport, options=(), arguments=()):
        ports = [word for name in ("otlp", "scaler", "rest", "metrics") for word in (f"--{name}-port", "0")]
        self.process = subprocess.Popen([program, "scaler", "--bind", "127.0.0.1", "--log-level", "error", *ports,
                                         *files_of(transport), *arguments], stdout=subprocess.PIPE, text=True)
        self.transport = transport
        self.ports = dict(word.split("=") for word in self.process.stdout.readline().split()[1:])
        self.channel = transport.channel(self.address("scaler"), options)

    def address(self, port):
        return f"127.0.0.1:{self.ports[port]}"

    def push(self, value):
        point = {"timeUnixNano": str(time.time_ns()), "asDouble": value}
        metric = {"name": "depth", "gauge": {"dataPoints": [point]}}
        body = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}
        request = urllib.request.Request(self.transport.url(self.address("otlp")) + "/v1/metrics",
                                         json.dumps(body).encode(), {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=PATIENCE, context=self.transport.trust()).close()

    def listen(self, timeout=PATIENCE, query=b"depth"):
        """Opens StreamIsActive."""
        entry = field(1, b"metricQuery") + field(2, query)
        method = self.channel.unary_stream("/externalscaler.ExternalScaler/StreamIsActive")
        return method(field(1, b"mail") + field(2, b"shop") + field(3, entry), timeout=timeout)

    def until_calls(self, want):
        """Waits until so many calls and streams are open on the scaler's port."""
        end = time.monotonic() + PATIENCE
        series = 'tidewheel_net_calls_open{server="scaler"} '
        while True:
            with urllib.request.urlopen(f"http://{self.address('metrics')}/metrics", timeout=PATIENCE) as answer:
                lines = answer.read().decode().splitlines()
            if f"{series}{want}" in lines:
                return
            assert time.monotonic() < end, [line for line in lines if line.startswith(series)]
            time.sleep(0.01)

    def stop(self):
        self.process.terminate()
        same(self.process.wait(PATIENCE), 0)


def files_of(transport):
    for port in ("otlp", "scaler"):
        if transport.name != "plain":
            yield from (f"--{port}-tls-cert-file", transport.file("server.crt"))
            yield from (f"--{port}-tls-key-file", transport.file("server.key"))
        if transport.name == "mtls":
            yield from (f"--{port}-tls-ca-file", transport.file("ca.crt"))


def field(number, content):
    """A length-delimited protobuf field."""
    size, length = b"", len(content)
    while length > 127:
        size += bytes([length & 127 | 128])
        length >>= 7
    return bytes([number << 3 | 2]) + size + bytes([length]) + content


class Reflected:
    """What reflection tells of the services: calls with messages made from it."""

    def __init__(self, channel):
        self.channel = channel
        self.database = ProtoReflectionDescriptorDatabase(channel)
        self.pool = descriptor_pool.DescriptorPool(self.database)

    def message(self, name):
        return message_factory.GetMessageClass(self.pool.FindMessageTypeByName(name))

    def call(self, service, method, request, **options):
        described = self.pool.FindServiceByName(service).FindMethodByName(method)
        answer = message_factory.GetMessageClass(described.output_type)
        call = self.channel.unary_unary(f"/{service}/{method}", type(request).SerializeToString, answer.FromString)
        return call(request, timeout=PATIENCE, **options)


def edges(scaler):
    """An active state at the opening, then each change."""
    scaler.push(3)
    stream = scaler.listen()
    got = [next(stream)]
    for value in (0, 5):
        scaler.push(value)
        got.append(next(stream))
    same(got, [ACTIVE, INACTIVE, ACTIVE])


def cancellation(scaler):
    stream = scaler.listen()
    scaler.until_calls(1)
    stream.cancel()
    same(stream.code(), grpc.StatusCode.CANCELLED)
    scaler.until_calls(0)


def deadline(scaler):
    error = error_of(lambda: next(scaler.listen(timeout=0.5)))
    same(error.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
    scaler.until_calls(0)


def reflection(scaler):
    reflected = Reflected(scaler.channel)
    same(list(reflected.database.get_services()), SERVICES)
    request = reflected.message("externalscaler.ScaledObjectRef")(
        name="mail", namespace="shop", scalerMetadata={"metricQuery": "depth", "targetValue": "2.5"})
    answer = reflected.call("externalscaler.ExternalScaler", "GetMetricSpec", request)
    same([(spec.metricName, spec.targetSizeFloat) for spec in answer.metricSpecs], [("shop-mail", 2.5)])


def health(scaler):
    asked = health_pb2_grpc.HealthStub(scaler.channel)
    request = health_pb2.HealthCheckRequest(service=SERVICES[0])
    same(asked.Check(request, timeout=PATIENCE).status, health_pb2.HealthCheckResponse.SERVING)
    same(next(asked.Watch(request, timeout=PATIENCE)).status, health_pb2.HealthCheckResponse.SERVING)
    error = error_of(lambda: asked.Check(health_pb2.HealthCheckRequest(service="none"), timeout=PATIENCE))
    same(error.code(), grpc.StatusCode.NOT_FOUND)


def sample(value, description):
    """The fields of an Export of one sample of `depth`."""
    point = {"time_unix_nano": time.time_ns(), "as_double": value}
    metric = {"name": "depth", "description": description, "gauge": {"data_points": [point]}}
    return {"resource_metrics": [{"scope_metrics": [{"metrics": [metric]}]}]}


def export(channel, value, description="", **options):
    reflected = Reflected(channel)
    kind = reflected.message("opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest")
    return reflected.call(SERVICES[-1], "Export", kind(**sample(value, description)), **options)


def large(scaler, **options):
    export(scaler.channel, 8, "x" * (8 << 20), **options)
    error = error_of(lambda: export(scaler.channel, 17, "x" * (17 << 20), **options))
    same(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
    scaler.push(1)  # in order behind what was taken
    same(next(scaler.listen()), ACTIVE)


def compressed(scaler):
    for coding in (grpc.Compression.Gzip, grpc.Compression.Deflate):
        large(scaler, compression=coding)


def token(scaler):
    with scaler.transport.channel(scaler.address("otlp")) as channel:
        error = error_of(lambda: export(channel, 1))
        same(error.code(), grpc.StatusCode.UNAUTHENTICATED)
        export(channel, 1, metadata=[("authorization", "Bearer secret")])


def keepalive(scaler):
    """Pings every 50 ms on a silent stream; an unanswered one would end it earlier, and otherwise."""
    error = error_of(lambda: next(scaler.listen(timeout=2)))
    same(error.code(), grpc.StatusCode.DEADLINE_EXCEEDED)


def goaway(scaler):
    stream = scaler.listen()
    scaler.until_calls(1)
    scaler.stop()
    error = error_of(lambda: next(stream))
    same((error.code(), error.details()), (grpc.StatusCode.UNAVAILABLE, "the server is shutting down"))


def refused(**stranger):
    def run(scaler):
        with scaler.transport.channel(scaler.address("scaler"), **stranger) as channel:
            ask = health_pb2_grpc.HealthStub(channel)
            error = error_of(lambda: ask.Check(health_pb2.HealthCheckRequest(), timeout=PATIENCE))
            same(error.code(), grpc.StatusCode.UNAVAILABLE)
        health(scaler)
    return run


KEEPALIVE = (
    ("grpc.keepalive_time_ms", 50),
    ("grpc.keepalive_timeout_ms", 1000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.keepalive_permit_without_calls", 1),
)
UNLIMITED = (("grpc.max_send_message_length", -1),)

CASES = [
    Case("streams", "StreamIsActive", edges),
    Case("cancellation", "of StreamIsActive", cancellation),
    Case("deadlines", "of StreamIsActive", deadline),
    Case("reflection", "services, and GetMetricSpec with messages made from it", reflection),
    Case("health", "Check and Watch", health),
    Case("metadata", "a token", token, arguments=("--otlp-token-file", "TOKEN")),
    Case("large-messages", "Export up to the limit and beyond", large, options=UNLIMITED),
    Case("compression", "Export with gzip and deflate", compressed, options=UNLIMITED),
    Case("keep-alive", "pings every 50 ms beside a silent stream", keepalive, options=KEEPALIVE),
    Case("GOAWAY", "streams end with a status at SIGTERM", goaway, drains=True),
    Case("TLS", "another authority", refused(authority="stranger_ca"), transports=SECURE),
    Case("TLS", "no client certificate", refused(identity=None), transports=MUTUAL),
]


def attempt(case, transport):
    with tempfile.NamedTemporaryFile("w") as secret:
        secret.write("secret")
        secret.flush()
        arguments = [secret.name if word == "TOKEN" else word for word in case.arguments]
        scaler = Scaler(sys.argv[1], transport, case.options, arguments)
    try:
        case.run(scaler)
        if not case.drains:
            scaler.stop()
    finally:
        scaler.channel.close()
        scaler.process.kill()
        scaler.process.wait()


if __name__ == "__main__":
    run_all(CASES, attempt, sys.argv[2])
