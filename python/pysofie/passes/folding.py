"""Constants: what can be computed now is, branches that are decided are taken."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from pysofie import analysis, control, dims, registry, shapes
from pysofie.dims import Expression, Size
from pysofie.dtypes import is_half
from pysofie.graph import Array, Graph, Node
from pysofie.names import fresh
from pysofie.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def fold_constants(graph: Graph) -> Graph:
    """Evaluate what depends on constants and shapes alone.

    A Reshape whose target mentions named dims gets a constant one, with a 0 where a named dim stays in its place and a
    -1 for at most one other. An If whose condition is known becomes its branch.
    """
    return _Folder(graph, analysis.sources(graph)).graph()


class _Folder:
    def __init__(self, graph: Graph, values: dict[str, Value]) -> None:
        self._graph = graph
        self._values = values
        self._initializers = dict(graph.initializers)
        self._nodes: list[Node] = []

    def graph(self) -> Graph:
        for node in self._graph.nodes:
            self._fold(node)
        return self._graph.replace(nodes=self._nodes, initializers=self._initializers)

    def _fold(self, node: Node) -> None:
        branch = taken_branch(node, self._values)
        if branch is not None:
            self._initializers |= branch.initializers
            self._values |= analysis.sources(branch)
            for inner in _inline(node, branch):
                self._fold(inner)
            return
        found = analysis.step(node, self._values, self._graph.opsets)
        if node.subgraphs:
            node = self._with_folded_bodies(node)
        self._values.update(found)
        constants = {name: value.constant for name, value in found.items()}
        # A Cast to 16 bits stays: constants are float32 (halves.py).
        are_known = all(array is not None and not is_half(array.dtype) for array in constants.values())
        if constants and len(constants) == len(node.outputs) and are_known:
            self._initializers |= {name: np.asarray(array) for name, array in constants.items()}
        elif node.op_type == "Reshape" and not node.domain:
            self._nodes.append(self._with_constant_target(node))
        else:
            self._nodes.append(node)

    def _with_folded_bodies(self, node: Node) -> Node:
        inputs = control.INPUTS.get(node.op_type)
        if inputs is None or registry.find(node, self._graph.opsets)[0] is None:
            return node
        types = inputs(node, self._values, self._graph.opsets)
        outer = {**self._values, **{name: Value(name, one) for name, one in types.items()}}
        folded = {
            name: _Folder(
                value, outer | {own: Value.of(own, array) for own, array in value.initializers.items()}
            ).graph()
            if isinstance(value, Graph)
            else value
            for name, value in node.attributes.items()
        }
        return dataclasses.replace(node, attributes=folded)

    def _with_constant_target(self, node: Node) -> Node:
        x, target = (self._values[name] for name in node.inputs)
        output = self._values[node.outputs[0]]
        if target.constant is not None or x.type.shape is None or output.type.shape is None:
            return node
        sizes = constant_target(x.shape, output.shape)
        if sizes is None:
            return node
        name = fresh(f"{node.outputs[0]}_shape", self._values)
        self._initializers[name] = sizes
        self._values[name] = Value.of(name, sizes)
        return dataclasses.replace(node, inputs=(node.inputs[0], name), attributes={})


def constant_target(shape: dims.Shape, wanted: dims.Shape) -> Array | None:
    """A constant Reshape target that gives the wanted shape at any value of the named dims; None where none does."""
    target = [_target(shape, at, size) for at, size in enumerate(wanted)]
    if target.count(-1) > 1 or any(one == 0 for one in wanted):
        return None
    sizes = np.array(target, np.int64)
    exact = shapes.resolve_reshape(shape, sizes.tolist(), allowzero=False) == wanted
    return sizes if exact else None


def _target(shape: dims.Shape, at: int, size: Size) -> int:
    if not isinstance(size, Expression):
        return size
    return 0 if at < len(shape) and shape[at] == size else -1


def taken_branch(node: Node, values: Mapping[str, Value]) -> Graph | None:
    """The branch of an If whose condition is known."""
    if node.op_type != "If" or node.domain:
        return None
    condition = values[node.inputs[0]].constant
    if condition is None or condition.size != 1:
        return None
    branch = node.attributes["then_branch" if condition.reshape(-1)[0] else "else_branch"]
    return branch if isinstance(branch, Graph) else None


def _inline(node: Node, branch: Graph) -> Iterator[Node]:
    """The nodes of a branch, making the If's own outputs."""
    made = branch.producers()
    renamed: dict[str, str] = {}
    copies: list[Node] = []
    for inner, outer in zip(branch.outputs, node.outputs, strict=True):
        if inner in made and inner not in renamed:
            renamed[inner] = outer
        else:
            copies.append(Node("Identity", (renamed.get(inner, inner),), (outer,), origin=node.origin))
    for one in branch.nodes:
        yield dataclasses.replace(
            one,
            inputs=tuple(renamed.get(name, name) for name in one.inputs),
            outputs=tuple(renamed.get(name, name) for name in one.outputs),
        )
    yield from copies
