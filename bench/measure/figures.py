"""Numbers of several rounds, and the order in which rounds are run."""

import statistics
from dataclasses import dataclass, field

from measure.machine import ROUNDS


def percentile(values, share):
    return sorted(values)[int(share * (len(values) - 1))]


@dataclass
class Figure:
    """One quantity of one program: a value per round."""
    values: list
    instructions: float | None = None  # in user space, for one of what the quantity is per
    note: str = ""

    @property
    def median(self):
        return statistics.median(self.values)


@dataclass
class Contest:
    """Programs that take turns, round by round, so that what disturbs the machine disturbs all of them."""
    unit: str
    programs: dict = field(default_factory=dict)

    def add(self, name, measure):
        """measure() gives one value, or a pair of it and the instructions that it took (None: not counted)."""
        self.programs[name] = measure

    def run(self, rounds=ROUNDS):
        """A Figure by name."""
        figures = {name: Figure([]) for name in self.programs}
        for number in range(1, rounds + 1):
            for name, measure in self.programs.items():
                measured = measure()
                value, instructions = measured if isinstance(measured, tuple) else (measured, None)
                figures[name].values.append(value)
                figures[name].instructions = instructions
            self.show(number, figures)
        return figures

    def show(self, number, figures):
        values = "   ".join(f"{name} {figure.values[-1]:.3g}" for name, figure in figures.items())
        print(f"  round {number}, {self.unit}:   {values}", flush=True)
