"""Normalizations with their statistics as they are at inference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie.keras.layout import move_axis
from pysofie.keras.registry import layer, operation
from pysofie.keras.writer import axes_of, static

from .reductions import moments

if TYPE_CHECKING:
    from pysofie.keras.walk import Walk
    from pysofie.values import Value


@operation("BatchNorm")
def batch_norm(
    w: Walk, op: Any, x: Any, mean: Any, variance: Any, offset: Any = None, scale: Any = None, **_: Any
) -> Value:
    """keras.ops.batch_normalization."""
    return _normalise(w, w.tensor(x, w.dtype), op.axis, op.epsilon, mean, variance, offset, scale)


@layer("BatchNormalization")
def batch_normalization(w: Walk, layer: Any, x: Value, mask: Any = None) -> Value:
    """By the statistics of the training, a number for each channel."""
    del mask  # of use in training alone
    return _normalise(
        w, x, layer.axis, layer.epsilon, layer.moving_mean, layer.moving_variance, layer.beta, layer.gamma
    )


def _normalise(
    w: Walk, x: Value, axis: int, epsilon: float, mean: Any, variance: Any, offset: Any, scale: Any
) -> Value:
    channels = (static(x.shape[axis], "the number of channels"),)
    gamma, beta = (
        w.constant(np.full(channels, default, x.dtype)) if one is None else w.tensor(one, x.dtype)
        for one, default in ((scale, 1), (offset, 0))
    )
    statistics = [w.tensor(one, x.dtype) for one in (mean, variance)]
    first = x if x.rank < 2 else move_axis(w, x, axis, 1)
    made = w.op("BatchNormalization", first, gamma, beta, *statistics, epsilon=float(epsilon))
    return made if x.rank < 2 else move_axis(w, made, 1, axis)


@operation("LayerNorm")
def layer_norm(w: Walk, op: Any, x: Any, gamma: Any = None, beta: Any = None) -> Value:
    """keras.ops.layer_normalization."""
    given = w.tensor(x, w.dtype)
    axes = axes_of(op.axis, given.rank)
    return _layer_norm(w, given, axes, _epsilon(op), gamma, beta)


def _epsilon(op: Any) -> float:
    import keras

    return float(keras.config.epsilon() if op.epsilon is None else op.epsilon)


@layer("LayerNormalization")
def layer_normalization(w: Walk, layer: Any, x: Value) -> Value:
    """Over axes that need not be the last."""
    return _layer_norm(w, x, axes_of(layer.axis, x.rank), float(layer.epsilon), layer.gamma, layer.beta)


def _layer_norm(w: Walk, x: Value, axes: tuple[int, ...], epsilon: float, gamma: Any, beta: Any) -> Value:
    """The axes moved to the end, where ONNX normalizes."""
    kept = [at for at in range(x.rank) if at not in axes]
    order = (*kept, *sorted(axes))
    moved = w.transpose(x, order)
    shape = tuple(static(one, "what is normalized over") for one in moved.shape[len(kept) :])
    scale, shift = (
        w.constant(np.ones(shape, x.dtype)) if one is None else _shaped(w, one, shape, x.dtype) for one in (gamma, beta)
    )
    bias = None if beta is None else shift
    made = w.op("LayerNormalization", moved, scale, bias, axis=len(kept), epsilon=epsilon)
    return w.transpose(made, tuple(int(at) for at in np.argsort(order)))


def _shaped(w: Walk, one: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Value:
    return w.weight(one, lambda array: np.asarray(array, dtype).reshape(shape))


@operation("RMSNorm")
def rms_norm(w: Walk, op: Any, x: Any, scale: Any = None) -> Value:
    """keras.ops.rms_normalization."""
    given = w.tensor(x, w.dtype)
    axes = axes_of(op.axis, given.rank)
    mean = w.reduce("Mean", w.op("Mul", given, given), axes, keepdims=True)
    root = w.op("Sqrt", w.op("Add", mean, w.number(_epsilon(op), given)))
    made = w.op("Mul", given, w.op("Reciprocal", root))
    return made if scale is None else w.op("Mul", made, w.tensor(scale, w.dtype))


@layer("GroupNormalization")
def group_normalization(w: Walk, layer: Any, x: Value) -> Value:
    """Channels in groups, each normalized over itself and all but the batch."""
    first = move_axis(w, x, layer.axis, 1)
    channels = static(first.shape[1], "the number of channels")
    groups = channels if layer.groups == -1 else layer.groups
    parts = w.reshape(first, (first.shape[0], groups, channels // groups, *first.shape[2:]))
    mean, variance = moments(w, parts, range(2, parts.rank), keepdims=True)
    root = w.op("Sqrt", w.op("Add", variance, w.number(float(layer.epsilon), x)))
    made = w.reshape(w.op("Div", w.op("Sub", parts, mean), root), first.shape)
    for kind, one in (("Mul", layer.gamma), ("Add", layer.beta)):
        if one is not None:
            made = w.op(kind, made, w.weight(one, lambda array: array.reshape(-1, *(1,) * (first.rank - 2))))
    return move_axis(w, made, 1, layer.axis)
