"""An authority of a test's own and what it signs. Made by openssl."""

import subprocess

CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]


class Authority:
    """Writes NAME.crt and NAME.key into `folder`, in PEM; its own are ca.crt and ca.key."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.certificate = folder / "ca.crt"
        openssl("req", "-x509", *CURVE, "-subj", "/CN=tests", "-keyout", folder / "ca.key", "-out", self.certificate)

    def sign(self, name):
        """A pair for this machine, good for servers and clients: (certificate, key)."""
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        openssl("req", "-x509", *CURVE, "-subj", f"/CN={name}", "-keyout", key, "-out", certificate,
                "-CA", self.certificate, "-CAkey", self.folder / "ca.key",
                "-addext", "basicConstraints=critical,CA:FALSE",
                "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost")
        return certificate, key


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, f"openssl {arguments[0]}: {done.stderr}"
