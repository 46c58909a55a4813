"""Shapes of the operators that read or write at places which are numbers in another tensor."""

from __future__ import annotations

import numpy as np

from . import dims, shapes
from .dims import Expression
from .errors import ShapeError
from .moving import sizes_of
from .values import TensorType, Value


def gather(x: Value, indices: Value, *, axis: int = 0) -> TensorType:
    """Gather: the indices' shape in the place of the axis."""
    at = _axis(axis, x)
    return TensorType(x.dtype, (*x.shape[:at], *indices.shape, *x.shape[at + 1 :]))


def gather_elements(x: Value, indices: Value, *, axis: int = 0) -> TensorType:
    """GatherElements: the indices' shape."""
    _fitting(x, indices, axis)
    return TensorType(x.dtype, indices.shape)


def gather_nd(x: Value, indices: Value, *, batch_dims: int = 0) -> TensorType:
    """GatherND: behind the batch, tuples of indices and what is left of x."""
    depth = indices.shape[-1] if indices.rank else 0
    fits = 0 <= batch_dims < min(x.rank, indices.rank) and x.shape[:batch_dims] == indices.shape[:batch_dims]
    if not fits or isinstance(depth, Expression) or depth > x.rank - batch_dims:
        raise ShapeError(
            f"indices {dims.text(indices.shape)} of {dims.text(x.shape)} with {batch_dims} dimensions of a batch"
        )
    return TensorType(x.dtype, (*indices.shape[:-1], *x.shape[batch_dims + depth :]))


def scatter_elements(x: Value, indices: Value, updates: Value, *, axis: int = 0, reduction: str = "none") -> TensorType:
    """ScatterElements: x, and an update for each index."""
    _fitting(x, indices, axis)
    _updates(x, updates, indices.shape, reduction)
    return x.type


def scatter_nd(x: Value, indices: Value, updates: Value, *, reduction: str = "none") -> TensorType:
    """ScatterND: x, and what is left of it for each tuple of indices."""
    depth = indices.shape[-1] if indices.rank else x.rank + 1
    if isinstance(depth, Expression) or depth > x.rank:
        raise ShapeError(f"indices {dims.text(indices.shape)} of {dims.text(x.shape)}")
    _updates(x, updates, (*indices.shape[:-1], *x.shape[depth:]), reduction)
    return x.type


def _updates(x: Value, updates: Value, shape: dims.Shape, reduction: str) -> None:
    if updates.shape != shape or updates.dtype != x.dtype:
        raise ShapeError(f"updates {updates.dtype}{dims.text(updates.shape)}, not {x.dtype}{dims.text(shape)}")
    if reduction not in ("none", "add", "mul", "max", "min"):
        raise ShapeError(f"the reduction '{reduction}'; there are none, add, mul, max and min")


def tensor_scatter(
    x: Value, update: Value, indices: Value | None = None, *, axis: int = -2, mode: str = "linear"
) -> TensorType:
    """TensorScatter: the cache."""
    at = _axis(axis, x)
    longer = _is_more(update.shape[at], x.shape[at]) if update.rank == x.rank else True
    if at == 0 or longer or any(a != b for i, (a, b) in enumerate(zip(x.shape, update.shape, strict=True)) if i != at):
        raise ShapeError(f"an update {dims.text(update.shape)} of {dims.text(x.shape)} along axis {axis}")
    if mode not in ("linear", "circular"):
        raise ShapeError(f"the mode '{mode}'; there are linear and circular")
    if indices is not None and indices.shape != x.shape[:1]:
        raise ShapeError(f"write indices {dims.text(indices.shape)} for {x.shape[0]} batches")
    return x.type


def one_hot(indices: Value, depth: Value, values: Value, *, axis: int = -1) -> TensorType:
    """OneHot: a new dimension."""
    at = shapes.axis_of(axis, indices.rank + 1)
    if values.shape != (2,):
        raise ShapeError(f"values {dims.text(values.shape)}, not two")
    if depth.contents is None:
        return TensorType(values.dtype, None)
    size = sizes_of(depth)
    if len(size) != 1 or dims.is_negative(size[0]):
        raise ShapeError(f"the depth {dims.text(size)}")
    return TensorType(values.dtype, (*indices.shape[:at], size[0], *indices.shape[at:]))


def reverse_sequence(x: Value, lengths: Value, *, batch_axis: int = 1, time_axis: int = 0) -> TensorType:
    """ReverseSequence: x."""
    if {batch_axis, time_axis} != {0, 1} or x.rank < 2:
        raise ShapeError(f"batch_axis {batch_axis} and time_axis {time_axis} of {dims.text(x.shape)}")
    if lengths.shape != (x.shape[batch_axis],) or lengths.dtype != np.int64:
        raise ShapeError(f"lengths {lengths.dtype}{dims.text(lengths.shape)} for {x.shape[batch_axis]} sequences")
    return x.type


def _axis(axis: int, x: Value) -> int:
    if not x.rank:
        raise ShapeError("a scalar, which has no axis")
    return shapes.axis_of(axis, x.rank)


def _fitting(x: Value, indices: Value, axis: int) -> None:
    """The indices have no more places than x in any dimension but the axis."""
    at = _axis(axis, x)
    more = indices.rank != x.rank or any(
        _is_more(one, size) for i, (one, size) in enumerate(zip(indices.shape, x.shape, strict=True)) if i != at
    )
    if more:
        raise ShapeError(f"indices {dims.text(indices.shape)} of {dims.text(x.shape)} along axis {axis}")


def _is_more(one: dims.Size, than: dims.Size) -> bool:
    return not isinstance(one, Expression) and not isinstance(than, Expression) and one > than
