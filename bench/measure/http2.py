"""gRPC over raw HTTP/2 frames, so that the client costs little: one connection, plain or TLS."""

import socket
import ssl
import struct

from measure.protobuf import field

HEADERS, DATA, SETTINGS, PING, WINDOW_UPDATE = 1, 0, 4, 6, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
FRAME_BYTES_MAX = 16_384
ANSWER_SECONDS_MAX = 60  # of anything that is waited for
GRPC_PREFIX = 5  # whether compressed, and the length
SCALER = "/externalscaler.ExternalScaler/"
EXPORT = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def header_block(fields):
    """Literals that nobody indexes."""
    return b"".join(b"\0" + bytes([len(part)]) + part if i == 0 else bytes([len(part)]) + part
                    for pair in fields for i, part in enumerate(pair))


def trigger(query):
    """KEDA's ScaledObjectRef of one trigger."""
    metadata = field(1, b"metricQuery") + field(2, query.encode())
    return field(1, b"mail") + field(2, b"shop") + field(3, metadata)


def tcp(port):
    connected = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS_MAX)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


def tls(port, context):
    return context.wrap_socket(tcp(port))


def tls_context():
    """Of a client that takes any certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    return context


def data_frames(stream, content):
    """The last of them ends the stream."""
    pieces = [content[at:at + FRAME_BYTES_MAX] for at in range(0, len(content), FRAME_BYTES_MAX)]
    return b"".join(frame(DATA, END_STREAM if piece is pieces[-1] else 0, stream, piece) for piece in pieces)


class Connection:
    """Calls over one connection; a call is opened, and its messages read when they come. It sends whatever the peer's
    windows say: what it has under way must fit into what HTTP/2 grants to everybody."""

    def __init__(self, connected):
        self.socket = connected
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0) + frame(SETTINGS, ACK, 0))
        self.reader = self.socket.makefile("rb")
        self.next_stream = 1

    def request(self, method, message, coding=None):
        """The frames of one more call: of a method of the external scaler, or of a whole path. `coding` says how the
        message is compressed."""
        path = (method if method.startswith("/") else SCALER + method).encode()
        head = [(b":method", b"POST"), (b":scheme", b"http"), (b":path", path), (b":authority", b"bench"),
                (b"te", b"trailers"), (b"content-type", b"application/grpc"), (b"user-agent", b"grpc-go/1.85.0")]
        if coding:
            head.append((b"grpc-encoding", coding.encode()))
        stream, self.next_stream = self.next_stream, self.next_stream + 2
        return (frame(HEADERS, END_HEADERS, stream, header_block(head))
                + data_frames(stream, struct.pack(">BI", coding is not None, len(message)) + message))

    def open(self, method, message, coding=None):
        self.socket.sendall(self.request(method, message, coding))

    def next_frame(self):
        """(kind, flags, payload); gives the window back for data."""
        head = self.reader.read(9)
        length = int.from_bytes(head[:3])
        payload = self.reader.read(length)
        if head[3] == DATA and length:
            self.socket.sendall(frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", length)))
        return head[3], head[4], payload

    def message(self):
        """Waits for the next message of any call."""
        while True:
            kind, _, payload = self.next_frame()
            if kind == DATA:
                return payload

    def ended(self, calls=1):
        """Waits until so many calls have ended; returns the messages that came."""
        messages = []
        while calls:
            kind, flags, payload = self.next_frame()
            if kind == DATA:
                messages.append(payload)
            calls -= kind in (DATA, HEADERS) and bool(flags & END_STREAM)
        return messages

    def settle(self):
        """Waits until everything sent so far has been handled."""
        self.socket.sendall(frame(PING, 0, 0, b"12345678"))
        while True:
            kind, flags, _ = self.next_frame()
            if kind == PING and flags == ACK:
                return
