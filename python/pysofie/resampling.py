"""Tensors that are read between their elements: sizes of what comes out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from . import dims, shapes
from .dims import Expression, Shape, Size
from .errors import ShapeError
from .values import TensorType, Value

Ints = Sequence[int]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a Resize does in each dimension."""

    scales: tuple[float, ...]
    region: tuple[float, ...]
    """Where it begins, then where it ends; of tf_crop_and_resize."""
    shape: Shape


def plan(
    x: Value,
    scales: Value | Sequence[float] | None = None,
    sizes: Value | None = None,
    roi: Value | None = None,
    *,
    axes: Ints | None = None,
    coordinate_transformation_mode: str = "half_pixel",
    keep_aspect_ratio_policy: str = "stretch",
    **_: Any,
) -> Plan:
    """The scales and sizes of all dimensions, from those that a node gives."""
    at = [shapes.axis_of(axis, x.rank) for axis in axes] if axes is not None else list(range(x.rank))
    region = [0.0] * x.rank + [1.0] * x.rank
    is_crop = coordinate_transformation_mode == "tf_crop_and_resize"
    if is_crop:
        given = _numbers("roi", roi, 2 * len(at))
        for number, axis in enumerate(at):
            region[axis], region[axis + x.rank] = given[number], given[number + len(at)]
    factors, shape = [1.0] * x.rank, list(x.shape)
    if not _is_empty(sizes):
        wanted = _wanted(x, at, sizes, keep_aspect_ratio_policy)
        for axis, (factor, size) in zip(at, wanted, strict=True):
            factors[axis], shape[axis] = factor, size
    else:
        values = _numbers("scales", scales, len(at))
        for axis, factor in zip(at, values, strict=True):
            if not 0 < factor <= 1e6:
                raise ShapeError(f"the scale {factor}")
            factors[axis] = factor
            shape[axis] = _scaled(x.shape[axis], factor * (region[axis + x.rank] - region[axis] if is_crop else 1))
    return Plan(tuple(factors), tuple(region) if is_crop else (), tuple(shape))


def _is_empty(value: Value | None) -> bool:
    return value is None or (value.contents is not None and value.contents.size == 0)


def _numbers(what: str, value: Value | Sequence[float] | None, count: int) -> list[float]:
    if isinstance(value, Value):
        if value.constant is None:
            raise ShapeError(f"{what} computed at run time")
        found = [float(one) for one in value.constant.reshape(-1)]
    else:
        found = list(value or ())
    if len(found) != count:
        raise ShapeError(f"{len(found)} {what} for {count} dimensions")
    return found


def _scaled(size: Size, factor: float) -> Size:
    """The integer part of size times factor."""
    if not isinstance(size, Expression):
        return math.floor(size * factor)
    if factor == int(factor):
        return size * int(factor)
    part = round(1 / factor)
    if part * factor != 1:
        raise ShapeError(
            f"the scale {factor} of the named dimension {size} is neither a whole number nor a part of one"
        )
    return size // part


def _wanted(x: Value, at: Ints, sizes: Value | None, policy: str) -> list[tuple[float, Size]]:
    """For each axis its scale and its size."""
    if sizes is None or sizes.contents is None or sizes.contents.size != len(at):
        raise ShapeError(f"sizes that are computed at run time, or not {len(at)} of them")
    wanted = [one if isinstance(one, Expression) else int(one) for one in sizes.contents.reshape(-1)]
    factors = [_factor(x.shape[axis], size) for axis, size in zip(at, wanted, strict=True)]
    if policy == "stretch":
        return list(zip(factors, wanted, strict=True))
    if policy not in ("not_larger", "not_smaller"):
        raise ShapeError(f"keep_aspect_ratio_policy '{policy}'")
    factor = (min if policy == "not_larger" else max)(factors)
    if not dims.is_known(x.shape[axis] for axis in at):
        raise ShapeError(f"keep_aspect_ratio_policy '{policy}' of named dimensions")
    known = [x.shape[axis] for axis in at]
    return [(factor, math.floor(one * factor + 0.5)) for one in known if isinstance(one, int)]


def _factor(size: Size, wanted: Size) -> float:
    if size == wanted:
        return 1.0
    if not isinstance(size, Expression) and not isinstance(wanted, Expression):
        if size < 1 or wanted < 1:
            raise ShapeError(f"a dimension of {size} resized to {wanted}")
        return wanted / size
    factor = dims.divide(wanted, size)
    if not isinstance(factor, int):
        raise ShapeError(f"the named dimension {size} resized to {wanted}, no multiple of it")
    return float(factor)


def resize(
    x: Value, roi: Value | None = None, scales: Value | None = None, sizes: Value | None = None, **attributes: Any
) -> TensorType:
    """Resize as it is since opset 11."""
    return TensorType(x.dtype, plan(x, scales, sizes, roi, **attributes).shape)


def upsample(x: Value, scales: Value, **_: Any) -> TensorType:
    """Upsample, and Resize of opset 10."""
    return TensorType(x.dtype, plan(x, scales).shape)


def upsample_7(x: Value, *, scales: Sequence[float], **_: Any) -> TensorType:
    """Upsample before opset 9."""
    return TensorType(x.dtype, plan(x, scales).shape)


def grid_sample(x: Value, grid: Value, **_: Any) -> TensorType:
    """GridSample."""
    if x.rank < 3 or grid.rank != x.rank or grid.shape[0] != x.shape[0] or grid.shape[-1] != x.rank - 2:
        raise ShapeError(f"{dims.text(x.shape)} at the places {dims.text(grid.shape)}")
    return TensorType(x.dtype, (*x.shape[:2], *grid.shape[1:-1]))


def affine_grid(theta: Value, size: Value, **_: Any) -> TensorType:
    """AffineGrid of a constant size."""
    if size.contents is None:
        raise ShapeError("a size that is computed at run time")
    count = [one if isinstance(one, Expression) else int(one) for one in size.contents.reshape(-1)]
    rank = len(count) - 2
    if rank not in (2, 3) or theta.shape != (theta.shape[0], rank, rank + 1) or theta.shape[0] != count[0]:
        raise ShapeError(f"{dims.text(theta.shape)} for a grid of {dims.text(count)}")
    return TensorType(theta.dtype, (theta.shape[0], *count[2:], rank))


def roi_align(
    x: Value, rois: Value, images: Value, *, output_height: int = 1, output_width: int = 1, **_: Any
) -> TensorType:
    """RoiAlign."""
    if x.rank != 4 or rois.rank != 2 or rois.shape[1] != 4 or images.shape != rois.shape[:1]:
        raise ShapeError(f"{dims.text(x.shape)} with regions {dims.text(rois.shape)} of {dims.text(images.shape)}")
    return TensorType(x.dtype, (rois.shape[0], x.shape[1], output_height, output_width))
