"""Calls the echo server with grpcio and says for each case whether it behaves as a gRPC server must.

usage: peer.py ECHO_SERVER
"""

import subprocess
import sys
import threading
import time
import urllib.request

import grpc

PATIENCE = 20
UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


class Server:
    """One running echo server and a channel to it."""

    def __init__(self, program, options=()):
        self.process = subprocess.Popen([program], stdout=subprocess.PIPE)
        self.address = f"127.0.0.1:{int(self.process.stdout.readline())}"
        self.channel = grpc.insecure_channel(self.address, options=UNLIMITED + list(options))

    def call(self, method, message=b"", **options):
        options.setdefault("timeout", PATIENCE)
        return self.channel.unary_unary("/tidewheel.Echo/" + method)(message, **options)

    def begin(self, method, message=b""):
        return self.channel.unary_unary("/tidewheel.Echo/" + method).future(message, timeout=PATIENCE)

    def stream(self, method, message=b""):
        return self.channel.unary_stream("/tidewheel.Echo/" + method)(message, timeout=PATIENCE)

    def until_counts(self, want):
        """Waits until the server reports so many waiting and cancelled handlers."""
        end = time.monotonic() + PATIENCE
        while (got := self.call("Counts")) != want:
            assert time.monotonic() < end, f"counts {got}, want {want}"

    def drain(self):
        urllib.request.urlopen(f"http://{self.address}/drain").close()

    def stop(self):
        self.drain()
        self.channel.close()
        assert self.process.wait(PATIENCE) == 0


def error_of(call):
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call succeeded")


def same(got, want):
    assert got == want, f"got {got!r}, want {want!r}"


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
    error = error_of(lambda: server.call("Wait", timeout=0.1))
    same(error.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
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


KEEPALIVE = [
    ("grpc.keepalive_time_ms", 50),
    ("grpc.keepalive_timeout_ms", 200),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.keepalive_permit_without_calls", 1),
]

# Name, function, channel options; a case with goaway ends its server itself.
CASES = [
    ("unary", unary, []),
    ("8 MB messages", large_messages, []),
    ("gzip and deflate", compressed, []),
    ("message limit", message_limit, []),
    ("statuses and their messages", statuses, []),
    ("server streaming", server_streaming, []),
    ("flow control", flow_control, []),
    ("cancellation", cancellation, []),
    ("deadline", deadline, []),
    ("100 concurrent streams", concurrent_streams, []),
    ("keepalive pings", keepalive, KEEPALIVE),
    ("1000 calls", many_calls, []),
    ("goaway with a call under way", goaway, []),
]


def attempt(program, run, options):
    server = Server(program, options)
    try:
        run(server)
        if run is not goaway:
            server.stop()
    finally:
        server.process.kill()
        server.process.wait()


def main():
    failed = False
    for name, run, options in CASES:
        try:
            attempt(sys.argv[1], run, options)
            print(f"PASS grpc-python: {name}", flush=True)
        except Exception as error:  # a case fails in its own way; the others still run
            failed = True
            print(f"FAIL grpc-python: {name}: {type(error).__name__} {error}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
