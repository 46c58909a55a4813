"""What is the same in many places, such as a node's features beside those of each neighbour: computed once, repeated last."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie import dims, shapes
from pysofie.graph import Graph, Node

from .folding import constant_target
from .moving import BROADCAST
from .rewriting import Rewriting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pysofie.dims import Shape

_LEAST_TIMES = 4  # Repeated less often, a product of its own gains less than the addition costs.


def split_products(graph: Graph) -> Graph:
    """A product with constant weights of several tensors side by side, some of them repeated, is a sum of products.

    That of what is repeated is computed once for all its places, and broadcast by the addition.
    """
    if not any(node.op_type == "Concat" for node in graph.nodes):
        return graph
    return _Splitting(graph).graph()


def gather_rows(graph: Graph) -> Graph:
    """GatherElements by indices that are repeated for each channel takes whole rows of channels: GatherND, between transposes."""
    version = graph.opsets.get("", 0)
    if version < 12 or not any(node.op_type == "GatherElements" for node in graph.nodes):
        return graph
    return _Gathering(graph).graph()


def drop_repeats(graph: Graph) -> Graph:
    """A function that broadcasts repeats its inputs itself, where another one has the shape of its result."""
    if not any(node.op_type in ("Expand", "Tile") for node in graph.nodes):
        return graph
    return _Dropping(graph).graph()


class _Repeating(Rewriting):
    """What the passes of this file know of the tensors that they meet."""

    _suffix = "part"

    def _maker(self, name: str, *op_types: str) -> Node | None:
        """The node that makes a tensor, if it is one of these operators."""
        node = self._made.get(name)
        return node if node is not None and not node.domain and node.op_type in op_types else None

    def _only_for_one(self, name: str, *op_types: str) -> Node | None:
        """The same if the tensor has one reader."""
        return self._maker(name, *op_types) if self._uses.get(name) == 1 else None

    def _repeated(self, name: str) -> str | None:
        """What a tensor repeats along dims of size 1."""
        node = self._maker(name, "Expand", "Tile")
        if node is None:
            return None
        source, shape = self._shape(node.inputs[0]), self._shape(name)
        if source is None or shape is None or len(source) != len(shape):
            return None
        fits = all(one in (1, size) for one, size in zip(source, shape, strict=True))
        return node.inputs[0] if fits else None

    def _add(self, like: Node, op_type: str, inputs: Sequence[str], output: str = "", attributes: Any = None) -> str:
        """Write a node in the place of another. Its output has a name of its own unless one is given."""
        name = output or self._name(like.outputs[0])
        self._nodes.append(Node(op_type, tuple(inputs), (name,), attributes or {}, origin=like.origin))
        return name


class _Gathering(_Repeating):
    """See `gather_rows`."""

    def _rewrite(self, node: Node) -> bool:
        if node.op_type != "GatherElements":
            return False
        indices, cast = node.inputs[1], self._maker(node.inputs[1], "Cast")
        once = self._repeated(cast.inputs[0] if cast is not None else indices)
        x, shape, own = (self._shape(name) for name in (node.inputs[0], indices, once or ""))
        if once is None or x is None or shape is None or own is None or len(x) != len(shape):
            return False
        axis = shapes.axis_of(int(node.attributes.get("axis", 0)), len(x))  # type: ignore[arg-type]
        batch = next(d for d in range(len(x)) if d == axis or not own[d] == shape[d] == x[d])
        channels = [d for d in range(batch, len(x)) if d != axis]
        if own == shape or own[axis] != shape[axis] or any(own[d] != 1 or shape[d] != x[d] for d in channels):
            return False
        target = constant_target(own, (*own[:batch], own[axis], 1))
        if target is None:
            return False
        perm = (*range(batch), axis, *channels)
        if cast is not None:
            once = self._add(node, "Cast", (once,), attributes=cast.attributes)
        tuples = self._add(node, "Reshape", (once, self._constant(f"{indices}_shape", target)))
        rows = self._transpose(node, node.inputs[0], perm)
        output, is_moved = node.outputs[0], perm != tuple(range(len(perm)))
        taken = self._add(node, "GatherND", (rows, tuples), "" if is_moved else output, {"batch_dims": batch})
        if is_moved:
            back = tuple(int(at) for at in np.argsort(perm))
            self._add(node, "Transpose", (taken,), output, {"perm": back})
        return True

    def _transpose(self, like: Node, name: str, perm: tuple[int, ...]) -> str:
        if perm == tuple(range(len(perm))):
            return name
        return self._add(like, "Transpose", (name,), attributes={"perm": perm})


class _Dropping(_Repeating):
    """See `drop_repeats`."""

    def _rewrite(self, node: Node) -> bool:
        if node.op_type not in BROADCAST or node.op_type == "PRelu":  # whose second input alone broadcasts
            return False
        inputs = tuple(self._repeated(name) or name for name in node.inputs)
        known = [self._shape(name) for name in (*inputs, node.outputs[0])]
        if inputs == node.inputs or None in known or shapes.broadcast_shapes(*known[:-1]) != known[-1]:  # type: ignore[arg-type]
            return False
        self._nodes.append(dataclasses.replace(node, inputs=inputs))
        return True


class _Splitting(_Repeating):
    """See `split_products`."""

    def _rewrite(self, node: Node) -> bool:
        axes = self._axes(node)
        turn = self._only_for_one(node.inputs[0], "Transpose") if axes is not None else None
        concat = self._only_for_one(turn.inputs[0] if turn is not None else node.inputs[0], "Concat")
        shape = self._shape(concat.inputs[0]) if concat is not None else None
        if axes is None or concat is None or shape is None:
            return False
        at = shapes.axis_of(int(concat.attributes["axis"]), len(shape))  # type: ignore[arg-type]
        perm: Any = tuple(range(len(shape))) if turn is None else turn.attributes.get("perm", ())
        sizes = [(self._shape(name) or shape)[at] for name in concat.inputs]
        once = [self._once(name, at) for name in concat.inputs]
        if not any(once) or not perm or perm[axes[0]] != at or not dims.is_known(sizes):
            return False
        kept = [name if source is None else source for name, source in zip(concat.inputs, once, strict=True)]
        reached = shapes.broadcast_shapes(*(self._without(name, at) for name in kept))
        if reached != self._without(concat.inputs[0], at):
            return False
        weights = np.split(self._values[node.inputs[1]].constant, np.cumsum(sizes)[:-1], axis=axes[1])  # type: ignore[arg-type]
        rest = [i for i, source in enumerate(once) if source is None]
        groups = [[i] for i, source in enumerate(once) if source is not None] + ([rest] if rest else [])
        total, output, bias = "", *self._bias(node)
        for group in groups:
            x = kept[group[0]]
            if len(group) > 1:
                x = self._add(node, "Concat", [kept[i] for i in group], attributes={"axis": at})
            if turn is not None:
                x = self._add(node, "Transpose", (x,), attributes={"perm": perm})
            weight = self._constant(node.inputs[1], np.concatenate([weights[i] for i in group], axis=axes[1]))
            given = () if total else node.inputs[2:]
            term = self._add(node, node.op_type, (x, weight, *given), attributes=node.attributes)
            if bias and not total:
                term = self._add(node, "Add", (term, bias))
            total = self._add(node, "Add", (term, total), output * (group is groups[-1])) if total else term
        self._ahead.add(output)
        return True

    def _bias(self, product: Node) -> tuple[str, str]:
        """The tensor that is wanted of a product, and what is added for each column to get it: of MatMul, which has no bias itself."""
        output = product.outputs[0]
        add = self._readers.get(output) if product.op_type == "MatMul" and self._uses[output] == 1 else None
        if add is None or (add.op_type, add.domain) != ("Add", ""):
            return output, ""
        bias = next(name for name in add.inputs if name != output)
        row, shape = self._shape(bias), self._shape(output)
        is_row = row and shape and len(row) <= len(shape) and dims.count(row) == row[-1] == shape[-1]
        return (add.outputs[0], bias) if is_row and bias in self._constants else (output, "")

    def _axes(self, node: Node) -> tuple[int, int] | None:
        """The axes of its input and of its constant weights along which a product sums, and it does nothing else with them."""
        shape = self._shape(node.inputs[0]) if node.op_type in ("Conv", "Gemm", "MatMul") else None
        weight = self._values[node.inputs[1]].constant if shape is not None else None
        if shape is None or weight is None:
            return None
        get: Callable[..., Any] = node.attributes.get
        if node.op_type == "Conv":
            is_each = weight.shape[2:] == (1,) * (weight.ndim - 2) and get("group", 1) == 1
            moves = np.any(np.array(get("strides", 1)) != 1) or np.any(get("pads", 0))
            return (1, 1) if is_each and not moves else None
        if node.op_type == "MatMul":
            return (len(shape) - 1, 0) if weight.ndim == 2 else None
        bias = self._shape(node.inputs[2]) if any(node.inputs[2:]) else (1,)
        is_row = bias is not None and dims.count(bias[:-1]) == 1 and self._graph.opsets.get("", 0) >= 11
        return (1, 1 if get("transB") else 0) if is_row and not get("transA") else None

    def _once(self, name: str, axis: int) -> str | None:
        """What a part of a Concat along an axis repeats, if it is worth a product of its own."""
        source = self._repeated(name)
        own, shape = self._shape(source or ""), self._shape(name)
        if own is None or shape is None or own[axis] != shape[axis]:
            return None
        times = dims.count(size for size, one in zip(shape, own, strict=True) if size != one)
        return source if isinstance(times, dims.Expression) or times >= _LEAST_TIMES else None

    def _without(self, name: str, axis: int) -> Shape:
        shape = self._shape(name) or ()
        return (*shape[:axis], *shape[axis + 1 :])
