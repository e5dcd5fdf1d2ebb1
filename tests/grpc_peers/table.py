"""Reads what the peers' cases printed and prints which feature of gRPC passed with which of them, and over what.

usage: table.py LOG...

A line `PASS PEER TRANSPORT FEATURE: NAME` is one case. Each cell says how many of them passed; one with none, that is
not explained below, is a failure like one of a case: a feature that nobody tried is not known to work.
"""

import collections
import fileinput
import re
import sys

FEATURES = ["deadlines", "cancellation", "metadata", "large-messages", "compression", "keep-alive", "GOAWAY",
            "reflection", "health", "TLS", "calls", "streams"]
PEERS = ["grpcurl", "grpc-go", "grpc-python"]
TRANSPORTS = ["plain", "tls", "mtls"]
LINE = re.compile(r"(PASS|FAIL) (\S+) (\S+) (\S+): ")

# What cannot be tried, and why.
IMPOSSIBLE = {
    ("grpcurl", "compression"): "grpcurl has no way to compress what it sends",
    ("grpcurl", "streams"): "its cases of deadlines, cancellation, keep-alive and GOAWAY are about streams",
}


def read(lines):
    """(passed, all) by feature, peer and transport."""
    counts = collections.defaultdict(lambda: [0, 0])
    for verdict, peer, transport, feature in (found.groups() for found in map(LINE.match, lines) if found):
        if peer not in PEERS:
            continue
        assert transport in TRANSPORTS and feature in FEATURES, (peer, transport, feature)
        counts[feature, peer, transport][0] += verdict == "PASS"
        counts[feature, peer, transport][1] += 1
    return counts


def cell(counts, feature, peer, transport):
    """Its text, and whether it is good."""
    passed, tried = counts[feature, peer, transport]
    if tried:
        return f"{passed}/{tried}", passed == tried
    return "-", (peer, feature) in IMPOSSIBLE or (feature == "TLS" and transport == "plain")


def main():
    counts = read(fileinput.input(encoding="utf-8", errors="replace"))
    columns = [(peer, transport) for peer in PEERS for transport in TRANSPORTS]
    print("table: " + f"{'':<16}" + "".join(f"{peer:<21}" for peer in PEERS))
    print("table: " + f"{'feature':<16}" + "".join(f"{transport:<7}" for _, transport in columns))
    good = True
    for feature in FEATURES:
        cells = [cell(counts, feature, *column) for column in columns]
        good = good and all(fine for _, fine in cells)
        print("table: " + f"{feature:<16}" + "".join(f"{text:<7}" for text, _ in cells))
    for (peer, feature), why in IMPOSSIBLE.items():
        print(f"table: - {peer}, {feature}: {why}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
