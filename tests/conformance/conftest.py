from collections import Counter

from table import SHAPES

pytest_plugins = ["tidewheel_fixtures"]


def pytest_terminal_summary(terminalreporter):
    """The table: how many rows of each shape passed, by the way that they were sent."""
    counts, ways, failed = Counter(), [], []
    for outcome in ("passed", "failed", "error"):
        for report in terminalreporter.getreports(outcome):
            if outcome == "passed" and report.when != "call":
                continue
            row = dict(report.user_properties)
            if "shape" not in row:
                continue
            ways += [row["way"]] if row["way"] not in ways else []
            counts[row["shape"], row["way"], outcome == "passed"] += 1
    if not counts:
        return
    heading = "".join(f"{way:>16}" for way in sorted(ways))
    terminalreporter.write_line(f"table: {'rows of each shape':<20}{heading}")
    for shape in (one.name for one in SHAPES):
        cells = ((counts[shape, way, True], counts[shape, way, False]) for way in sorted(ways))
        line = "".join(f"{f'{good} good' + (f', {bad} bad' if bad else ''):>16}" for good, bad in cells)
        terminalreporter.write_line(f"table: {shape:<20}{line}")
