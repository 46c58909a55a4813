"""A small dense model, built tensor by tensor as a ROOT macro does, for tests of what uses a generated header."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie import provider

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt


def weights(n: int, seed: int) -> npt.NDArray[np.float32]:
    """The model's weights: n of them and the bias."""
    return np.random.default_rng(seed).normal(size=n + 1).astype(np.float32)


def expected(x: npt.NDArray[np.floating], seed: int) -> npt.NDArray[np.float64]:
    """What the model computes for rows of x."""
    w = weights(x.shape[-1], seed).astype(np.float64)
    return x.astype(np.float64) @ w[:-1] + w[-1]


def write_dense(
    folder: Path, name: str, *, batch: int | str = "batch", n: int = 3, seed: int = 1, options: str = "kDefault"
) -> Path:
    """Write the header of a model with one input (batch, n) and one output (batch, 1), and its weights."""
    provider.load_core()
    ROOT: Any = provider.root()
    ROOT.gInterpreter.Declare('#include "TMVA/RModel.hxx"\n#include "TMVA/ROperator_Gemm.hxx"')
    sofie = ROOT.TMVA.Experimental.SOFIE
    model = sofie.RModel(name, "today")
    model.AddInputTensorInfo("x", sofie.ETensorType.FLOAT, ROOT.std.vector[sofie.Dim]([sofie.Dim(batch), sofie.Dim(n)]))
    values = weights(n, seed)
    model.AddInitializedTensor["float"]("w", ROOT.std.vector["size_t"]([n, 1]), values[:-1].copy())
    model.AddInitializedTensor["float"]("b", ROOT.std.vector["size_t"]([1]), values[-1:].copy())
    gemm = sofie.ROperator_Gemm["float"]
    model.AddOperator(ROOT.std.make_unique[gemm](1.0, 1.0, 0, 0, "x", "w", "b", "y"))
    model.AddInputTensorName("x")
    model.AddOutputTensorNameList(ROOT.std.vector["string"](["y"]))
    model.Initialize()
    model.Generate(getattr(sofie.Options, options))
    path = folder / f"{name}.hxx"
    model.OutputGenerated(str(path))
    return path
