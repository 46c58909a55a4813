"""Lists of tensors: none is left in a graph, and what cannot be told in advance is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from oracle import by_onnxruntime, evaluate
from pysofie import builder, parsing
from pysofie.errors import UnsupportedOperator
from pysofie.graph import Graph, Node, TensorInfo
from pysofie.request import Request
from pysofie.torch.aten import take_apart

pytestmark = [pytest.mark.torch, pytest.mark.onnx]


class Appended(nn.Module):
    """Results of a loop, put together in each way."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.Linear(9, 4)

    def forward(self, x):
        h = torch.zeros(x.shape[1], 4)
        steps = []
        for at in range(x.size(0)):
            h = torch.tanh(self.cell(torch.cat([x[at], h], 1)))
            steps.append(h)
        return torch.stack(steps, 1), torch.cat(steps, 0), torch.cat(steps, 1), steps[-1], len(steps) + steps[0]


class Cells(nn.Module):
    """PyTorch's own cell, step by step."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.GRUCell(5, 4)

    def forward(self, x):
        h = torch.zeros(x.shape[1], 4)
        for at in range(x.size(0)):
            h = self.cell(x[at], h)
        return h


class Parted(nn.Module):
    """Parts of a tensor, one by one."""

    def forward(self, x):
        found = []
        for one in x.split(2, 1):
            found.append(one * 2)  # noqa: PERF401 - TorchScript knows no such comprehension
        rows = x.unbind(1)
        return torch.cat(found, 1), rows[2] + rows[-1], torch.split(x, [1, 6], 1)[1], x.chunk(2, 1)[0]


class Changed(nn.Module):
    """All that a list can do, in a branch as well."""

    def forward(self, x):
        members = [x, x * 2]
        if x.size(1) > 3:
            members.append(x + 1)
        members.insert(0, x - 1)
        last = members.pop()
        return torch.stack(members, 0) + last + len(members)


class Searched(nn.Module):
    """A loop that data end."""

    def forward(self, x):
        found = [x]
        while bool(found[-1].sum() > 1.0):
            found.append(found[-1] / 2)
        return torch.stack(found)


@pytest.mark.parametrize(
    ("module", "shape", "sizes"),
    [
        (Appended(), (6, "n", 5), [(6, 2, 5)]),
        (Appended(), ("length", "n", 5), [(3, 2, 5), (1, 4, 5)]),
        (Cells(), ("length", "n", 5), [(3, 2, 5)]),
        (Parted(), ("n", 7, 5), [(3, 7, 5)]),
        (Parted(), (2, 7, 5), [(2, 7, 5)]),
        (Changed(), ("n", 5), [(3, 5)]),
    ],
)
def test_a_scripted_module_with_lists(module, shape, sizes, rng):
    graph = parsing.read(torch.jit.script(module.eval()), Request.of([shape]))
    for size in sizes:
        x = rng.normal(size=size).astype("float32")
        expected = module(torch.from_numpy(x))
        for ours, theirs in zip(
            by_onnxruntime(graph, [x]), expected if isinstance(expected, tuple) else [expected], strict=True
        ):
            np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-5, atol=1e-6)
    builder.recipe(parsing.prepare(graph))


def test_a_list_whose_length_data_tell_is_refused():
    with pytest.raises(UnsupportedOperator, match=r"Loop at .*does more to a list than to append"):
        builder.recipe(parsing.prepare(parsing.read(torch.jit.script(Searched()), Request.of([[3, 4]]))))


def graph(*nodes, shape=(2, 6, 5), opset=20, **constants):
    """A graph of one input and one output."""
    arrays = {name: np.array(value) for name, value in constants.items()}
    return Graph("g", (TensorInfo("x", np.float32, shape),), ("y",), nodes, arrays, {"": opset}).validate()


TIMES = Graph(
    "times",
    (TensorInfo("member", np.float32, ()), TensorInfo("by", np.int64, ())),
    ("product",),
    (Node("Cast", ("by",), ("number",), {"to": 1}), Node("Mul", ("member", "number"), ("product",))),
)
JOIN = Node("ConcatFromSequence", ("s",), ("y",), {"axis": -1})


@pytest.mark.parametrize("opset", [11, 13, 20])
@pytest.mark.parametrize(
    "nodes",
    [
        [Node("SplitToSequence", ("x",), ("s",), {"axis": 1}), JOIN],
        [Node("SplitToSequence", ("x",), ("s",), {"axis": 1, "keepdims": 0}), JOIN],
        [Node("SplitToSequence", ("x", "lengths"), ("s",), {"axis": -1}), Node("SequenceAt", ("s", "one"), ("y",))],
        [Node("SplitToSequence", ("x", "four"), ("s",), {"axis": 1}), Node("SequenceAt", ("s", "one"), ("y",))],
        [
            Node("SequenceConstruct", ("x", "x"), ("a",)),
            Node("SequenceInsert", ("a", "x", "one"), ("b",)),
            Node("SequenceErase", ("b",), ("c",)),
            Node("Identity", ("c",), ("s",)),
            Node("ConcatFromSequence", ("s",), ("y",), {"axis": 1, "new_axis": 1}),
        ],
    ],
    ids=["rows", "rows without their dim", "lengths", "parts", "changed"],
)
def test_operators_of_lists(nodes, opset, rng):
    made = graph(*nodes, opset=opset, lengths=[2, 3], one=1, four=4)
    x = rng.normal(size=(2, 6, 5)).astype("float32")
    np.testing.assert_array_equal(evaluate(take_apart(made), [x])[0], evaluate(made, [x])[0])


def test_a_body_for_each_member_of_a_list(rng):
    split = Node("SplitToSequence", ("x", "lengths"), ("a",), {"axis": -1})
    made = graph(split, Node("SequenceMap", ("a", "four"), ("s",), {"body": TIMES}), JOIN, lengths=[2, 3], four=4)
    x = rng.normal(size=(2, 6, 5)).astype("float32")
    np.testing.assert_array_equal(evaluate(take_apart(made), [x])[0], evaluate(made, [x])[0])


@pytest.mark.parametrize(
    ("nodes", "reason"),
    [
        ([Node("SplitToSequence", ("x",), ("s",), {"axis": 0}), JOIN], "the size n is not known before run time"),
        ([Node("SplitToSequence", ("x", "one"), ("s",), {"axis": 0}), JOIN], "the number of parts of the length 1 of n"),
        ([Node("SequenceEmpty", (), ("s",)), JOIN], "the list is empty"),
        ([Node("SequenceMap", ("x", "one"), ("s",), {"body": TIMES}), JOIN], "its lists are not known"),
        ([Node("SequenceConstruct", ("x",), ("s",)), Node("SequenceAt", ("s", "one"), ("y",))], "the place 1 in a list of 1"),
        ([Node("SplitToSequence", ("x", "lengths"), ("s",), {"axis": 1}), JOIN], r"2 parts of lengths \[2, 3\]"),
    ],
)  # fmt: skip
def test_what_is_not_known_of_a_list_is_refused(nodes, reason):
    with pytest.raises(UnsupportedOperator, match=reason):
        builder.recipe(parsing.prepare(take_apart(graph(*nodes, shape=("n", 6, 5), one=1, lengths=[2, 3]))))
