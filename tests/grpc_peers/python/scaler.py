"""Listens to StreamIsActive of a running `tidewheel scaler` with grpcio while samples are sent.

usage: scaler.py TIDEWHEEL
"""

import json
import subprocess
import sys
import time
import urllib.request

import grpc

PATIENCE = 20


def start(program):
    ports = [argument for name in ("otlp", "scaler", "rest", "metrics") for argument in (f"--{name}-port", "0")]
    process = subprocess.Popen([program, "scaler", "--bind", "127.0.0.1", "--log-level", "warn", *ports],
                               stdout=subprocess.PIPE, text=True)
    words = process.stdout.readline().split()
    return process, dict(word.split("=") for word in words[1:])


def push(port, value):
    point = {"timeUnixNano": str(time.time_ns()), "asDouble": value}
    metric = {"name": "depth", "gauge": {"dataPoints": [point]}}
    body = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/metrics", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=PATIENCE).close()


def field(number, content):
    return bytes([number << 3 | 2, len(content)]) + content


def edges(ports):
    """An active state at the opening, then each change; cancelled, the stream is gone."""
    push(ports["otlp"], 3)
    metadata = field(1, b"metricQuery") + field(2, b"depth")
    with grpc.insecure_channel(f"127.0.0.1:{ports['scaler']}") as channel:
        method = channel.unary_stream("/externalscaler.ExternalScaler/StreamIsActive")
        stream = method(field(1, b"mail") + field(2, b"shop") + field(3, metadata), timeout=PATIENCE)
        got = [next(stream)]
        for value in (0, 5):
            push(ports["otlp"], value)
            got.append(next(stream))
        assert got == [b"\x08\x01", b"\x08\x00", b"\x08\x01"], got
        stream.cancel()
        assert stream.code() is grpc.StatusCode.CANCELLED


def main():
    process, ports = start(sys.argv[1])
    try:
        edges(ports)
        process.terminate()
        assert process.wait(PATIENCE) == 0
    except Exception as error:
        print(f"FAIL grpc-python: StreamIsActive: {type(error).__name__} {error}", flush=True)
        return 1
    finally:
        process.kill()
    print("PASS grpc-python: StreamIsActive", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
