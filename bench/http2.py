"""gRPC over raw HTTP/2 frames, so that the client costs little: one connection, plain or TLS."""

import socket
import ssl
import struct

HEADERS, DATA, SETTINGS, PING, WINDOW_UPDATE = 1, 0, 4, 6, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def header_block(fields):
    """Literals that nobody indexes."""
    return b"".join(b"\0" + bytes([len(part)]) + part if i == 0 else bytes([len(part)]) + part
                    for pair in fields for i, part in enumerate(pair))


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


def field(number, content):
    """A protobuf field of bytes or a message."""
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def trigger(query):
    """KEDA's ScaledObjectRef of one trigger."""
    metadata = field(1, b"metricQuery") + field(2, query.encode())
    return field(1, b"mail") + field(2, b"shop") + field(3, metadata)


def tcp(port):
    connected = socket.create_connection(("127.0.0.1", port))
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


class Connection:
    """Calls of the external scaler; a call is opened, and its messages read when they come."""

    def __init__(self, connected):
        self.socket = connected
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0) + frame(SETTINGS, ACK, 0))
        self.reader = self.socket.makefile("rb")
        self.next_stream = 1

    def request(self, method, message):
        """The frames of one more call."""
        path = b"/externalscaler.ExternalScaler/" + method.encode()
        head = header_block([(b":method", b"POST"), (b":scheme", b"http"), (b":path", path), (b":authority", b"bench"),
                             (b"te", b"trailers"), (b"content-type", b"application/grpc"),
                             (b"user-agent", b"grpc-go/1.85.0")])
        body = b"\0" + struct.pack(">I", len(message)) + message
        frames = (frame(HEADERS, END_HEADERS, self.next_stream, head) + frame(DATA, END_STREAM, self.next_stream, body))
        self.next_stream += 2
        return frames

    def open(self, method, message):
        self.socket.sendall(self.request(method, message))

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
