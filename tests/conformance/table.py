"""The specification: what becomes of each OTLP point, and what metricQuery then says of its series.

One table of edges, held against every shape of metric that they concern. A row's points have one value each. A number
is that value, as int64 and as double. A distribution (histogram, exponential histogram, summary) has it as its count and
twice as much as its sum, so its series NAME_count and NAME_sum are the same row twice, the second doubled.
"""

from dataclasses import dataclass, field

RETENTION = 600  # seconds, of the program that is asked: far longer than the questions take
WHOLE_LIFE = 3600  # seconds before the base: when a cumulative metric's counting began, unless a point says otherwise

DELTA, CUMULATIVE, NONE = "delta", "cumulative", ""
NUMBERS, DISTRIBUTIONS = ("gauge", "sum"), ("histogram", "exponential", "summary")
OPERATIONS = ("last_one", "min", "max", "avg", "count", "rate")

# What an operation says instead of a number.
ENDED = "ended"    # its sender said that nothing follows
ABSENT = "absent"  # there is nothing to say it of


@dataclass(frozen=True)
class Shape:
    """One of OTLP's kinds of metric, and how two neighbouring samples of its series make an increase."""
    name: str
    type: str
    temporality: str
    increase: str  # "level": the difference; "counter": that, or all after a reset; "delta": the later value
    monotonic: bool = False

    @property
    def distribution(self):
        return self.type in DISTRIBUTIONS


SHAPES = (
    Shape("gauge", "gauge", NONE, "level"),
    Shape("counter", "sum", CUMULATIVE, "counter", monotonic=True),
    Shape("counter-delta", "sum", DELTA, "delta", monotonic=True),
    Shape("updown", "sum", CUMULATIVE, "level"),
    Shape("updown-delta", "sum", DELTA, "delta"),
    Shape("histogram", "histogram", CUMULATIVE, "counter"),
    Shape("histogram-delta", "histogram", DELTA, "delta"),
    Shape("exponential", "exponential", CUMULATIVE, "counter"),
    Shape("exponential-delta", "exponential", DELTA, "delta"),
    Shape("summary", "summary", NONE, "counter"),
)


@dataclass(frozen=True)
class P:
    """One point. Times are seconds before the base; None: not sent."""
    t: int | None
    v: int | None = 0
    began: int | None = None  # start time of a cumulative one
    since: int | None = None  # start time of a delta; as a rule the time of the point before it in the row
    gone: bool = False        # flagged as without a recorded value
    scale: int = 0            # of an exponential histogram


def requests(*lists):
    """Each list is a request of its own."""
    return lists


@dataclass(frozen=True)
class Edge:
    name: str
    sent: tuple
    samples: tuple      # (seconds before the base, value), oldest first; "now" is the moment of arrival
    says: dict          # operation -> number, ENDED or ABSENT; those not named are not asked
    rate: dict = field(default_factory=dict)  # increase -> what `rate` says
    dropped: str = ""   # the reason, in the words of partial_success; one point a row
    types: tuple = (*NUMBERS, *DISTRIBUTIONS)
    temporalities: tuple = (NONE, DELTA, CUMULATIVE)
    values: tuple = ("int64", "double")
    monotonic: bool | None = None  # None: either

    def concerns(self, shape):
        return (shape.type in self.types and shape.temporality in self.temporalities and
                self.monotonic in (None, shape.monotonic))


def says(last_one, least, most, avg, count):
    return {"last_one": last_one, "min": least, "max": most, "avg": avg, "count": count}


TWO = says(30, 10, 30, 20, 2)                  # of 10, then 30
TWO_SAMPLES = ((50, 10), (40, 30))
TWO_RATE = {"level": 2, "counter": 2, "delta": 3}  # over ten seconds
LEVELS = dict(types=NUMBERS, monotonic=False)

EDGES = (
    Edge("plain", requests([P(50, 10), P(40, 30), P(30, 60)]), ((50, 10), (40, 30), (30, 60)),
         says(60, 10, 60, 100 / 3, 3), {"level": 2.5, "counter": 2.5, "delta": 4.5}),
    Edge("one point", requests([P(50, 10)]), ((50, 10),),
         says(10, 10, 10, 10, 1), {"level": ABSENT, "counter": ABSENT, "delta": ABSENT}),
    Edge("reset by start time", requests([P(50, 10), P(40, 30, began=45), P(30, 40, began=45)]),
         ((50, 10), (40, 30), (30, 40)),
         says(40, 10, 40, 80 / 3, 3), {"level": 1.5, "counter": 2, "delta": 3.5}),
    Edge("reset by drop", requests([P(50, 30), P(40, 10), P(30, 20)]), ((50, 30), (40, 10), (30, 20)),
         says(20, 10, 30, 20, 3), {"level": -0.5, "counter": 1, "delta": 1.5}),
    Edge("gap", requests([P(90, 10, since=100), P(40, 30, since=50)]), ((90, 10), (40, 30)),
         TWO, {"level": 0.4, "counter": 0.4, "delta": 0.6}),
    Edge("overlap", requests([P(50, 10, since=60), P(40, 30, since=55)]), TWO_SAMPLES, TWO, TWO_RATE,
         temporalities=(DELTA,)),
    Edge("no recorded value", requests([P(50, 10), P(40, 30), P(30, gone=True)]), TWO_SAMPLES,
         {**TWO, "last_one": ENDED}, TWO_RATE),
    Edge("recorded again", requests([P(50, 10), P(45, gone=True), P(40, 30)]), TWO_SAMPLES, TWO, TWO_RATE),
    Edge("out of order", requests([P(50, 10, since=60)], [P(30, 60, since=40)], [P(40, 30, since=50)]),
         ((50, 10), (40, 30), (30, 60)),
         says(60, 10, 60, 100 / 3, 3), {"level": 2.5, "counter": 2.5, "delta": 4.5}),
    Edge("duplicate", requests([P(50, 10, since=60)], [P(40, 25, since=50)], [P(40, 30, since=50)]), TWO_SAMPLES,
         TWO, TWO_RATE),
    Edge("duplicate in one request", requests([P(50, 10), P(40, 25, since=50), P(40, 30, since=50)]), TWO_SAMPLES,
         TWO, TWO_RATE),
    Edge("zero", requests([P(50, 0), P(40, 0)]), ((50, 0), (40, 0)),
         says(0, 0, 0, 0, 2), {"level": 0, "counter": 0, "delta": 0}),
    Edge("scale change", requests([P(50, 10, scale=3), P(40, 30, scale=1), P(30, 60, scale=5)]),
         ((50, 10), (40, 30), (30, 60)),
         says(60, 10, 60, 100 / 3, 3), {"counter": 2.5, "delta": 4.5}, types=("exponential",)),
    Edge("too old", requests([P(50, 10), P(40, 30)], [P(2 * RETENTION, 99, since=2 * RETENTION + 10)]), TWO_SAMPLES,
         TWO, TWO_RATE, dropped="older than the retention"),
    Edge("too far ahead", requests([P(50, 10), P(40, 30)], [P(-600, 99, since=40)]), TWO_SAMPLES,
         TWO, TWO_RATE, dropped="too far in the future"),
    Edge("no time", requests([P(50, 10), P(None, 30, since=50)]), ((50, 10), ("now", 30)), TWO),
    Edge("no value", requests([P(50, 10), P(40, 30), P(30, None)]), TWO_SAMPLES, TWO, TWO_RATE,
         dropped="without a value", types=NUMBERS),
    Edge("negative", requests([P(50, 10), P(40, -30), P(30, -10)]), ((50, 10), (40, -30), (30, -10)),
         says(-10, -30, 10, -10, 3), {"level": -1, "delta": -2}, **LEVELS),
    Edge("large", requests([P(50, 2**53 + 1), P(40, 2**53 + 3)]), ((50, 2**53 + 1), (40, 2**53 + 3)),
         says(2**53 + 3, 2**53 + 1, 2**53 + 3, 2**53 + 2, 2), {"level": 0.2}, types=("gauge",), values=("int64",)),
)


@dataclass(frozen=True)
class Case:
    shape: Shape
    value: str  # "int64" or "double" of a number; "" of a distribution
    edge: Edge

    @property
    def id(self):
        words = (self.shape.name, self.value, self.edge.name)
        return "-".join(word.replace(" ", "_") for word in words if word)

    @property
    def metric(self):
        return "conformance." + self.id.replace("-", ".")

    @property
    def points(self):
        return sum(map(len, self.edge.sent))

    @property
    def series(self):
        """name -> by how much its values are those of the row."""
        if self.shape.distribution:
            return {f"{self.metric}_count": 1, f"{self.metric}_sum": 2}
        return {self.metric: 1}

    def answers(self):
        """(series, operation, wanted) of everything that the row says."""
        for name, times in self.series.items():
            for operation in OPERATIONS:
                wanted = (self.edge.rate.get(self.shape.increase) if operation == "rate" else
                          self.edge.says.get(operation))
                if wanted is not None:
                    scaled = isinstance(wanted, (int, float)) and operation != "count"
                    yield name, operation, wanted * times if scaled else wanted


CASES = tuple(Case(shape, value, edge) for shape in SHAPES for edge in EDGES if edge.concerns(shape)
              for value in (("",) if shape.distribution else edge.values))
