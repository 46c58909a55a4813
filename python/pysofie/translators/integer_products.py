"""Products of integers with zero points: what is subtracted is gone before the product, which is one of 32-bit integers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie import shapes, windows
from pysofie.builder import CPP_TYPES, Enum, NodeBuilder, integers, sizes
from pysofie.errors import Refusal
from pysofie.registry import translator
from pysofie.values import TensorType, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pysofie.dims import Shape
    from pysofie.graph import Array

Ints = Sequence[int]
INT32 = np.dtype(np.int32)
BYTES = ("int8", "uint8")


def _new(b: NodeBuilder, what: str, dtype: str, shape: Shape) -> Value:
    return b.temporary(what, Value("", TensorType(np.dtype(dtype), shape)))


def _placed(zero: Value, axis: int, rank: int) -> tuple[int, ...]:
    """The new dimensions of a zero point that is one number for each index of an axis, counted from the back."""
    if zero.rank != 1 or zero.shape == (1,):
        return ()
    return tuple(at for at in range(1, -axis)) if rank > 1 else ()


def centred(b: NodeBuilder, what: str, x: Value, zero: Value | None, axis: int) -> Value:
    """X as 32-bit integers, its zero point subtracted: one number, or one for each index of the axis (negative)."""
    added = _placed(zero, axis, x.rank) if zero is not None else ()
    if x.constant is not None and (zero is None or zero.constant is not None):
        offset = 0 if zero is None else np.expand_dims(_one_or_all(b.constant_of(zero)), added)
        return b.constant(what, x.constant.astype(np.int32) - np.asarray(offset, np.int32))
    wide = _new(b, f"{what}_wide", "int32", x.shape)
    b.emit("Cast", "int32_t", x, wide)
    if zero is None or (zero.constant is not None and not zero.constant.any()):
        return wide
    if zero.constant is not None:
        offset = np.expand_dims(_one_or_all(zero.constant).astype(np.int32), added)
        right = b.constant(f"{what}_zero", offset)
    else:
        right = _new(b, f"{what}_zero", "int32", zero.shape)
        b.emit("Cast", "int32_t", zero, right)
        if added:
            column = _new(b, f"{what}_zeros", "int32", (*zero.shape, *(1 for _ in added)))
            b.emit("Reshape", Enum("ReshapeOpMode", "Unsqueeze"), integers(added), right, column)
            right = column
    result = _new(b, what, "int32", x.shape)
    b.emit("BasicBinary", wide, right, result, template=(INT32, Enum("EBasicBinaryOperator", "Sub")))
    return result


def _one_or_all(array: Array) -> Array:
    return array.reshape(()) if array.size == 1 else array


def _infer_matmul(a: Value, b: Value, *_: Value | None) -> TensorType:
    return TensorType(INT32, shapes.matmul(a, b).shape)


@translator("MatMulInteger", since=10, infer=_infer_matmul, types=BYTES)
def matmul_integer(
    b: NodeBuilder, left: Value, right: Value, zero_left: Value | None = None, zero_right: Value | None = None
) -> None:
    """MatMulInteger(A, B, a_zero_point, b_zero_point) -> Y."""
    factors = centred(b, "a", left, zero_left, -2), centred(b, "b", right, zero_right, -1)
    b.emit("Gemm", 1.0, 0.0, 0, 0, *factors, b.output, template=(INT32,))


@translator(
    "ConvInteger", since=10, infer=windows.conv_integer, types=BYTES, restrictions="1 to 3 dimensions, as for Conv"
)
def conv_integer(
    b: NodeBuilder,
    x: Value,
    w: Value,
    zero_x: Value | None = None,
    zero_w: Value | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Ints | None = None,
    group: int = 1,
    kernel_shape: Ints | None = None,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> None:
    """ConvInteger(x, w, x_zero_point, w_zero_point; the attributes of Conv) -> y."""
    window = windows.conv_window(
        x, w, kernel_shape=kernel_shape, auto_pad=auto_pad, dilations=dilations, pads=pads, strides=strides
    )
    _emit_conv(b, window, group, centred(b, "x", x, zero_x, -1), centred(b, "w", w, zero_w, -w.rank), None, b.output)


def _emit_conv(
    b: NodeBuilder, window: windows.Window, group: int, x: Value, w: Value, bias: Value | None, y: Value
) -> None:
    if not 3 <= x.rank <= 5:
        raise Refusal(f"{x.rank - 2} spatial dimensions, 1 to 3 are supported")
    b.emit(
        "Conv",
        window.auto_pad,
        sizes(window.dilations),
        group,
        sizes(window.kernel),
        sizes(window.pads),
        sizes(window.strides),
        *(x, w, bias, y),
        template=(INT32,),
    )


def _requantize(b: NodeBuilder, sums: Value, scale: Array, zero: Value, y: Value) -> None:
    """Y = the sums times the scale, rounded to even, plus the zero point, as near as y's type has it."""
    steps = [b.temporary(what, Value("", TensorType(np.dtype(np.float64), y.shape))) for what in ("real", "scaled", "rounded", "moved", "within")]  # fmt: skip
    real, scaled, rounded, moved, within = steps
    double = (np.dtype(np.float64),)
    limits = np.iinfo(np.dtype(y.dtype.name))
    low, high = (
        b.constant(what, np.array(one, np.float64)) for what, one in (("low", limits.min), ("high", limits.max))
    )
    b.emit("Cast", "double", sums, real)
    factor = b.constant("scale", _one_or_all(np.asarray(scale, np.float64)))
    b.emit("BasicBinary", real, factor, scaled, template=(*double, Enum("EBasicBinaryOperator", "Mul")))
    b.emit("BasicUnary", scaled, rounded, template=(*double, Enum("EBasicUnaryOperator", "kRound")))
    shift = b.constant("shift", _one_or_all(b.constant_of(zero).astype(np.float64)))
    b.emit("BasicBinary", rounded, shift, moved, template=(*double, Enum("EBasicBinaryOperator", "Add")))
    b.emit("Clip", moved, low, high, within, template=double)
    b.emit("Cast", CPP_TYPES[y.dtype.name], within, y)


def _scale(b: NodeBuilder, value: Value, axis: int, rank: int) -> NDArray[np.float64]:
    """A constant scale, ready to broadcast: one number, or one for each index of the axis (negative)."""
    return np.expand_dims(b.constant_of(value).astype(np.float64), _placed(value, axis, rank))


def _infer_qlinear_matmul(
    a: Value, _as: Value, _az: Value, b: Value, _bs: Value, _bz: Value, _ys: Value, zero: Value
) -> TensorType:
    return TensorType(zero.dtype, shapes.matmul(a, b).shape)


@translator(
    "QLinearMatMul", since=10, infer=_infer_qlinear_matmul, types=BYTES, restrictions="constant scales, 8-bit types"
)
def qlinear_matmul(
    b: NodeBuilder,
    left: Value,
    scale_left: Value,
    zero_left: Value,
    right: Value,
    scale_right: Value,
    zero_right: Value,
    scale: Value,
    zero: Value,
) -> None:
    """QLinearMatMul(a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point) -> y."""
    sums = _new(b, "sums", "int32", b.output.shape)
    factors = centred(b, "a", left, zero_left, -2), centred(b, "b", right, zero_right, -1)
    b.emit("Gemm", 1.0, 0.0, 0, 0, *factors, sums, template=(INT32,))
    whole = _scale(b, scale_left, -2, left.rank) * _scale(b, scale_right, -1, right.rank) / _scale(b, scale, -1, 0)
    _requantize(b, sums, whole, zero, b.output)


def _infer_qlinear_conv(
    x: Value, _xs: Value, _xz: Value, w: Value, _ws: Value, _wz: Value, _ys: Value, zero: Value, bias: Value | None = None, **attributes: Any,
) -> TensorType:  # fmt: skip
    return TensorType(zero.dtype, windows.conv(x, w, bias, **attributes).shape)


@translator(
    "QLinearConv",
    since=10,
    infer=_infer_qlinear_conv,
    types=BYTES,
    restrictions="1 to 3 dimensions, constant scales, 8-bit types",
)
def qlinear_conv(
    b: NodeBuilder,
    x: Value,
    scale_x: Value,
    zero_x: Value,
    w: Value,
    scale_w: Value,
    zero_w: Value,
    scale: Value,
    zero: Value,
    bias: Value | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Ints | None = None,
    group: int = 1,
    kernel_shape: Ints | None = None,
    pads: Ints | None = None,
    strides: Ints | None = None,
) -> None:
    """QLinearConv(x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, B; the attributes of Conv) -> y."""
    window = windows.conv_window(
        x, w, kernel_shape=kernel_shape, auto_pad=auto_pad, dilations=dilations, pads=pads, strides=strides
    )
    sums = _new(b, "sums", "int32", b.output.shape)
    factors = centred(b, "x", x, zero_x, -1), centred(b, "w", w, zero_w, -w.rank)
    _emit_conv(b, window, group, *factors, bias, sums)
    whole = _scale(b, scale_x, -1, 0) * _scale(b, scale_w, 1 - x.rank, x.rank) / _scale(b, scale, -1, 0)
    _requantize(b, sums, whole, zero, b.output)
