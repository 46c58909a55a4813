"""Layers: bilinear, norms, shuffles of channels, distances."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pysofie.errors import Refusal

from .parts import Ints, Parts, aten

if TYPE_CHECKING:
    from pysofie.values import Value


@aten("bilinear", keeps="rank")
def bilinear(p: Parts, x: Value, y: Value, weight: Value, bias: Value | None = None) -> Value:
    """X W_o y + b_o for each output o."""
    rows = "abcdefgh"[: x.rank - 1]
    product = p("Einsum", x, weight, y, equation=f"{rows}x,oxy,{rows}y->{rows}o")
    return product if bias is None else p("Add", product, bias)


@aten("batch_norm", keeps="shape")
def batch_norm(
    p: Parts,
    x: Value,
    weight: Value | None,
    bias: Value | None,
    mean: Value | None,
    variance: Value | None,
    training: bool,
    momentum: float,
    eps: float,
    cudnn: bool = False,
) -> Value:
    """By the statistics of training, or those of the batch itself where a layer tracks none."""
    del momentum, cudnn
    if training or mean is None or variance is None:
        return _normalized(p, x, weight, bias, (0, *range(2, x.rank)), eps)
    return _by_statistics(p, x, weight, bias, mean, variance, eps)


@aten("instance_norm", keeps="shape")
def instance_norm(
    p: Parts,
    x: Value,
    weight: Value | None,
    bias: Value | None,
    mean: Value | None,
    variance: Value | None,
    own: bool,
    momentum: float,
    eps: float,
    cudnn: bool = False,
) -> Value:
    """By the statistics of each channel, or by those of training."""
    del momentum, cudnn
    if not own and mean is not None and variance is not None:
        return _by_statistics(p, x, weight, bias, mean, variance, eps)
    channels = x.shape[1]
    if not isinstance(channels, int):
        raise Refusal("the number of channels is not known")
    scale = p.constant(np.ones(channels, x.dtype)) if weight is None else weight
    shift = p.constant(np.zeros(channels, x.dtype)) if bias is None else bias
    return p("InstanceNormalization", x, scale, shift, epsilon=eps)


def _by_statistics(
    p: Parts, x: Value, weight: Value | None, bias: Value | None, mean: Value, variance: Value, eps: float
) -> Value:
    scale = p.constant(np.ones(mean.shape, mean.dtype)) if weight is None else weight
    shift = p.constant(np.zeros(mean.shape, mean.dtype)) if bias is None else bias
    return p("BatchNormalization", x, scale, shift, mean, variance, epsilon=eps)


def _normalized(
    p: Parts, x: Value, weight: Value | None, bias: Value | None, axes: tuple[int, ...], eps: float
) -> Value:
    centred = p("Sub", x, p.reduce("ReduceMean", x, axes))
    variance = p.reduce("ReduceMean", p("Mul", centred, centred), axes)
    result = p("Div", centred, p("Sqrt", p("Add", variance, eps)))
    channels = (-1, *[1] * (x.rank - 2))
    for op, one in (("Mul", weight), ("Add", bias)):
        if one is not None:
            result = p(op, result, p("Reshape", one, channels))
    return result


@aten("rms_norm", keeps="shape")
def rms_norm(p: Parts, x: Value, shape: Ints, weight: Value | None = None, eps: float | None = None) -> Value:
    """X divided by the root of the mean of its squares."""
    axes = tuple(range(x.rank - len(shape), x.rank))
    epsilon = float(np.finfo(x.dtype.name).eps) if eps is None else eps
    squares = p.reduce("ReduceMean", p("Mul", x, x), axes)
    result = p("Div", x, p("Sqrt", p("Add", squares, epsilon)))
    return result if weight is None else p("Mul", result, weight)


@aten("channel_shuffle", "native_channel_shuffle", keeps="shape")
def channel_shuffle(p: Parts, x: Value, groups: int) -> Value:
    """Channels of all groups by turns."""
    batch, channels, *rest = x.shape
    if not isinstance(channels, int):
        raise Refusal("the number of channels is not known")
    apart = p.reshape(x, (batch, groups, channels // groups, *rest))
    return p.reshape(p("Transpose", apart, perm=(0, 2, 1, *range(3, apart.rank))), x.shape)


@aten("pairwise_distance")
def pairwise_distance(
    p: Parts, x: Value, y: Value, order: float = 2.0, eps: float = 1e-6, keepdim: bool = False
) -> Value:
    """The norm of x - y + eps over the last dim."""
    difference = p("Add", p("Sub", x, y), eps)
    return norm_over(p, difference, order, (difference.rank - 1,), keepdims=keepdim)


def norm_over(p: Parts, x: Value, order: float, axes: tuple[int, ...], *, keepdims: bool) -> Value:
    """The norm of any order."""
    if order == 2:
        return p.reduce("ReduceL2", x, axes, keepdims=keepdims)
    if order == 1:
        return p.reduce("ReduceL1", x, axes, keepdims=keepdims)
    size = p("Abs", x)
    if math.isinf(order):
        return p.reduce("ReduceMax" if order > 0 else "ReduceMin", size, axes, keepdims=keepdims)
    if order == 0:
        present = p.cast(p("Not", p("Equal", x, 0.0)), x.dtype)
        return p.reduce("ReduceSum", present, axes, keepdims=keepdims)
    return p("Pow", p.reduce("ReduceSum", p("Pow", size, order), axes, keepdims=keepdims), 1 / order)
