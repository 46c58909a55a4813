"""Operators that move elements without changing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pysofie import shapes
from pysofie.builder import CPP_TYPES, Enum, NodeBuilder, Vector, cpp_type, integers, sizes
from pysofie.errors import Refusal
from pysofie.registry import ANY, translator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pysofie.graph import Attribute
    from pysofie.values import Value


@translator("Transpose", infer=shapes.transpose, types=ANY)
def transpose(b: NodeBuilder, x: Value, *, perm: Sequence[int] | None = None) -> None:
    """Transpose(data; perm) -> transposed."""
    order = tuple(perm) if perm is not None else tuple(reversed(range(x.rank)))
    b.emit("Transpose", integers(order), x, b.output, template=(x.dtype,))


@translator("Reshape", since=5, infer=shapes.reshape, types=ANY)
def reshape(b: NodeBuilder, x: Value, target: Value, *, allowzero: int = 0) -> None:
    """Reshape(data, shape; allowzero=0) -> reshaped."""
    b.emit("Reshape", _mode("Reshape"), allowzero, x, target, b.output)


@translator("Flatten", infer=shapes.flatten, types=ANY)
def flatten(b: NodeBuilder, x: Value, *, axis: int = 1) -> None:
    """Flatten(input; axis=1) -> output."""
    b.emit("Reshape", _mode("Flatten"), axis if axis == x.rank else shapes.axis_of(axis, x.rank), x, None, b.output)


def squeeze(b: NodeBuilder, x: Value, axes: Value | None = None) -> None:
    """Squeeze(data, axes) -> squeezed."""
    given = shapes.constant_axes(axes)
    at = shapes.axes_of(given, x.rank) if given is not None else shapes.squeezable(x)
    b.emit("Reshape", _mode("Squeeze"), integers(at), x, b.output)


def unsqueeze(b: NodeBuilder, x: Value, axes: Value) -> None:
    """Unsqueeze(data, axes) -> expanded."""
    given = shapes.constant_axes(axes) or ()
    b.emit("Reshape", _mode("Unsqueeze"), integers(shapes.axes_of(given, x.rank + len(given))), x, b.output)


def squeeze_1(b: NodeBuilder, x: Value, *, axes: Sequence[int] | None = None) -> None:
    """Squeeze(data; axes) -> squeezed, as it was before opset 13."""
    at = shapes.axes_of(axes, x.rank) if axes is not None else shapes.squeezable(x)
    b.emit("Reshape", _mode("Squeeze"), integers(at), x, b.output)


def unsqueeze_1(b: NodeBuilder, x: Value, *, axes: Sequence[int]) -> None:
    """Unsqueeze(data; axes) -> expanded, as it was before opset 13."""
    b.emit("Reshape", _mode("Unsqueeze"), integers(shapes.axes_of(axes, x.rank + len(axes))), x, b.output)


translator("Squeeze", since=13, infer=shapes.squeeze, types=ANY, restrictions="constant axes")(squeeze)
translator("Squeeze", infer=shapes.squeeze, types=ANY)(squeeze_1)
translator("Unsqueeze", since=13, infer=shapes.unsqueeze, types=ANY, restrictions="constant axes")(unsqueeze)
translator("Unsqueeze", infer=shapes.unsqueeze, types=ANY)(unsqueeze_1)


@translator("Concat", since=4, infer=shapes.concat, types=ANY)
def concat(b: NodeBuilder, *inputs: Value, axis: int) -> None:
    """Concat(inputs...; axis) -> result."""
    b.emit("Concat", b.names(*inputs), shapes.axis_of(axis, inputs[0].rank), 0, b.output)


@translator("Constant", infer=shapes.constant, types=ANY, restrictions="numbers, no text")
def constant(
    b: NodeBuilder,
    *,
    value: Attribute | None = None,
    value_float: float | None = None,
    value_floats: Sequence[float] | None = None,
    value_int: int | None = None,
    value_ints: Sequence[int] | None = None,
) -> None:
    """Constant(; value) -> output."""
    given = {"value_float": value_float, "value_floats": value_floats, "value_int": value_int, "value_ints": value_ints}
    array = shapes.constant_array(value=value, **{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]
    if array.dtype.name not in CPP_TYPES:
        raise Refusal(f"a constant of {array.dtype}")
    element = cpp_type(array.dtype)
    items = Vector(element, tuple(array.reshape(-1).tolist()))
    b.emit("Constant", element, items, sizes(array.shape), None, b.output, template=(array.dtype,))


def _mode(name: str) -> Enum:
    return Enum("ReshapeOpMode", name)
