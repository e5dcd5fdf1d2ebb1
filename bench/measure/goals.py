"""What is to be beaten: every quantity of the table, with its goal and the stretch beyond it; less is better everywhere."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    key: str
    what: str
    unit: str
    goal: float
    stretch: float

    def verdict(self, value):
        if value <= self.stretch:
            return "stretch"
        return "goal" if value <= self.goal else "not reached"


QUANTITIES = [
    Quantity("bulk", "CPU per data point, I1, 100 000 series", "us", 0.20, 0.12),
    Quantity("bulk_million", "the same, 1 000 000 series", "us", 0.25, 0.14),
    Quantity("small", "CPU per small request, I2", "us", 12, 8),
    Quantity("gzip", "CPU per data point, I1 with gzip bodies", "us", 0.30, 0.18),
    Quantity("evaluation", "evaluation in one GetMetrics over 100 000 series", "us", 3, 0.1),
    Quantity("unwanted", "CPU per data point, 99 % of the metrics not asked for", "us", 0.09, 0.06),
    Quantity("memory", "memory per series, 7 labels, 12 samples", "B", 400, 220),
    Quantity("p99", "p99 of a bulk request at saturation, 8 in flight", "ms", 15, 8),
    Quantity("restart", "restart with 1 000 000 series to the first correct answer", "s", 1, 0.3),
    Quantity("binary", "binary, stripped", "MB", 20, 10),
    Quantity("start", "start to ready", "ms", 30, 10),
    Quantity("idle", "idle memory", "MiB", 16, 8),
]
BY_KEY = {quantity.key: quantity for quantity in QUANTITIES}
OURS = "tidewheel"  # the program that the goals are for
