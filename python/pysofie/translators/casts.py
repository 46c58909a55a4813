"""One type as another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pysofie import dims, shapes
from pysofie.builder import CPP_TYPES, NodeBuilder
from pysofie.errors import Refusal, ShapeError
from pysofie.registry import ANY, ANY_OR_HALVES, FLOATS, translator
from pysofie.values import UNKNOWN, TensorType

if TYPE_CHECKING:
    from pysofie.graph import Attribute
    from pysofie.values import Value

_SMALL = ("int8", "uint8", "int16", "uint16")


@translator("Cast", since=6, infer=shapes.cast, types=ANY_OR_HALVES, restrictions="no text")
def cast(b: NodeBuilder, x: Value, *, to: int, saturate: int = 1, round_mode: str = "up") -> None:  # noqa: ARG001 - of 8-bit floats only
    """Cast(input; to) -> output."""
    b.emit("Cast", CPP_TYPES[_target(to)], x, b.output)


def _like(x: Value, target: Value, **_: Attribute) -> TensorType:
    return TensorType(target.dtype, x.shape)


@translator("CastLike", since=15, infer=_like, types=ANY, restrictions="no text")
def cast_like(b: NodeBuilder, x: Value, target: Value, *, saturate: int = 1, round_mode: str = "up") -> None:  # noqa: ARG001 - as of Cast
    """CastLike(input, target_type) -> output."""
    b.emit("Cast", CPP_TYPES[target.dtype.name], x, b.output)


@translator("BitCast", since=26, infer=shapes.cast, types=ANY_OR_HALVES, restrictions="types of equal size")
def bit_cast(b: NodeBuilder, x: Value, *, to: int) -> None:
    """BitCast(input; to) -> output."""
    target = _target(to)
    if b.output.dtype.itemsize != x.dtype.itemsize or (target == "bool" and x.dtype.name != target):
        raise Refusal(f"the bits of {x.dtype} as {target}")
    b.emit("BitCast", CPP_TYPES[target], x, b.output)


def _target(to: int) -> str:
    target = shapes.ONNX_TYPES.get(to)
    if target is None:
        raise Refusal(f"the type {to} of ONNX as attribute 'to'")
    return target


def _quantized(
    x: Value, scale: Value, zero: Value | None = None, *, output_dtype: int = 0, **_: Attribute
) -> TensorType:
    _check_scale(scale, zero)
    if zero is not None:
        return TensorType(zero.dtype, x.shape)
    name = shapes.ONNX_TYPES.get(output_dtype) if output_dtype else "uint8"
    return TensorType(np.dtype(name), x.shape) if name else UNKNOWN


def _dequantized(x: Value, scale: Value, zero: Value | None = None, **_: Attribute) -> TensorType:
    _check_scale(scale, zero)
    if zero is not None and zero.dtype != x.dtype:
        raise ShapeError(f"a zero point of {zero.dtype} with {x.dtype}")
    return TensorType(scale.dtype, x.shape)


def _check_scale(scale: Value, zero: Value | None) -> None:
    if zero is not None and dims.count(zero.shape) != dims.count(scale.shape):
        raise ShapeError(f"a zero point {dims.text(zero.shape)} with the scale {dims.text(scale.shape)}")


@translator("QuantizeLinear", since=10, infer=_quantized, types=(*FLOATS, "int32"), restrictions="to 8 and 16 bits")
def quantize(
    b: NodeBuilder,
    x: Value,
    scale: Value,
    zero: Value | None = None,
    *,
    axis: int = 1,
    block_size: int = 0,
    output_dtype: int = 0,
    precision: int = 0,
    saturate: int = 1,  # noqa: ARG001 - of 8-bit floats only
) -> None:
    """QuantizeLinear(x, y_scale, y_zero_point; axis=1, block_size=0, output_dtype, precision) -> y."""
    target = b.output.dtype.name
    if target not in _SMALL:
        raise Refusal(f"output_dtype {output_dtype} ({target}), but {', '.join(_SMALL)}")
    if precision and shapes.ONNX_TYPES.get(precision) != scale.dtype.name:
        raise Refusal(f"precision {precision} with a scale of {scale.dtype}")
    _check_axis(x, scale, axis, block_size)
    b.emit("QuantizeLinear", CPP_TYPES[target], axis, block_size, x, scale, zero, b.output)


@translator("DequantizeLinear", since=10, infer=_dequantized, types=(*_SMALL, "int32"))
def dequantize(
    b: NodeBuilder,
    x: Value,
    scale: Value,
    zero: Value | None = None,
    *,
    axis: int = 1,
    block_size: int = 0,
    output_dtype: int = 0,
) -> None:
    """DequantizeLinear(x, x_scale, x_zero_point; axis=1, block_size=0, output_dtype) -> y."""
    if output_dtype and shapes.ONNX_TYPES.get(output_dtype) != scale.dtype.name:
        raise Refusal(f"output_dtype {output_dtype} with a scale of {scale.dtype}")
    _check_axis(x, scale, axis, block_size)
    b.emit("DequantizeLinear", axis, block_size, x, scale, zero, b.output)


def _check_axis(x: Value, scale: Value, axis: int, block_size: int) -> None:
    """What the class would refuse without naming the attribute."""
    if scale.dtype.name not in FLOATS:
        raise Refusal(f"a scale of {scale.dtype}")
    if block_size < 0:
        raise Refusal(f"block_size {block_size}")
    if dims.count(scale.shape) == 1:
        return
    at = shapes.axis_of(axis, x.rank)
    size = x.shape[at]
    if not block_size and scale.shape != (size,):
        raise Refusal(f"a scale {dims.text(scale.shape)} along axis {at} of {dims.text(x.shape)}, with block_size 0")
    if block_size and (not isinstance(size, int) or size % block_size or _blocked(x, at, block_size) != scale.shape):
        raise Refusal(
            f"a scale {dims.text(scale.shape)} along axis {at} of {dims.text(x.shape)}, which block_size {block_size} "
            "does not cut into as many whole blocks"
        )


def _blocked(x: Value, axis: int, block_size: int) -> dims.Shape:
    return tuple(dims.floor_divide(size, block_size) if at == axis else size for at, size in enumerate(x.shape))
