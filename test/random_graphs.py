"""Random graphs of what passes move transposes and reshapes through, in any version of ONNX, with sizes that tell axes apart."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie.graph import Graph, Node, TensorInfo

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Shape = tuple[int, ...]

LARGEST = 5000


@dataclass
class Draft:
    """A graph while it grows from its input x."""

    random: np.random.Generator
    opset: int
    shapes: dict[str, Shape]
    nodes: list[Node] = field(default_factory=list)
    constants: dict[str, NDArray[Any]] = field(default_factory=dict)

    def constant(self, values: Any) -> str:
        """Return the name of a new constant."""
        name = f"c{len(self.constants)}"
        self.constants[name] = np.asarray(values)
        return name

    def numbers(self, shape: Shape) -> str:
        """Return the name of a new constant of random numbers."""
        return self.constant(self.random.normal(size=shape))

    def add(self, op_type: str, inputs: list[str], shape: Shape, **attributes: Any) -> None:
        """Write a node, unless its output were large."""
        if math.prod(shape) <= LARGEST:
            output = f"t{len(self.nodes)}"
            self.nodes.append(Node(op_type, tuple(inputs), (output,), attributes))
            self.shapes[output] = shape

    def add_with_axes(self, op_type: str, x: str, axes: list[int], shape: Shape, since: int, **attributes: Any) -> None:
        """Write a node whose axes are an input since some version, and an attribute before."""
        if self.opset >= since:
            self.add(op_type, [x, self.constant(np.array(axes))], shape, **attributes)
        else:
            self.add(op_type, [x], shape, axes=tuple(axes), **attributes)

    def axis(self, rank: int) -> int:
        """Return an axis, counted from either end where the version allows that."""
        return int(self.random.integers(-rank if self.opset >= 11 else 0, rank))

    def choice(self, among: Any) -> Any:
        """Return one of several."""
        return among[int(self.random.integers(len(among)))]


def _replaced(shape: Shape, axis: int, *sizes: int) -> Shape:
    """The shape with other sizes, or none, in the place of one."""
    at = axis % len(shape)
    return (*shape[:at], *sizes, *shape[at + 1 :])


def _transpose(draft: Draft, x: str, shape: Shape) -> None:
    perm = tuple(map(int, draft.random.permutation(len(shape))))
    draft.add("Transpose", [x], tuple(shape[at] for at in perm), perm=perm)


def _unary(draft: Draft, x: str, shape: Shape) -> None:
    draft.add(draft.choice(["Neg", "Relu", "Tanh", "Sigmoid", "Abs", "Softplus"]), [x], shape)


def _along_an_axis(draft: Draft, x: str, shape: Shape) -> None:
    draft.add(draft.choice(["Softmax", "LogSoftmax", "Hardmax"]), [x], shape, axis=draft.axis(len(shape)))


def _concat(draft: Draft, x: str, shape: Shape) -> None:
    axis = draft.axis(len(shape))
    fits = [
        name
        for name, other in draft.shapes.items()
        if len(other) == len(shape) and _replaced(other, axis) == _replaced(shape, axis)
    ]
    other = draft.choice([*fits, draft.numbers(shape)])
    size = shape[axis] + draft.shapes.get(other, shape)[axis]
    draft.add("Concat", [x, other], _replaced(shape, axis, size), axis=axis)


def _reduce(draft: Draft, x: str, shape: Shape) -> None:
    op_type = draft.choice(["ReduceSum", "ReduceMean", "ReduceMax", "ReduceL2", "ReduceLogSumExp"])
    count = int(draft.random.integers(0, len(shape) + 1))
    axes = [int(at) for at in draft.random.permutation(len(shape))[:count]]
    keepdims = int(draft.random.integers(2))
    over = axes or range(len(shape))
    kept = tuple(1 if at in over else size for at, size in enumerate(shape) if keepdims or at not in over)
    since = 13 if op_type == "ReduceSum" else 18
    if axes or draft.opset >= since:
        draft.add_with_axes(op_type, x, axes, kept, since, keepdims=keepdims)


def _pad(draft: Draft, x: str, shape: Shape) -> None:
    pads = [int(size) for size in draft.random.integers(0, 2, 2 * len(shape))]
    padded = tuple(size + pads[at] + pads[at + len(shape)] for at, size in enumerate(shape))
    if draft.opset >= 11:
        draft.add("Pad", [x, draft.constant(pads), draft.constant(0.5)], padded)
    else:
        draft.add("Pad", [x], padded, pads=tuple(pads), value=0.5)


def _slice(draft: Draft, x: str, shape: Shape) -> None:
    axis = draft.axis(len(shape))
    rest = _replaced(shape, axis, shape[axis] - 1)
    if shape[axis] > 1 and draft.opset >= 10:
        draft.add("Slice", [x, *(draft.constant([one]) for one in (1, shape[axis], axis))], rest)
    elif shape[axis] > 1:
        draft.add("Slice", [x], rest, starts=(1,), ends=(shape[axis],), axes=(axis,))


def _binary(draft: Draft, x: str, shape: Shape) -> None:
    constant = tuple(
        size if draft.random.random() < 0.6 else 1 for size in shape[int(draft.random.integers(len(shape) + 1)) :]
    )
    same = [name for name, other in draft.shapes.items() if other == shape]
    inputs = [x, draft.choice([*same, draft.numbers(constant)])]
    draft.random.shuffle(inputs)
    draft.add(draft.choice(["Add", "Sub", "Mul", "Max"]), inputs, shape)


def _prelu(draft: Draft, x: str, shape: Shape) -> None:
    draft.add("PRelu", [x, draft.numbers(shape[-1:])], shape)


def _reshape(draft: Draft, x: str, shape: Shape) -> None:
    total = math.prod(shape)
    new = draft.choice([(total,), (shape[0], total // shape[0]), (1, total), shape[::-1]])
    draft.add("Reshape", [x, draft.constant(np.array(new))], new)


def _flatten(draft: Draft, x: str, shape: Shape) -> None:
    axis = int(draft.random.integers(len(shape) + 1))
    draft.add("Flatten", [x], (math.prod(shape[:axis]), math.prod(shape[axis:])), axis=axis)


def _squeeze(draft: Draft, x: str, shape: Shape) -> None:
    if 1 in shape:
        draft.add_with_axes("Squeeze", x, [shape.index(1)], _replaced(shape, shape.index(1)), 13)


def _expand(draft: Draft, x: str, shape: Shape) -> None:
    if 1 in shape:
        new = _replaced(shape, shape.index(1), 3)
        draft.add("Expand", [x, draft.constant(np.array(new))], new)


def _unsqueeze(draft: Draft, x: str, shape: Shape) -> None:
    if len(shape) < 5:
        axis = int(draft.random.integers(len(shape)))
        draft.add_with_axes("Unsqueeze", x, [axis], (*shape[:axis], 1, *shape[axis:]), 13)


def _product(draft: Draft, x: str, shape: Shape) -> None:
    new = (*shape[:-1], 7)
    if len(shape) == 2 and draft.random.integers(2):
        draft.add("Gemm", [x, draft.numbers((7, shape[1])), draft.numbers((7,))], new, transB=1)
    else:
        draft.add("MatMul", [x, draft.numbers((shape[-1], 7))], new)


STEPS: tuple[Callable[[Draft, str, Shape], None], ...] = (
    *(_transpose,) * 4, _unary, _along_an_axis, _concat, _reduce, _pad, _slice, _binary, _prelu, _reshape, _flatten, _squeeze, _expand,
    _unsqueeze, _product,
)  # fmt: skip


def random_graph(seed: int, opset: int) -> Graph:
    """Return a graph of a few nodes, each of which mostly reads the one before it; of float64."""
    random = np.random.default_rng((seed, opset))
    sizes = tuple(map(int, random.permutation([2, 3, 4, 5])[: random.integers(2, 5)]))
    draft = Draft(random, opset, {"x": sizes})
    for _ in range(int(random.integers(4, 10))):
        names = list(draft.shapes)
        x = names[-1] if random.random() < 0.75 else draft.choice(names)
        if draft.shapes[x]:
            draft.choice(STEPS)(draft, x, draft.shapes[x])
    if not draft.nodes:
        _unary(draft, "x", sizes)
    names = list(draft.shapes)[1:]
    outputs = dict.fromkeys((names[-1], draft.choice(names)))
    inputs = (TensorInfo("x", np.float64, sizes),)
    return Graph("g", inputs, tuple(outputs), tuple(draft.nodes), draft.constants, opsets={"": opset}).validate()
