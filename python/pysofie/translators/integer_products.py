"""Products of integers with zero points: what is subtracted is gone before the product, which is one of 32-bit integers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pysofie import shapes, windows
from pysofie.builder import Enum, NodeBuilder, integers, sizes
from pysofie.errors import Refusal
from pysofie.registry import translator
from pysofie.values import TensorType, Value

if TYPE_CHECKING:
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
        "NOTSET",
        sizes(window.dilations),
        group,
        sizes(window.kernel),
        sizes(window.pads),
        sizes(window.strides),
        *(x, w, bias, y),
        template=(INT32,),
    )
