"""Side by side with the real HPA controller: for the same readings, our algorithm must decide what it decided."""

import json
import os
import subprocess

import pytest

from api import eventually
from external_metrics import Script, Server
from hpa_cases import CASES, DOWNSCALE_WINDOW, SEED, SPACING, STEPS, steps
from hpa_recording import AUDIT_POLICY, conditions, near_edges, recorded_passes, table, vector
from plane import KEPT_LOGS, ROOT, ControlPlane

HPA_VECTORS = ROOT / os.environ.get("HPA_VECTORS", "build/hpa_vectors")
RECORDINGS = KEPT_LOGS / "recordings"  # stay for whoever wants to look, or to run HPA_VECTORS on them again
SYNC_PERIOD = "1s"
EDGE_SECONDS = 0.2                     # ages that near to a window's edge are named when something differs
DEADLINE = 240                         # seconds for all scripts, which play side by side
CONFIG = {"tolerance": 0.1, "cpuInitializationPeriodSeconds": 300, "initialReadinessDelaySeconds": 30,
          "downscaleStabilizationSeconds": DOWNSCALE_WINDOW}
GATES = {"zeroMode": "condition", "scaleToZero": True, "configurableTolerance": True, "podLevelResources": True}


class Player:
    """Plays one case: a Deployment, its HPA, and the script that the HPA reads. In a namespace of its own."""

    def __init__(self, plane, server, number, case):
        self.api, self.case, self.namespace = plane.api, case, f"case-{number}"
        metrics = [f"metric-{index}" for index in range(len(case.targets))]
        self.script = Script(metrics, steps(case), SPACING, self.before)
        server.scripts[self.namespace] = self.script
        self.deployment = f"/apis/apps/v1/namespaces/{self.namespace}/deployments"
        self.hpa = f"/apis/autoscaling/v2/namespaces/{self.namespace}/horizontalpodautoscalers"

    def begin(self):
        labels = {"app": "target"}
        self.api.create("/api/v1/namespaces", {"metadata": {"name": self.namespace}})
        self.api.create(self.deployment, {"metadata": {"name": "target"}, "spec": {
            "replicas": self.case.start, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "none"}]}}}})
        eventually(lambda: self.api.get(f"{self.deployment}/target/scale")["status"]["replicas"] == self.case.start, "pods")
        self.api.create(self.hpa, {"metadata": {"name": "target"}, "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "target"},
            "metrics": [{"type": "External", "external": {
                "metric": {"name": metric}, "target": target.spec()}}
                for metric, target in zip(self.script.metrics, self.case.targets)],
            **self.case.spec}})

    def before(self, step):
        """The pods that the controller will find. Nobody changes anything until it has decided."""
        if step in self.case.by_hand:
            self.scale(self.case.by_hand[step])
        if not self.case.kubelet:
            return []
        pods = eventually(self.settled_pods, "as many pods as asked for")
        ready = [pod for pod in pods if pod["status"]["phase"] == "Running"]
        waiting = [pod for pod in pods if pod["status"]["phase"] == "Pending"]
        while waiting and len(ready) < self.case.kubelet * len(pods):
            ready.append(waiting.pop())
            self.api.merge(f"/api/v1/namespaces/{self.namespace}/pods/{ready[-1]['metadata']['name']}/status", {"status": {
                "phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}})
        return [{"ready": "True"}] * len(ready) + [{"phase": "Pending", "ready": None}] * len(waiting)

    def settled_pods(self):
        """All pods, once they are as many as the Deployment asks for; None until then."""
        asked = self.api.get(f"{self.deployment}/target/scale")["spec"].get("replicas", 0)
        pods = self.api.get(f"/api/v1/namespaces/{self.namespace}/pods")["items"]
        return pods if len(pods) == asked else None

    def scale(self, count):
        self.api.merge(f"{self.deployment}/target/scale", {"spec": {"replicas": count}})

    def played(self):
        """Whether it is over. Nothing is read while the HPA is paused at zero, so somebody has to end that, too: after
        somebody scaled to zero, and after the controller did but lost the status that says so to a conflict."""
        if not self.script.finished.is_set():
            told = self.api.get(f"{self.hpa}/target").get("status", {}).get("conditions", [])
            if any(one["reason"] == "ScalingDisabled" for one in told):
                self.scale(5)
        return self.script.finished.is_set()


@pytest.fixture(scope="module")
def recordings(request, tmp_path_factory):
    """Case name -> (script, evaluations), all recorded side by side."""
    folder = tmp_path_factory.mktemp("recordings")
    policy, audit = folder / "policy.json", folder / "audit.log"
    policy.write_text(AUDIT_POLICY)
    print(f"CONTROL_PLANE_SEED={SEED}")
    with ControlPlane(SYNC_PERIOD, "HPAScaleToZero=true",
                      api_server_flags=[f"--audit-policy-file={policy}", f"--audit-log-path={audit}"],
                      controller_manager_flags=[
                          f"--horizontal-pod-autoscaler-downscale-stabilization={DOWNSCALE_WINDOW}s",
                          f"--concurrent-horizontal-pod-autoscaler-syncs={len(CASES)}"]) as plane:
        server = Server(plane)
        players = [Player(plane, server, number, case) for number, case in enumerate(CASES)]
        available = "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.external.metrics.k8s.io"
        eventually(lambda: ("Available", "True") in {(one["type"], one["status"]) for one in
                                                     plane.api.get(available).get("status", {}).get("conditions", [])},
                   "the API of external metrics is available")
        for player in players:
            player.begin()
        eventually(lambda: all([player.played() for player in players]),
                   lambda: f"scripts still playing: {[p.case.name for p in players if not p.script.finished.is_set()]}",
                   DEADLINE)
        lines = audit.read_text().splitlines()
        server.stop()
    RECORDINGS.mkdir(parents=True, exist_ok=True)
    return {player.case.name: (player.script, recorded_passes(lines, player.namespace, player.script))
            for player in players}


# Everything that the controller can say about what the cases are made of.
REASONS = {
    "AbleToScale": {"SucceededGetScale", "ReadyForNewScale", "ScaleDownStabilized", "ScaleUpStabilized", "SucceededRescale"},
    "ScalingActive": {"ValidMetricFound", "FailedGetExternalMetric", "ScalingDisabled"},
    "ScalingLimited": {"DesiredWithinRange", "TooFewReplicas", "TooManyReplicas", "ScaleUpLimit", "ScaleDownLimit"},
    "ScaledToZero": {"ScaledToZero", "NotScaledToZero"},
}


def test_the_recordings_have_it_all(recordings):
    told = {kind: {conditions(one.after)[kind][1] for _, passes in recordings.values() for one in passes
                   if kind in conditions(one.after)} for kind in REASONS}
    assert told == REASONS
    assert all(len(passes) >= STEPS for _, passes in recordings.values())
    few = [name for name, (_, passes) in recordings.items() if sum(one.written is not None for one in passes) < 5]
    assert not few, f"hardly anything happens in {few}"


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_we_decide_what_the_real_controller_decided(recordings, case):
    script, passes = recordings[case.name]
    told = vector(case.name, case.spec, passes, script, case.targets)
    file = RECORDINGS / f"{case.name.replace(' ', '_')}.json"
    file.write_text(json.dumps({"schema": "hpa-vectors/1", "half": "recorded", "count": 1, "config": CONFIG, "gates": GATES,
                                "vectors": [told]}))
    done = subprocess.run([str(HPA_VECTORS), str(file)], capture_output=True, text=True)
    edges = near_edges(passes, case.windows(), EDGE_SECONDS)
    assert done.returncode == 0 and done.stdout.endswith("1 passed, 0 failed\n"), (
        f"{done.stdout}{done.stderr}\n{table(passes, script)}\nages near a window's edge: {edges or 'none'}")
