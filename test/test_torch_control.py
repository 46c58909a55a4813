"""Control flow of TorchScript stays control flow: compiled, each network takes the branches that PyTorch takes."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

import pysofie
from pysofie import parsing
from pysofie.graph import Graph
from pysofie.request import Request

pytestmark = pytest.mark.torch


class Branches(nn.Module):
    """If, else if, else; a module in a branch alone."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Linear(4, 4)

    def forward(self, x):
        total = float(x.sum())
        if total > 2:
            y = self.net(x)
        elif total > -2:
            y = x * total
        else:
            y = torch.zeros_like(x)
        return y + 1


class EarlyReturn(nn.Module):
    """Returns from within, one of them from a branch in a branch."""

    def forward(self, x):
        if bool(x.max() > 1.5):
            if bool(x.min() < -1.5):
                return x * 2
            return x - x.max()
        x = x.abs()
        if bool(x.mean() < 0.5):
            return x
        return x.sqrt()


class RangeLoop(nn.Module):
    """So often as the file says, with weights of its own for each time."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            x = torch.tanh(layer(x)) + i
        for i in range(4):
            x = x * 0.5 + i
        return x


class SizeLoop(nn.Module):
    """So often as a dim says that takes any size: a recurrence by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.Linear(4, 4)

    def forward(self, x):
        state = torch.zeros(4)
        for i in range(x.size(0)):
            state = torch.tanh(self.cell(state) + x[i])
        return state


class WhileLoop(nn.Module):
    """Until data say so."""

    def forward(self, x):
        steps = 0
        while bool(x.abs().max() > 1):
            x = x * 0.7
            steps += 1
        return x, torch.tensor(steps)


class BreakAndContinue(nn.Module):
    """Leaves a loop, and skips a part of it."""

    def forward(self, x):
        y = torch.zeros_like(x)
        for i in range(6):
            if i == 2:
                continue
            y = y + x * i
            if bool(y.sum() > 8):
                break
        return y


class ReturnFromLoop(nn.Module):
    """Returns from within a loop: what it would return is not there before."""

    def forward(self, x):
        for i in range(5):
            x = x * 2 - i
            if bool(x.sum() > 6.0):
                return x
        return x.abs()


class Nested(nn.Module):
    """A branch in a loop in a loop."""

    def forward(self, x):
        y = torch.zeros(1)
        for i in range(3):
            for j in range(i + 1):
                y = y + x[i, j] if bool(x[i, j] > 0) else y * 0.5
        return y


class Collected(nn.Module):
    """A list that grows, then stacked."""

    def forward(self, x):
        rows: list[torch.Tensor] = []
        for i in range(x.size(0)):
            rows.append(x[i].cumsum(0) * i)  # noqa: PERF401 - what TorchScript makes of it is the point
        return torch.stack(rows)


class Conditions(nn.Module):
    """and, or, not, and a conditional expression."""

    def forward(self, x):
        a, b = bool(x[0, 0] > 0), bool(x[0, 1] > 0)
        y = x if a and not b else -x
        if a or b:
            y = y + 1
        return y


def scripted_in_traced() -> torch.jit.ScriptModule:
    """As TorchScript's guide shows: a branch, scripted, inside of what is traced."""

    @torch.jit.script
    def clipped(x: torch.Tensor) -> torch.Tensor:
        if bool(x.sum() > 0):
            return x.clamp(max=0.5)
        return x.exp()

    class Outer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Linear(4, 4)

        def forward(self, x):
            return clipped(self.net(x)) * 2

    return torch.jit.trace(Outer(), torch.randn(3, 4))


def traced_in_scripted() -> torch.jit.ScriptModule:
    """As TorchScript's guide shows: what is traced, called in a branch of what is scripted."""

    class Outer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = torch.jit.trace(nn.Sequential(nn.Linear(4, 4), nn.ReLU()), torch.randn(3, 4))

        def forward(self, x):
            if bool(x.sum() > 0):
                return self.net(x)
            return self.net(-x) - 1

    return torch.jit.script(Outer())


CASES: dict[str, tuple[Callable[[], torch.nn.Module], list[int | str]]] = {
    "branches": (lambda: torch.jit.script(Branches()), ["batch", 4]),
    "early return": (lambda: torch.jit.script(EarlyReturn()), ["batch", 4]),
    "for": (lambda: torch.jit.script(RangeLoop()), ["batch", 4]),
    "for each of any number": (lambda: torch.jit.script(SizeLoop()), ["time", 4]),
    "while": (lambda: torch.jit.script(WhileLoop()), ["batch", 4]),
    "break and continue": (lambda: torch.jit.script(BreakAndContinue()), ["batch", 4]),
    "break, of fixed sizes": (lambda: torch.jit.script(BreakAndContinue()), [3, 4]),
    "return from a loop": (lambda: torch.jit.script(ReturnFromLoop()), ["batch", 4]),
    "nested": (lambda: torch.jit.script(Nested()), [3, 4]),
    "a list": (lambda: torch.jit.script(Collected()), [3, 4]),
    "conditions": (lambda: torch.jit.script(Conditions()), ["batch", 4]),
    "scripted in traced": (scripted_in_traced, ["batch", 4]),
    "traced in scripted": (traced_in_scripted, ["batch", 4]),
}


@pytest.mark.parametrize("name", CASES)
def test_it_goes_where_pytorch_goes(name, tmp_path, rng):
    torch.manual_seed(3)
    make, shape = CASES[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = make().eval()
        module.save(str(tmp_path / "model.pt"))
    taken = set()
    with pysofie.compile(tmp_path / "model.pt", [shape]) as session:
        for size in (1, 2, 5) if isinstance(shape[0], str) else (3,):
            for scale in (-3, -1, -0.1, 0.1, 1, 3):
                x = (rng.normal(size=(size, 4)) + rng.normal()).astype(np.float32) * np.float32(scale)
                with torch.no_grad():
                    wanted = module(torch.from_numpy(x))
                got = session(x)
                for one, other in zip(
                    wanted if isinstance(wanted, tuple) else [wanted],
                    got if isinstance(got, tuple) else [got],
                    strict=True,
                ):
                    assert tuple(one.shape) == other.shape
                    np.testing.assert_allclose(other, one.numpy(), rtol=1e-5, atol=1e-5)
                taken.add(b"".join(one.tobytes() for one in (got if isinstance(got, tuple) else [got])))
    assert len(taken) > 2


def kinds(graph: Graph) -> set[str]:
    return {kind for node in graph.nodes for kind in (node.op_type, *(k for one in node.subgraphs for k in kinds(one)))}


@pytest.mark.parametrize(
    ("name", "operator"), [("branches", "If"), ("while", "Loop"), ("for each of any number", "Loop"), ("nested", "If")]
)
def test_it_is_in_the_graph(name, operator):
    make, shape = CASES[name]
    assert operator in kinds(parsing.prepare(parsing.read(make(), Request.of([shape]))))
