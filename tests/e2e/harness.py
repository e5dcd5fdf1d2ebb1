"""What the end-to-end tests are made of: a running Tidewheel, senders with real SDKs, and a look at real processes."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TIDEWHEEL = os.environ["TIDEWHEEL"]
SENDERS = {
    "go": [os.environ["GO_SENDER"]],
    "java": ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", os.environ.get("JAVA_SENDER", ""), "Sender"],
    "node": ["node", os.environ.get("NODE_SENDER", "")],
    "python": [sys.executable, str(HERE / "python_sender" / "sender.py")],
}
# language -> what to install; of those that cannot be had here
LACKS = {language: os.environ[variable] for language, variable in (("java", "JAVA_LACKS"), ("node", "NODE_LACKS"))
         if variable in os.environ}
DEADLINE = 60  # seconds; far beyond what anything here takes, for machines that are busy
MARK = "TIDEWHEEL_E2E_MARK"
PORTS = ("otlp", "scaler", "rest", "metrics")
READY = re.compile("^ready " + " ".join(rf"{port}=(?P<{port}>\d+)" for port in PORTS) + "$", re.MULTILINE)


def eventually(check, what, deadline=DEADLINE):
    """The first true answer of `check`, asked again and again."""
    end = time.monotonic() + deadline
    while True:
        answer = check()
        if answer:
            return answer
        assert time.monotonic() < end, f"not within {deadline} s: {what() if callable(what) else what}"
        time.sleep(0.05)


def processes_marked(mark):
    """pid -> environment of every living process that carries the mark."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue  # it ended, or is not ours
        if mark.encode() in environment:
            pairs = (pair.partition("=") for pair in environment.decode(errors="replace").split("\0"))
            found[int(folder.name)] = {key: value for key, _, value in pairs}
    return found


def descendants(pid):
    """(pid, start time) of every process below this one: with both, a number used again is not mistaken."""
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended
        if words[0] != "Z":
            parents[int(stat.parent.name)] = (int(words[1]), words[19])
    below, waiting = set(), [pid]
    while waiting:
        parent = waiting.pop()
        children = [child for child, (its_parent, _) in parents.items() if its_parent == parent]
        below |= {(child, parents[child][1]) for child in children}
        waiting += children
    return below


class Tidewheel:
    """`tidewheel standalone` (or another server) on free ports. Its process and its pods carry a mark of their own."""

    def __init__(self, folder, retention=None, server="standalone", arguments=()):
        self.mark = uuid.uuid4().hex
        self.folder = pathlib.Path(folder)
        self.manifests = self.folder / "manifests"
        self.manifests.mkdir()
        self.data = self.folder / "data"
        self.retention = retention
        self.server = server
        self.arguments = arguments
        self.process = None
        self.variables = {}  # more environment
        self.wrapper = []  # a command that runs the rest as its last act
        self.ports = {}
        self.trust = None  # an ssl.SSLContext where REST and metrics speak TLS
        self.fixed_ports = {}
        self.log_path = self.folder / "tidewheel.log"
        self.output_path = self.folder / "tidewheel.out"

    def write(self, name, text):
        (self.manifests / name).write_text(text)

    def command(self, *extra):
        own = [str(self.manifests), "--data", str(self.data)] if self.server == "standalone" else []
        return [*self.wrapper, TIDEWHEEL, self.server, *own, "--bind", "127.0.0.1",
                *(f"--{port}-port={self.fixed_ports.get(port, 0)}" for port in PORTS), *self.arguments, *extra]

    def environment(self):
        environment = {**os.environ, MARK: self.mark, **self.variables}
        if self.retention:
            environment["METRIC_STORE_RETENTION_SECONDS"] = str(self.retention)
        return environment

    def start(self):
        self.launch()
        ready = eventually(lambda: self.process.poll() is not None or READY.search(self.output_path.read_text()),
                           lambda: f"a ready line:\n{self.log()}")
        assert ready is not True, f"ended with status {self.process.returncode}:\n{self.log()}"
        self.ports = {name: int(port) for name, port in ready.groupdict().items()}
        self.wait_ready()
        return self

    def launch(self):
        """Starts the process, and waits for nothing."""
        with self.output_path.open("w") as out, self.log_path.open("a") as log:
            self.process = subprocess.Popen(self.command(), stdout=out, stderr=log, stdin=subprocess.DEVNULL,
                                            env=self.environment(), cwd=self.folder)

    def wait_ready(self):
        eventually(lambda: self.process.poll() is not None or self.is_ready(), "readiness")
        assert self.is_ready(), f"ended with status {self.process.returncode}"

    def is_ready(self):
        try:
            return self.status("/readyz") == 200
        except OSError:
            return False  # It does not listen yet.

    def run(self, *extra):
        """For what must not start: runs to the end, and returns what it did."""
        return subprocess.run(self.command(*extra), capture_output=True, text=True, timeout=DEADLINE,
                              stdin=subprocess.DEVNULL, env=self.environment())

    def restart(self):
        """Starts it again on the ports that it had, which clients still ask."""
        self.fixed_ports = dict(self.ports)
        return self.start()

    def stop(self):
        """SIGTERM; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE)

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE)

    def end(self):
        if self.process and self.process.poll() is None:
            self.kill()

    def log(self):
        return self.log_path.read_text(errors="replace")

    # What it answers.

    def url(self, path, port="rest"):
        return f"{'https' if self.trust else 'http'}://127.0.0.1:{self.ports[port]}{path}"

    def get(self, path, port="rest"):
        with urllib.request.urlopen(self.url(path, port), timeout=DEADLINE, context=self.trust) as answer:
            return answer.read().decode()

    def status(self, path, method="GET", **headers):
        request = urllib.request.Request(self.url(path), method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE, context=self.trust) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def objects(self):
        return json.loads(self.get("/api/v1/objects"))["items"]

    def object(self, name, namespace="default"):
        return json.loads(self.get(f"/api/v1/objects/{namespace}/{name}"))

    def trigger(self, name, index=0):
        return self.object(name)["triggers"][index]

    def decisions(self, name, namespace="default"):
        return json.loads(self.get(f"/api/v1/objects/{namespace}/{name}/decisions?limit=200"))["items"]

    def metric(self, name, /, **labels):
        """The value of our own metric's only series with these labels."""
        wanted = [f'{label}="{text}"' for label, text in labels.items()]
        lines = [line for line in self.get("/metrics", "metrics").splitlines()
                 if line.startswith((name + "{", name + " ")) and all(pair in line for pair in wanted)]
        assert len(lines) == 1, lines
        return float(lines[0].rpartition(" ")[2])

    def cli(self, *arguments):
        """Output of a command that asks the running one."""
        done = subprocess.run([TIDEWHEEL, *arguments, "--server", self.url("")], capture_output=True, text=True,
                              timeout=DEADLINE)
        assert done.returncode == 0, done.stderr
        return done.stdout

    # What really runs.

    def pods(self, workload):
        """Names of the workload's pods that have a living process."""
        names = {env.get("POD_NAME", "") for env in processes_marked(self.mark).values()}
        return {name for name in names if name.startswith(f"{workload}-")}

    def replicas(self, name):
        """(as the object says, as processes there are); the Deployment has the object's name."""
        return self.object(name)["replicas"], len(self.pods(name))

    # `names` is one object's name, or several that are held to the same.

    def wait_replicas(self, names, wanted):
        for name in [names] if isinstance(names, str) else names:
            eventually(lambda: self.replicas(name) == (wanted, wanted),
                       lambda: f"{name}: {wanted} replicas; there are {self.replicas(name)}\n"
                               f"{self.cli('explain', f'default/{name}')}")

    def settle_replicas(self, names, wanted, window):
        """As wait_replicas, for a signal over a window: once that has passed, only what is sent now counts."""
        self.wait_replicas(names, wanted)
        time.sleep(window)
        self.wait_replicas(names, wanted)

    def hold_replicas(self, names, wanted, seconds):
        """Asserts that the count stands for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for name in [names] if isinstance(names, str) else names:
                assert (name, *self.replicas(name)) == (name, wanted, wanted)
            time.sleep(0.2)

    def assert_nothing_left(self):
        eventually(lambda: not processes_marked(self.mark), lambda: f"left over: {processes_marked(self.mark)}")


class Sender:
    """A program with a real SDK. The environment says where to and how often, nothing else; `say` says which values."""

    def __init__(self, language, protocol, port, kind, metric, *pairs, temporality=None, settings=None):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("OTEL_")}
        environment.update({
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
            "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
            "OTEL_METRIC_EXPORT_INTERVAL": "200",
            **(settings or {}),
        })
        if temporality:
            environment["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"] = temporality
        self.process = subprocess.Popen([*SENDERS[language], kind, metric, *pairs], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=environment)

    def say(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def end(self):
        """Ends its input: after a last export, how many points its exports had, {"exported": N, "failed": N}."""
        told, _ = self.process.communicate(timeout=2 * DEADLINE)
        assert self.process.returncode == 0, f"the sender ended with status {self.process.returncode}"
        return json.loads(told)

    def stop(self):
        """Ends it as a crash would: no last export."""
        self.process.kill()
        self.process.wait(DEADLINE)


def scaled(name, query, operation, target, *, window="", max_replicas=10, min_replicas=0, extra=""):
    """A Deployment of idle shells and a ScaledObject on it, one trigger named `signal`."""
    window = f'\n        window: {window}' if window else ""
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: 0
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: main
          image: busybox:1.36
          # The sleep is a child of its own, in the background: it must not outlive the pod either.
          command: ["sh", "-c", "while :; do sleep 1000 & wait; done"]
          env:
            - name: {MARK}
              value: $MARK$
            - name: POD_NAME
              valueFrom: {{fieldRef: {{fieldPath: metadata.name}}}}
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: {name}
spec:
  scaleTargetRef: {{name: {name}}}
  minReplicaCount: {min_replicas}
  maxReplicaCount: {max_replicas}
  cooldownPeriod: 1
  advanced:
    horizontalPodAutoscalerConfig:
      behavior:
        scaleUp:
          stabilizationWindowSeconds: 0
          policies: [{{type: Pods, value: 100, periodSeconds: 15}}]
        scaleDown: {{stabilizationWindowSeconds: 0}}
  triggers:
    - type: kedify-otel
      name: signal
      metadata:
        metricQuery: {query}
        operationOverTime: {operation}
        targetValue: "{target}"{window}
{extra}"""
