"""Transposes and reshapes: fewer of them, for the same result."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from pysofie.graph import Graph, Node

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pysofie.graph import Array

_Perm = tuple[int, ...]

# Functions of each element of their first input; any further one is a single number.
_UNARY = frozenset(
    {
        "Abs", "Cast", "Ceil", "Celu", "Clip", "Cos", "Dropout", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish",
        "Identity", "LeakyRelu", "Log", "Mish", "Neg", "Not", "Reciprocal", "Relu", "Round", "Selu", "Sigmoid", "Sign", "Sin",
        "Softplus", "Softsign", "Sqrt", "Swish", "Tan", "Tanh", "ThresholdedRelu",
    }
)  # fmt: skip
_BROADCAST = frozenset({"Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Mean", "Sum"})
_ALONG_AN_AXIS = frozenset({"Softmax", "LogSoftmax", "Concat"})
_VIEWS = frozenset({"Reshape", "Flatten", "Squeeze", "Unsqueeze"})


def merge_transposes(graph: Graph) -> Graph:
    """Let transposes sink through functions of each element, where they meet others: two are one, or none."""
    after = _Sinking(graph).graph()
    return after if _count(after) < _count(graph) else graph


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


class _Sinking:
    """Walks the graph, and keeps each transpose in mind until somebody needs its result."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._constants = dict(graph.initializers)
        self._taken = {*graph.input_names, *graph.initializers, *graph.producers()}
        self._pending: dict[str, tuple[str, _Perm]] = {}  # tensor: what it is a transpose of
        self._written: set[str] = set()
        self._nodes: list[Node] = []

    def graph(self) -> Graph:
        for node in self._graph.nodes:
            if not self._sink(node):
                for name in node.reads():
                    self._write(name)
                self._nodes.append(node)
        for name in self._graph.outputs:
            self._write(name)
        return self._graph.replace(nodes=self._nodes, initializers=self._constants)

    def _sink(self, node: Node) -> bool:
        if node.domain or not node.outputs or any(node.outputs[1:]):
            return False
        if node.op_type == "Transpose" and "perm" in node.attributes:
            source, first = self._pending.get(node.inputs[0], (node.inputs[0], None))
            perm = tuple(node.attributes["perm"])  # type: ignore[arg-type]
            self._pending[node.outputs[0]] = (source, perm if first is None else tuple(first[at] for at in perm))
            return True
        if node.op_type in _UNARY:
            return self._pass_below(node, node.inputs[:1])
        if node.op_type in _BROADCAST:
            return self._pass_below(node, node.inputs)
        if node.op_type in _ALONG_AN_AXIS and "axis" in node.attributes:
            return self._pass_below(node, node.inputs)
        return False

    def _pass_below(self, node: Node, data: tuple[str, ...]) -> bool:
        """Compute on what was transposed, where all inputs were in the same way or are constants."""
        perms = {self._pending[name][1] for name in data if name in self._pending}
        if len(perms) != 1:
            return False
        (perm,) = perms
        new = []
        for name in data:
            if name in self._pending:
                new.append(self._pending[name][0])
            elif node.op_type in _BROADCAST and name in self._constants and self._constants[name].ndim <= len(perm):
                new.append(self._turned(name, perm))
            else:
                return False
        attributes = dict(node.attributes)
        if node.op_type in _ALONG_AN_AXIS:
            attributes["axis"] = perm[int(attributes["axis"])]  # type: ignore[arg-type]
        output = self._fresh(node.outputs[0])
        self._nodes.append(
            dataclasses.replace(
                node, inputs=(*new, *node.inputs[len(data) :]), outputs=(output,), attributes=attributes
            )
        )
        self._pending[node.outputs[0]] = (output, perm)
        return True

    def _turned(self, name: str, perm: _Perm) -> str:
        """A constant, as it stands beside a tensor that is not transposed yet."""
        array = self._constants[name]
        if array.size == 1:
            return name
        full = array.reshape((1,) * (len(perm) - array.ndim) + array.shape)
        turned = self._fresh(name)
        self._constants[turned] = np.ascontiguousarray(np.transpose(full, np.argsort(perm)))
        return turned

    def _write(self, name: str) -> None:
        """Emit the transpose that makes a tensor, now that it is needed."""
        if name not in self._pending or name in self._written:
            return
        source, perm = self._pending[name]
        same = perm == tuple(range(len(perm)))
        self._nodes.append(
            Node("Identity", (source,), (name,)) if same else Node("Transpose", (source,), (name,), {"perm": perm})
        )
        self._written.add(name)

    def _fresh(self, stem: str) -> str:
        name, number = f"{stem}_turned", 1
        while name in self._taken:
            number += 1
            name = f"{stem}_turned_{number}"
        self._taken.add(name)
        return name
