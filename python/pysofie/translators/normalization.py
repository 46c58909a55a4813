"""Normalisations and reductions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pysofie import normalizations, shapes
from pysofie.builder import CPP_TYPES, Enum, NodeBuilder, integers
from pysofie.errors import Refusal
from pysofie.registry import translator
from pysofie.values import TensorType, Value

if TYPE_CHECKING:
    from collections.abc import Sequence


@translator("BatchNormalization", since=9, infer=shapes.batch_normalization, restrictions="inference")
def batch_normalization(
    b: NodeBuilder,
    x: Value,
    scale: Value,
    bias: Value,
    mean: Value,
    var: Value,
    *,
    epsilon: float = 1e-5,
    momentum: float = 0.9,
    training_mode: int = 0,
) -> None:
    """BatchNormalization(X, scale, B, input_mean, input_var; epsilon=1e-5, momentum=0.9, training_mode=0) -> Y."""
    if training_mode:
        raise Refusal("statistics of the batch itself", "save the model in eval() mode, with track_running_stats")
    b.emit("BatchNormalization", epsilon, momentum, 0, x, scale, bias, mean, var, b.output, template=(x.dtype,))


@translator("BatchNormalization", since=7, infer=shapes.batch_normalization, restrictions="inference")
def batch_normalization_7(
    b: NodeBuilder,
    x: Value,
    scale: Value,
    bias: Value,
    mean: Value,
    var: Value,
    *,
    epsilon: float = 1e-5,
    momentum: float = 0.9,
    spatial: int = 1,
) -> None:
    """BatchNormalization(X, scale, B, mean, var; epsilon=1e-5, momentum=0.9, spatial=1) -> Y, as it was before opset 9."""
    if not spatial:
        raise Refusal("statistics of each place (spatial=0)")
    b.emit("BatchNormalization", epsilon, momentum, 0, x, scale, bias, mean, var, b.output, template=(x.dtype,))


@translator("LayerNormalization", since=17, infer=normalizations.layer)
def layer_normalization(
    b: NodeBuilder,
    x: Value,
    scale: Value,
    bias: Value | None = None,
    *,
    axis: int = -1,
    epsilon: float = 1e-5,
    stash_type: int = 1,
) -> None:
    """LayerNormalization(X, Scale, B; axis=-1, epsilon=1e-5, stash_type=1) -> Y, Mean, InvStdDev."""
    if stash_type != 1:
        raise Refusal(f"stash_type {stash_type}, 1 (float) is supported")
    at = shapes.axis_of(axis, x.rank)
    y, *moments = b.all_outputs(3)
    own = [one and (one if one.dtype == x.dtype else b.temporary(one.name, _retyped(one, x))) for one in moments]
    b.emit("LayerNormalization", at, epsilon, stash_type, x, scale, bias, y, *own, template=(x.dtype,))
    for ours, wanted in zip(own, moments, strict=True):
        if ours is not None and wanted is not None and ours is not wanted:
            b.emit("Cast", CPP_TYPES[wanted.dtype.name], ours, wanted)


def _retyped(value: Value, like: Value) -> Value:
    return Value("", TensorType(like.dtype, value.shape))


@translator("RMSNormalization", since=23, infer=normalizations.rms)
def rms_normalization(
    b: NodeBuilder, x: Value, scale: Value, *, axis: int = -1, epsilon: float = 1e-5, stash_type: int = 1
) -> None:
    """RMSNormalization(X, scale; axis=-1, epsilon=1e-5, stash_type=1) -> Y."""
    at = shapes.axis_of(axis, x.rank)
    b.emit("RMSNormalization", at, epsilon, stash_type, x, scale, b.output, template=(x.dtype,))


@translator("InstanceNormalization", since=6, infer=normalizations.of_channels)
def instance_normalization(b: NodeBuilder, x: Value, scale: Value, bias: Value, *, epsilon: float = 1e-5) -> None:
    """InstanceNormalization(input, scale, B; epsilon=1e-5) -> output."""
    b.emit("InstanceNormalization", epsilon, x, scale, bias, b.output, template=(x.dtype,))


@translator("GroupNormalization", since=18, infer=normalizations.of_groups)
def group_normalization(
    b: NodeBuilder,
    x: Value,
    scale: Value,
    bias: Value,
    *,
    epsilon: float = 1e-5,
    num_groups: int,
    stash_type: int = 1,  # noqa: ARG001 - sums are as exact as those of floats or better
) -> None:
    """GroupNormalization(X, scale, bias; epsilon=1e-5, num_groups, stash_type=1) -> Y; scale and bias of channels, or of groups."""
    b.emit("GroupNormalization", epsilon, num_groups, x, scale, bias, b.output, template=(x.dtype,))


@translator("LRN", infer=normalizations.local_response)
def lrn(b: NodeBuilder, x: Value, *, alpha: float = 1e-4, beta: float = 0.75, bias: float = 1.0, size: int) -> None:
    """LRN(X; alpha=1e-4, beta=0.75, bias=1.0, size) -> Y."""
    b.emit("LRN", alpha, beta, bias, size, x, b.output)


@translator("LpNormalization", infer=normalizations.along)
def lp_normalization(b: NodeBuilder, x: Value, *, axis: int = -1, p: int = 2) -> None:
    """LpNormalization(input; axis=-1, p=2) -> output; what has the norm 0 stays 0."""
    if p not in (1, 2):
        raise Refusal(f"p {p}, 1 and 2 are supported")
    at = shapes.axis_of(axis, x.rank)
    column = Value("", TensorType(x.dtype, (*x.shape[:at], 1, *x.shape[at + 1 :])))
    norm, positive = b.temporary("norm", column), b.temporary("positive", column)
    if p == 2:
        b.emit("Reduce", 1, integers((at,)), x, None, norm, template=(x.dtype, Enum("EReduceOpMode", "ReduceL2")))
    else:
        size = b.temporary("size", x)
        b.emit("BasicUnary", x, size, template=(x.dtype, Enum("EBasicUnaryOperator", "kAbs")))
        b.emit("Reduce", 1, integers((at,)), size, None, norm, template=(x.dtype, Enum("EReduceOpMode", "ReduceSum")))
    # 0 by the smallest number of all is 0, and no other norm is below it.
    least = b.constant("least", np.nextafter(np.zeros((), x.dtype), np.ones((), x.dtype)))
    b.emit("BasicNary", b.names(norm, least), positive, template=(x.dtype, Enum("EBasicNaryOperator", "Max")))
    b.emit("BasicBinary", x, positive, b.output, template=(x.dtype, Enum("EBasicBinaryOperator", "Div")))


@translator("MeanVarianceNormalization", since=9, infer=normalizations.mean_variance)
def mean_variance_normalization(b: NodeBuilder, x: Value, *, axes: Sequence[int] = (0, 2, 3)) -> None:
    """MeanVarianceNormalization(X; axes=(0, 2, 3)) -> Y."""
    at = shapes.axes_of(axes, x.rank)
    few = Value("", TensorType(x.dtype, tuple(1 if i in at else size for i, size in enumerate(x.shape))))
    mean, variance, deviation, divisor = (b.temporary(what, few) for what in ("mean", "variance", "std", "divisor"))
    centred, squares = b.temporary("centred", x), b.temporary("squares", x)
    reduce = (x.dtype, Enum("EReduceOpMode", "ReduceMean"))
    b.emit("Reduce", 1, integers(at), x, None, mean, template=reduce)
    b.emit("BasicBinary", x, mean, centred, template=(x.dtype, Enum("EBasicBinaryOperator", "Sub")))
    b.emit("BasicBinary", centred, centred, squares, template=(x.dtype, Enum("EBasicBinaryOperator", "Mul")))
    b.emit("Reduce", 1, integers(at), squares, None, variance, template=reduce)
    b.emit("BasicUnary", variance, deviation, template=(x.dtype, Enum("EBasicUnaryOperator", "kSqrt")))
    least = b.constant("least", np.array(1e-9, x.dtype))
    b.emit("BasicBinary", deviation, least, divisor, template=(x.dtype, Enum("EBasicBinaryOperator", "Add")))
    b.emit("BasicBinary", centred, divisor, b.output, template=(x.dtype, Enum("EBasicBinaryOperator", "Div")))
