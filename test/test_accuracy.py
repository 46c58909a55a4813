"""How accurate networks are beside PyTorch, and which results are equal to the bit (docs/numbers.md)."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pysofie
from pysofie import toolchain
from pysofie.errors import SofieError

pytestmark = pytest.mark.torch

torch = pytest.importorskip("torch")
sys.path.append(str(Path(__file__).parent / "benchmark"))

from accuracy import error_ratio
from networks import find

NOISE = 1.2
"""How much our root mean square may be above PyTorch's: of one network with other weights the ratio varies by 6 %."""


@pytest.mark.parametrize("name", ["wide", "cnn-3", "gru", "attention", "autoencoder"])
def test_errors_are_no_larger_than_those_of_pytorch(name: str) -> None:
    assert error_ratio(find(name)) < NOISE


@pytest.mark.parametrize("depth", [4096, "depth"])
def test_a_long_sum_is_made_of_shorter_ones(depth: int | str) -> None:
    """Of one row; adding up one by one, even in two chains, would err three times as much."""

    class Product(torch.nn.Module):
        def forward(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
            return x @ w

    random = np.random.default_rng(7)
    x, w = (random.uniform(0, 1, shape).astype(np.float32) for shape in ((1, 4096), (4096, 64)))
    traced = torch.jit.trace(Product(), (torch.from_numpy(x), torch.from_numpy(w)))
    with pysofie.compile(traced, [[1, depth], [depth, 64]], name="product") as session:
        exact = x.astype(np.float64) @ w.astype(np.float64)
        error = session(x, w) / exact - 1
    assert np.sqrt(np.mean(np.square(error))) < 2e-7


@pytest.mark.parametrize("cell", ["LSTM", "GRU", "RNN"])
@pytest.mark.parametrize("vector_bytes", [16, None])
def test_no_invalid_operation_where_lanes_are_unused(cell: str, vector_bytes: Any) -> None:
    """Jobs stop at one, by gSystem.SetFPEMask() or feenableexcept."""
    libm = ctypes.CDLL("libm.so.6")
    invalid = 1  # FE_INVALID of x86
    torch.manual_seed(5)
    network = getattr(torch.nn, cell)(3, 5).eval()
    x = np.random.default_rng(5).normal(size=(7, 2, 3)).astype(np.float32)
    with pysofie.compile(network, [[7, 2, 3]], name="lanes", vector_bytes=vector_bytes) as session:
        libm.feclearexcept(invalid)
        session(x)
        assert not libm.fetestexcept(invalid)


def test_equal_to_the_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """At a pinned width: with whatever flags, for clones, and where there is no FMA for any compiler."""
    layers = torch.nn.Sequential(torch.nn.Linear(70, 33), torch.nn.Tanh(), torch.nn.Linear(33, 5), torch.nn.Softmax(1))
    x = np.random.default_rng(1).normal(size=(11, 70)).astype(np.float32)

    def results(width: Any, backend: Any = "compiler") -> Any:
        with pysofie.compile(
            layers.eval(), [["batch", 70]], name="bits", backend=backend, vector_bytes=width
        ) as session:
            assert session.vector_bytes == width
            clone = session.clone()
            results = session(x)
            np.testing.assert_array_equal(results, clone(x))
            return results

    widest = toolchain.vector_bytes()
    narrow, wide = results(16), results(widest)
    np.testing.assert_array_equal(narrow, results(16, "cling"))
    monkeypatch.setenv("CXXFLAGS", "-O3 -march=native")
    if widest != 16:
        np.testing.assert_array_equal(wide, results(widest))
    np.testing.assert_allclose(narrow, wide, rtol=1e-5)
    with pytest.raises(SofieError, match="vector_bytes=24: the widths are 16, 32 and 64"):
        results(24)
