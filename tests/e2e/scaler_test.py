"""`tidewheel scaler` beside a KEDA: a gRPC client asks what KEDA asks, a real SDK sends."""

import struct

import grpc

from harness import eventually

METADATA = {"metricQuery": 'sum(queue_depth{queue="mail"})', "operationOverTime": "last_one", "targetValue": "10"}

ACTIVE = b"\x08\x01"  # IsActiveResponse: result = 1


def field(number, payload):
    """A length-delimited protobuf field of less than 16384 bytes."""
    length = len(payload)
    size = bytes([length & 127 | 128, length >> 7]) if length > 127 else bytes([length])
    return bytes([number << 3 | 2]) + size + payload


def scaled_object_ref():
    """externalscaler.ScaledObjectRef: name, namespace, scalerMetadata."""
    entries = (field(1, key.encode()) + field(2, value.encode()) for key, value in METADATA.items())
    return field(1, b"mail") + field(2, b"default") + b"".join(field(3, entry) for entry in entries)


def ask(channel, method, request):
    return channel.unary_unary(f"/externalscaler.ExternalScaler/{method}")(request, timeout=30)


def failure(channel, method, request):
    try:
        ask(channel, method, request)
        return None
    except grpc.RpcError as error:
        return error


def test_keda_gets_the_value_and_whether_it_is_active(tidewheel, sender):
    one = tidewheel(server="scaler").start()
    gauge = sender("go", "grpc", one.ports["otlp"], "gauge", "queue_depth", "queue=mail")
    request = field(1, scaled_object_ref()) + field(2, b"s0-mail")
    with grpc.insecure_channel(f"127.0.0.1:{one.ports['scaler']}") as channel:
        assert failure(channel, "GetMetrics", request).code() == grpc.StatusCode.UNAVAILABLE  # not 0: it does not know
        gauge.say("set 1")
        eventually(lambda: not failure(channel, "GetMetrics", request), "an answer")
        for value in (35.0, 0.0, 7.5):
            gauge.say(f"set {value}")
            wanted = b"\x19" + struct.pack("<d", value) if value else b""  # metricValueFloat = 3
            eventually(lambda: wanted in ask(channel, "GetMetrics", request)
                       and (ask(channel, "IsActive", scaled_object_ref()) == ACTIVE) == (value > 0), f"the value {value}")
        assert struct.pack("<d", 10.0) in ask(channel, "GetMetricSpec", scaled_object_ref())
    assert one.stop() == 0


def test_a_question_that_cannot_be_read_is_told_why(tidewheel):
    one = tidewheel(server="scaler").start()
    with grpc.insecure_channel(f"127.0.0.1:{one.ports['scaler']}") as channel:
        entry = field(1, b"metricQuery") + field(2, b"sum(queue_depth")
        error = failure(channel, "IsActive", field(1, b"mail") + field(3, entry))
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "metricQuery" in error.details()
