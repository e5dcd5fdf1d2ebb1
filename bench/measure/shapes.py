"""The bodies that Python sends: bulk requests of OTLP, and the same series by Prometheus's remote write."""

import struct

from measure.protobuf import Body, double, field, fixed64, number, varint

POINTS = 2_000  # of one bulk request: 20 resources, 10 sums each, 10 points each
RESOURCES, METRICS, POINTS_EACH = 20, 10, 10
TIME = 0x7E1D_BEAF_7E1D_BEAF  # stands for the time until a body is sent
MS_DIGITS = 6  # bytes of a varint of milliseconds, from 2004 to 2109
MS_TIME = b"\xfa\xfb\xfc\xfd\xfe\x7f"
FULL, SEVEN = "full", "seven"  # how many labels a series has: 12, or 7


def resource_attributes(name, labels):
    three = [("service.name", f"service-{name}"), ("service.instance.id", f"instance-{name}"),
             ("k8s.pod.name", f"service-{name}-7d9c5b6f4-abcde")]
    return three if labels == SEVEN else three + [
        ("service.namespace", "load"), ("host.name", f"host-{name}"), ("k8s.namespace.name", "default"),
        ("telemetry.sdk.language", "cpp"), ("deployment.environment.name", "load-test")]


def point_attributes(index):
    return [("http.request.method", "GET"), ("http.route", f"/api/v1/items/{index}"),
            ("http.response.status_code", "200"), ("network.protocol.version", "1.1")]


def attributes(number_of_field, pairs):
    return b"".join(field(number_of_field, field(1, key.encode()) + field(2, field(1, value.encode())))
                    for key, value in pairs)


def value_of(sender, *place):
    """Any number, as long as neighbours differ: equal ones would compress better than what real senders send."""
    return hash((sender, *place)) % 1_000_003


def shared_name(_, metric):
    """As `tidewheel generate` calls it: every resource has the same ten."""
    return f"load.bulk.requests.{metric}"


def metric_name(resource, metric):
    """Where each resource has ten of its own."""
    return f"load.bulk.requests.{metric}.{resource}"


def bulk(sender, labels=FULL, start_ns=1, names=shared_name):
    """I1, as `tidewheel generate --shape bulk` sends it, but that values differ. The series of each sender are its own."""
    attributes_of = [attributes(7, point_attributes(i)) for i in range(POINTS_EACH)]

    def metric(r, m):
        points = [field(1, fixed64(2, start_ns) + fixed64(3, TIME) + fixed64(6, value_of(sender, r, m, i)) + attributes_of[i])
                  for i in range(POINTS_EACH)]
        data = b"".join(points) + number(2, 2) + number(3, 1)
        return field(2, field(1, names(r, m).encode()) + field(7, data))

    def resource(r):
        scope = field(1, field(1, b"tidewheel.bench") + field(2, b"1"))
        metrics = b"".join(metric(r, m) for m in range(METRICS))
        return field(1, field(1, attributes(1, resource_attributes(f"{sender}-{r}", labels))) + field(2, scope + metrics))

    return Body(b"".join(resource(r) for r in range(RESOURCES)), struct.pack("<Q", TIME), lambda ns: struct.pack("<Q", ns))


def gauge(metric, value, time_ns):
    """A request of one point without attributes."""
    point = fixed64(3, time_ns) + double(4, value)
    return field(1, field(2, field(2, field(1, metric.encode()) + field(5, field(1, point)))))


def prometheus_name(name):
    return name.replace(".", "_").encode()


def prometheus_labels(metric, pairs):
    named = sorted([("__name__", metric), *pairs])
    return b"".join(field(1, field(1, prometheus_name(key)) + field(2, prometheus_name(value) if key == "__name__" else value.encode()))
                    for key, value in named)


def remote_write(sender):
    """The series of bulk(sender), a sample each."""
    sample = field(2, double(1, 1.0) + bytes([2 << 3]) + MS_TIME)
    content = b"".join(
        field(1, prometheus_labels(f"load.bulk.requests.{m}",
                                   resource_attributes(f"{sender}-{r}", FULL) + point_attributes(p)) + sample)
        for r in range(RESOURCES) for m in range(METRICS) for p in range(POINTS_EACH))

    def milliseconds(ns):
        encoded = varint(ns // 1_000_000)
        assert len(encoded) == MS_DIGITS
        return encoded

    return Body(content, MS_TIME, milliseconds)
