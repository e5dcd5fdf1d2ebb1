"""A real KEDA on a real control plane: operator and metrics adapter, outside the cluster, as it expects them inside."""

import json
import os
import pathlib
import shutil

from api import conditions, eventually
from plane import ATTEMPTS, PORT_TAKEN, START_SECONDS, answers, printed
from processes import Ended, Program, free_ports

HERE = pathlib.Path(__file__).resolve().parent
NAMESPACE = "keda"
OPERATOR = "keda-operator"
ADAPTER = "keda-metrics-apiserver"
METRICS_API = "external.metrics.k8s.io"
API_SERVICE = f"/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.{METRICS_API}"
# A test has many objects that are polled every second; the default of 20 requests a second would make it wait.
BUSY = ["--kube-api-qps=500", "--kube-api-burst=1000"]
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


class Keda:
    """KEDA against `plane`, which must run and outlive it; one at a time. Its logs are among the plane's, and kept with
    them. Confined to the thread that starts it, which must outlive it.

    After `start`: ScaledObjects of every namespace are reconciled, and HorizontalPodAutoscalers get External metrics.
    """

    def __init__(self, plane):
        self.plane = plane
        self.certificates = plane.folder / "keda"
        self.programs = []

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, error, trace):
        self.stop()

    def start(self):
        """Returns itself, ready. Raises Ended or AssertionError; the plane's logs say more."""
        binaries = pathlib.Path(printed(HERE / "prepare.sh"))
        self._install(binaries / "crds")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._run(binaries)
                return self
            except BaseException as error:
                self.stop()
                if not isinstance(error, Ended) or PORT_TAKEN not in str(error) or attempt == ATTEMPTS:
                    raise

    def stop(self):
        """Ends both programs. What KEDA wrote into the cluster stays. A second time does nothing."""
        for program in reversed(self.programs):
            program.stop()
        self.programs = []

    def errors(self, namespace):
        """What the operator's log says went wrong with the objects of a namespace: it tells its user less."""
        lines = (json.loads(line) for line in self.programs[0].said().splitlines() if f'"namespace":"{namespace}"' in line)
        return [line["error"] for line in lines if "error" in line]

    def _install(self, crds):
        """What an installation puts into the cluster, but for what runs there."""
        api = self.plane.api
        for crd in sorted(crds.glob("*.yaml")):
            api.apply(f"{CRDS}/{crd_name(crd)}", crd.read_text())
        for crd in sorted(crds.glob("*.yaml")):
            eventually(lambda: is_true(api.get(f"{CRDS}/{crd_name(crd)}"), "Established"), f"{crd.name} is served")
        api.apply(f"/api/v1/namespaces/{NAMESPACE}", namespace())
        api.apply(f"/api/v1/namespaces/{NAMESPACE}/services/{ADAPTER}", service())
        self._write_certificates()

    def _write_certificates(self):
        """One pair for both programs: each is a server, and the adapter is the operator's client too."""
        certificate, key = self.plane.authority.sign("keda", OPERATOR, "localhost", OPERATOR, f"{OPERATOR}.{NAMESPACE}.svc",
                                                     f"{ADAPTER}.{NAMESPACE}.svc", "127.0.0.1")
        self.certificates.mkdir(exist_ok=True)
        shutil.copy(self.plane.authority.certificate, self.certificates / "ca.crt")
        shutil.copy(certificate, self.certificates / "tls.crt")
        shutil.copy(key, self.certificates / "tls.key")
        trusted(self.certificates).mkdir(exist_ok=True)
        shutil.copy(self.plane.authority.certificate, trusted(self.certificates))

    def _run(self, binaries):
        metrics, probes, service_port, adapter_port, adapter_metrics = free_ports(5)
        operator = self._program(OPERATOR, binaries / "operator", *operator_flags(self.certificates, metrics, probes,
                                                                                  service_port))
        operator.wait_until(lambda: answers(f"http://127.0.0.1:{probes}/readyz"), START_SECONDS)
        adapter = self._program(ADAPTER, binaries / "adapter", *adapter_flags(
            self.certificates, self.plane.kubeconfig, adapter_port, adapter_metrics, service_port))
        self.plane.api.apply(API_SERVICE, api_service(self.plane.authority, adapter_port))
        adapter.wait_until(self._serves_metrics, START_SECONDS)

    def _program(self, name, binary, *flags):
        self.programs.append(Program(self.plane.logs / f"{name}.log", binary, *flags, env=environment(name, self.plane)))
        return self.programs[-1]

    def _serves_metrics(self):
        return is_true(self.plane.api.get(API_SERVICE), "Available")


def operator_flags(certificates, metrics, probes, service_port):
    return [f"--metrics-bind-address=127.0.0.1:{metrics}", f"--health-probe-bind-address=127.0.0.1:{probes}",
            f"--metrics-service-bind-address=127.0.0.1:{service_port}", f"--cert-dir={certificates}",
            "--enable-cert-rotation=false", "--enable-webhook-patching=false", "--enable-apiservice-patching=false",
            f"--ca-dir={trusted(certificates)}", *BUSY,
            "--zap-log-level=debug", "--zap-time-encoding=rfc3339nano"]


def adapter_flags(certificates, kubeconfig, port, metrics, service_port):
    return [f"--kubeconfig={kubeconfig}", f"--authentication-kubeconfig={kubeconfig}",
            f"--authorization-kubeconfig={kubeconfig}", f"--lister-kubeconfig={kubeconfig}", f"--secure-port={port}",
            "--bind-address=127.0.0.1", f"--port={metrics}", f"--metrics-service-address=localhost:{service_port}",
            f"--client-ca-file={certificates}/ca.crt", f"--tls-cert-file={certificates}/tls.crt",
            f"--tls-private-key-file={certificates}/tls.key", f"--cert-dir={certificates}", *BUSY]


def trusted(certificates):
    """Whom scalers are trusted by, where a trigger brings no authority of its own; an installation mounts /custom/ca."""
    return certificates / "trusted"


def environment(name, plane):
    """WATCH_NAMESPACE must be there, empty for all; without KEDA_CLUSTER_OBJECT_NAMESPACE the operator ends."""
    return {**os.environ, "KUBECONFIG": str(plane.kubeconfig), "POD_NAMESPACE": NAMESPACE, "POD_NAME": f"{name}-0",
            "WATCH_NAMESPACE": "", "KEDA_CLUSTER_OBJECT_NAMESPACE": NAMESPACE}


def namespace():
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}


def service():
    """A name for this machine: the API server refuses loopback addresses as endpoints."""
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": ADAPTER},
            "spec": {"type": "ExternalName", "externalName": "localhost"}}


def api_service(authority, port):
    return {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
            "metadata": {"name": f"v1beta1.{METRICS_API}"},
            "spec": {"group": METRICS_API, "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100,
                     "caBundle": authority.bundle(),
                     "service": {"name": ADAPTER, "namespace": NAMESPACE, "port": port}}}


def crd_name(crd):
    """controller-gen names its files GROUP_PLURAL.yaml."""
    group, _, plural = crd.stem.partition("_")
    return f"{plural}.{group}"


def is_true(found, kind):
    """Whether the object's condition of this type is."""
    return conditions(found).get(kind, ("",))[0] == "True"
