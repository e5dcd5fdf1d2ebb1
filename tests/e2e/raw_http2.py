"""A client of HTTP/2 that listens to the connection itself: how a server says goodbye."""

import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, PING, GOAWAY = 4, 6, 7
ACK = 1
TIMEOUT = 60  # seconds


def frame(kind, flags, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + bytes(4) + payload


class Listener:
    """An open connection without calls; it answers PINGs, as every client does."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        self.file = self.socket.makefile("rb")
        self.socket.sendall(PREFACE + frame(SETTINGS, 0) + frame(SETTINGS, ACK))

    def farewells(self):
        """(last stream, error) of each GOAWAY until the connection's end."""
        said = []
        while head := self.file.read(9):
            payload = self.file.read(int.from_bytes(head[:3], "big"))
            if head[3] == PING and not head[4] & ACK:
                self.socket.sendall(frame(PING, ACK, payload))
            if head[3] == GOAWAY:
                said.append(struct.unpack(">II", payload[:8]))
        return said
