"""The HPAs that are evaluated side by side, and the scripts of what they read."""

import os
import random
from dataclasses import dataclass, field

SEED = int(os.environ.get("CONTROL_PLANE_SEED") or 20261125)
STEPS = 64
# Seconds from one answer to the next: longer than the sync period, so that the next evaluation already waits. Ages are
# multiples of it, and all windows and periods below are 2, 3, 4, 8, 14 or 15 s: none is nearer than 0.4 s.
SPACING = 1.2
DOWNSCALE_WINDOW = 4  # seconds; the controller's own, which holds where no block says another


def up(*policies, **more):
    return {"scaleUp": rules(policies, more)}


def down(*policies, **more):
    return {"scaleDown": rules(policies, more)}


def rules(policies, more):
    """policies: (type, value, seconds)."""
    given = [{"type": kind, "value": value, "periodSeconds": period} for kind, value, period in policies]
    return {**({"policies": given} if given else {}), **more}


@dataclass(frozen=True)
class Target:
    """What one replica carries (AverageValue), or where the metric as a whole should be (Value)."""
    quantity: str
    milli: int
    type: str = "AverageValue"

    def total(self, level, top):
        """What the metric reads, in milli-units, when it would keep `level` of at most `top` replicas busy."""
        return round(self.milli * (level if self.type == "AverageValue" else 2 * level / top))

    def spec(self):
        field = "averageValue" if self.type == "AverageValue" else "value"
        return {"type": self.type, field: self.quantity}


TEN = Target("10", 10_000)


@dataclass
class Case:
    name: str
    spec: dict
    start: int = 3
    targets: list = field(default_factory=lambda: [TEN])
    faults: float = 0                            # share of the answers that are an error or empty
    zeros: float = 0                             # share of the levels that are 0
    by_hand: dict = field(default_factory=dict)  # step -> replicas that somebody sets while it is read
    kubelet: float = 0                           # share of the pods that become ready; only Value targets care

    def windows(self):
        """The ages that matter, in seconds."""
        behavior = self.spec.get("behavior")
        sides = [] if behavior is None else [behavior.get("scaleUp", {}), behavior.get("scaleDown", {})]
        periods = [policy["periodSeconds"] for side in sides for policy in side.get("policies", [{"periodSeconds": 15}])]
        return {DOWNSCALE_WINDOW, *periods, *(side.get("stabilizationWindowSeconds", 0) for side in sides)} - {0}


CASES = [
    Case("no behaviour block", {"minReplicas": 2, "maxReplicas": 20}),
    Case("no minimum, three metrics that fail at times", {"maxReplicas": 16},
         targets=[TEN, Target("2500m", 2_500), Target("1k", 1_000_000)], faults=0.15),
    Case("an empty behaviour block", {"maxReplicas": 20, "behavior": {"scaleDown": {}}}),
    Case("the most that pods or percent allow", {"maxReplicas": 24, "behavior": {
        **up(("Pods", 3, 3), ("Percent", 50, 4), selectPolicy="Max"),
        **down(("Pods", 2, 3), ("Percent", 30, 8), stabilizationWindowSeconds=0)}}),
    Case("the least that pods or percent allow", {"minReplicas": 2, "maxReplicas": 24, "behavior": {
        **up(("Pods", 4, 3), ("Percent", 80, 8), selectPolicy="Min", stabilizationWindowSeconds=3),
        **down(("Pods", 3, 3), ("Percent", 40, 14), selectPolicy="Min", stabilizationWindowSeconds=8)}}),
    Case("windows both ways, two metrics that fail at times", {"maxReplicas": 24, "behavior": {
        **up(("Percent", 200, 3), stabilizationWindowSeconds=8),
        **down(("Percent", 50, 3), stabilizationWindowSeconds=3)}}, targets=[TEN, Target("500m", 500)], faults=0.15),
    Case("a value for the whole, all pods ready", {"minReplicas": 2, "maxReplicas": 14},
         targets=[Target("40", 40_000, "Value")], kubelet=1),
    Case("values and averages, some pods not ready", {"minReplicas": 2, "maxReplicas": 14, "behavior": {
        **up(("Pods", 5, 3)), **down(("Percent", 60, 3), stabilizationWindowSeconds=2)}},
         targets=[Target("40", 40_000, "Value"), Target("20", 20_000)], kubelet=0.6, faults=0.05),
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
        total, series = target.total(level, case.spec["maxReplicas"]), chance.randint(1, 3)
        total += step % 7 * 40 if level else 0
        parts = sorted(chance.randint(0, total) for _ in range(series - 1))
        told.append([right - left for left, right in zip([0, *parts], [*parts, total])])
    return told


def steps(case):
    """The steps of the case's script: for each evaluation, one answer per metric."""
    chance = random.Random(f"{SEED} {case.name}")
    return [list(step) for step in zip(*[answers(case, target, chance) for target in case.targets])]
