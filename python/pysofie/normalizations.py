"""Shapes of normalisations."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import dims, shapes
from .dims import Expression
from .errors import ShapeError
from .values import TensorType, Value


def layer(x: Value, scale: Value, b: Value | None = None, *, axis: int = -1, **_: Any) -> tuple[TensorType, ...]:
    """LayerNormalization, with its means and inverse deviations."""
    at = _fits(x, axis, scale, b)
    moments = TensorType(np.dtype(np.float32), (*x.shape[:at], *(1 for _ in x.shape[at:])))
    return x.type, moments, moments


def rms(x: Value, scale: Value, *, axis: int = -1, **_: Any) -> TensorType:
    """RMSNormalization."""
    _fits(x, axis, scale)
    return x.type


def _fits(x: Value, axis: int, *parameters: Value | None) -> int:
    at = shapes.axis_of(axis, x.rank)
    for one in filter(None, parameters):
        if one.dtype != x.dtype:
            raise ShapeError(f"{one.dtype} parameters of {x.dtype}")
        if shapes.broadcast_shapes(x.shape, one.shape) != x.shape:
            raise ShapeError(f"{dims.text(one.shape)} does not broadcast to {dims.text(x.shape)}")
    return at


def _channels(x: Value) -> int:
    if x.rank < 2 or isinstance(x.shape[1], Expression):
        raise ShapeError(f"{dims.text(x.shape)} is not of images and a known number of channels")
    return x.shape[1]


def of_channels(x: Value, scale: Value, b: Value, **_: Any) -> TensorType:
    """InstanceNormalization: parameters of one number for each channel."""
    channels = _channels(x)
    for one in (scale, b):
        if one.shape != (channels,):
            raise ShapeError(f"{dims.text(one.shape)} parameters for {channels} channels")
    return x.type


def of_groups(x: Value, scale: Value, b: Value, *, num_groups: int, **_: Any) -> TensorType:
    """GroupNormalization: parameters of one number for each channel or, before opset 21, for each group."""
    channels = _channels(x)
    if num_groups < 1 or channels % num_groups:
        raise ShapeError(f"{channels} channels in {num_groups} groups")
    if scale.shape not in ((channels,), (num_groups,)) or b.shape != scale.shape:
        raise ShapeError(f"{dims.text(scale.shape)} and {dims.text(b.shape)} parameters for {channels} channels")
    return x.type


def along(x: Value, *, axis: int = -1, **_: Any) -> TensorType:
    """LpNormalization: an axis that exists."""
    shapes.axis_of(axis, x.rank)
    return x.type


def local_response(x: Value, *, size: int, **_: Any) -> TensorType:
    """LRN."""
    if x.rank < 2 or size < 1:
        raise ShapeError(f"{size} neighbouring channels of {dims.text(x.shape)}")
    return x.type


def mean_variance(x: Value, *, axes: shapes.Ints = (0, 2, 3)) -> TensorType:
    """MeanVarianceNormalization."""
    if not shapes.axes_of(axes, x.rank):
        raise ShapeError("it has no axes")
    return x.type
