"""Peers that keep a program busy: requests that have begun and do not end."""

import select
import socket
import urllib.error
import urllib.request

from harness import DEADLINE, eventually

BODY_BYTES_MAX = 16 << 20  # the program's own default
HOGS = 3                   # as many largest bodies as the ports take together


CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def begun(port, length):
    """A connection on which all of an OTLP request of so many bytes has been said but its last byte. The program has seen
    that it begins."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
    head = ("POST /v1/metrics HTTP/1.1", "host: h", "content-type: application/json", f"content-length: {length}",
            "expect: 100-continue", "", "")
    connection.sendall("\r\n".join(head).encode())
    told = b""
    while told != CONTINUE:
        told += (more := connection.recv(len(CONTINUE) - len(told)))
        if not more or not CONTINUE.startswith(told):
            raise ConnectionError(f"refused: {told}")
    connection.sendall(b"{" + b" " * (length - 2))
    return connection


def answered(connection):
    return bool(select.select([connection], [], [], 0)[0])


class Held:
    """A request without points, which a drain waits for."""

    def __init__(self, port):
        self.connection = begun(port, 2)

    def finish(self):
        """The status of the answer."""
        with self.connection:
            self.connection.sendall(b"}")
            return int(self.connection.recv(4096).split()[1])


class Hogs:
    """Within this context the program holds as many bytes of requests as it may: others are told to try again."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}/v1/metrics"
        self.port = port

    def __enter__(self):
        self.connections = [None] * HOGS
        eventually(self.is_full, "a refusal")
        return self

    def __exit__(self, *_):
        for connection in filter(None, self.connections):
            connection.close()

    def is_full(self):
        """Begins anew what was itself refused, where others were a moment faster."""
        self.connections = [one if one and not answered(one) else self.begun_or_none() for one in self.connections]
        return self.status() == 503

    def begun_or_none(self):
        try:
            return begun(self.port, BODY_BYTES_MAX)
        except OSError:
            return None

    def status(self):
        request = urllib.request.Request(self.url, b"{" + b" " * 1000 + b"}", {"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            assert error.headers["retry-after"] == "1"
            return error.code
        except OSError:
            return None  # It was closed before the answer was read; ask again.
