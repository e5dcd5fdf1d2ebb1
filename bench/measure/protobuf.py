"""Protobuf and what is sent of OTLP and Prometheus's remote write, encoded once and then only given new times."""

import struct


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


def field(number, content):
    """A field of bytes or a message."""
    return bytes([number << 3 | 2]) + varint(len(content)) + content


def number(field_number, value):
    """A field of a varint."""
    return bytes([field_number << 3]) + varint(value)


def fixed64(field_number, value):
    return bytes([field_number << 3 | 1]) + struct.pack("<Q", value)


def double(field_number, value):
    return bytes([field_number << 3 | 1]) + struct.pack("<d", value)


class Body:
    """An encoded message whose points all have one time, which changes in place."""

    def __init__(self, content, placeholder, encode_time):
        self.content, self.placeholder, self.encode_time = content, placeholder, encode_time

    def at(self, time_ns):
        """The message of that moment."""
        return self.content.replace(self.placeholder, self.encode_time(time_ns))


def fields(message):
    """(number, value) of each field of a message that is whole: integers, doubles of eight bytes, or bytes."""
    at = 0

    def read_varint():
        nonlocal at
        value, shift = 0, 0
        while True:
            byte, at = message[at], at + 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        tag = read_varint()
        if tag & 7 == 0:
            yield tag >> 3, read_varint()
            continue
        length = 8 if tag & 7 == 1 else read_varint()
        content, at = message[at:at + length], at + length
        yield tag >> 3, struct.unpack("<d", content)[0] if tag & 7 == 1 else content
