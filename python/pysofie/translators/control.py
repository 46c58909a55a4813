"""Control flow: branches and bodies become blocks of the generated code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pysofie import control, shapes
from pysofie.builder import NodeBuilder, Vector, integers
from pysofie.errors import Refusal
from pysofie.registry import ANY, translator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pysofie.graph import Graph
    from pysofie.values import Value


@translator("If", infer=control.infer_if, types=("bool",))
def if_(b: NodeBuilder, condition: Value, *, then_branch: Graph, else_branch: Graph) -> None:
    """If(cond; then_branch, else_branch) -> outputs..."""
    b.emit("If", condition, _outputs(b), b.body(then_branch, {}), b.body(else_branch, {}))


@translator("Loop", infer=control.infer_loop, types=ANY, restrictions="tensors, no sequences")
def loop(b: NodeBuilder, most: Value | None, condition: Value | None, *states: Value, body: Graph) -> None:
    """Loop(M, cond, v_initial...; body) -> v_final_and_scan_outputs..."""
    inputs = control.loop_inputs(b.node, b.model.values, b.model.graph.opsets)
    b.emit("Loop", most, condition, b.names(*states), b.body(body, inputs), _outputs(b))


@translator("Scan", since=9, infer=control.infer_scan, types=ANY)
def scan(
    b: NodeBuilder,
    *inputs: Value,
    body: Graph,
    num_scan_inputs: int,
    scan_input_axes: Sequence[int] | None = None,
    scan_input_directions: Sequence[int] | None = None,
    scan_output_axes: Sequence[int] | None = None,
    scan_output_directions: Sequence[int] | None = None,
) -> None:
    """Scan(initial_state_and_scan_inputs...; body, num_scan_inputs, ...) -> final_state_and_scan_outputs..."""
    count = len(inputs) - num_scan_inputs
    states, scanned = inputs[:count], list(inputs[count:])
    for at, axis in enumerate(scan_input_axes or ()):
        scanned[at] = _moved(b, scanned[at], shapes.axis_of(axis, scanned[at].rank))
    if any(scan_output_axes or ()):
        raise Refusal(f"scan_output_axes {list(scan_output_axes or ())}, only 0 is supported")
    outputs = len(b.node.outputs) - count
    reversed_ = (*(scan_input_directions or (0,) * num_scan_inputs), *(scan_output_directions or (0,) * outputs))
    types = control.scan_inputs(b.node, b.model.values, b.model.graph.opsets)
    b.emit("Scan", b.names(*states), b.names(*scanned), b.body(body, types), integers(reversed_), _outputs(b))


def _moved(b: NodeBuilder, x: Value, axis: int) -> Value:
    """A tensor whose axis stands first."""
    if axis == 0:
        return x
    order = (axis, *(at for at in range(x.rank) if at != axis))
    moved = b.temporary(f"scanned_{x.name}", x)
    b.emit("Transpose", integers(order), x, moved)
    return moved


def _outputs(b: NodeBuilder) -> Vector:
    """All outputs; those that nobody wants need names as well."""
    known = next(one for one in b.outputs if one is not None)
    return b.names(*(b.temporary(f"unused_{at}", known) if one is None else one for at, one in enumerate(b.outputs)))
