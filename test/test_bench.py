"""The benchmark's harness, by a short run of one peer and by invented figures: what it writes, not how fast anything is."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.torch]

BENCH = Path(__file__).parent / "benchmark" / "bench.py"
sys.path.append(str(BENCH.parent))

import report
import sections
from bench import arguments, calls_for
from machine import REFERENCE, scaled
from networks import CASES
from ours import NATIVE, PORTABLE
from probe import QUESTIONS
from report import Measurement
from rich.console import Console
from tools import Contestant

SHORT = ("--only", "mlp", "--sections", "speed", "--rounds", "3", "--seconds", "0.001")


def bench(output: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCH), "--output", str(output), *words]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    done = bench(folder, *SHORT, "--no-ours", "--peers", "eager")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PyTorch eager" in done.stdout
    return folder


def test_results_have_a_row_for_each_case(output: Path) -> None:
    results = json.loads((output / "results.json").read_text())
    assert {"cpu", "cores", "compiler", "packages", "rates"} <= results["machine"].keys()
    assert all(figure > 0 for figure in results["machine"]["rates"].values())
    (row,) = results["rows"]
    assert (row["case"], row["batch"]) == ("mlp", 1)
    assert row["ours_us"] is None
    assert row["ratio"] is None
    assert row["missing"] == []
    assert row["fastest_peer"] == "PyTorch eager"


def test_a_family_has_the_figure_of_its_best_setting(output: Path) -> None:
    (row,) = json.loads((output / "results.json").read_text())["rows"]
    settings = row["peers_by_setting"]["PyTorch eager"]
    assert all(math.isfinite(figure) and figure > 0 for figure in settings.values())
    assert row["empty_calls_us"]["PyTorch eager"].keys() == settings.keys()
    assert 0 < row["peers_us"]["PyTorch eager"] < min(settings.values())
    assert row["best_settings"]["PyTorch eager"] in settings


def test_each_output_was_compared_with_the_framework(output: Path) -> None:
    (row,) = json.loads((output / "results.json").read_text())["rows"]
    assert len(row["contestants"]) == 2  # the network, and an identity
    assert all(found["failure"] is None and found["difference"] <= 1e-5 for found in row["contestants"])


def test_a_picture_is_drawn(output: Path) -> None:
    assert (output / "results.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("option", ["--only", "--peers", "--sections"])
def test_what_is_unknown_is_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments([option, "abacus"])
    assert "choose from" in capsys.readouterr().err


def test_cases_and_peers_are_chosen_by_name() -> None:
    wanted = arguments(["--quick", "--only", "mlp*,lstm", "--peers", "onnxruntime,eager"])
    assert [case.name for case in wanted.cases] == ["mlp", "mlp-64", "lstm"]
    assert {who.family for who in wanted.contestants} == {"pysofie", "onnxruntime", "PyTorch eager"}
    assert {who.family for who in arguments(["--peers", "none"]).contestants} == {"pysofie"}


def test_a_quick_look_is_at_speed_alone() -> None:
    assert arguments(["--quick"]).sections == ["speed"]
    assert arguments(["--quick", "--sections", "cost,growth"]).sections == ["cost", "growth"]
    assert arguments([]).sections == list(sections.SECTIONS)


@pytest.mark.parametrize(("of_a_call", "calls"), [(2.0, 10), (0.02, 61)])
def test_a_round_takes_its_time_and_ten_calls_at_least(of_a_call: float, calls: int) -> None:
    program: Any = lambda calls: calls * of_a_call
    assert calls_for(1.0, program) == calls


def test_compilations_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    modes = {NATIVE.setting: 2.0, PORTABLE.setting: 2.5, "cling": 3.0, "python": 3.25}
    Console(width=200).print(sections.calls([{"title": "net", "ours_us": 2.0, "ours_by_mode": modes}]))
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "net " in line)
    assert [word for word in line.split() if word[0].isdigit()] == ["2.000", "2.500", "3.000", "1.50", "3.250", "1.25"]


def test_probes_answer_what_sections_ask() -> None:
    asked = re.findall(r'probe\("(\w+)"', (BENCH.parent / "sections.py").read_text())
    assert asked
    assert set(asked) == QUESTIONS.keys()


def measurement(figure: float, **words: Any) -> Measurement:
    """What three rounds that agree would give."""
    return Measurement(Contestant(**words), rounds_us=[figure] * 3)


def test_an_empty_call_is_credited_to_its_own_setting() -> None:
    found = [
        Measurement(NATIVE, rounds_us=[2.0, 2.0, 2.0]),
        measurement(9.0, family="abacus", setting="slow"),
        measurement(5.0, family="abacus", setting="run"),
        measurement(1.0, family="abacus", setting="run", empty=True),
        measurement(6.0, family="slide rule", setting="run"),
    ]
    row = report.row(CASES[0], found, REFERENCE)
    assert row["peers_us"] == {"abacus": 4.0, "slide rule": 6.0}
    assert (row["fastest_peer"], row["ratio"]) == ("abacus", 2.0)
    assert "| MLP 7-64-64-1 | 2 | 4 | 6 | 2.00 | 0.11 | l1 |" in report.markdown([row])
    assert report.geometric_mean([row, row | {"ratio": 8.0}, row | {"ratio": None}]) == pytest.approx(4)


def test_a_time_to_reach_is_scaled_by_what_bounds_the_network() -> None:
    here = REFERENCE | {"l1": 2 * REFERENCE["l1"]}
    assert scaled(5.0, "l1", here) == 2.5
    assert scaled(5.0, "fma", here) == 5.0
    assert scaled(5.0, "l1+fma", here) == 3.75
    assert all(scaled(case.goal_us, case.bound, REFERENCE) == case.goal_us for case in CASES if case.goal_us)


def test_a_credit_leaves_no_less_than_the_spread() -> None:
    abacus = Measurement(Contestant(family="abacus", setting="run"), rounds_us=[1.0, 1.1, 1.2])
    empty = measurement(1.1, family="abacus", setting="run", empty=True)
    assert report.credited([abacus, empty])["abacus"]["run"] == pytest.approx(0.1)


def test_a_library_without_a_figure_is_told() -> None:
    abacus = Measurement(Contestant(family="abacus", setting="run"), failure="it has no beads")
    row = report.row(CASES[0], [abacus], REFERENCE)
    assert (row["missing"], row["fastest_peer"], row["ratio"]) == (["abacus"], None, None)
    assert "no beads" in str(report.table(CASES[0], [abacus]).caption)
