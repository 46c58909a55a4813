"""If, Loop and Scan: what is known of the tensors in their graphs, and of what comes out.

A size that differs between branches, or from one run of a body to the next, is a name of its own inside, and comes out as one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import dims
from .errors import ShapeError
from .graph import Graph
from .values import TensorType, Value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .dims import Shape
    from .graph import Node

_Types = dict[str, TensorType]


def inside(graph: Graph, outer: Mapping[str, Value], inputs: _Types, opsets: Mapping[str, int]) -> dict[str, Value]:
    """All tensors of a subgraph, and those around it."""
    from . import analysis  # noqa: PLC0415 - which comes here for operators with subgraphs

    values = {**outer, **{name: Value(name, found) for name, found in inputs.items()}}
    values |= {name: Value.of(name, array) for name, array in graph.initializers.items()}
    for node in graph.nodes:
        values.update(analysis.step(node, values, opsets))
    return values


def branch_inputs(_: Node, __: Mapping[str, Value], ___: Mapping[str, int]) -> _Types:
    """The inputs of a branch: there are none."""
    return {}


def infer_if(node: Node, values: Mapping[str, Value], opsets: Mapping[str, int]) -> list[TensorType]:
    """What comes out of either branch, or of the one that is taken; a dim that differs is known at run time only."""
    condition = values[node.inputs[0]].constant
    if condition is not None and condition.size == 1:
        taken = body(node, "then_branch" if condition.reshape(-1)[0] else "else_branch")
        within = inside(taken, values, {}, opsets)
        return [within[name].type for name in taken.outputs]
    shape = values[node.inputs[0]].type.shape
    if shape is not None and dims.count(shape) != 1:
        raise ShapeError(f"its condition has the shape {dims.text(shape)}")
    branches = [body(node, name) for name in ("then_branch", "else_branch")]
    insides = [inside(branch, values, {}, opsets) for branch in branches]
    found = []
    for output, first, second in zip(node.outputs, *(branch.outputs for branch in branches), strict=False):
        one, other = insides[0][first].type, insides[1][second].type
        if one.shape is None or other.shape is None or one.dtype is None:
            found.append(TensorType(one.dtype, None))
            continue
        if one.dtype != other.dtype or len(one.shape) != len(other.shape):
            raise ShapeError(
                f"one branch gives {one.dtype}{dims.text(one.shape)}, the other {other.dtype}{dims.text(other.shape)}"
            )
        found.append(TensorType(one.dtype, _merged(one.shape, other.shape, output)))
    return found


def body(node: Node, name: str) -> Graph:
    """A subgraph of a node."""
    graph = node.attributes.get(name)
    if not isinstance(graph, Graph):
        raise ShapeError(f"it has no graph '{name}'")
    return graph


def loop_inputs(node: Node, values: Mapping[str, Value], opsets: Mapping[str, int]) -> _Types:
    """The inputs of a Loop's body: number of the run, condition, and states of shapes that hold in every run."""
    graph = body(node, "body")
    if len(graph.inputs) != len(node.inputs):
        raise ShapeError(f"its body has {len(graph.inputs)} inputs for {len(node.inputs)} of its own")
    kinds = (np.dtype(np.int64), np.dtype(np.bool_))
    control = {
        info.name: TensorType(kind, dims.shape(info.shape)) for info, kind in zip(graph.inputs[:2], kinds, strict=True)
    }
    states = [values[name].type for name in node.inputs[2:]]
    return control | _steady(graph, graph.input_names[2:], states, graph.outputs[1:], values, control, opsets)


def infer_loop(node: Node, values: Mapping[str, Value], opsets: Mapping[str, int]) -> list[TensorType]:
    """The last states, and what was scanned out, stacked."""
    graph = body(node, "body")
    types = loop_inputs(node, values, opsets)
    found = [types[name] for name in graph.input_names[2:]]
    inner = inside(graph, values, types, opsets)
    most, condition = (values[name].constant if name else None for name in (*node.inputs, "", "")[:2])
    endless = not (len(node.inputs) > 1 and node.inputs[1]) or (
        condition is not None and bool(condition.reshape(-1)[0])
    )
    goes_on = inner[graph.outputs[0]].constant
    for output, name in zip(node.outputs[len(found) :], graph.outputs[1 + len(found) :], strict=False):
        trips: dims.Size = dims.known_later(output)
        if most is not None and endless and goes_on is not None and goes_on.reshape(-1)[0]:
            trips = max(int(most.reshape(-1)[0]), 0)
        found.append(_stacked(inner[name].type, trips, 0))
    return found


def scan_inputs(node: Node, values: Mapping[str, Value], opsets: Mapping[str, int]) -> _Types:
    """The inputs of a Scan's body: states, and slices of the scanned inputs."""
    graph = body(node, "body")
    count = len(node.inputs) - int(node.attributes["num_scan_inputs"])  # type: ignore[arg-type]
    if len(graph.inputs) != len(node.inputs) or count < 0:
        raise ShapeError(f"its body has {len(graph.inputs)} inputs for {len(node.inputs)} of its own")
    axes = _integers(node, "scan_input_axes", len(node.inputs) - count)
    slices = {
        name: _slice(values[outer].type, axis)
        for name, outer, axis in zip(graph.input_names[count:], node.inputs[count:], axes, strict=True)
    }
    states = [values[name].type for name in node.inputs[:count]]
    return _steady(graph, graph.input_names[:count], states, graph.outputs, values, slices, opsets) | slices


def infer_scan(node: Node, values: Mapping[str, Value], opsets: Mapping[str, int]) -> list[TensorType]:
    """The last states, and what was scanned out, stacked."""
    graph = body(node, "body")
    count = len(node.inputs) - int(node.attributes["num_scan_inputs"])  # type: ignore[arg-type]
    types = scan_inputs(node, values, opsets)
    inner = inside(graph, values, types, opsets)
    scanned = values[node.inputs[count]].shape
    trips = scanned[_integers(node, "scan_input_axes", len(node.inputs) - count)[0] % len(scanned)]
    axes = _integers(node, "scan_output_axes", len(node.outputs) - count)
    stacked = zip(graph.outputs[count:], axes, strict=True)
    return [types[name] for name in graph.input_names[:count]] + [
        _stacked(inner[name].type, trips, axis) for name, axis in stacked
    ]


def _integers(node: Node, name: str, count: int) -> Sequence[int]:
    given = node.attributes.get(name, (0,) * count)
    if not isinstance(given, tuple) or len(given) != count:
        raise ShapeError(f"{name} {given!r} for {count} tensors")
    return [int(one) for one in given]


def _slice(whole: TensorType, axis: int) -> TensorType:
    if whole.shape is None:
        return whole
    at = axis % len(whole.shape) if whole.shape else 0
    return TensorType(whole.dtype, whole.shape[:at] + whole.shape[at + 1 :])


def _stacked(one: TensorType, trips: dims.Size, axis: int) -> TensorType:
    if one.shape is None:
        return one
    at = axis % (len(one.shape) + 1)
    return TensorType(one.dtype, (*one.shape[:at], trips, *one.shape[at:]))


def _steady(
    graph: Graph,
    names: Sequence[str],
    first: Sequence[TensorType],
    outputs: Sequence[str],
    values: Mapping[str, Value],
    others: _Types,
    opsets: Mapping[str, int],
) -> _Types:
    """Types of states that hold before and after each run: sizes that change get names."""
    states = {
        name: one if one.shape is None else TensorType(one.dtype, _owned(one.shape, name))
        for name, one in zip(names, first, strict=True)
    }
    while True:
        inner = inside(graph, values, others | states, opsets)
        after = {}
        for name, output in zip(names, outputs, strict=False):
            before, now = states[name], inner[output].type
            if before.shape is None or now.shape is None or len(before.shape) != len(now.shape):
                raise ShapeError(f"the state '{name}' changes its number of dimensions, or it is not known")
            after[name] = TensorType(before.dtype, _merged(before.shape, now.shape, name))
        if after == states:
            return states
        states = after


def _owned(shape: Shape, name: str) -> Shape:
    """The same with names for sizes that are neither numbers nor names of the user's."""
    return tuple(
        size if not isinstance(size, dims.Expression) or dims.is_users(size) else dims.known_later(f"{name}_{at}")
        for at, size in enumerate(shape)
    )


def _merged(one: Shape, other: Shape, name: str) -> Shape:
    pairs = enumerate(zip(one, other, strict=True))
    return tuple(a if a == b else dims.known_later(f"{name}_{at}") for at, (a, b) in pairs)


INPUTS = {"If": branch_inputs, "Loop": loop_inputs, "Scan": scan_inputs}
"""What the graphs of a node take: their inputs' types by name."""
