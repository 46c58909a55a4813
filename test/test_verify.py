"""The original and its translation on the same numbers: what is found, and what is said."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pysofie
from handwritten import Handwritten, affine, tensor
from pysofie.errors import SofieError
from pysofie.reference import reference
from pysofie.session import compile as compile_model
from pysofie.verification import SIZES, VerificationError, verify

Save = Callable[..., Path]


@pytest.fixture(autouse=True, scope="module")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSOFIE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


def affine_module(factor: float) -> Any:
    """PyTorch's version of the header `affine`."""
    import torch

    class Affine(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("column", torch.arange(7, dtype=torch.float32))
            self.factor = factor

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.factor * x + self.column

    return Affine()


@pytest.mark.parametrize(
    ("factor", "tolerances", "ok"),
    [(2.0, {}, True), (2.001, {}, False), (2.001, {"rtol": 0.01}, True), (2.0, {"atol": 0, "rtol": 0}, True)],
)
def test_a_difference_is_found(save_torch: Save, tmp_path: Path, factor: float, tolerances: Any, ok: bool) -> None:
    path = save_torch(affine_module(factor))
    report = verify(path, session=compile_model(affine(2).write(tmp_path)), **tolerances)
    assert report.ok is ok
    assert [dims["batch"] for dims in report.dims] == list(SIZES)
    (output,) = report.outputs
    assert output.values == 4 * 7 * sum(SIZES)
    assert output.max_absolute == pytest.approx((factor - 2) * 3, rel=0.5, abs=1e-12)
    if not ok:
        with pytest.raises(VerificationError, match=r"Affine differs from its original:\n(.*\n)*.*different"):
            report.check()


def test_the_report_prints_as_a_table(save_torch: Save, tmp_path: Path) -> None:
    report = verify(save_torch(affine_module(2)), session=compile_model(affine(2).write(tmp_path)))
    lines = str(report).splitlines()
    assert "Affine: pysofie (compiler) and PyTorch" in lines[0]
    assert lines != ["y", "3.15e+03", "equal"]
    assert any("y" in line and "2100" in line and "equal" in line for line in lines)


def test_seeds(save_torch: Save, tmp_path: Path) -> None:
    path, session = save_torch(affine_module(2.01)), compile_model(affine(2).write(tmp_path))
    one, same, other = (verify(path, session=session, seed=seed).outputs for seed in (1, 1, 2))
    assert one == same
    assert one != other


@pytest.mark.parametrize(
    ("kind", "ours", "ok"), [("nan", "quiet_NaN", True), ("inf", "infinity", True), ("inf", "quiet_NaN", False)]
)
def test_what_is_no_number(save_torch: Save, tmp_path: Path, kind: str, ours: str, ok: bool) -> None:
    import torch

    class Constant(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.value = float(kind)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.full_like(x, self.value)

    header = Handwritten(
        "Constant",
        [tensor("x", "float", 2)],
        [tensor("y", "float", 2)],
        f"(void)x; y[0] = y[1] = std::numeric_limits<float>::{ours}();",
    )
    assert verify(save_torch(Constant()), session=compile_model(header.write(tmp_path))).ok is ok


def test_other_shapes_and_counts_are_refused(save_torch: Save, tmp_path: Path) -> None:
    import torch

    class Sum(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.sum(1)

    class Two(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return x, x

    session = compile_model(affine(2).write(tmp_path))
    with pytest.raises(VerificationError, match=r"output 'y' is float32\[1, 7\], and float32\[1\] in the original"):
        verify(save_torch(Sum()), session=session)
    with pytest.raises(VerificationError, match="the original has 2 outputs, its translation 1"):
        verify(save_torch(Two()), session=session)


def test_sizes_that_the_original_refuses_are_not_tried(save_torch: Save, tmp_path: Path) -> None:
    import torch

    class Picky(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            assert x.shape[0] > 3
            return 2 * x + torch.arange(7, dtype=torch.float32)

    report = verify(save_torch(Picky()), session=compile_model(affine(2).write(tmp_path)))
    assert report.ok
    assert [dims["batch"] for dims in report.dims] == [size for size in SIZES if size > 3]


def test_an_original_that_never_runs(save_torch: Save, tmp_path: Path) -> None:
    import torch

    with pytest.raises(VerificationError, match="the original does not run: "):
        verify(save_torch(torch.nn.Linear(6, 7)), session=compile_model(affine(2).write(tmp_path)))


def test_no_original(tmp_path: Path) -> None:
    header = affine(2).write(tmp_path)
    session = compile_model(header)

    class RModel:
        OutputGenerated = None

    for source, message in [
        (
            header,
            r"^\S*Affine\.hxx is a header and does not hold the original: give the model's file to verify, .*session=",
        ),
        (session, "^a Session does not hold the original: give the model's file"),
        (RModel(), "^an RModel does not hold the original"),
        (
            tmp_path / "model.hx",
            r"model\.hx: an original with the suffix '\.hx' cannot be run, .* files with \.h5, \.hdf5, \.jit, \.keras, \.onnx, \.pt, ",
        ),
        (3, "^an original of type int cannot be run"),
    ]:
        for options in ({}, {"session": session}):
            with pytest.raises(SofieError, match=message):
                verify(source, **options)


def test_an_original_that_is_no_model(tmp_path: Path) -> None:
    session = compile_model(affine(2).write(tmp_path))
    for name in ("model.pt", "model.onnx"):
        (tmp_path / name).write_text("no model")
        with pytest.raises(SofieError, match=rf"{name} is no (TorchScript file|ONNX model)"):
            verify(tmp_path / name, session=session)


@pytest.mark.parametrize("with_onnxruntime", [True, False])
def test_onnx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_onnxruntime: bool) -> None:
    import onnx.parser

    model = onnx.parser.parse_model(
        '<ir_version: 9, opset_import: ["" : 17]> affine (float[batch, 7] x, float[batch, 7] z) => (float[batch, 7] y, '
        "float[batch, 7] w) { y = Sub(x, z) w = Add(x, z) }"
    )
    onnx.save(model, tmp_path / "model.onnx")
    if not with_onnxruntime:
        find_spec = importlib.util.find_spec
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "onnxruntime" else find_spec(name))
    assert verify(model).ok
    title, run = reference(tmp_path / "model.onnx")
    assert title.startswith("onnxruntime" if with_onnxruntime else "onnx ")
    x, z = np.ones((2, 7), np.float32), np.full((2, 7), 3, np.float32)
    np.testing.assert_array_equal(run([x, z]), [x - z, x + z])


def test_public_name() -> None:
    assert pysofie.verify is verify
