"""Certificates of one control plane: an authority that lives as long as its folder, and what it signs. Made by openssl."""

import base64
import subprocess

DAYS = "2"
CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


class Authority:
    """Writes NAME.crt and NAME.key into `folder`, in PEM; its own are ca.crt and ca.key."""

    def __init__(self, folder):
        self.folder = folder
        self.certificate = folder / "ca.crt"
        openssl("req", "-x509", *CURVE, "-days", DAYS, "-subj", "/CN=tidewheel-test-ca", "-keyout", folder / "ca.key",
                "-out", self.certificate, "-addext", "keyUsage=critical,keyCertSign,digitalSignature")

    def bundle(self):
        """Its certificate as a caBundle of an API object, or as a kubeconfig's data."""
        return base64.b64encode(self.certificate.read_bytes()).decode()

    def sign(self, name, subject, *hosts):
        """A pair for a server under `hosts` (names and addresses), or for a client. Returns (certificate, key)."""
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        openssl("req", "-new", *CURVE, "-subj", f"/CN={subject}", "-keyout", key, "-out", request)
        names = ",".join(f"{'IP' if host[0].isdigit() else 'DNS'}:{host}" for host in hosts)
        extensions.write_text("extendedKeyUsage=serverAuth,clientAuth\n" + (f"subjectAltName={names}\n" if names else ""))
        openssl("x509", "-req", "-in", request, "-days", DAYS, "-CA", self.certificate, "-CAkey", self.folder / "ca.key",
                "-CAcreateserial", "-extfile", extensions, "-out", certificate)
        return certificate, key


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, f"openssl {arguments[0]}: {done.stderr}"
