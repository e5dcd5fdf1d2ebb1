"""TLS between KEDA and the scaler, as users write it: otel-add-on's variables, and a TriggerAuthentication for KEDA."""

import pathlib
import shutil

from certificates import Authority

AUTHENTICATION = pathlib.Path(__file__).resolve().parent / "manifests" / "authentication.yaml"
SECRET = "scaler-tls"
UNTRUSTED = "certificate signed by unknown authority"  # as KEDA's log says it


def trigger(*metadata, authentication=None):
    """The change of a manifest that adds to its trigger."""
    end = '        clampMax: "600"\n'
    reference = f"      authenticationRef:\n        name: {authentication}\n" if authentication else ""
    return end, end + "".join(f'        {key}: "true"\n' for key in metadata) + reference


TRUSTED = trigger("enableTLS", authentication="scaler")
MUTUAL = trigger("enableTLS", authentication="scaler-mutual")
UNVERIFIED = trigger("enableTLS", "unsafeSsl")


class Tls:
    """An authority of one scaler, whom nobody else trusts, with a server's pair that can be exchanged for a stranger's, and
    a client's."""

    def __init__(self, folder):
        self.own = pairs(folder / "own")
        self.stranger = pairs(folder / "stranger")
        self.used = folder / "used"
        self.used.mkdir()
        self.use_own()

    def use_own(self):
        self._use(self.own)

    def use_stranger(self):
        self._use(self.stranger)

    def _use(self, folder):
        for kind in ("crt", "key"):
            shutil.copy(folder / f"server.{kind}", self.used / f"tls.{kind}")

    def variables(self, otlp=False):
        """otel-add-on's, of the scaler's port, and of the OTLP port too."""
        certificate, key = str(self.used / "tls.crt"), str(self.used / "tls.key")
        return {"KEDA_TLS_ENABLED": "true", "KEDA_TLS_CERT_FILE": certificate, "KEDA_TLS_KEY_FILE": key,
                **({"OTLP_TLS_CERT_FILE": certificate, "OTLP_TLS_KEY_FILE": key} if otlp else {})}

    def require_client(self):
        """The flag that has the scaler's port ask for a certificate, which otel-add-on cannot."""
        return f"--scaler-tls-ca-file={self.own / 'ca.crt'}"

    def sdk(self, port):
        """The SDK's own variables for the OTLP port."""
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"https://127.0.0.1:{port}",
                "OTEL_EXPORTER_OTLP_CERTIFICATE": str(self.own / "ca.crt")}

    def objects(self):
        """What the triggers above name."""
        names = {"ca.crt": "ca.crt", "tls.crt": "client.crt", "tls.key": "client.key"}
        data = {key: (self.own / name).read_text() for key, name in names.items()}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": SECRET}, "stringData": data}
        return [secret, *AUTHENTICATION.read_text().split("---\n")]


def pairs(folder):
    """The folder, with ca, server and client as .crt and .key."""
    folder.mkdir(parents=True)
    authority = Authority(folder)
    authority.sign("server", "scaler", "127.0.0.1", "localhost")
    authority.sign("client", "keda")
    return folder
