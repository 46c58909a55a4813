"""Operators whose elements depend on their places alone, or are kept by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pysofie import patterns, shapes
from pysofie.builder import CPP_TYPES, NodeBuilder, Vector, cpp_type, sizes
from pysofie.errors import Refusal
from pysofie.registry import ANY, NUMBERS, translator

if TYPE_CHECKING:
    from pysofie.graph import Array
    from pysofie.values import Value

_LAST = 2**31 - 1  # stands for no end


@translator("Shape", infer=patterns.shape, types=ANY)
def shape(b: NodeBuilder, x: Value, *, start: int = 0, end: int | None = None) -> None:
    """Shape(data; start=0, end) -> shape."""
    b.emit("Shape", start, _LAST if end is None else end, x, b.output)


@translator("Size", infer=patterns.size, types=ANY)
def size(b: NodeBuilder, x: Value) -> None:
    """Size(data) -> size."""
    del x  # its shape is known, and so is its size
    values = Vector("int64_t", tuple(int(one) for one in np.asarray(b.output.contents).reshape(-1)))
    b.emit("Constant", "int64_t", values, sizes(()), None, b.output, template=("int64_t",))


@translator("ConstantOfShape", since=9, infer=patterns.constant_of_shape, types=("int64",))
def constant_of_shape(b: NodeBuilder, target: Value, *, value: Array | None = None) -> None:
    """ConstantOfShape(input; value=0) -> output."""
    fill = np.zeros(1, np.float32) if value is None else value.reshape(-1)
    if fill.dtype.name not in CPP_TYPES:
        raise Refusal(f"a value of {fill.dtype}")
    element = cpp_type(fill.dtype)
    items = Vector(element, tuple(fill.tolist()))
    b.emit("Constant", element, items, sizes(()), target, b.output, template=(fill.dtype,))


@translator("Range", since=11, infer=patterns.range_, types=(*NUMBERS,))
def range_(b: NodeBuilder, start: Value, limit: Value, delta: Value, *, stash_type: int = 1) -> None:
    """Range(start, limit, delta) -> output."""
    del stash_type  # of 16-bit floats only
    b.emit("Range", start, limit, delta, b.output, template=(start.dtype,))


@translator("EyeLike", since=9, infer=patterns.eye_like, types=ANY)
def eye_like(b: NodeBuilder, x: Value, *, dtype: int | None = None, k: int = 0) -> None:
    """EyeLike(input; dtype, k=0) -> output."""
    kind = (
        next(number for number, name in shapes.ONNX_TYPES.items() if name == x.dtype.name) if dtype is None else dtype
    )
    if shapes.ONNX_TYPES.get(kind) not in ANY:
        raise Refusal(f"dtype {kind}")
    b.emit("EyeLike", kind, k, x, b.output)


@translator("Trilu", since=14, infer=patterns.trilu, types=ANY)
def trilu(b: NodeBuilder, x: Value, k: Value | None = None, *, upper: int = 1) -> None:
    """Trilu(input, k; upper=1) -> output."""
    b.emit("Trilu", upper, x, k, b.output)
