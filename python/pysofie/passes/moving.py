"""Transposes and reshapes: fewer of them, for the same result."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie import dims
from pysofie.graph import Graph, Node

from .folding import constant_target
from .rewriting import Rewriting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from pysofie.graph import Array

_Perm = tuple[int, ...]

# Functions of each element of their first input; any further one is a single number.
_UNARY = frozenset(
    {
        "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "BitwiseNot", "Cast", "Ceil", "Celu", "Clip", "Cos", "Cosh",
        "Dropout", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish", "Identity", "IsInf", "IsNaN", "LeakyRelu", "Log",
        "Mish", "Neg", "Not", "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Softplus",
        "Softsign", "Sqrt", "Swish", "Tan", "Tanh", "ThresholdedRelu",
    }
)  # fmt: skip
BROADCAST = frozenset(
    {
        "Add", "And", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual",
        "Max", "Mean", "Min", "Mod", "Mul", "Or", "PRelu", "Pow", "Sub", "Sum", "Where", "Xor",
    }
)  # fmt: skip
_ALONG_AN_AXIS = frozenset({"Softmax", "LogSoftmax", "Concat"})
_REDUCTIONS = frozenset(
    f"Reduce{kind}" for kind in ("L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare")
)
_VIEWS = frozenset({"Reshape", "Flatten", "Squeeze", "Unsqueeze"})
_PRODUCTS = frozenset({"MatMul", "Gemm"})


def merge_transposes(graph: Graph) -> Graph:
    """Let transposes sink, where they meet others: two are one, or none.

    They pass functions of each element, what works along axes, and a Reshape to rows before a product with constant weights.
    One that moves nothing but axes of size 1 becomes a Reshape.
    """
    return min((graph, _Sinking(graph).graph()), key=_count)


def merge_reshapes(graph: Graph) -> Graph:
    """Of several reshapes in a row, the last one alone."""
    made = graph.producers()
    nodes = []
    for node in graph.nodes:
        if node.op_type == "Reshape" and not node.domain and _says_all(node, graph.initializers):
            source = node.inputs[0]
            while (before := made.get(source)) and before.op_type in _VIEWS and not before.domain:
                source = before.inputs[0]
            nodes.append(dataclasses.replace(node, inputs=(source, *node.inputs[1:])))
        else:
            nodes.append(node)
    return graph.replace(nodes=nodes)


def _says_all(node: Node, constants: Mapping[str, Array]) -> bool:
    """Whether the target does not refer to the dims of what it is applied to."""
    target = constants.get(node.inputs[1])
    return target is not None and not (target == 0).any()


def _count(graph: Graph) -> int:
    return sum(node.op_type == "Transpose" and not node.domain for node in graph.nodes)


def _shuffled(shape: dims.Shape, perm: _Perm) -> dims.Shape:
    """The shape of a transpose."""
    return tuple(shape[at] for at in perm)


def _inverse(perm: _Perm) -> _Perm:
    return tuple(int(at) for at in np.argsort(perm))


def _is_free(shape: dims.Shape, perm: _Perm) -> bool:
    """Whether a transpose of this shape leaves all elements where they are."""
    moved = [at for at in perm if shape[at] != 1]
    return moved == sorted(moved)


class _Sinking(Rewriting):
    """Keeps each transpose in mind until somebody needs its result."""

    _suffix = "turned"

    def __init__(self, graph: Graph) -> None:
        super().__init__(graph)
        self._pending: dict[str, tuple[str, _Perm]] = {}  # tensor: what it is a transpose of
        self._rows: dict[str, NDArray[np.intp]] = {}  # tensor: in which order it has the columns that it should have
        self._written: set[str] = set()

    def _rewrite(self, node: Node) -> bool:
        if not node.outputs or any(node.outputs[1:]):
            return False
        if node.op_type == "Transpose" and "perm" in node.attributes:
            source, first = self._pending.get(node.inputs[0], (node.inputs[0], None))
            perm = tuple(node.attributes["perm"])  # type: ignore[arg-type]
            self._pending[node.outputs[0]] = (source, perm if first is None else tuple(first[at] for at in perm))
            return True
        if node.inputs and node.inputs[0] in self._rows:
            return self._keep_rows(node)
        if not any(name in self._pending for name in node.inputs):
            return False
        return self._below(node)

    def _below(self, node: Node) -> bool:
        """Write a node that reads what was transposed before the transpose, if that can be."""
        if node.op_type in _UNARY:
            return self._pass_below(node, node.inputs[:1])
        if node.op_type in BROADCAST or self._is_along_an_axis(node):
            return self._pass_below(node, node.inputs)
        if node.op_type in _REDUCTIONS:
            return self._reduce(node)
        if node.op_type == "Pad":
            return self._pad(node)
        if node.op_type == "Slice":
            return self._slice(node)
        return node.op_type in ("Reshape", "Flatten") and self._flatten(node)

    def _is_along_an_axis(self, node: Node) -> bool:
        """Whether a node works along one axis, for each place on the others alike; Softmax has done so since opset 13."""
        flattens = node.op_type != "Concat" and self._graph.opsets.get("", 0) < 13
        return node.op_type in _ALONG_AN_AXIS and "axis" in node.attributes and not flattens

    # ---Elements and axes--------------------------------------------------------------------------------------------------------

    def _pass_below(self, node: Node, data: tuple[str, ...]) -> bool:
        """Compute on what was transposed, where all inputs were in the same way, are constants, or can be turned for nothing."""
        perms = {self._pending[name][1] for name in data if name in self._pending}
        if len(perms) != 1:
            return False
        (perm,) = perms
        new = [self._before(name, perm, broadcast=node.op_type in BROADCAST) for name in data]
        if any(name is None for name in new):
            return False
        attributes = dict(node.attributes)
        if node.op_type in _ALONG_AN_AXIS:
            attributes["axis"] = perm[int(attributes["axis"])]  # type: ignore[arg-type]
        self._emit(node, tuple(name for name in new if name is not None) + node.inputs[len(data) :], perm, attributes)
        return True

    def _before(self, name: str, perm: _Perm, *, broadcast: bool) -> str | None:
        """A tensor as it stands beside those that are not transposed yet."""
        if name in self._pending:
            return self._pending[name][0]
        shape = self._shape(name)
        if not broadcast or shape is None or len(shape) > len(perm):
            return None
        full = (1,) * (len(perm) - len(shape)) + shape
        back = _inverse(perm)
        if name in self._constants:
            return self._turned(name, full, back)
        wanted = _shuffled(full, back)
        target = constant_target(shape, wanted) if _is_free(full, back) else None
        if target is None or self._values[name].dtype.kind not in "fiub":
            return None
        turned = self._name(name)
        self._nodes.append(Node("Reshape", (name, self._constant(turned, target)), (turned,)))
        return turned

    def _turned(self, name: str, full: dims.Shape, back: _Perm) -> str:
        """A constant, transposed."""
        array = self._constants[name]
        if array.size == 1:
            return name
        return self._constant(name, np.transpose(array.reshape(full), back))  # type: ignore[arg-type]

    def _reduce(self, node: Node) -> bool:
        source, perm = self._pending.get(node.inputs[0], (None, ()))
        listed = node.attributes.get("axes")  # an attribute until opset 18
        axes = listed if isinstance(listed, tuple) else self._numbers(node, 1)
        if source is None or not axes:
            return False
        over = [perm[int(axis)] for axis in axes]
        kept = perm
        if not node.attributes.get("keepdims", 1):
            left = [at for at in perm if at not in over]
            kept = tuple(sorted(left).index(at) for at in left)
        if isinstance(listed, tuple):
            self._emit(node, (source,), kept, {**node.attributes, "axes": tuple(over)})
        else:
            self._emit(node, (source, self._integers(over)), kept)
        return True

    def _pad(self, node: Node) -> bool:
        pads = self._constants.get(node.inputs[1]) if len(node.inputs) > 1 else None  # an attribute until opset 11
        if node.inputs[0] not in self._pending or pads is None or any(node.inputs[3:]):
            return False
        source, perm = self._pending[node.inputs[0]]
        back = _inverse(perm)
        turned = [int(one) for half in pads.reshape(2, -1) for one in half[list(back)]]
        self._emit(node, (source, self._integers(turned), *node.inputs[2:]), perm)
        return True

    def _slice(self, node: Node) -> bool:
        axes = self._numbers(node, 3) if len(node.inputs) > 3 and node.inputs[3] else None
        if node.inputs[0] not in self._pending or axes is None:
            return False
        source, perm = self._pending[node.inputs[0]]
        inputs = (source, *node.inputs[1:3], self._integers([perm[axis] for axis in axes]), *node.inputs[4:])
        self._emit(node, inputs, perm)
        return True

    def _numbers(self, node: Node, at: int) -> list[int] | None:
        """The axes that an input holds, counted from the front, where they are constant."""
        found = self._constants.get(node.inputs[at]) if len(node.inputs) > at else None
        rank = len(self._pending[node.inputs[0]][1]) if node.inputs[0] in self._pending else 0
        return None if found is None or not rank else [int(axis) % rank for axis in found.reshape(-1)]

    # ---Rows of a product--------------------------------------------------------------------------------------------------------

    def _flatten(self, node: Node) -> bool:
        """Flatten in the order before the transpose, where weights behind it can be put into that order."""
        shape, flat = (self._values[name].type.shape for name in (node.inputs[0], node.outputs[0]))
        if node.inputs[0] not in self._pending or shape is None or flat is None or len(flat) != 2:
            return False
        source, perm = self._pending[node.inputs[0]]
        inner = shape[1:]
        if (
            perm[0] != 0
            or flat[0] != shape[0]
            or not dims.is_known(inner)
            or not self._ends_in_product(node.outputs[0])
        ):
            return False
        before = _shuffled(shape, _inverse(perm))
        places = np.arange(int(np.prod(inner))).reshape(inner)  # type: ignore[arg-type]
        self._rows[node.outputs[0]] = places.transpose([at - 1 for at in _inverse(perm)[1:]]).reshape(-1)
        target = constant_target(before, flat)
        if target is None:
            return False
        self._nodes.append(
            dataclasses.replace(
                node,
                op_type="Reshape",
                inputs=(source, self._constant(node.outputs[0], target)),
                attributes={},
            )
        )
        return True

    def _ends_in_product(self, name: str) -> bool:
        """Whether a product with constant weights is all that reads a tensor, functions of an element in between."""
        reader = self._readers.get(name)
        while reader is not None and self._uses[name] == 1 and not reader.domain:
            if reader.op_type in _PRODUCTS:
                plain = not reader.attributes.get("transA") and not reader.attributes.get("transB")
                weight = self._constants.get(reader.inputs[1])
                return reader.inputs[0] == name and plain and weight is not None and weight.ndim == 2
            if reader.op_type not in _UNARY or any(reader.outputs[1:]):
                return False
            name = reader.outputs[0]
            reader = self._readers.get(name)
        return False

    def _keep_rows(self, node: Node) -> bool:
        order = self._rows[node.inputs[0]]
        if node.op_type in _PRODUCTS:
            weight = self._constant(node.inputs[1], self._constants[node.inputs[1]][order])
            node = dataclasses.replace(node, inputs=(node.inputs[0], weight, *node.inputs[2:]))
        else:
            self._rows[node.outputs[0]] = order
        self._nodes.append(node)
        return True

    # ---Writing------------------------------------------------------------------------------------------------------------------

    def _emit(self, node: Node, inputs: tuple[str, ...], perm: _Perm, attributes: Any = None) -> None:
        """Write a node before the transpose, which is behind it then."""
        output = self._name(node.outputs[0])
        self._nodes.append(
            dataclasses.replace(
                node, inputs=inputs, outputs=(output,), attributes=node.attributes if attributes is None else attributes
            )
        )
        self._pending[node.outputs[0]] = (output, perm)

    def _need(self, names: Iterable[str]) -> None:
        for name in names:
            if name in self._pending and name not in self._written:
                self._write(name)

    def _write(self, name: str) -> None:
        """Emit the transpose that makes a tensor, now that it is needed."""
        source, perm = self._pending[name]
        shape = self._values[name].type.shape
        target = None
        if shape is not None and _is_free(shape, _inverse(perm)):
            target = constant_target(_shuffled(shape, _inverse(perm)), shape)
        if perm == tuple(range(len(perm))):
            self._nodes.append(Node("Identity", (source,), (name,)))
        elif target is not None:
            self._nodes.append(Node("Reshape", (source, self._constant(name, target)), (name,)))
        else:
            self._nodes.append(Node("Transpose", (source,), (name,), {"perm": perm}))
        self._written.add(name)

    def _integers(self, numbers: list[int]) -> str:
        return self._constant("axes", np.array(numbers, np.int64))
