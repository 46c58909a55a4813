"""Small networks whose graphs are unlike a chain of layers, at several sizes, against PyTorch in double precision."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import pysofie
from pysofie import builder, provider
from pysofie.graph import Graph, Node, TensorInfo
from pysofie.parsing import prepare

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


class Sums(nn.Module):
    """Products plus what is there before, what comes later, what broadcasts, and what is read twice."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.one = nn.Linear(6, 10), nn.Linear(6, 10), nn.Linear(6, 1)
        self.c = nn.Linear(10, 10, bias=False)
        self.table, self.many, self.vector = (nn.Parameter(torch.randn(*shape)) for shape in ((4, 10), (17, 3), (3,)))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        row = x.reshape(-1, 1, 24)[..., :17]
        dots = (x[..., :3].unsqueeze(2) * self.many) @ self.vector + row
        later = self.a(x) + self.b(x)
        y = torch.relu(self.c(later) + later)
        z = self.c(y) + y.mean(1, keepdim=True)
        scores = y @ z.transpose(1, 2)
        scores = scores + z @ y.transpose(1, 2)
        twice = self.c(z)
        return twice + twice, self.c(y) + self.table, self.one(x) + x[..., :1], scores + scores.transpose(1, 2), dots


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


class Images(nn.Module):
    """Convolutions between what takes their channels last, and what does not; in one to three dimensions."""

    def __init__(self, rank: int) -> None:
        super().__init__()
        conv = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[rank - 1]
        self.norm = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[rank - 1](20)
        nn.init.normal_(self.norm.running_mean)
        nn.init.uniform_(self.norm.running_var, 0.5, 2)
        self.largest = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)[rank - 1](3, 2, 1)
        self.average = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)[rank - 1](2, 1, 1)
        self.first, self.down, self.shortcut = conv(3, 12, 3, padding=1), conv(12, 20, 3, 2, 1), conv(12, 20, 1, 2)
        self.apart, self.squeeze = conv(20, 20, 5, padding=4, dilation=2, groups=20, bias=False), conv(20, 20, 1)
        self.scale = nn.Parameter(torch.rand(1, 20, *[1] * rank))
        self.last = conv(20, 2, 1)
        self.spatial = list(range(2, 2 + rank))

    def forward(
        self, x: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        x = self.largest(torch.relu(self.first(x)))
        y = torch.relu(self.norm(self.down(x) + self.shortcut(x)))
        y = self.apart(y) * self.scale + y
        y = y * torch.sigmoid(self.squeeze(y.mean(self.spatial, keepdim=True)))
        z = self.average(y)
        channels = z.mean((1, 2)), z.mean((1, -1), keepdim=True)
        return self.last(z), x, torch.cat([y, y * 2], 1), z.mean(-1), z.amax(2, keepdim=True), channels[0], channels[1]


class Flattened(nn.Module):
    """Images with their channels last as rows of products, and as what needs the channels in front."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.more = nn.Conv2d(2, 12, 3), nn.Conv2d(12, 9, (3, 2))
        self.a, self.b = nn.Linear(12 * 5 * 4, 7), nn.Linear(9 * 3 * 3, 17, bias=False)
        self.c = nn.Parameter(torch.randn(9 * 3 * 3, 3) / 9)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        x = torch.relu(self.conv(x))
        y = self.more(x)
        return self.a(x.flatten(1)), self.b(y.flatten(1)), y.reshape(y.shape[0], -1) @ self.c, y.flatten(1).cumsum(1)


class Upward(nn.Module):
    """Transposed convolutions between what has its channels last, and what has not."""

    def __init__(self, rank: int) -> None:
        super().__init__()
        conv = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[rank - 1]
        turned = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)[rank - 1]
        self.first = conv(3, 10, 3, 2, 1)
        self.wide = turned(10, 12, 3, 2, 1, output_padding=1)
        self.far = turned(12, 9, 2, dilation=2, bias=False)
        self.groups, self.one = turned(9, 6, 2, groups=3), turned(9, 1, 4, 3)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        y = torch.relu(self.far(torch.relu(self.wide(self.first(x)))))
        return self.one(y), self.groups(y)


class Edges(nn.Module):
    """Layers of nodes beside their nearest neighbours, of all pairs of nodes, and of what all nodes share."""

    def __init__(self) -> None:
        super().__init__()
        self.near, self.more = nn.Conv2d(6, 17, 1), nn.Conv2d(17, 9, 1, bias=False)
        self.pairs, self.narrow = nn.Linear(6, 20), nn.Linear(6, 3)
        self.shared = nn.Linear(20 + 3, 18, bias=False)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        nodes = x.size(2)
        index = ((x.unsqueeze(3) - x.unsqueeze(2)) ** 2).sum(1).topk(5, -1, largest=False)[1]
        index = index.reshape(-1, 1, nodes * 5).expand(-1, 3, -1)
        near = torch.gather(x, 2, index).reshape(-1, 3, nodes, 5)
        own = x.unsqueeze(3).expand(-1, -1, -1, 5)
        near = self.more(torch.relu(self.near(torch.cat([own, near - own], 1)))).mean(3)
        rows = x.transpose(1, 2)
        left, right = rows.unsqueeze(2).expand(-1, -1, nodes, -1), rows.unsqueeze(1).expand(-1, nodes, -1, -1)
        pairs = torch.cat([left, right], 3)
        total = torch.relu(self.pairs(pairs)).mean(2)
        mean = total.mean(1, keepdim=True).expand(-1, nodes, -1)
        return near, self.narrow(pairs), torch.relu(self.shared(torch.cat([mean, rows], 2)) + 1)


NETWORKS: list[tuple[Callable[[], nn.Module], list[list[int | str]]]] = [
    (ReturnsItsInput, [[4, 2]]),
    (ReturnsItsInput, [["n", 2]]),
    (ReturnsOneTensorTwice, [[4, 2]]),
    (IgnoresAnInput, [[4, 2], [3, 5], [4, 2]]),
    (ReturnsAWeight, [[4, 2]]),
    (ReturnsViews, [[4, 2]]),
    (Residual, [[5, 6]]),
    (Residual, [["n", 6]]),
    (Sums, [[3, 4, 6]]),
    (Sums, [["n", 4, 6]]),
    (Totals, [["n", 6]]),
    (Attention, [[2, 5, 6]]),
    (Attention, [["n", 5, 6]]),
    (Attention, [["n", "length", 6]]),
    (convolutions, [["n", 2, 13]]),
    (convolutions, [["n", 2, "length"]]),
    (partial(Images, 1), [["n", 3, "length"]]),
    (partial(Images, 2), [["n", 3, 13, 10]]),
    (partial(Images, 2), [[2, 3, "n", "length"]]),
    (partial(Images, 3), [["n", 3, 7, 6, 9]]),
    (Flattened, [["n", 2, 7, 6]]),
    (Flattened, [[1, 2, 7, 6]]),
    (partial(Upward, 1), [["n", 3, "length"]]),
    (partial(Upward, 2), [["n", 3, 7, 6]]),
    (partial(Upward, 3), [[2, 3, 4, 5, 3]]),
    (Edges, [["n", 3, "length"]]),
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


def test_images_are_not_turned_for_a_product() -> None:
    model = pysofie.parse(nn.Sequential(nn.Conv2d(1, 12, 3), nn.Flatten(), nn.Linear(144, 5)), [[1, 1, 6, 5]])
    model.Generate()
    code = str(model.ReturnGenerated())
    assert "Kernel::ConvLast<" in code
    assert "Kernel::Transpose<" not in code


def test_what_is_repeated_is_multiplied_once() -> None:
    nodes = (
        Node("Expand", ("i", "of each"), ("indices",)),
        Node("GatherElements", ("x", "indices"), ("taken",), {"axis": 2}),
        Node("Reshape", ("taken", "square"), ("near",)),
        Node("Unsqueeze", ("x", "last"), ("own",)),
        Node("Expand", ("own", "times"), ("repeated",)),
        Node("Sub", ("near", "repeated"), ("from own",)),
        Node("Concat", ("repeated", "from own"), ("edges",), {"axis": 1}),
        Node("Conv", ("edges", "w", "b"), ("h",)),
        Node("Relu", ("h",), ("y",)),
    )
    weights: dict[str, Any] = {"of each": [1, 2, 1], "square": [0, 2, 3, 4], "last": [3], "times": [1, 1, 1, 4]}
    weights = {name: np.array(numbers) for name, numbers in weights.items()}
    weights |= {"w": np.ones((16, 4, 1, 1), np.float32), "b": np.ones(16, np.float32)}
    inputs = (TensorInfo("x", np.dtype(np.float32), ("n", 2, 3)), TensorInfo("i", np.dtype(np.int64), ("n", 1, 12)))
    model = provider.rmodel(builder.recipe(prepare(Graph("edges", inputs, ("y",), nodes, weights))))
    model.Generate()
    code = str(model.ReturnGenerated())
    assert "Kernel::GatherND<" in code
    assert "// Conv + Add + Relu" in code
    assert "Kernel::RepeatedRows(Kernel::Fixed<16>{}, Kernel::Fixed<4>{})" in code
    assert code.count("Call<Kernel::Transpose<") == 3, "nodes before they are taken, and the result"
    assert "Kernel::Move<" not in code
