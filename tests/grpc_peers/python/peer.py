"""Calls the echo server with grpcio and says for each case whether it behaves as a gRPC server must.

usage: peer.py ECHO_SERVER CERTIFICATES
"""

import base64
import subprocess
import sys
import threading
import time
import urllib.request

import grpc

from suite import MUTUAL, PATIENCE, SECURE, Case, error_of, run_all, same

UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


class Server:
    """One running echo server and a channel to it."""

    def __init__(self, program, transport, options=()):
        names = {"plain": (), "tls": ("server.crt", "server.key"), "mtls": ("server.crt", "server.key", "ca.crt")}
        files = [transport.file(name) for name in names[transport.name]]
        self.process = subprocess.Popen([program, *files], stdout=subprocess.PIPE)
        self.transport = transport
        self.address = f"127.0.0.1:{int(self.process.stdout.readline())}"
        self.channel = transport.channel(self.address, UNLIMITED + list(options))

    def call(self, method, message=b"", **options):
        options.setdefault("timeout", PATIENCE)
        return self.channel.unary_unary("/tidewheel.Echo/" + method)(message, **options)

    def begin(self, method, message=b"", timeout=PATIENCE):
        return self.channel.unary_unary("/tidewheel.Echo/" + method).future(message, timeout=timeout)

    def stream(self, method, message=b""):
        return self.channel.unary_stream("/tidewheel.Echo/" + method)(message, timeout=PATIENCE)

    def until_counts(self, want):
        """Waits until the server reports so many waiting and cancelled handlers."""
        end = time.monotonic() + PATIENCE
        while (got := self.call("Counts")) != want:
            assert time.monotonic() < end, f"counts {got}, want {want}"

    def drain(self):
        urllib.request.urlopen(self.transport.url(self.address) + "/drain", context=self.transport.trust()).close()

    def stop(self):
        self.drain()
        self.channel.close()
        assert self.process.wait(PATIENCE) == 0


def unary(server):
    for message in (b"hello", b"", b"x" * 100_000):
        same(server.call("Echo", message), message)


def large_messages(server):
    message = b"0123456789abcdef" * (8 << 16)
    calls = [server.begin("Echo", message) for _ in range(4)]
    assert all(call.result() == message for call in calls)


def compressed(server):
    message = b"tidewheel " * 100_000
    for coding in (grpc.Compression.Gzip, grpc.Compression.Deflate):
        assert server.call("Echo", message, compression=coding) == message


def message_limit(server):
    error = error_of(lambda: server.call("Echo", b"x" * ((16 << 20) + 1)))
    same(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
    same(error.details(), "message of 16777217 bytes is over the limit of 16777216")
    unary(server)


def statuses(server):
    codes = {code.value[0]: code for code in grpc.StatusCode}
    for number in (1, 3, 4, 5, 6, 7, 8, 10, 12, 13, 14):
        for message in ("plain", "no such häuser: 100% \u2603", "two\r\nlines"):
            error = error_of(lambda: server.call("Fail", f"{number} {message}".encode()))
            same((error.code(), error.details()), (codes[number], message))
    error = error_of(lambda: server.call("Nope"))
    same((error.code(), error.details()), (grpc.StatusCode.UNIMPLEMENTED, "unknown method /tidewheel.Echo/Nope"))


def server_streaming(server):
    messages = server.stream("Repeat", b"1000 2000 8 enough")
    sizes = []
    try:
        sizes.extend(len(message) for message in messages)
    except grpc.RpcError as error:
        same((error.code(), error.details()), (grpc.StatusCode.RESOURCE_EXHAUSTED, "enough"))
    else:
        raise AssertionError("no error at the end")


def flow_control(server):
    messages = server.stream("Repeat", b"200 200000")
    same(len(next(messages)), 200_000)
    unary(server)  # the stream waits, and everything else goes on
    same(sum(len(message) for message in messages), 199 * 200_000)


def cancellation(server):
    call, stream = server.begin("Wait"), server.stream("Stream")
    server.until_counts(b"2 0")
    call.cancel()
    stream.cancel()
    server.until_counts(b"0 2")


def deadline(server):
    call = server.begin("Wait", timeout=2)
    server.until_counts(b"1 0")
    same(error_of(call.result).code(), grpc.StatusCode.DEADLINE_EXCEEDED)
    server.until_counts(b"0 1")


def concurrent_streams(server):
    streams = [server.stream("Repeat", b"50 1000") for _ in range(100)]
    for _ in range(50):
        assert all(len(next(stream)) == 1000 for stream in streams)
    assert all(list(stream) == [] for stream in streams)


def keepalive(server):
    """Pings every 50 ms beside a call that takes longer; without answers the channel would give the call up."""
    call = server.begin("Sleep", b"1000")
    same(call.result(), b"")


def many_calls(server):
    for _ in range(1000):
        server.call("Echo", b"x")


def goaway(server):
    call = server.begin("Sleep", b"500")
    server.call("Echo", b"x")
    threading.Thread(target=server.drain).start()
    same(call.result(), b"")
    same(server.process.wait(PATIENCE), 0)
    same(error_of(lambda: server.call("Echo", b"x")).code(), grpc.StatusCode.UNAVAILABLE)


def metadata(server):
    raw, long = b"\x00\x01\xff\xfe", "v" * 8000
    sent = [("x-twice", "one"), ("x-twice", "two"), ("x-bytes-bin", raw), ("x-long", long)]
    for name, want in (("x-twice", "one\ntwo\n"), ("x-long", long + "\n"), ("x-none", ""),
                       ("x-bytes-bin", base64.b64encode(raw).decode().rstrip("=") + "\n")):
        same(server.call("Metadata", name.encode(), metadata=sent).decode(), want)


def refused(**stranger):
    """A client with other files than those that let one in; who may is served all the same."""
    def run(server):
        with server.transport.channel(server.address, **stranger) as channel:
            error = error_of(lambda: channel.unary_unary("/tidewheel.Echo/Echo")(b"x", timeout=PATIENCE))
            same(error.code(), grpc.StatusCode.UNAVAILABLE)
        unary(server)
    return run


def plain_text(server):
    with grpc.insecure_channel(server.address) as channel:
        error = error_of(lambda: channel.unary_unary("/tidewheel.Echo/Echo")(b"x", timeout=PATIENCE))
        same(error.code(), grpc.StatusCode.UNAVAILABLE)
    unary(server)


KEEPALIVE = (
    ("grpc.keepalive_time_ms", 50),
    ("grpc.keepalive_timeout_ms", 1000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.keepalive_permit_without_calls", 1),
)

CASES = [
    Case("calls", "unary", unary),
    Case("large-messages", "8 MB both ways, four at once", large_messages),
    Case("compression", "gzip and deflate", compressed),
    Case("large-messages", "over the limit", message_limit),
    Case("calls", "statuses and their messages", statuses),
    Case("streams", "server streaming", server_streaming),
    Case("streams", "flow control", flow_control),
    Case("cancellation", "a call and a stream", cancellation),
    Case("deadlines", "of the client", deadline),
    Case("streams", "100 at once", concurrent_streams),
    Case("keep-alive", "pings every 50 ms beside a call", keepalive, options=KEEPALIVE),
    Case("calls", "1000", many_calls),
    Case("metadata", "repeated, binary, long", metadata),
    Case("GOAWAY", "with a call under way", goaway, drains=True),
    Case("TLS", "plain text is refused", plain_text, transports=SECURE),
    Case("TLS", "the client knows another authority", refused(authority="stranger_ca"), transports=SECURE),
    Case("TLS", "no client certificate", refused(identity=None), transports=MUTUAL),
    Case("TLS", "a stranger's client certificate", refused(identity="stranger"), transports=MUTUAL),
]


def attempt(case, transport):
    server = Server(sys.argv[1], transport, case.options)
    try:
        case.run(server)
        if not case.drains:
            server.stop()
    finally:
        server.process.kill()
        server.process.wait()


if __name__ == "__main__":
    run_all(CASES, attempt, sys.argv[2])
