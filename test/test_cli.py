"""The command, as a user types it."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import pysofie
from handwritten import Handwritten, affine, tensor
from pysofie import config
from pysofie.cli import main

Save = Callable[..., Path]


@pytest.fixture(autouse=True, scope="module")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSOFIE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("COLUMNS", "150")
        yield


def run(*arguments: Any, fails: int = 0) -> Any:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == fails, result.output + str(result.exception)
    return result


def higgs() -> Any:
    import torch

    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(7, 9), torch.nn.ReLU(), torch.nn.Linear(9, 1), torch.nn.Sigmoid())


@pytest.mark.parametrize("command", ["parse", "convert"])
@pytest.mark.parametrize(
    ("weights", "files"),
    [(None, {"model.hxx", "model.dat"}), ("binary", {"model.hxx", "model.sofie"}), ("inline", {"model.hxx"})],
)
def test_parse(save_torch: Save, tmp_path: Path, command: str, weights: str | None, files: set[str]) -> None:
    import torch

    path, output = save_torch(higgs()), tmp_path / "new" / "folder"
    result = run(command, path, "--shape", "batch,7", "-o", output, *(["--weights", weights] if weights else []))
    assert {file.name for file in output.iterdir()} == files
    assert "equal" in result.output
    assert all(f"wrote {output / file}" in result.output.replace("\n", "") for file in files)
    x = np.random.default_rng(3).normal(size=(5, 7)).astype(np.float32)
    expected = higgs()(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(pysofie.compile(output / "model.hxx")(x), expected, rtol=1e-6)


def test_parse_without_verification(save_torch: Save, tmp_path: Path) -> None:
    result = run("parse", save_torch(higgs()), "-s", "1,7", "-o", tmp_path, "--name", "Higgs", "--no-verify")
    assert "equal" not in result.output
    assert (tmp_path / "Higgs.hxx").exists()


def test_parse_with_rounded_weights(save_torch: Save, tmp_path: Path) -> None:
    pairs = "Kernel::Buffer<uint32_t>"
    run("parse", save_torch(higgs()), "-s", "1,7", "-o", tmp_path)
    assert pairs not in (tmp_path / "model.hxx").read_text()
    result = run("parse", save_torch(higgs()), "-s", "1,7", "-o", tmp_path, "--weight-type", "bfloat16")
    assert "different" in result.output
    assert pairs in (tmp_path / "model.hxx").read_text()


def test_files_are_replaced(save_torch: Save, tmp_path: Path) -> None:
    (tmp_path / "model.hxx").write_text("old")
    run("parse", save_torch(higgs()), "-s", "1,7", "-o", tmp_path)
    assert "namespace TMVA_SOFIE_model" in (tmp_path / "model.hxx").read_text()


def test_nothing_is_written_after_an_error(save_torch: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    output = tmp_path / "output"
    output.mkdir()
    (output / "model.hxx").write_text("old")
    monkeypatch.setattr("pysofie.verification.TOLERANCES", {"float32": (-1.0, 0.0)})
    result = run("parse", save_torch(higgs()), "-s", "1,7", "-o", output, fails=1)
    assert "model differs from its original" in result.output
    assert [(file.name, file.read_text()) for file in output.iterdir()] == [("model.hxx", "old")]
    run("parse", tmp_path / "model.pt", "-s", "1,7", "-o", tmp_path / "new", fails=1)
    assert not (tmp_path / "new").exists()


def test_output_folder_that_cannot_be(save_torch: Save, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = save_torch(higgs())
    for folder, reason in ((tmp_path / "file", "it is a file"), (tmp_path / "file" / "folder", "Not a directory")):
        result = run("parse", path, "-s", "1,7", "-o", folder, fails=1)
        assert result.output.strip() == f"error: cannot write into the folder {folder}: {reason}"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.pt", "-s", "1,7"], "nowhere.pt not found"),
        (["text.pt", "-s", "1,7"], "text.pt is no TorchScript file"),
        (["[red]text[/].pt", "-s", "1,7"], r"Model file [red]text[/].pt not found"),
        (["text.pt", "-s", "0,7"], "size 0"),
        (["text.pt", "-s", "1.5,7"], "'1.5' is neither a size nor a name"),
        (["text.xyz"], "the suffix '.xyz'"),
    ],
)
def test_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("text.pt", "text.xyz"):
        Path(name).write_text("no model")
    for command in ("parse", "verify"):
        result = run(command, *arguments, fails=1)
        assert result.output.startswith("error: ")
        assert message in result.output
    assert {file.name for file in tmp_path.iterdir()} == {"text.pt", "text.xyz"}


def test_verify(save_torch: Save) -> None:
    assert "equal" in run("verify", save_torch(higgs()), "--shape", "batch,7").output
    assert "different" in run("verify", save_torch(higgs()), "-s", "1,7", "--atol", "-1", "--rtol", "0", fails=1).output


def test_verify_a_header(save_torch: Save, tmp_path: Path) -> None:
    import torch

    class Affine(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return 2 * x + torch.arange(7, dtype=torch.float32)

    path = save_torch(Affine())
    assert "equal" in run("verify", path, "--header", affine(2).write(tmp_path)).output
    assert "different" in run("verify", path, "--header", affine(3).write(tmp_path), fails=1).output


def test_names_are_no_markup(save_torch: Save, tmp_path: Path) -> None:
    import torch

    header = Handwritten(
        "Same", [tensor("x", "float", 1)], [tensor("y", "float", 1, origin="[red]y[/]")], "y[0] = x[0];"
    )
    result = run("verify", save_torch(torch.nn.Identity()), "--header", header.write(tmp_path))
    assert "[red]y[/]" in result.output


def test_supported() -> None:
    output = run("supported").output
    assert re.search(r"Gemm +│ \d+\+", output)
    assert len(output.splitlines()) >= len(pysofie.supported())


def test_env(tmp_path: Path) -> None:
    text = run("env").output
    assert text == config.shell_setup()
    script = text + '\nprintf "%s" "${CMAKE_PREFIX_PATH-}"'
    shell = subprocess.run(
        ["/bin/sh", "-euc", script], capture_output=True, text=True, check=True, env={"PATH": str(tmp_path)}
    )
    assert shell.stdout == config.shell_environment().get("CMAKE_PREFIX_PATH", "")


def test_python_m() -> None:
    result = subprocess.run([sys.executable, "-m", "pysofie", "--help"], capture_output=True, text=True, check=True)
    assert all(command in result.stdout for command in ("parse", "verify", "supported", "env"))


def test_read_only_folder(save_torch: Save, tmp_path: Path) -> None:
    folder = tmp_path / "read only"
    folder.mkdir()
    path = save_torch(higgs())
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        (folder / "probe").touch()
    except OSError:
        assert "Permission denied" in run("parse", path, "-s", "1,7", "-o", folder, fails=1).output
    else:
        pytest.skip("this user may write anywhere")
    finally:
        folder.chmod(stat.S_IRWXU)
