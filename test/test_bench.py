"""The benchmark's harness, by a short run of one peer: what it writes, not how fast anything is."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.torch, pytest.mark.onnx]

BENCH = Path(__file__).parent / "benchmark" / "bench.py"
NETWORK = "Higgs MLP 7-64-64-1"
SHORT = ("--network", NETWORK, "--batch", "1", "--rounds", "3", "--seconds", "0.001")


def bench(output: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCH), "--output", str(output), *words]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("onnxruntime")
    folder = tmp_path_factory.mktemp("bench")
    done = bench(folder, *SHORT, "--only", "onnxruntime")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "onnxruntime" in done.stdout
    return folder


def test_results_have_a_row_for_each_case(output: Path) -> None:
    results = json.loads((output / "results.json").read_text())
    assert {"cpu", "cores", "compiler", "packages"} <= results["machine"].keys()
    (row,) = results["rows"]
    assert (row["network"], row["batch"]) == (NETWORK, 1)
    assert row["ours_us"] is None
    assert row["ratio_to_fastest_peer"] is None
    assert row["missing"] == []
    assert row["fastest_peer"] == "onnxruntime"


def test_a_family_has_the_figure_of_its_best_setting(output: Path) -> None:
    (row,) = json.loads((output / "results.json").read_text())["rows"]
    settings = row["peers_by_setting"]["onnxruntime"]
    assert set(settings) == {"run", "IOBinding"}
    assert all(math.isfinite(figure) and figure > 0 for figure in settings.values())
    assert row["peers_us"] == {"onnxruntime": min(settings.values())}
    assert settings[row["best_settings"]["onnxruntime"]] == row["peers_us"]["onnxruntime"]
    assert row["credited_us"]["onnxruntime"] < row["peers_us"]["onnxruntime"]


def test_each_output_was_compared_with_pytorch(output: Path) -> None:
    (row,) = json.loads((output / "results.json").read_text())["rows"]
    assert len(row["contestants"]) == 4  # two settings, and the same with an identity model
    assert all(found["failure"] is None and found["difference"] <= 1e-5 for found in row["contestants"])


def test_a_picture_is_drawn(output: Path) -> None:
    assert (output / "results.png").read_bytes().startswith(b"\x89PNG")


def test_an_unknown_library_is_refused(tmp_path: Path) -> None:
    done = bench(tmp_path, "--only", "abacus")
    assert done.returncode == 2
    assert "abacus" in done.stderr
    assert not list(tmp_path.iterdir())
