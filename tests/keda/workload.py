"""A workload that KEDA scales: its manifests in a namespace of their own, and all that became of its replicas."""

import pathlib
import re
import threading
import time

from api import conditions, eventually

HERE = pathlib.Path(__file__).resolve().parent
ADDRESS = "keda-otel-scaler.keda.svc:4318"  # where otel-add-on's documentation puts it
COLLECTIONS = {
    "Deployment": "/apis/apps/v1/{namespace}/deployments",
    "ScaledObject": "/apis/keda.sh/v1alpha1/{namespace}/scaledobjects",
    "Secret": "/api/v1/{namespace}/secrets",
    "TriggerAuthentication": "/apis/keda.sh/v1alpha1/{namespace}/triggerauthentications",
}


def manifest(name, *changes):
    """The text of manifests/NAME.yaml after `changes`: pairs of a text that it has once, and what stands there instead."""
    text = (HERE / "manifests" / f"{name}.yaml").read_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


class Workload:
    """The one Deployment and the one ScaledObject of a text, applied to `namespace` (a path, this workload's alone) with
    the scaler at `port` of this machine in place of otel-add-on; `objects`, or texts, come before them."""

    def __init__(self, api, namespace, text, port, objects=()):
        self.api = api
        self.paths = {}
        assert ADDRESS in text
        for one in [*objects, *text.replace(ADDRESS, f"127.0.0.1:{port}").split("---\n")]:
            kind, name = identity(one)
            self.paths[kind] = f"{COLLECTIONS[kind].format(namespace=namespace)}/{name}"
            self.api.apply(self.paths[kind], one)
        self.replicas = Replicas(api, self.paths["Deployment"])
        self.namespace = namespace.removeprefix("namespaces/")
        self.hpas = f"/apis/autoscaling/v2/{namespace}/horizontalpodautoscalers"
        self.events = f"/apis/events.k8s.io/v1/{namespace}/events"

    def stop(self):
        """Lets KEDA forget it, then looks no more."""
        self.api.delete(self.paths["ScaledObject"])
        self.replicas.stop()

    def conditions(self):
        """Of the ScaledObject: type -> (status, reason)."""
        return conditions(self.api.get(self.paths["ScaledObject"]))

    def hpa(self):
        """The HPA that KEDA keeps; None where there is none yet."""
        return next(iter(self.api.get(self.hpas)["items"]), None)

    def hpa_condition(self, kind):
        """(status, reason)."""
        return conditions(self.hpa()).get(kind)

    def failures(self):
        """What KEDA's events say about triggers that fail."""
        return [event["note"] for event in self.api.get(self.events)["items"] if event["reason"] == "KEDAScalerFailed"]

    def targets(self):
        """(metric, average value) of each trigger that KEDA told the HPA."""
        return [(metric["external"]["metric"]["name"], metric["external"]["target"]["averageValue"])
                for metric in self.hpa()["spec"]["metrics"]]

    def change(self, patch):
        """Merges it into the ScaledObject."""
        self.api.merge(self.paths["ScaledObject"], patch)

    def wait_ready(self):
        """Until KEDA knows the object, its HPA stands, and its triggers answer."""
        eventually(lambda: self.conditions().get("Ready", ("",))[0] == "True" and self.hpa(), self.story)

    def reach(self, count, since):
        """When the Deployment was told to have so many replicas, at or after `since`."""
        return eventually(lambda: self.replicas.when(count, since), lambda: f"{count} replicas; {self.story()}")

    def story(self):
        """What a failing test tells."""
        return f"replicas {self.replicas.counts()}, conditions {self.conditions()}"


def identity(one):
    """(kind, name) of an object or of its text."""
    if isinstance(one, dict):
        return one["kind"], one["metadata"]["name"]
    return tuple(re.search(pattern, one, re.MULTILINE)[1] for pattern in (r"^kind: (\S+)", r"^  name: (\S+)"))


def hold(workloads, count, since, seconds):
    """Asserts that each Deployment has so many replicas and no others, from `since` for so long."""
    while time.monotonic() < since + seconds:
        for one in workloads:
            assert one.replicas.counts(since) == [count], one.story()
        time.sleep(0.1)


class Replicas:
    """Each count that a Deployment's specification had, in order, with the time when the API server told it. Thread-safe."""

    def __init__(self, api, path):
        self.api = api
        self.collection, _, self.name = path.rpartition("/")
        self.changes = []  # (seconds of time.monotonic(), count)
        self.lock = threading.Lock()
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._follow, args=[api.get(path)], daemon=True)
        self.thread.start()

    def stop(self):
        self.ending.set()
        self.thread.join()

    def counts(self, since=0.0):
        """The counts from the one that stood at `since`."""
        assert self.thread.is_alive(), "nobody follows the Deployment any more"
        with self.lock:
            before = [count for when, count in self.changes if when <= since]
            return before[-1:] + [count for when, count in self.changes if when > since]

    def when(self, count, since):
        """The first time at or after `since` when the count became this one; None where it has not."""
        with self.lock:
            return next((moment for moment, had in self.changes if had == count and moment >= since), None)

    def _follow(self, deployment):
        self._note(deployment)
        version = deployment["metadata"]["resourceVersion"]
        while not self.ending.is_set():
            # Watches are short, so that the end is seen; the next begins where this one ended.
            for event in self.api.watch(self.collection, fieldSelector=f"metadata.name={self.name}", timeoutSeconds=1,
                                        resourceVersion=version):
                version = event["object"]["metadata"]["resourceVersion"]
                self._note(event["object"])

    def _note(self, deployment):
        count = deployment["spec"]["replicas"]
        with self.lock:
            if not self.changes or self.changes[-1][1] != count:
                self.changes.append((time.monotonic(), count))
