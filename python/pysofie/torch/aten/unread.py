"""What stands in place of values that are never read, because `break`, `continue` or `return` skips what computes them.

PyTorch's exporter would write a single zero, whatever the shape. It is the shape of the value that the other branch has, or the next run.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

import numpy as np

from pysofie import control, dims
from pysofie.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pysofie.graph import Node
    from pysofie.values import TensorType, Value

    from .parts import Parts

_BRANCHES = ("then_branch", "else_branch")
_SMALL = 1 << 16


class Unread:
    """Such values by name."""

    def __init__(self, inputs: Sequence[str]) -> None:
        self._inputs = inputs
        self._names: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def add(self, *names: str) -> None:
        """Take note of some."""
        self._names.update(names)

    def discard(self, *names: str) -> None:
        """They are read after all."""
        self._names.difference_update(names)

    def are_in(self, node: Node) -> bool:
        """Whether a node, or what is in it, has some."""
        return not self._names.isdisjoint(node.reads())

    def note(self, node: Node, values: Mapping[str, Value]) -> None:
        """What a node makes of some."""
        if node.op_type == "Identity" and node.inputs[0] in self:
            self.add(*node.outputs)
        if node.op_type != "If":
            return
        branches = [control.body(node, name) for name in _BRANCHES]
        condition = values[node.inputs[0]].constant
        if condition is not None and condition.size == 1:
            branches = branches[:1] if condition.all() else branches[1:]
        for at, output in enumerate(node.outputs):
            if all(branch.outputs[at] in self for branch in branches):
                self.add(output)

    def filled(
        self, node: Node, values: dict[str, Value], opsets: Mapping[str, int], writer: Callable[[str], Parts]
    ) -> Node:
        """An If whose branches have values of one shape."""
        branches = {name: control.body(node, name) for name in _BRANCHES}
        for at, output in enumerate(node.outputs):
            gaps = [name for name, branch in branches.items() if branch.outputs[at] in self]
            if len(gaps) != 1:
                continue
            (gap,) = gaps
            other = branches[_BRANCHES[gap == _BRANCHES[0]]]
            kind = control.inside(other, values, {}, opsets)[other.outputs[at]].type
            p = writer(output)
            zeros = self.zeros(p, kind)
            if zeros is None:
                continue
            branch = branches[gap]
            outputs = [zeros.name if one == at else name for one, name in enumerate(branch.outputs)]
            branches[gap] = dataclasses.replace(
                branch,
                nodes=(*branch.nodes, *p.nodes),
                initializers={**branch.initializers, **p.initializers},
                outputs=tuple(outputs),
            )
        return dataclasses.replace(node, attributes={**node.attributes, **branches})

    def zeros(self, p: Parts, kind: TensorType) -> Value | None:
        """As many zeros; None where no input of the graph tells how many."""
        if kind.dtype is None or kind.shape is None:
            return None
        zero = p.constant(np.zeros((), kind.dtype))
        if dims.is_known(kind.shape):
            sizes = [int(one) for one in kind.shape]  # type: ignore[arg-type]
            small = math.prod(sizes) <= _SMALL
            return p.constant(np.zeros(sizes, kind.dtype)) if small else p("Expand", zero, sizes)
        for name in self._inputs:
            try:
                return p("Expand", zero, p.sizes(p.values[name], kind.shape))
            except Refusal:
                p.nodes.clear()
        return None
