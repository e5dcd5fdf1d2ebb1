#!/usr/bin/env python3
"""A real Kubernetes control plane on this machine: etcd, kube-apiserver, kube-controller-manager; no nodes.

usage: plane.py run [--hpa-sync-period 1s] [--feature-gates A=true,B=false] [--api-server-flag=F]...
                    [--controller-manager-flag=F]... [--without-controllers] -- COMMAND...

Starts a plane, runs COMMAND with KUBECONFIG and TIDEWHEEL_TEST_KUBECONFIG (a kubeconfig of an administrator) and
TIDEWHEEL_TEST_ETCD (its URL, to compact the history), ends everything, and exits with COMMAND's status. When that is
not 0 the logs stay, and their folder is named.
"""

import argparse
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

from api import Api
from certificates import Authority
from processes import Ended, Program, dying_with_starter, free_ports

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
KEPT_LOGS = pathlib.Path(os.environ.get("CONTROL_PLANE_LOGS") or ROOT / "build" / "logs" / "control_plane")
START_SECONDS = 120  # far beyond what a start takes, for machines that are busy
ATTEMPTS = 3         # of starting, where another took a port between our choosing it and its owner's listening
PORT_TAKEN = "address already in use"


class ControlPlane:
    """One plane in a folder of its own under the system's temporary folder. Confined to the thread that starts it,
    which must outlive it; `api` may be used by any.

    hpa_sync_period: how often each HorizontalPodAutoscaler is evaluated, as a Go duration.
    feature_gates: of the API server and the controller manager alike, as `A=true,B=false`.
    controllers: False leaves the controller manager out.
    After `start`: `api`, `kubeconfig` (a path), `etcd_url`, `authority` (signs certificates that the API server, as a
    client of aggregated APIs, trusts when it is given as their caBundle).
    """

    def __init__(self, hpa_sync_period="15s", feature_gates="", controllers=True, api_server_flags=(),
                 controller_manager_flags=()):
        self.hpa_sync_period = hpa_sync_period
        self.gates = [f"--feature-gates={feature_gates}"] if feature_gates else []
        self.controllers = controllers
        self.api_server_flags = list(api_server_flags)
        self.controller_manager_flags = list(controller_manager_flags)
        self.folder = None
        self.programs = []

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, error, trace):
        self.stop(keep_logs=kind is not None)

    def start(self):
        """Returns itself, ready to serve. Raises Ended or AssertionError, with the folder of the logs on standard error."""
        binaries = prepared()
        etcd = etcd_program()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._start(binaries, etcd)
                return self
            except BaseException as error:
                again = isinstance(error, Ended) and PORT_TAKEN in str(error) and attempt < ATTEMPTS
                self.stop(keep_logs=not again)
                if not again:
                    raise

    def _start(self, binaries, etcd):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tidewheel-plane-"))
        self.logs = self.folder / "logs"
        self.logs.mkdir()
        etcd_port, peer_port, api_port, manager_port = free_ports(4)
        self.etcd_url = f"http://127.0.0.1:{etcd_port}"
        # An API server takes seconds to read its schemas and only then needs etcd, so etcd starts beside it.
        started = self._run(etcd, *etcd_flags(self.folder, self.etcd_url, f"http://127.0.0.1:{peer_port}"))
        self.authority = Authority(self.folder)
        server = self.authority.sign("server", "kube-apiserver", "127.0.0.1", "localhost", "kubernetes.default.svc")
        token = secrets.token_hex(16)
        url = f"https://127.0.0.1:{api_port}"
        self.api = Api(url, token, self.authority.certificate)
        self.kubeconfig = self.folder / "kubeconfig"
        self.kubeconfig.write_text(kubeconfig(url, token, self.authority))
        (self.folder / "tokens.csv").write_text(f"{token},admin,admin,system:masters\n")
        self.authority.sign("front-proxy", "front-proxy-client")
        self.authority.sign("service-accounts", "service-accounts")
        started.wait_until(lambda: answers(self.etcd_url + "/health"), START_SECONDS)

        api_server = self._run(binaries / "kube-apiserver", *api_server_flags(self.folder, self.etcd_url, api_port, server),
                               *self.gates, *self.api_server_flags)
        api_server.wait_until(self._ready, START_SECONDS)
        if self.controllers:
            manager = self._run(binaries / "kube-controller-manager",
                                *controller_manager_flags(self.folder, manager_port, server),
                                f"--horizontal-pod-autoscaler-sync-period={self.hpa_sync_period}",
                                *self.gates, *self.controller_manager_flags)
            healthy = Api(f"https://127.0.0.1:{manager_port}", token, self.authority.certificate)
            manager.wait_until(lambda: answers_ok(healthy, "/healthz"), START_SECONDS)

    def _run(self, program, *flags):
        name = pathlib.Path(program).name
        self.programs.append(Program(self.logs / f"{name}.log", program, *flags))
        return self.programs[-1]

    def _ready(self):
        return answers_ok(self.api, "/readyz")

    def compact(self):
        """Forgets the history of all objects, so that old resource versions and continue tokens are gone (410).
        At once only with --watch-cache=false: otherwise the API server still answers from its memory."""
        revision = post(self.etcd_url + "/v3/kv/range", {"key": "AA=="})["header"]["revision"]
        post(self.etcd_url + "/v3/kv/compaction", {"revision": revision, "physical": True})

    def pids(self):
        return {program.name: program.process.pid for program in self.programs}

    def stop(self, keep_logs=False):
        """Ends the programs and removes the folder. Returns where the logs are kept, or None. A second time does nothing."""
        for program in reversed(self.programs):
            program.stop()
        self.programs = []
        kept = None
        if self.folder and keep_logs:
            kept = KEPT_LOGS / self.folder.name
            shutil.copytree(self.logs, kept)
            print(f"logs of the control plane: {kept}", file=sys.stderr, flush=True)
        if self.folder:
            shutil.rmtree(self.folder)
        self.folder = None
        return kept


def etcd_flags(folder, url, peer_url):
    # What a test writes need not survive the machine, so nothing waits for the disk.
    return ["--name=test", f"--data-dir={folder}/etcd", "--unsafe-no-fsync", "--logger=zap", "--log-outputs=stderr",
            f"--listen-client-urls={url}", f"--advertise-client-urls={url}", f"--listen-peer-urls={peer_url}",
            f"--initial-advertise-peer-urls={peer_url}", f"--initial-cluster=test={peer_url}"]


def api_server_flags(folder, etcd_url, port, server):
    certificate, key = server
    return [f"--etcd-servers={etcd_url}", "--bind-address=127.0.0.1", f"--secure-port={port}", f"--cert-dir={folder}",
            f"--tls-cert-file={certificate}", f"--tls-private-key-file={key}",
            f"--token-auth-file={folder}/tokens.csv", "--authorization-mode=RBAC",
            f"--service-account-key-file={folder}/service-accounts.crt",
            f"--service-account-signing-key-file={folder}/service-accounts.key",
            "--service-account-issuer=https://kubernetes.default.svc", "--disable-admission-plugins=ServiceAccount",
            "--service-cluster-ip-range=10.0.0.0/24",
            # Aggregated APIs: the server proves with this certificate that it speaks for a user.
            f"--requestheader-client-ca-file={folder}/ca.crt", "--requestheader-allowed-names=front-proxy-client",
            "--requestheader-username-headers=X-Remote-User", "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            f"--proxy-client-cert-file={folder}/front-proxy.crt", f"--proxy-client-key-file={folder}/front-proxy.key",
            "--enable-aggregator-routing=false"]


def controller_manager_flags(folder, port, server):
    certificate, key = server
    config = f"{folder}/kubeconfig"
    return [f"--kubeconfig={config}", f"--authentication-kubeconfig={config}", f"--authorization-kubeconfig={config}",
            f"--service-account-private-key-file={folder}/service-accounts.key", "--leader-elect=false",
            "--bind-address=127.0.0.1", f"--secure-port={port}", f"--tls-cert-file={certificate}",
            f"--tls-private-key-file={key}",
            # Without nodes nothing runs, and without kubelets every node would be seen as lost.
            "--controllers=*,-nodelifecycle",
            # A test makes many objects at once; the default of 20 requests a second would make it wait.
            "--kube-api-qps=500", "--kube-api-burst=1000"]


def kubeconfig(url, token, authority):
    """JSON, which is YAML too."""
    return json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "clusters": [{"name": "test", "cluster": {"server": url, "certificate-authority-data": authority.bundle()}}],
        "users": [{"name": "admin", "user": {"token": token}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin", "namespace": "default"}}],
    }, indent=1)


def prepared():
    """The folder with the two programs; makes them first where they are missing."""
    return pathlib.Path(printed(HERE / "prepare.sh"))


def etcd_program():
    return printed(ROOT / "tools" / "debian_program.sh", "etcd-server", "etcd")


def printed(*command):
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True)
    assert done.returncode == 0, f"{command[0]} failed"
    return done.stdout.strip()


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False


def answers_ok(api, path):
    try:
        return api.get(path) == "ok"
    except Exception:  # Refused, or nobody there yet
        return False


def post(url, body):
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode()), timeout=60) as answer:
        return json.loads(answer.read())


def options(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    run = parser.add_subparsers(required=True, metavar="run").add_parser("run")
    run.add_argument("--hpa-sync-period", default="15s")
    run.add_argument("--feature-gates", default="")
    run.add_argument("--api-server-flag", action="append", default=[])
    run.add_argument("--controller-manager-flag", action="append", default=[])
    run.add_argument("--without-controllers", action="store_true")
    run.add_argument("command", nargs="+")
    return parser.parse_args(arguments)


def run(chosen):
    # A signal becomes an exception, so that the plane and the command end on the way out.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    plane = ControlPlane(chosen.hpa_sync_period, chosen.feature_gates, not chosen.without_controllers,
                         chosen.api_server_flag, chosen.controller_manager_flag)
    started = time.monotonic()
    status = 1
    try:
        plane.start()
        print(f"control plane ready in {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)
        status = run_command(chosen.command, plane)
    finally:
        plane.stop(keep_logs=status != 0)
    return status


def run_command(command, plane):
    environment = {**os.environ, "KUBECONFIG": str(plane.kubeconfig), "TIDEWHEEL_TEST_KUBECONFIG": str(plane.kubeconfig),
                   "TIDEWHEEL_TEST_ETCD": plane.etcd_url}
    child = subprocess.Popen(command, env=environment, preexec_fn=dying_with_starter())
    try:
        return child.wait()
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()


if __name__ == "__main__":
    sys.exit(run(options(sys.argv[1:])))
