"""Operators that move elements without changing them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from pysofie import shapes
from pysofie.builder import CPP_TYPES, Enum, NodeBuilder, Vector, cpp_type, integers, sizes
from pysofie.errors import Refusal
from pysofie.registry import ANY, translator
from pysofie.values import TensorType

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


def _dropout_type(x: Value, *_: Value | None, mask: np.dtype[np.generic], **__: Attribute) -> tuple[TensorType, ...]:
    return x.type, TensorType(mask, x.type.shape)


def dropout(
    b: NodeBuilder, x: Value, ratio: Value | None = None, training: Value | None = None, *, seed: int = 0
) -> None:
    """Dropout(data, ratio, training_mode; seed) -> output, mask: at inference a copy, and a mask that keeps all."""
    del ratio, seed
    if training is not None and (training.constant is None or training.constant.any()):
        raise Refusal("training_mode", "save the model in eval() mode")
    _keep_all(b, x)


def dropout_7(b: NodeBuilder, x: Value, *, ratio: float = 0.5) -> None:
    """Dropout(data; ratio=0.5) -> output, mask, as it was before opset 12."""
    del ratio
    _keep_all(b, x)


def _keep_all(b: NodeBuilder, x: Value) -> None:
    output, mask = (*b.outputs, None)[:2]
    if output is not None:
        b.emit("Identity", x, output, template=(x.dtype,))
    if mask is not None:
        sizes_of_x = b.temporary("shape", x)
        b.emit("Shape", 0, x.rank, x, sizes_of_x)
        element = cpp_type(mask.dtype)
        b.emit("Constant", element, Vector(element, (1,)), sizes(()), sizes_of_x, mask, template=(mask.dtype,))


_WITH_MASK = partial(_dropout_type, mask=np.dtype(np.bool_))
translator("Dropout", since=12, infer=_WITH_MASK)(dropout)
translator("Dropout", since=10, infer=_WITH_MASK)(dropout_7)
translator("Dropout", since=7, infer=lambda x, **_: (x.type, x.type))(dropout_7)


@translator("OptionalHasElement", since=15, infer=lambda *_: TensorType(np.dtype(np.bool_), ()), types=ANY)
def optional_has_element(b: NodeBuilder, x: Value | None = None) -> None:
    """OptionalHasElement(input) -> output: a tensor is there, or it is not."""
    b.emit("Constant", "bool", Vector("bool", (int(x is not None),)), sizes(()), None, b.output, template=("bool",))


@translator("OptionalGetElement", since=15, infer=shapes.same, types=ANY)
def optional_get_element(b: NodeBuilder, x: Value) -> None:
    """OptionalGetElement(input) -> output: a tensor is its own element."""
    b.emit("Identity", x, b.output, template=(x.dtype,))


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
