"""Small networks whose graphs are unlike a chain of layers, at several sizes, against PyTorch in double precision."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import pysofie

pytestmark = pytest.mark.torch


class ReturnsItsInput(nn.Module):
    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return x, x + 1


class ReturnsOneTensorTwice(nn.Module):
    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        y = torch.relu(x)
        return y, y


class IgnoresAnInput(nn.Module):
    def forward(self, x: torch.Tensor, z: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        return torch.relu(x) * w


class ReturnsAWeight(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.randn(2, 3))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.w, x @ self.w


class ReturnsViews(nn.Module):
    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        y = torch.relu(x)
        return y.reshape(-1), y.transpose(0, 1), y


class Residual(nn.Module):
    """Tensors that are read again after others have come and gone."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Linear(6, 6)
        self.b = nn.Linear(6, 6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.a(x)
        return self.b(torch.tanh(y)) + y + x


class Totals(nn.Module):
    """Over the batch, which then cannot be cut into blocks of rows."""

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return x.mean(), x.mean(0)


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.q = nn.Linear(6, 4)
        self.k = nn.Linear(6, 4)
        self.v = nn.Linear(6, 6)
        self.norm = nn.LayerNorm(6)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores = torch.softmax(self.q(x) @ self.k(x).transpose(1, 2) / 2, -1)
        return self.norm(scores @ self.v(x) + x).mean(1)


def convolutions() -> nn.Module:
    return nn.Sequential(nn.Conv1d(2, 3, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.MaxPool1d(2), nn.Conv1d(3, 4, 2))


NETWORKS: list[tuple[Callable[[], nn.Module], list[list[int | str]]]] = [
    (ReturnsItsInput, [[4, 2]]),
    (ReturnsItsInput, [["n", 2]]),
    (ReturnsOneTensorTwice, [[4, 2]]),
    (IgnoresAnInput, [[4, 2], [3, 5], [4, 2]]),
    (ReturnsAWeight, [[4, 2]]),
    (ReturnsViews, [[4, 2]]),
    (Residual, [[5, 6]]),
    (Residual, [["n", 6]]),
    (Totals, [["n", 6]]),
    (Attention, [[2, 5, 6]]),
    (Attention, [["n", 5, 6]]),
    (Attention, [["n", "length", 6]]),
    (convolutions, [["n", 2, 13]]),
    (convolutions, [["n", 2, "length"]]),
]
SIZES = (3, 70, 1)


@pytest.mark.parametrize(("make", "shapes"), NETWORKS, ids=lambda one: getattr(one, "__name__", str(one)))
def test_network(save_torch: Any, rng: np.random.Generator, make: Any, shapes: list[list[int | str]]) -> None:
    torch.manual_seed(7)
    module = make().eval()
    path: Path = save_torch(module)
    exact = copy.deepcopy(module).double()
    with pysofie.compile(path, shapes) as session:
        for size in SIZES:
            named = {"n": size, "length": size + 9}
            arrays = [
                rng.normal(size=[dim if isinstance(dim, int) else named[dim] for dim in shape]).astype(np.float32)
                for shape in shapes
            ]
            result = session(*arrays)
            with torch.no_grad():
                expected = exact(*(torch.from_numpy(array).double() for array in arrays))
            results = result if isinstance(result, tuple) else (result,)
            references = expected if isinstance(expected, tuple) else (expected,)
            for ours, reference in zip(results, references, strict=True):
                target = reference.detach().numpy()
                assert ours.shape == target.shape
                assert np.max(np.abs(ours - target) / np.maximum(1, np.abs(target)), initial=0) <= 1e-6
