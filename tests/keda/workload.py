"""A workload that KEDA scales: its manifests in a namespace of their own, and all that became of its replicas."""

import pathlib
import re
import threading
import time

from api import conditions, eventually

MANIFESTS = pathlib.Path(__file__).resolve().parent / "manifests"
ADDRESS = "keda-otel-scaler.keda.svc:4318"  # where otel-add-on's documentation puts it
COLLECTIONS = {
    "Deployment": "/apis/apps/v1/{namespace}/deployments",
    "ScaledObject": "/apis/keda.sh/v1alpha1/{namespace}/scaledobjects",
}


class Workload:
    """The Deployment and the ScaledObject of manifests/NAME.yaml, both called mail, applied to `namespace` (a path) with
    the scaler at `port` of this machine in place of otel-add-on."""

    def __init__(self, api, namespace, manifest, port):
        self.api = api
        self.paths = {}
        text = (MANIFESTS / f"{manifest}.yaml").read_text()
        assert ADDRESS in text
        for document in text.replace(ADDRESS, f"127.0.0.1:{port}").split("---\n"):
            kind, name = (re.search(pattern, document, re.MULTILINE)[1] for pattern in (r"^kind: (\S+)", r"^  name: (\S+)"))
            self.paths[kind] = f"{COLLECTIONS[kind].format(namespace=namespace)}/{name}"
            self.api.apply(self.paths[kind], document)
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

    def target(self):
        """(metric, average value) that KEDA told the HPA."""
        (metric,) = self.hpa()["spec"]["metrics"]
        return metric["external"]["metric"]["name"], metric["external"]["target"]["averageValue"]

    def wait_ready(self):
        """Until KEDA knows the object, its HPA stands, and its triggers answer."""
        eventually(lambda: self.conditions().get("Ready", ("",))[0] == "True" and self.hpa(), self.story)

    def reach(self, count, since):
        """When the Deployment was told to have so many replicas, at or after `since`."""
        return eventually(lambda: self.replicas.when(count, since), lambda: f"{count} replicas; {self.story()}")

    def hold(self, count, since, seconds):
        """Asserts that the Deployment has so many replicas and no others, from `since` for so long."""
        while time.monotonic() < since + seconds:
            assert self.replicas.counts(since) == [count], self.story()
            time.sleep(0.1)

    def story(self):
        """What a failing test tells."""
        return f"replicas {self.replicas.counts()}, conditions {self.conditions()}"


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
