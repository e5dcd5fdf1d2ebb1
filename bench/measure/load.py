"""What servers are measured under."""

import ctypes
import ctypes.util
import gzip
import http.client
import json
import subprocess
import time
from dataclasses import dataclass

from measure.http2 import ANSWER_SECONDS_MAX, EXPORT, GRPC_PREFIX, Connection, tcp
from measure.machine import ROOT
from measure.processes import TIDEWHEEL
from measure.shapes import POINTS, bulk, metric_name, remote_write


RUN_SECONDS_MAX = 300  # of the generator


@dataclass(frozen=True)
class Shape:
    """A shape of `tidewheel generate`; `arguments` beyond its name."""
    name: str
    arguments: tuple = ()


def bulk_of(series):
    """I1 over so many series, one request after the other: as many requests as senders reach every series once."""
    return Shape("bulk", ("--senders", series // POINTS))


SMALL = Shape("small")  # I2: 200 connections


def generator(port, shape, *arguments):
    return [str(word) for word in (TIDEWHEEL, "generate", "--target", f"127.0.0.1:{port}", "--shape", shape.name,
                                   *shape.arguments, *arguments, "--json")]


def generate(port, shape, *arguments):
    """The report of one run, such as {"requests": ..., "points": ..., "seconds": ...}."""
    done = subprocess.run(generator(port, shape, *arguments), cwd=ROOT, capture_output=True, text=True,
                          timeout=RUN_SECONDS_MAX)
    if done.returncode:
        raise SystemExit(f"the generator failed: {done.stderr}")
    return json.loads(done.stdout)


def all_taken(report):
    """The report, of a run of which nothing may get lost."""
    if report["errors"] or report["rejected"]:
        raise SystemExit(f"not everything was taken: {report}")
    return report


ALL_TAKEN = (b"", b"\x0a\x00")  # nothing, or a partial_success without anything in it


def uncompressed(message):
    """What a message of gRPC says; a peer may compress as it was sent to."""
    return gzip.decompress(message[GRPC_PREFIX:]) if message[0] else message[GRPC_PREFIX:]


class BulkSender:
    """I1 over gRPC, one after the other; each call of send_round() is one request of every sender."""

    def __init__(self, port, series, **shape):
        self.connection = Connection(tcp(port))
        self.bodies = [bulk(sender, **shape) for sender in range(series // POINTS)]

    def send(self, body):
        self.connection.open(EXPORT, body)

    def send_round(self):
        """Points sent."""
        for body in self.bodies:
            self.send(body.at(time.time_ns()))
            answers = self.connection.ended()
            if len(answers) != 1 or uncompressed(answers[0]) not in ALL_TAKEN:
                raise SystemExit(f"a body was refused: {answers}")
        return len(self.bodies) * POINTS


class GzipSender(BulkSender):
    """The same in gzip bodies."""

    def send(self, body):
        self.connection.open(EXPORT, gzip.compress(body, compresslevel=1), "gzip")


class NamesSender(BulkSender):
    """The same with metrics of other names in each resource, 200 in all."""

    def __init__(self, port, series):
        super().__init__(port, series, names=metric_name)


class RemoteWriter:
    """The same series by Prometheus's remote write, one request after the other."""

    def __init__(self, port, series):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS_MAX)
        self.bodies = [remote_write(sender) for sender in range(series // POINTS)]
        self.snappy = ctypes.CDLL(ctypes.util.find_library("snappy"))

    def compress(self, content):
        size = ctypes.c_size_t(self.snappy.snappy_max_compressed_length(ctypes.c_size_t(len(content))))
        compressed = ctypes.create_string_buffer(size.value)
        if self.snappy.snappy_compress(content, ctypes.c_size_t(len(content)), compressed, ctypes.byref(size)):
            raise SystemExit("snappy failed")
        return compressed.raw[:size.value]

    def send_round(self):
        """Points sent."""
        for body in self.bodies:
            self.connection.request("POST", "/api/v1/write", self.compress(body.at(time.time_ns())), {
                "content-encoding": "snappy", "content-type": "application/x-protobuf",
                "x-prometheus-remote-write-version": "0.1.0"})
            answer = self.connection.getresponse()
            text = answer.read()
            if answer.status != 204:
                raise SystemExit(f"remote write was refused: {answer.status} {text}")
        return len(self.bodies) * POINTS
