"""What the benchmark has to say: a row of results.json for each case, tables for the terminal, a picture.

A row holds medians in microseconds a call: `ours_us`, which is `ours_by_mode["-O2"]`; `peers_us`, by family, each at its
best setting, and `peers_by_setting`; `ratio_to_fastest_peer`, how many times as fast as the fastest of them ours is.
Peers that are called from Python only are credited with the cost of an empty call as well (`credited_us`, less than what
a call from C++ would take, and `ratio_to_fastest_credited_peer`). `missing` names families without a figure.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from contestants import EMPTY_CALL, OURS
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from contestants import Contestant
    from networks import Case

OURS_MODE = "-O2"

Row = dict[str, Any]


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


def medians(measurements: Sequence[Measurement]) -> dict[str, dict[str, float]]:
    """Return the medians by family and setting; a family of which all settings failed is empty."""
    found: dict[str, dict[str, float]] = {measurement.contestant.family: {} for measurement in measurements}
    for measurement in measurements:
        if measurement.rounds_us:
            found[measurement.contestant.family][measurement.contestant.setting] = measurement.quartiles_us[1]
    return found


def credited(by_family: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return what is left of a family's best setting without the cost of an empty call in that setting."""
    result = {}
    for family, settings in by_family.items():
        empty = by_family.get(f"{family} {EMPTY_CALL}", {})
        rest = [max(0.0, settings[setting] - empty[setting]) for setting in settings if setting in empty]
        if rest:
            result[family] = min(rest)
    return result


def row(case: Case, measurements: Sequence[Measurement]) -> Row:
    """Return the case's row of results.json."""
    by_family = medians(measurements)
    ours_by_mode = by_family.get(OURS, {})
    ours = ours_by_mode.get(OURS_MODE)
    by_setting = {name: found for name, found in by_family.items() if name != OURS and not name.endswith(EMPTY_CALL)}
    peers = {name: min(found.values()) for name, found in by_setting.items() if found}
    credited_peers = credited(by_family)
    return {
        "network": case.network.name,
        "batch": case.batch,
        "ours_us": ours,
        "ours_by_mode": ours_by_mode,
        "peers_us": peers,
        "peers_by_setting": by_setting,
        "best_settings": {name: min(by_setting[name], key=by_setting[name].__getitem__) for name in peers},
        "fastest_peer": min(peers, key=peers.__getitem__) if peers else None,
        "ratio_to_fastest_peer": ratio(peers, ours),
        "credited_us": credited_peers,
        "ratio_to_fastest_credited_peer": ratio(peers | credited_peers, ours),
        "missing": [name for name, found in by_family.items() if not found],
        "contestants": [
            {
                "family": measurement.contestant.family,
                "setting": measurement.contestant.setting,
                "quartiles_us": measurement.quartiles_us if measurement.rounds_us else None,
                "difference": measurement.difference,
                "failure": measurement.failure or None,
            }
            for measurement in measurements
        ],
    }


def ratio(peers: dict[str, float], ours: float | None) -> float | None:
    """Return how many times as fast as the fastest peer ours is."""
    return min(peers.values()) / ours if peers and ours else None


def table(case: Case, measurements: Sequence[Measurement]) -> Table:
    """Return the table of one case: every contestant in every setting; the spread is the distance of the quartiles."""
    ours = medians(measurements).get(OURS, {}).get(OURS_MODE)
    result = Table(title=f"{case.network.name}, batch {case.batch}", title_justify="left")
    result.add_column("library")
    result.add_column("setting")
    for heading in ("us a call", "spread", "times ours", "difference"):
        result.add_column(heading, justify="right")
    failures: dict[str, list[str]] = {}
    for measurement in measurements:
        who = measurement.contestant
        if measurement.rounds_us:
            first, median, third = measurement.quartiles_us
            relative = f"{median / ours:.2f}" if ours else ""
            figures = [f"{median:.3f}", f"{(third - first) / median:.0%}", relative, f"{measurement.difference:.1e}"]
        else:
            figures = ["-"] * 4
            failures.setdefault(measurement.failure, []).append(f"{who.family}, {who.setting}")
        result.add_row(who.family, who.setting, *figures, style="bold" if who.family == OURS else None)
    result.caption = escape("\n".join(f"{'; '.join(names)}: {failure}" for failure, names in failures.items())) or None
    result.caption_justify = "left"
    return result


def summary(rows: Sequence[Row]) -> Table:
    """Return the table with a line for each case."""
    result = Table(title="How many times as fast as the fastest peer", title_justify="left")
    result.add_column("network")
    for heading in ("batch", "ours, us", "fastest peer", "its us", "ratio", "with empty calls credited"):
        result.add_column(heading, justify="right")
    for found in rows:
        peer = found["fastest_peer"]
        result.add_row(
            found["network"],
            str(found["batch"]),
            _figure(found["ours_us"], 3),
            peer or "-",
            _figure(found["peers_us"].get(peer), 3),
            _figure(found["ratio_to_fastest_peer"], 2),
            _figure(found["ratio_to_fastest_credited_peer"], 2),
        )
    return result


def _figure(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def write(results: Row, folder: Path) -> None:
    """Write results.json and results.png."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    draw(results["rows"], str(results["machine"]["cpu"]), folder / "results.png")


def draw(rows: Sequence[Row], subtitle: str, path: Path) -> None:
    """Draw a panel of bars for each case: ours by mode, peers at their best."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    columns = min(2, len(rows))
    lines = -(-len(rows) // columns)
    figure, axes = plt.subplots(lines, columns, figsize=(7 * columns, 3.8 * lines), squeeze=False, layout="constrained")
    for axis, found in zip(axes.flat, rows, strict=False):
        ours = {f"{OURS} {mode}": value for mode, value in found["ours_by_mode"].items()}
        peers = {f"{name}\n({found['best_settings'][name]})": value for name, value in found["peers_us"].items()}
        bars = axis.barh(list(ours | peers), list((ours | peers).values()))
        for bar, value in zip(bars, (ours | peers).values(), strict=True):
            bar.set_color("tab:blue" if value in ours.values() else "tab:gray")
            axis.annotate(f" {value:.4g}", (value, bar.get_y() + bar.get_height() / 2), va="center", fontsize=8)
        axis.set(
            xscale="log", xlabel="µs a call (median, one thread)", title=f"{found['network']}, batch {found['batch']}"
        )
        axis.margins(x=0.15)
        axis.invert_yaxis()
        axis.tick_params(axis="y", labelsize=7)
    for axis in list(axes.flat)[len(rows) :]:
        axis.remove()
    figure.suptitle(subtitle, fontsize=9)
    figure.savefig(path, dpi=120)
    plt.close(figure)
