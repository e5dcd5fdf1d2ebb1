"""Cases of grpc-python against servers of ours: how they speak, running them, and what is printed of them."""

import dataclasses
import pathlib
import ssl
import sys
from concurrent import futures

import grpc

PATIENCE = 60  # seconds; far beyond what any case takes, for machines that are busy
WORKERS = 4    # cases at once: most wait for the other side
PEER = "grpc-python"
TRANSPORTS = ("plain", "tls", "mtls")
SECURE, MUTUAL = TRANSPORTS[1:], TRANSPORTS[2:]


@dataclasses.dataclass(frozen=True)
class Transport:
    """How a client and a server speak, with the files that `go_peer certificates` wrote for it."""

    name: str
    folder: pathlib.Path

    def file(self, name):
        return str(self.folder / name)

    def channel(self, address, options=(), authority="ca", identity="client"):
        """As who should get in; other names for who should not."""
        if self.name == "plain":
            return grpc.insecure_channel(address, options=options)
        pair = [None, None]
        if self.name == "mtls" and identity:
            pair = [(self.folder / f"{identity}.{kind}").read_bytes() for kind in ("key", "crt")]
        root = (self.folder / f"{authority}.crt").read_bytes()
        return grpc.secure_channel(address, grpc.ssl_channel_credentials(root, *pair), options=options)

    def url(self, address):
        return f"{'http' if self.name == 'plain' else 'https'}://{address}"

    def trust(self):
        """An SSL context for urllib; None without TLS."""
        if self.name == "plain":
            return None
        context = ssl.create_default_context(cafile=self.file("ca.crt"))
        if self.name == "mtls":
            context.load_cert_chain(self.file("client.crt"), self.file("client.key"))
        return context


@dataclasses.dataclass(frozen=True)
class Case:
    feature: str  # as table.py has it
    name: str
    run: object   # takes what `attempt` of run_all gives it
    options: tuple = ()
    transports: tuple = TRANSPORTS
    drains: bool = False  # it ends its server itself
    arguments: tuple = ()


def error_of(call):
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call succeeded")


def same(got, want):
    assert got == want, f"got {got!r}, want {want!r}"


def run_all(cases, attempt, certificates):
    """attempt(case, transport) runs one. Prints PASS or FAIL per case; returns the exit status."""
    def tell(case, transport):
        label = f"{PEER} {transport.name} {case.feature}: {case.name}"
        try:
            attempt(case, transport)
        except Exception as error:  # a case fails in its own way; the others still run
            return False, f"FAIL {label}: {type(error).__name__} {error}"
        return True, f"PASS {label}"

    rows = [(case, Transport(name, pathlib.Path(certificates))) for case in cases for name in case.transports]
    good = True
    with futures.ThreadPoolExecutor(WORKERS) as pool:
        for done in futures.as_completed([pool.submit(tell, *row) for row in rows]):
            passed, line = done.result()
            good = good and passed
            print(line.replace("\n", " "), flush=True)
    sys.exit(0 if good else 1)
