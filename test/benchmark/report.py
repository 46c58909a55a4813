"""What the benchmark has to say of its cases: a row of results.json for each, tables for the terminal, a picture.

A row holds medians in microseconds a call: `ours_us`, which is the best of `ours_by_mode` in a C++ loop; `peers_us`, by
family, each at its best setting. Peers that are called from Python are credited with what an empty call costs
(`empty_calls_us`; `peers_by_setting` has the figures as they were measured), which is more than a call from C++ would save
them. `ratio` is how many times as fast as the fastest of them ours is, `goal_us` the time to
reach, scaled to this machine by the rate of what bounds the network (`bound`, machine.py). `missing` names families without a figure.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import machine
import numpy as np
from ours import NATIVE, OURS, PORTABLE
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from networks import Case
    from tools import Contestant

Row = dict[str, Any]
BySetting = dict[str, dict[str, float]]


@dataclass
class Measurement:
    """What was measured of one contestant in one case: microseconds of a call for each round, or why there are none."""

    contestant: Contestant
    rounds_us: list[float] = field(default_factory=list)
    difference: float = 0.0
    failure: str = ""

    @property
    def quartiles_us(self) -> tuple[float, float, float]:
        """First quartile, median, third quartile."""
        first, median, third = np.quantile(self.rounds_us, (0.25, 0.5, 0.75))
        return float(first), float(median), float(third)

    @property
    def spread_us(self) -> float:
        """The distance of the quartiles."""
        return self.quartiles_us[2] - self.quartiles_us[0]


def medians(measurements: Iterable[Measurement], *, empty: bool = False) -> BySetting:
    """Return the medians by family and setting; a family of which all settings failed is empty."""
    found: BySetting = {}
    for measurement in measurements:
        who = measurement.contestant
        if who.empty == empty:
            settings = found.setdefault(who.family, {})
            if measurement.rounds_us:
                settings[who.setting] = measurement.quartiles_us[1]
    return found


def credited(measurements: Sequence[Measurement]) -> BySetting:
    """Return the peers' medians, without the cost of an empty call in that setting where one was measured.

    What is left is no less than the spread of the two, of which nothing more can be said.
    """
    empty = {(m.contestant.family, m.contestant.setting): m for m in measurements if m.contestant.empty and m.rounds_us}
    found = medians(m for m in measurements if m.contestant.family != OURS)
    for measurement in measurements:
        who = measurement.contestant
        call = empty.get((who.family, who.setting))
        if measurement.rounds_us and not who.empty and call:
            rest = measurement.quartiles_us[1] - call.quartiles_us[1]
            found[who.family][who.setting] = max(rest, call.spread_us, measurement.spread_us) if rest < 1 else rest
    return found


def row(case: Case, measurements: Sequence[Measurement], measured: dict[str, float]) -> Row:
    """Return the case's row of results.json."""
    by_setting = medians(measurements)
    ours_by_mode = by_setting.get(OURS, {})
    ours = _ours(by_setting)
    rest = {family: settings for family, settings in credited(measurements).items() if settings}
    peers = {family: min(settings.values()) for family, settings in rest.items()}
    fastest = min(peers, key=peers.__getitem__, default=None)
    goal = machine.scaled(case.goal_us, case.bound, measured) if case.goal_us else None
    return {
        "case": case.name,
        "title": case.title,
        "batch": case.batch,
        "ours_us": ours,
        "ours_by_mode": ours_by_mode,
        "peers_us": peers,
        "peers_by_setting": {family: settings for family, settings in by_setting.items() if family != OURS},
        "empty_calls_us": medians(measurements, empty=True),
        "best_settings": {family: min(settings, key=settings.__getitem__) for family, settings in rest.items()},
        "fastest_peer": fastest,
        "ratio": peers[fastest] / ours if fastest and ours else None,
        "goal_us": goal,
        "bound": case.bound or None,
        "missing": [family for family, settings in by_setting.items() if not settings],
        "contestants": [
            {
                "family": measurement.contestant.family,
                "setting": measurement.contestant.setting,
                "empty": measurement.contestant.empty,
                "quartiles_us": measurement.quartiles_us if measurement.rounds_us else None,
                "difference": measurement.difference,
                "failure": measurement.failure or None,
            }
            for measurement in measurements
        ],
    }


def _ours(by_setting: BySetting) -> float | None:
    found = by_setting.get(OURS, {})
    return min((found[who.setting] for who in (NATIVE, PORTABLE) if who.setting in found), default=None)


def geometric_mean(rows: Iterable[Row]) -> float | None:
    """Return the geometric mean of the rows' ratios."""
    ratios = [found["ratio"] for found in rows if found["ratio"]]
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else None


def table(case: Case, measurements: Sequence[Measurement]) -> Table:
    """Return the table of one case: every contestant in every setting; the spread is the distance of the quartiles."""
    ours = _ours(medians(measurements))
    rest = credited(measurements)
    result = Table(title=case.title, title_justify="left")
    result.add_column("library")
    result.add_column("setting")
    for heading in ("us a call", "spread", "credited", "times ours", "difference"):
        result.add_column(heading, justify="right")
    failures: dict[str, list[str]] = {}
    for measurement in measurements:
        who = measurement.contestant
        if measurement.rounds_us:
            median = measurement.quartiles_us[1]
            counted = median if who.empty else rest.get(who.family, {}).get(who.setting, median)
            relative = f"{counted / ours:.2f}" if ours and not who.empty else ""
            rebate = f"{counted:.3f}" if counted != median else ""
            figures = [f"{median:.3f}", f"{measurement.spread_us / median:.0%}", rebate, relative]
            figures.append(f"{measurement.difference:.1e}")
        else:
            figures = ["-"] * 5
            failures.setdefault(measurement.failure, []).append(who.title)
        setting = f"{who.setting}, empty call" if who.empty else who.setting
        result.add_row(who.family, setting, *figures, style="bold" if who.family == OURS else None)
    result.caption = escape("\n".join(f"{'; '.join(names)}: {failure}" for failure, names in failures.items())) or None
    result.caption_justify = "left"
    return result


def rates(measured: dict[str, float]) -> Table:
    """Return the table of what one core of this machine can do."""
    result = Table(title="One core of this machine", title_justify="left")
    for heading in ("", "here", "reference"):
        result.add_column(heading, justify="right" if heading else "left")
    for name, figure in measured.items():
        result.add_row(f"{name}: {machine.NAMES[name]}", f"{figure:.0f}", f"{machine.REFERENCE[name]:.0f}")
    return result


def summary(rows: Sequence[Row]) -> Table:
    """Return the table with a line for each case."""
    mean = geometric_mean(rows)
    result = Table(title="How many times as fast as the fastest peer", title_justify="left")
    result.add_column("network")
    for heading in ("ours, us", "fastest peer", "its us", "ratio", "to reach, us", "bound by"):
        result.add_column(heading, justify="right")
    for found in rows:
        peer = found["fastest_peer"]
        figures = (_figure(found["ours_us"], 3), peer or "-", _figure(found["peers_us"].get(peer), 3))
        goal, slower = found["goal_us"], found["ratio"] and found["ratio"] < 1
        missed = goal and found["ours_us"] and found["ours_us"] > goal
        style = "red" if slower else "yellow" if missed else None
        figures += (_figure(found["ratio"], 2), _figure(goal, 3), found["bound"] or "-")
        result.add_row(found["title"], *figures, style=style)
    result.add_section()
    result.add_row("geometric mean", "", "", "", _figure(mean, 2))
    result.caption = "red: slower than a peer; yellow: the time to reach, scaled to this machine, is missed"
    result.caption_justify = "left"
    return result


def _figure(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def markdown(rows: Sequence[Row]) -> str:
    """Return the table with a line for each case and a column for each library, in microseconds."""
    peers = list(dict.fromkeys(peer for found in rows for peer in found["peers_us"]))
    heads = ["network", OURS, *peers, "ratio to the fastest", "to reach", "bound by"]
    lines = [heads, ["---"] * len(heads)]
    for found in rows:
        figures = [found["ours_us"], *(found["peers_us"].get(peer) for peer in peers)]
        rest = [_figure(found["ratio"], 2), _significant(found["goal_us"]), found["bound"] or "-"]
        lines.append([found["title"], *map(_significant, figures), *rest])
    lines.append(["geometric mean", *[""] * (len(peers) + 1), _figure(geometric_mean(rows), 2), "", ""])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _significant(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}" if value < 100 else f"{value:.0f}"


def write(results: Row, folder: Path) -> None:
    """Write results.json, and of the cases results.md and results.png."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    if results["rows"]:
        (folder / "results.md").write_text(markdown(results["rows"]))
        draw(results["rows"], str(results["machine"]["cpu"]), folder / "results.png")


def draw(rows: Sequence[Row], subtitle: str, path: Path) -> None:
    """Draw a panel of bars for each case: ours by mode, peers at their best, cut off at four times ours; a line at the time to reach."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    columns = min(3, len(rows))
    lines = -(-len(rows) // columns)
    figure, axes = plt.subplots(lines, columns, figsize=(6 * columns, 3.2 * lines), squeeze=False, layout="constrained")
    for axis, found in zip(axes.flat, rows, strict=False):
        ours = {f"{OURS} {mode}": value for mode, value in found["ours_by_mode"].items()}
        peers = {f"{name}\n({found['best_settings'][name]})": value for name, value in found["peers_us"].items()}
        values = ours | peers
        limit = min([max(values.values(), default=1.0), *([4 * found["ours_us"]] if found["ours_us"] else [])])
        bars = axis.barh(list(values), [min(value, limit) for value in values.values()])
        for bar, (name, value) in zip(bars, values.items(), strict=True):
            bar.set_color("tab:blue" if name in ours else "tab:gray")
            middle = bar.get_y() + bar.get_height() / 2
            axis.annotate(f" {_significant(value)}", (bar.get_width(), middle), va="center", fontsize=8)
        if found["goal_us"]:
            axis.axvline(found["goal_us"], color="tab:red", linestyle=":")
        axis.set(xlim=(0, 1.18 * limit), xlabel="µs a call (median, one thread)", title=found["title"])
        axis.invert_yaxis()
        axis.tick_params(axis="y", labelsize=7)
    for axis in list(axes.flat)[len(rows) :]:
        axis.remove()
    figure.suptitle(subtitle, fontsize=9)
    figure.savefig(path, dpi=110)
    plt.close(figure)
