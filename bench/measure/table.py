"""The one table: what each script published, beside the goals.

A script publishes figures by quantity and program. It may also claim what must hold. Run alone it prints its part of the table at its end; under
tools/bench.py the figures go to the file that BENCH_FIGURES names, and the whole table is printed once.
"""

import dataclasses
import json
import os
import pathlib
import sys

from measure.figures import Figure
from measure.goals import BY_KEY, OURS, QUANTITIES
from measure.machine import ROUNDS, busy, processor

FILE = os.environ.get("BENCH_FIGURES")
NO_COUNT = "-"
CLAIM = "claim"  # stands for a quantity's key
here = []  # (key, program, figure) of this script, and its claims


def publish(key, program, figure):
    if key not in BY_KEY:
        raise KeyError(key)
    note(key, program, figure)


def publish_all(key, figures):
    for program, figure in figures.items():
        publish(key, program, figure)


def missing(key, program, why):
    """A visible line instead of a figure."""
    publish(key, program, Figure([], note=why))


WORDS = {True: "holds", False: "DOES NOT HOLD", None: "measured"}


def claim(what, holds, shown):
    """Something beside the figures: that it must hold (None: it has no bound) and what was seen."""
    print(f"  {WORDS[holds]}: {what}: {shown}", flush=True)
    note(CLAIM, what, [holds, shown])


def note(key, name, value):
    here.append((key, name, value))
    if FILE:
        with pathlib.Path(FILE).open("a") as file:
            file.write(json.dumps([key, name, dataclasses.asdict(value) if key != CLAIM else value]) + "\n")


def published(file):
    rows = [json.loads(line) for line in pathlib.Path(file).read_text().splitlines()]
    return [(key, name, value if key == CLAIM else Figure(**value)) for key, name, value in rows]


def number(value):
    if value >= 100_000:
        return f"{value:,.0f}"
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def line(quantity, program, figure):
    if not figure.values:
        return f"  {program:<28}{figure.note}"
    spread = f"{number(min(figure.values))}..{number(max(figure.values))}" if len(figure.values) > 1 else "once"
    instructions = NO_COUNT if figure.instructions is None else f"{figure.instructions:,.0f}"
    shown = (f"  {program:<28}{number(figure.median):>10} {quantity.unit:<4}{spread:>20}{instructions:>14}")
    if program == OURS:
        shown += f"   {quantity.verdict(figure.median)} (goal {quantity.goal:g}, stretch {quantity.stretch:g})"
    return shown + (f"   {figure.note}" if figure.note else "")


def ours_first(rows):
    """And what is missing last; otherwise as they were published."""
    return sorted(rows, key=lambda row: (row[1] != OURS, row[0] != CLAIM and not row[2].values))


def text(rows):
    """Quantities in the order of the goals."""
    lines = [f"{'':<30}{'median':>10} {'':<4}{'spread':>20}{'instructions':>14}   goal"]
    for quantity in QUANTITIES:
        of_it = [line(quantity, program, figure) for key, program, figure in ours_first(rows) if key == quantity.key]
        if of_it:
            lines += [f"{quantity.what} [{quantity.unit}]", *of_it]
    return "\n".join([*lines, *verdicts(rows)])


def verdicts(rows):
    by_verdict = {"stretch": [], "goal": [], "not reached": []}
    for key, program, figure in rows:
        if program == OURS and figure.values:
            by_verdict[BY_KEY[key].verdict(figure.median)].append(f"{key} {number(figure.median)} {BY_KEY[key].unit}")
    lines = [f"{verdict}: {', '.join(reached)}" for verdict, reached in by_verdict.items() if reached]
    claims = [f"{WORDS[value[0]]}: {name}: {value[1]}" for key, name, value in rows if key == CLAIM]
    return ["", f"Medians of {ROUNDS} rounds, programs taking turns; lowest..highest beside them. Instructions are those in user "
                f"space. {processor()}, {os.cpu_count()} cores; in the last minute {busy():.1f} processes wanted one.",
            *lines, *claims]


def run(main):
    """A script's main, and its part of the table."""
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    if here and not FILE:
        print("\n" + text(here), flush=True)
