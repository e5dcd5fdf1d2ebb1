"""Where the OpenTelemetry Collector's Prometheus exporter shows something else than our newest sample, and why."""

from dataclasses import dataclass

from table import DELTA, DISTRIBUTIONS, EDGES, NUMBERS, SHAPES

NOTHING = None  # the exporter has no such series


@dataclass(frozen=True)
class Difference:
    why: str
    shapes: tuple  # names
    shown: dict    # edge -> what the exporter shows: (value, seconds before the base), or NOTHING

    def concerns(self, case):
        return case.shape.name in self.shapes and case.edge.name in self.shown


def shapes(*, types=(*NUMBERS, *DISTRIBUTIONS), delta=None):
    """All but the one that has a row of its own."""
    return tuple(shape.name for shape in SHAPES if shape.type in types and shape.name != "updown-delta" and
                 delta in (None, shape.temporality == DELTA))


DIFFERENCES = (
    Difference("deltas of a sum that may fall are refused; ours are kept",
               ("updown-delta",), {edge.name: NOTHING for edge in EDGES}),
    Difference("deltas become a running total since the exporter started; ours stay as sent, and `rate` adds them up",
               shapes(delta=True), {"plain": (100, 30), "reset by start time": (80, 30), "reset by drop": (60, 30),
                                    "scale change": (100, 30), "too old": (40, 40)}),
    Difference("a delta histogram that begins before the last one ended is refused; ours is counted",
               shapes(types=DISTRIBUTIONS, delta=True), {"overlap": (10, 50)}),
    Difference("two delta histograms of one moment both count; of ours the last one sent does",
               shapes(types=DISTRIBUTIONS, delta=True), {"duplicate": (35, 40), "duplicate in one request": (35, 40)}),
    Difference("a point without a recorded value takes the series away; ours keeps what was, and says that it has ended",
               shapes(), {"no recorded value": NOTHING}),
    Difference("a point of the far future is taken, and hides what follows; ours is refused and the sender told",
               shapes(delta=False), {"too far ahead": (99, -600)}),
    Difference("the same, in a running total",
               shapes(delta=True), {"too far ahead": (139, -600)}),
    Difference("a point without a time is of 1970, so never the newest; ours is of the moment it arrived",
               (*shapes(delta=False), *shapes(types=NUMBERS, delta=True)), {"no time": (10, 50)}),
    Difference("the same in a histogram's running total, whose time it does not change",
               shapes(types=DISTRIBUTIONS, delta=True), {"no time": (40, 50)}),
    Difference("a point without a value is 0; ours is refused and the sender told",
               shapes(types=NUMBERS), {"no value": (0, 30)}),
)
