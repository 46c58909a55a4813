"""Every tutorial runs by itself, from any folder, and leaves nothing behind; the demo's figures are what they should be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pysofie import config

FOLDER = Path(__file__).parents[1] / "tutorials"
DEMO = FOLDER / "demo.py"
TUTORIALS = sorted(path for path in FOLDER.iterdir() if path.suffix in {".py", ".C"} and path != DEMO)
BEFORE = {"sofie_header.C": ("sofie_pytorch.py", "--keep")}
"""Tutorials that go on where another one has ended."""

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(config.library_dir() is None, reason="pysofie is installed without a core of its own"),
]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A shell's after `eval "$(pysofie env)"`, without a screen."""
    before = os.environ | {
        "PYTHONWARNINGS": "ignore",
        "MPLBACKEND": "agg",
        "TF_ENABLE_ONEDNN_OPTS": "0",  # or TensorFlow speaks of round-off errors, which are none
    }
    before.pop("DISPLAY", None)
    before["PATH"] = f"{Path(sys.executable).parent}:{before['PATH']}"
    before["PYSOFIE_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))
    return before | config.shell_environment()


def run(environment: dict[str, str], folder: Path, tutorial: Path, *arguments: str) -> str:
    command = ["root", "-l", "-b", "-q"] if tutorial.suffix == ".C" else [sys.executable]
    answer = subprocess.run(
        [*command, str(tutorial), *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "rror" not in answer.stderr, answer.stderr  # ROOT ends with 0 where a macro throws
    return answer.stdout


@pytest.mark.slow
@pytest.mark.parametrize("tutorial", TUTORIALS, ids=[path.name for path in TUTORIALS])
def test_a_tutorial_runs_and_cleans_up(tutorial: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    if first := BEFORE.get(tutorial.name):
        run(environment, tmp_path, FOLDER / first[0], *first[1:])
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert run(environment, tmp_path, tutorial)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("tutorial", [*TUTORIALS, DEMO], ids=lambda path: path.name)
def test_a_tutorial_has_the_head_that_root_expects(tutorial: Path) -> None:
    mark = "/// " if tutorial.suffix == ".C" else "### "
    head = [line.removeprefix(mark) for line in tutorial.read_text().splitlines() if line.startswith(mark)]
    assert head[:3] == [r"\file", r"\ingroup tutorial_ml", r"\notebook -nodraw"]
    assert head[-3:] == [r"\macro_code", r"\macro_output", r"\author The pysofie authors"]


@pytest.mark.slow
def test_the_demo(tmp_path: Path, environment: dict[str, str]) -> None:
    output = tmp_path / "the results"

    def demo() -> tuple[str, dict[str, Any]]:
        text = run(environment, tmp_path, DEMO, "--output", "the results", "--epochs", "2", "--threads", "2")
        return text, json.loads((output / "report.json").read_text())

    text, report = demo()
    assert report["events"] == 20000
    assert report["max_abs_difference"] <= 1e-6
    assert report["max_abs_difference_loop"] <= 1e-6
    assert report["slots"] == report["threads"] == 2
    assert report["auc"] == pytest.approx(report["auc_pytorch"], abs=1e-6)
    assert 0.6 < report["auc"] < 0.9
    assert all(report[name] > 0 for name in report if name.startswith("ns_per_event"))
    assert str(output) in text
    assert report["keras"]["max_abs_difference"] <= 1e-6
    assert report["keras"]["auc"] == pytest.approx(report["keras"]["auc_keras"], abs=1e-6)
    assert 0.6 < report["keras"]["auc"] < 0.9
    assert {path.name for path in output.iterdir()} == {
        *report["files"],
        "report.json",
        "Higgs.json",
        "HiggsKeras.json",
    }
    assert all((output / name).stat().st_size > 0 for name in report["files"])
    assert [path.name for path in tmp_path.iterdir()] == ["the results"]

    trained = (output / "Higgs.pt").read_bytes()
    header = (output / "Higgs.hxx").read_bytes()
    text, again = demo()
    assert (output / "Higgs.pt").read_bytes() == trained
    assert (output / "Higgs.hxx").read_bytes() == header
    assert "as it was" in text
    assert again["max_abs_difference"] == report["max_abs_difference"]
    assert again["auc"] == report["auc"]


def test_the_demo_says_that_it_has_no_data(tmp_path: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, str(DEMO), "--data", "nowhere.root"]
    answer = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stderr.strip().endswith("give the file with --data")
    assert "Traceback" not in answer.stderr
    assert not list(tmp_path.iterdir())
