#!/usr/bin/env python3
"""Asks a running `tidewheel scaler` what otel-add-on was asked, over the wire, and compares the answers.

usage: TIDEWHEEL=PROGRAM replay.py CASES.json [CASES.json...]

The format is in README.md. One process serves all cases of equal environment; the environments run side by side. Prints a
line for each case that fails, for each file a table by area or of each case, and `N passed, M failed`; exits 1 when one failed.
"""

import collections
import concurrent.futures
import json
import math
import os
import pathlib
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

import grpc
from google.protobuf.message import Message
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2

TIDEWHEEL = os.environ.get("TIDEWHEEL", "build/tidewheel")
PORTS = ("otlp", "scaler", "rest", "metrics")
READY = re.compile("^ready " + " ".join(rf"{port}=(?P<{port}>\d+)" for port in PORTS) + "$", re.MULTILINE)
DEADLINE = 60  # seconds
SMALLEST = 1e-6  # what a relative tolerance is taken of, at least
SECOND = 1_000_000_000
DEFAULT_START = 3600  # seconds before the base
TEMPORALITIES = {"delta": metrics_pb2.AGGREGATION_TEMPORALITY_DELTA}


# --- what is pushed

def any_value(value, index):
    """An attribute's value: text, bool, None, {"i"}, {"d"}, {"bytes"}, {"list"} or {"map"}."""
    made = common_pb2.AnyValue()
    if isinstance(value, bool):
        made.bool_value = value
    elif isinstance(value, str):
        made.string_value = value.replace("#", str(index))
    elif value is not None:
        [(kind, content)] = value.items()
        if kind == "i":
            made.int_value = int(content)
        elif kind == "d":
            made.double_value = float(content)
        elif kind == "bytes":
            made.bytes_value = content.encode()
        elif kind == "list":
            made.array_value.values.extend(any_value(item, index) for item in content)
            made.array_value.SetInParent()
        else:
            made.kvlist_value.values.extend(attributes(content, index))
            made.kvlist_value.SetInParent()
    return made


def attributes(pairs, index=0):
    return [common_pb2.KeyValue(key=key.replace("#", str(index)), value=any_value(value, index))
            for key, value in (pairs or {}).items()]


def fill_number(point, value, step):
    if "i" in value:
        point.as_int = int(value["i"]) + int(step)
    elif "d" in value:
        point.as_double = float(value["d"]) + step


def fill_histogram(point, value, _):
    point.count = int(value.get("count", 0))
    if "sum" in value:
        point.sum = value["sum"]
    point.bucket_counts.extend(value.get("buckets", []))
    point.explicit_bounds.extend(value.get("bounds", []))


def fill_exponential(point, value, _):
    point.count = int(value.get("count", 0))
    if "sum" in value:
        point.sum = value["sum"]
    point.scale = value.get("scale", 0)
    point.zero_count = value.get("zero", 0)
    point.positive.offset = value.get("offset", 0)
    point.positive.bucket_counts.extend(value.get("buckets", []))


def fill_summary(point, value, _):
    point.count = int(value.get("count", 0))
    point.sum = value.get("sum", 0)
    for quantile, number in value.get("quantiles", []):
        point.quantile_values.add(quantile=quantile, value=number)


# kind -> (member of Metric, how a point's value is written, whether it has a temporality)
KINDS = {
    "gauge": ("gauge", fill_number, False),
    "sum": ("sum", fill_number, True),
    "histogram": ("histogram", fill_histogram, True),
    "exphistogram": ("exponential_histogram", fill_exponential, True),
    "summary": ("summary", fill_summary, False),
}


def add_points(points, point, fill, base, has_start):
    for index in range(point.get("n", 1)):
        made = points.add(time_unix_nano=int((base - point["t"]) * SECOND))
        if has_start:
            made.start_time_unix_nano = int((base - point.get("start", DEFAULT_START)) * SECOND)
        made.attributes.extend(attributes(point.get("a"), index))
        if point["v"].get("flag"):
            made.flags = point["v"]["flag"]
        else:
            fill(made, point["v"], index * point.get("dv", 0))


def export_request(metrics, base):
    request = metrics_service_pb2.ExportMetricsServiceRequest()
    for metric in metrics:
        resource = request.resource_metrics.add()
        resource.resource.attributes.extend(attributes(metric.get("res")))
        made = resource.scope_metrics.add().metrics.add(name=metric["name"])
        if metric["kind"] not in KINDS:
            continue  # a metric with no data
        member, fill, has_temporality = KINDS[metric["kind"]]
        data: Message = getattr(made, member)
        data.SetInParent()
        if has_temporality:
            data.aggregation_temporality = TEMPORALITIES.get(metric.get("temporality"),
                                                             metrics_pb2.AGGREGATION_TEMPORALITY_CUMULATIVE)
        if metric["kind"] == "sum":
            data.is_monotonic = metric.get("monotonic", True)
        for point in metric.get("points", []):
            add_points(data.data_points, point, fill, base, metric["kind"] != "gauge")
    return request


# --- KEDA's externalscaler messages, by hand: a schema of five messages needs no compiler

def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def fields(message):
    """number -> the last value of each field: an int, eight bytes, or a piece of bytes."""
    found, at = {}, 0

    def read_varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = read_varint()
        if tag & 7 == 0:
            found[tag >> 3] = read_varint()
        else:
            size = 8 if tag & 7 == 1 else read_varint()
            found[tag >> 3] = message[at:at + size]
            at += size
    return found


def double(found, number):
    return struct.unpack("<d", found[number])[0] if number in found else 0.0


def scaled_object_ref(ask):
    entries = [field(1, key.encode()) + field(2, value.encode()) for key, value in ask["meta"].items()]
    return (field(1, ask.get("name", "so").encode()) + field(2, ask.get("namespace", "ns").encode()) +
            b"".join(field(3, entry) for entry in entries))


# --- one process

@dataclass
class Server:
    process: subprocess.Popen
    ports: dict
    channel: grpc.Channel  # to the OTLP port
    scaler: grpc.Channel
    rest: str
    log: pathlib.Path

    @classmethod
    def start(cls, environment, folder, arguments=("--bind", "127.0.0.1")):
        output, log = pathlib.Path(folder, "out"), pathlib.Path(folder, "log")
        with output.open("w") as out, log.open("w") as err:
            process = subprocess.Popen([TIDEWHEEL, "scaler", *arguments, *(f"--{port}-port=0" for port in PORTS)], stdout=out,
                                       stderr=err, stdin=subprocess.DEVNULL,
                                       env={**os.environ, **environment})
        end = time.monotonic() + DEADLINE
        while not (ready := READY.search(output.read_text())):
            if process.poll() is not None or time.monotonic() > end:
                process.kill()
                raise RuntimeError(f"no ready line with {environment}:\n{log.read_text()}")
            time.sleep(0.01)
        ports = {name: int(port) for name, port in ready.groupdict().items()}
        return cls(process, ports, grpc.insecure_channel(f"127.0.0.1:{ports['otlp']}"),
                   grpc.insecure_channel(f"127.0.0.1:{ports['scaler']}"), f"http://127.0.0.1:{ports['rest']}", log)

    def stop(self):
        self.channel.close()
        self.scaler.close()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE)

    def push(self, request):
        export = self.channel.unary_unary("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export")
        export(request.SerializeToString(), timeout=DEADLINE)

    def call(self, method, request):
        """The answer's bytes, or "error:CODE"."""
        try:
            return self.scaler.unary_unary(f"/externalscaler.ExternalScaler/{method}")(request, timeout=DEADLINE)
        except grpc.RpcError as error:
            return f"error:{error.code().name}"

    def http(self, method, path, body=None):
        request = urllib.request.Request(self.rest + path, method=method, data=body)
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, None

    # The questions, by name. Each returns an answer in the shape of the cases.

    def ask(self, ask):
        return getattr(self, "ask_" + ask["ask"])(ask)

    def ask_GetMetrics(self, ask):
        answer = self.call("GetMetrics", field(1, scaled_object_ref(ask)) + field(2, b"asked"))
        if isinstance(answer, str):
            return answer
        value = fields(fields(answer)[1])
        number = double(value, 3)
        whole = math.ceil(number) if math.isfinite(number) and abs(number) < 2**63 else None
        sent = value.get(2, 0)
        sent -= 2**64 if sent >= 2**63 else 0
        if value.get(1) != b"asked" or (whole is not None and sent != whole):
            return {"value": number, "metricName": str(value.get(1)), "metricValue": sent}
        return number

    def ask_IsActive(self, ask):
        answer = self.call("IsActive", scaled_object_ref(ask))
        return answer if isinstance(answer, str) else fields(answer).get(1, 0) == 1

    def ask_GetMetricSpec(self, ask):
        answer = self.call("GetMetricSpec", scaled_object_ref(ask))
        if isinstance(answer, str):
            return answer
        spec = fields(fields(answer)[1])
        size = spec.get(2, 0)
        return {"specs": 1, "metricName": spec[1].decode(), "targetSizeFloat": double(spec, 3),
                "targetSize": size - 2**64 if size >= 2**63 else size}

    def ask_RestQuery(self, ask):
        body = ask["body"] if isinstance(ask["body"], str) else json.dumps(ask["body"])
        status, answer = self.http("POST", "/memstore/query", body.encode())
        if status != 200:
            return {"status": status}
        return {"status": status, "ok": answer["ok"], "value": answer["value"], "error": bool(answer["error"])}

    def ask_RestReset(self, _):
        status, answer = self.http("POST", "/memstore/reset")
        return {"status": status, "ok": answer["ok"]} if status == 200 else {"status": status}

    def ask_RestNames(self, ask):
        _, names = self.http("GET", "/memstore/names")
        return ask["name"] in (names or [])


# --- the cases

def as_number(value):
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return {"NaN": math.nan, "+Inf": math.inf, "Inf": math.inf, "-Inf": -math.inf}.get(value)
    return value if isinstance(value, (int, float)) else None


def agree(got, want, tolerance):
    a, b = as_number(got), as_number(want)
    if a is not None and b is not None:
        if not (math.isfinite(a) and math.isfinite(b)):
            return a == b or (math.isnan(a) and math.isnan(b))
        return abs(a - b) <= tolerance * max(abs(b), SMALLEST)
    if isinstance(got, dict) and isinstance(want, dict):
        return all(key in got and agree(got[key], value, tolerance) for key, value in want.items())
    return type(got) is type(want) and got == want


def answer_of(server, case):
    base = int(time.time())
    for step in case["steps"]:
        if "push" in step:
            server.push(export_request(step["push"], base))
        elif "sleep" in step:
            time.sleep(step["sleep"])
        else:
            server.ask(step)
    return server.ask(case["ask"])


@dataclass
class Replayed:
    """A case, what was answered, and whether that is right."""
    case: dict
    got: object
    good: bool


def want_of(case):
    return case["want"] if "want" in case else case["got"]


def run_cases(environment, cases):
    """What became of each of the [(index of its file, case, tolerance)] of one environment, by index."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server.start(environment, folder)
        try:
            results = []
            for index, case, tolerance in cases:
                got = answer_of(server, case)
                good = agree(got, want_of(case), case.get("tol", tolerance))
                results.append((index, Replayed(case, got, good)))
            return results
        finally:
            server.stop()


def by_environment(files):
    """environment as text -> [(index of its file, case, tolerance)]"""
    groups = collections.defaultdict(list)
    for index, data in enumerate(files):
        for case in data["cases"]:
            groups[json.dumps(case["env"], sort_keys=True)].append((index, case, data["tolerance"]))
    return groups


def print_areas(results):
    passed, failed, defects = collections.Counter(), collections.Counter(), collections.Counter()
    for result in results:
        area = result.case["area"]
        (passed if result.good else failed)[area] += 1
        defects[area] += bool(result.case["defects"])
    print(f"{'area':10} {'passed':>7} {'failed':>7} {'defects of otel-add-on':>23}")
    for area in sorted(passed | failed):
        print(f"{area:10} {passed[area]:7} {failed[area]:7} {defects[area]:23}")


def shown(answer):
    return f"{answer:.6g}" if isinstance(answer, float) else str(answer)


def print_each(results):
    print(f"{'case':15} {'otel-add-on':>11} {'right':>17} {'answered':>17}  {'':4}  what")
    for result in results:
        case = result.case
        print(f"{case['id']:15} {shown(case['got']):>11} {shown(want_of(case)):>17} {shown(result.got):>17}  "
              f"{'ok' if result.good else 'FAIL':4}  {case['note']}")


# how a file asks for its table -> who prints it
TABLES = {"areas": print_areas, "each": print_each}


def print_failed(results):
    for result in results:
        if not result.good:
            case = result.case
            print(f"FAIL {case['id']} ({case['note']}): {json.dumps(result.got)}, not {json.dumps(want_of(case))}  "
                  f"{json.dumps(case['ask'])}")


def main(paths):
    if not paths:
        sys.exit(__doc__)
    files = [json.loads(pathlib.Path(path).read_text()) for path in paths]
    results = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
        running = [pool.submit(run_cases, json.loads(text), cases) for text, cases in by_environment(files).items()]
        for done in concurrent.futures.as_completed(running):
            results += done.result()
    results.sort(key=lambda result: (result[0], result[1].case["id"]))
    print_failed([result for _, result in results])
    for index, (path, data) in enumerate(zip(paths, files)):
        print(f"table of {pathlib.Path(path).name}")
        TABLES[data.get("table", "areas")]([result for at, result in results if at == index])
    failed = sum(not result.good for _, result in results)
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
