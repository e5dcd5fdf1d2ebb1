"""Side by side with the real HPA controller: for the same readings, our algorithm must decide what it decided."""

import json
import os
import random
import subprocess
from dataclasses import dataclass, field

import pytest

from api import eventually
from external_metrics import Script, Server
from hpa_recording import AUDIT_POLICY, conditions, near_edges, recorded_passes, table, vector
from plane import KEPT_LOGS, ROOT, ControlPlane

HPA_VECTORS = ROOT / os.environ.get("HPA_VECTORS", "build/hpa_vectors")
RECORDINGS = KEPT_LOGS / "recordings"  # stay for whoever wants to look, or to run HPA_VECTORS on them again
SEED = int(os.environ.get("CONTROL_PLANE_SEED") or 20261125)
STEPS = 64
SYNC_PERIOD = "1s"
# Seconds from one answer to the next: longer than the period, so that the next evaluation already waits. Ages are
# multiples of it, and all windows and periods below are 2, 3, 4, 8, 9, 14 or 15 s: none is nearer than 0.4 s.
SPACING = 1.2
MARGIN = 0.2
DOWNSCALE_WINDOW = 4     # seconds; the controller's own, which holds where no block says another
DEADLINE = 240           # seconds for all scripts, which play side by side
CONFIG = {"tolerance": 0.1, "cpuInitializationPeriodSeconds": 300, "initialReadinessDelaySeconds": 30,
          "downscaleStabilizationSeconds": DOWNSCALE_WINDOW}
GATES = {"zeroMode": "condition", "scaleToZero": True, "configurableTolerance": True, "podLevelResources": True}


def up(*policies, **more):
    return {"scaleUp": rules(policies, more)}


def down(*policies, **more):
    return {"scaleDown": rules(policies, more)}


def rules(policies, more):
    """policies: (type, value, seconds)."""
    given = [{"type": kind, "value": value, "periodSeconds": period} for kind, value, period in policies]
    return {**({"policies": given} if given else {}), **more}


@dataclass
class Case:
    name: str
    spec: dict
    start: int = 3
    targets: list = field(default_factory=lambda: ["10"])
    faults: float = 0                            # share of the answers that are an error or empty
    zeros: float = 0                             # share of the levels that are 0
    by_hand: dict = field(default_factory=dict)  # step -> replicas that somebody sets while it is read

    def windows(self):
        """The ages that matter, in seconds."""
        behavior = self.spec.get("behavior")
        sides = [] if behavior is None else [behavior.get("scaleUp", {}), behavior.get("scaleDown", {})]
        periods = [policy["periodSeconds"] for side in sides for policy in side.get("policies", [{"periodSeconds": 15}])]
        return {DOWNSCALE_WINDOW, *periods, *(side.get("stabilizationWindowSeconds", 0) for side in sides)} - {0}


CASES = [
    Case("no behaviour block", {"minReplicas": 2, "maxReplicas": 20}),
    Case("no minimum, three metrics that fail at times", {"maxReplicas": 16}, targets=["10", "2500m", "1k"], faults=0.15),
    Case("an empty behaviour block", {"maxReplicas": 20, "behavior": {"scaleDown": {}}}),
    Case("the most that pods or percent allow", {"maxReplicas": 24, "behavior": {
        **up(("Pods", 3, 3), ("Percent", 50, 4), selectPolicy="Max"),
        **down(("Pods", 2, 3), ("Percent", 30, 8), stabilizationWindowSeconds=0)}}),
    Case("the least that pods or percent allow", {"minReplicas": 2, "maxReplicas": 24, "behavior": {
        **up(("Pods", 4, 3), ("Percent", 80, 8), selectPolicy="Min", stabilizationWindowSeconds=3),
        **down(("Pods", 3, 3), ("Percent", 40, 14), selectPolicy="Min", stabilizationWindowSeconds=8)}}),
    Case("windows both ways, two metrics that fail at times", {"maxReplicas": 24, "behavior": {
        **up(("Percent", 200, 3), stabilizationWindowSeconds=8),
        **down(("Percent", 50, 3), stabilizationWindowSeconds=3)}}, targets=["10", "500m"], faults=0.15),
    Case("never down", {"maxReplicas": 24, "behavior": {
        **up(("Pods", 1, 3)), **down(selectPolicy="Disabled")}}, start=1),
    Case("never up", {"minReplicas": 1, "maxReplicas": 24, "behavior": {
        **up(selectPolicy="Disabled"), **down(("Pods", 1, 3), stabilizationWindowSeconds=2)}}, start=20),
    Case("tolerances of its own", {"minReplicas": 2, "maxReplicas": 24, "behavior": {
        **up(tolerance="300m"), **down(tolerance="20m", stabilizationWindowSeconds=2)}}, start=8),
    Case("to zero and back", {"minReplicas": 0, "maxReplicas": 12}, zeros=0.6),
    Case("to zero and back with a behaviour block", {"minReplicas": 0, "maxReplicas": 12, "behavior": {
        **up(("Pods", 2, 3)), **down(("Pods", 3, 3), stabilizationWindowSeconds=3)}}, zeros=0.5),
    Case("percent alone never leaves zero", {"minReplicas": 0, "maxReplicas": 12, "behavior": {
        **up(("Percent", 100, 3)), **down(stabilizationWindowSeconds=2)}}, zeros=0.15),
    Case("somebody scales by hand", {"minReplicas": 2, "maxReplicas": 16},
         by_hand={9: 4, 20: 18, 31: 1, 42: 0, 50: 12}),
    Case("somebody scales by hand, with a behaviour block", {"minReplicas": 2, "maxReplicas": 16, "behavior": {
        **up(("Pods", 2, 3)), **down(("Pods", 1, 3), stabilizationWindowSeconds=3)}},
         by_hand={9: 4, 20: 18, 31: 1, 42: 0, 50: 12}),
]


def milli(quantity):
    return {"10": 10_000, "2500m": 2_500, "1k": 1_000_000, "500m": 500}[quantity]


def levels(case, chance):
    """What the metric would keep busy, in replicas, per step: plateaus, jumps, and slow climbs around tolerances."""
    top, told = case.spec["maxReplicas"], []
    while len(told) < STEPS:
        level = 0 if chance.random() < case.zeros else chance.uniform(0, chance.choice([0.2, 1.3, 1.3]) * top)
        slope = chance.choice([0, 0, level * 0.04, -level * 0.04])
        told += [max(0, level + slope * step) for step in range(chance.randint(1, 7))]
    return told[:STEPS]


def answers(case, target, chance):
    """One answer per step, each of one to three series."""
    told = []
    for step, level in enumerate(levels(case, chance)):
        if chance.random() < case.faults:
            told.append(chance.choice([None, []]))
            continue
        # A little more at each step but those at zero: no two in a row are alike, so each leaves a status behind.
        total, series = round(level * milli(target)) + (step % 7 * 40 if level else 0), chance.randint(1, 3)
        parts = sorted(chance.randint(0, total) for _ in range(series - 1))
        told.append([right - left for left, right in zip([0, *parts], [*parts, total])])
    return told


class Player:
    """Plays one case: a Deployment, its HPA, and the script that the HPA reads. In a namespace of its own."""

    def __init__(self, plane, server, number, case):
        self.api, self.case, self.namespace = plane.api, case, f"case-{number}"
        chance = random.Random(f"{SEED} {case.name}")
        metrics = [f"metric-{index}" for index in range(len(case.targets))]
        columns = [answers(case, target, chance) for target in case.targets]
        self.script = Script(metrics, [list(step) for step in zip(*columns)], SPACING,
                             {step: lambda count=count: self.scale(count) for step, count in case.by_hand.items()})
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
                "metric": {"name": metric}, "target": {"type": "AverageValue", "averageValue": target}}}
                for metric, target in zip(self.script.metrics, self.case.targets)],
            **self.case.spec}})

    def scale(self, count):
        self.api.merge(f"{self.deployment}/target/scale", {"spec": {"replicas": count}})

    def played(self):
        """Whether it is over. Nothing is read while the HPA is paused at zero, so somebody has to end that, too."""
        if self.case.by_hand and not self.script.finished.is_set():
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
    edges = near_edges(passes, case.windows(), MARGIN)
    assert done.returncode == 0 and done.stdout.endswith("1 passed, 0 failed\n"), (
        f"{done.stdout}{done.stderr}\n{table(passes, script)}\nages near a window's edge: {edges or 'none'}")
