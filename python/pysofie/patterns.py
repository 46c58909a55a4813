"""Shapes of the operators whose elements depend on their places alone, or are kept by them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from . import dims, shapes
from .dims import Expression, Size
from .errors import ShapeError
from .moving import sizes_of
from .values import UNKNOWN, TensorType, Value

if TYPE_CHECKING:
    from .graph import Array


def shape(x: Value, *, start: int = 0, end: int | None = None) -> TensorType:
    """Shape."""
    return TensorType(np.dtype(np.int64), (len(x.shape[start:end]),))


def size(x: Value) -> TensorType:
    """Size."""
    del x
    return TensorType(np.dtype(np.int64), ())


def constant_of_shape(target: Value, *, value: Array | None = None) -> TensorType:
    """ConstantOfShape."""
    dtype = np.dtype(np.float32) if value is None else value.dtype
    if value is not None and value.size != 1:
        raise ShapeError(f"{value.size} values, not one")
    if target.contents is None:
        return TensorType(dtype, shapes.known_later(target, "ConstantOfShape"))
    sizes = sizes_of(target)
    if any(dims.is_negative(one) for one in sizes):
        raise ShapeError(f"the shape {dims.text(sizes)}")
    return TensorType(dtype, sizes)


def range_(start: Value, limit: Value, delta: Value, *, stash_type: int = 1) -> TensorType:
    """Range."""
    del stash_type
    found = (start, limit, delta)
    if any(one.dtype != start.dtype or dims.count(one.shape) != 1 for one in found):
        raise ShapeError("start, limit and delta are one number each, of one type")
    if any(one.contents is None for one in found):
        length = dims.known_later(f"Range {start.name} {limit.name} {delta.name}")
        return TensorType(start.dtype, (length,))
    return TensorType(start.dtype, (range_length(*(np.asarray(one.contents).reshape(-1)[0] for one in found)),))


def range_length(start: Size, limit: Size, delta: Size) -> Size:
    """How many numbers a Range has."""
    if isinstance(delta, Expression) or delta == 0:
        raise ShapeError(f"a step of {delta}")
    if isinstance(start, Expression) or isinstance(limit, Expression):
        step = int(delta)
        span = limit - start if step > 0 else start - limit
        if isinstance(span, Expression):
            return dims.floor_divide(span + abs(step) - 1, abs(step))
        return max(0, -(-span // abs(step)))
    exact = isinstance(start, float | np.floating)
    length = (limit - start) / np.float64(delta) if exact else -((int(start) - int(limit)) // int(delta))
    if not math.isfinite(length):
        raise ShapeError(f"from {start} to {limit} in steps of {delta}")
    return max(0, math.ceil(length))


def eye_like(x: Value, *, dtype: int | None = None, k: int = 0) -> TensorType:
    """EyeLike: a matrix."""
    del k
    if x.rank != 2:
        raise ShapeError(f"{dims.text(x.shape)} is no matrix")
    if dtype is None:
        return x.type
    return TensorType(np.dtype(shapes.ONNX_TYPES[dtype]), x.shape) if dtype in shapes.ONNX_TYPES else UNKNOWN


def trilu(x: Value, k: Value | None = None, *, upper: int = 1) -> TensorType:
    """Trilu: matrices."""
    del upper
    if x.rank < 2:
        raise ShapeError(f"{dims.text(x.shape)} has no matrices")
    if k is not None and (dims.count(k.shape) != 1 or k.dtype != np.int64):
        raise ShapeError(f"the diagonal {k.dtype}{dims.text(k.shape)}, not one int64")
    return x.type
