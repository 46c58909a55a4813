"""One type as another: casts, and small integers with a scale."""

from __future__ import annotations

import itertools

import numpy as np
from onnx import TensorProto, helper

from . import Array, Case, Shape, numbers
from .elementwise import F32, F64, INF, NAN, SIGNED, UNSIGNED

NUMBERS = np.array(
    [0, -0.0, 0.4, -0.4, 0.5, 0.999, 1, -1, 1.5, -1.5, 2.5, 100.7, -100.7, 127, -128, 65000.5, 1e-40], F64
)
TYPES = (F32, F64, *SIGNED, *UNSIGNED, "bool")


def cast() -> list[Case]:
    cases = []
    # All pairs of which one is among these, or which are neighbours.
    middle = {F32, F64, "int32", "int64", "uint8", "bool"}
    for source, target in itertools.product(TYPES, TYPES):
        if not ({source} & middle and {target} & middle) and abs(TYPES.index(source) - TYPES.index(target)) > 1:
            continue
        low = 0 if source.startswith("u") or target.startswith("u") else -9
        x = numbers(low, 10, 35, dtype="int64").astype(source)
        if source.startswith("float"):
            x = (NUMBERS if target[:1] in "fb" else NUMBERS[(low <= NUMBERS) & (np.abs(NUMBERS) < 127)]).astype(source)
        cases.append(
            Case("Cast", {"x": x}, {"to": ELEMENT[target]}, dtype=source, id=f"to_{target}", reference=_cast(target))
        )
    far = np.array([NAN, INF, -INF, 3e9, -3e9, 1e19, -1e19, 2147483648.0, -2147483648.0, 2147483520.0], F32)
    cases += [
        Case("Cast", {"x": far}, {"to": ELEMENT[target]}, id=f"to_{target}_from_afar", reference=_saturated(target))
        for target in ("int32", "int64")
    ]
    wide = np.array([2**31, -(2**31) - 1, 2**40 + 5, -1], "int64")
    cases.append(
        Case("Cast", {"x": wide}, {"to": TensorProto.INT32}, dtype="int64", id="upper_bits", reference=_cast("int32"))
    )
    cases.append(
        Case(
            "Cast",
            {"x": np.array([1e300, -1e300, 1e-300, NAN])},
            {"to": TensorProto.FLOAT},
            dtype=F64,
            id="beyond",
            reference=_cast(F32),
        )
    )
    cases.append(
        Case(
            "Cast",
            {"x": np.array([NAN, INF, 0, 1e-45], F32)},
            {"to": TensorProto.BOOL},
            id="truth",
            reference=_cast("bool"),
        )
    )
    cases.append(Case("Cast", {"x": ("batch", 7)}, {"to": TensorProto.INT64}, reference=_cast("int64")))
    return cases


ELEMENT = {dtype: helper.np_dtype_to_tensor_dtype(np.dtype(dtype)) for dtype in TYPES}


def _cast(target: str):
    return lambda x: x.astype(target)


def _saturated(target: str):
    """Floats beyond the range become its end, NaN becomes 0; by Python's integers."""
    info = np.iinfo(target)

    def one(x: float) -> int:
        return 0 if np.isnan(x) else int(min(max(x, -1e30), 1e30)).__index__()

    return lambda x: np.array([min(max(one(float(v)), info.min), info.max) for v in x], target)


def like() -> list[Case]:
    return [
        Case("CastLike", {"x": (3, 35), "like": np.zeros(1, "int16")}, reference=lambda x, y: x.astype(y.dtype)),
        Case("CastLike", {"x": ("batch", 7), "like": np.zeros(1, F64)}, dtype="int32"),
        Case("CastLike", {"x": (3, 5)}, weights={"like": np.zeros((), bool)}, id="bool", reference=lambda x, _: x != 0),
        Case("CastLike", {"x": (3, 5)}, weights={"like": np.zeros((), F32)}, id="itself", reference=lambda x, _: x),
    ]


def bits() -> list[Case]:
    def case(source: str, target: str, x: Array, shape: Shape | None = None) -> Case:
        to = {"to": helper.np_dtype_to_tensor_dtype(np.dtype(target))}
        x = x.astype(source)
        return Case(
            "BitCast",
            {"x": shape or x},
            to,
            dtype=source,
            id=f"{source}_{target}{'_batch' if shape else ''}",
            opset=26,
            # what is here is in double precision already
            reference=lambda given: given.astype(source).view(target),
        )

    x = numbers(0, 100, 3, 5)
    return [
        case(F32, "int32", x),
        case("uint32", F32, x),
        case(F64, "uint64", x),
        case("int8", "uint8", x),
        case("int16", "uint16", x),
        case(F32, "uint32", x, ("batch", 7)),
    ]


def quantized(dtype: str, axis: int = 0, block: int = 0):
    """QuantizeLinear in double precision; the scale repeated along the axis, once for each element of a block."""
    info = np.iinfo(dtype)

    def function(x: Array, scale: Array, zero: Array | None = None) -> Array:
        scale, zero = (spread(one, x, axis, block) for one in (scale, np.zeros(1) if zero is None else zero))
        return np.clip(np.rint(x / scale) + zero, info.min, info.max).astype(dtype)

    return function


def spread(one: Array, x: Array, axis: int, block: int) -> Array:
    one = one.astype(F64)
    if one.size == 1:
        return one.reshape(())
    if block:
        return np.repeat(one, block, axis=axis)
    return one.reshape([-1 if at == axis % x.ndim else 1 for at in range(x.ndim)])


def dequantized(axis: int = 0, block: int = 0):
    def function(x: Array, scale: Array, zero: Array | None = None) -> Array:
        scale, zero = (spread(one, x, axis, block) for one in (scale, np.zeros(1) if zero is None else zero))
        return (x.astype(F64) - zero) * scale

    return function


SMALL = ("int8", "uint8", "int16", "uint16")


def quantize() -> list[Case]:
    # Powers of 2 for the scales: what is a half is one in single precision as well.
    x = numbers(-300, 300, 3, 5, 8)
    x[0, 0] = [0.125, 0.375, 0.625, -0.125, -0.375, 1e9, -1e9, 0.5]
    scale, scales = np.array(0.25, F32), np.array([0.25, 2, 0.5, 4, 1], F32)
    cases = [
        Case(
            "QuantizeLinear",
            {"x": x},
            weights={"s": scale, "z": np.array(100, dtype)},
            id=dtype,
            reference=quantized(dtype),
        )
        for dtype in SMALL
    ]
    cases += [
        Case("QuantizeLinear", {"x": x}, weights={"s": scale}, id="without_zero_point", reference=quantized("uint8")),
        Case("QuantizeLinear", {"x": x}, {"output_dtype": TensorProto.INT16}, {"s": scale}, id="output_dtype", reference=quantized("int16")),
        Case("QuantizeLinear", {"x": x, "s": scale, "z": np.array([3], "uint8")}, id="at_run_time", reference=quantized("uint8")),
        Case("QuantizeLinear", {"x": x}, {"axis": 1}, {"s": scales, "z": np.arange(5).astype("int8")}, id="axis_1", reference=quantized("int8", axis=1)),
        Case("QuantizeLinear", {"x": x}, {"axis": -2}, {"s": scales}, id="axis_from_the_end", reference=quantized("uint8", axis=1)),
        Case("QuantizeLinear", {"x": ("batch", 5)}, {"axis": -1}, {"s": scales}, reference=quantized("uint8", axis=1)),
        Case("QuantizeLinear", {"x": ("batch", 5, 7)}, {"axis": 1}, {"s": scales, "z": np.arange(5).astype("int8")}, reference=quantized("int8", axis=1)),
        Case("QuantizeLinear", {"x": numbers(-900, 900, 4, 35, dtype="int32")}, {}, {"s": scale, "z": np.array(1, "int8")}, dtype="int32", reference=quantized("int8")),
        Case("QuantizeLinear", {"x": x}, {"axis": 2, "block_size": 4}, {"s": 2.0 ** numbers(-3, 4, 3, 5, 2, dtype="int8").astype(F32)}, id="blocks_at_the_end", reference=quantized("uint8", axis=2, block=4)),
        Case("QuantizeLinear", {"x": numbers(-99, 99, 4, 6, 5)}, {"axis": 1, "block_size": 3}, {"s": 2.0 ** numbers(-3, 4, 4, 2, 5, dtype="int8").astype(F32), "z": numbers(-5, 6, 4, 2, 5, dtype="int8")}, id="blocks", reference=quantized("int8", axis=1, block=3)),
    ]  # fmt: skip
    return cases


def dequantize() -> list[Case]:
    scale, scales = np.array(0.3, F32), numbers(0.1, 2, 5)
    cases = [
        Case(
            "DequantizeLinear",
            {"x": numbers(0, 99, 4, 5, 7, dtype=dtype)},
            weights={"s": scale, "z": np.array(30, dtype)},
            dtype=dtype,
            reference=dequantized(),
        )
        for dtype in SMALL
    ]
    cases += [
        Case("DequantizeLinear", {"x": numbers(-(2**31), 2**31 - 1, 4, 35, dtype="int32")}, weights={"s": scale}, dtype="int32", reference=dequantized()),
        Case("DequantizeLinear", {"x": ("batch", 5)}, {"axis": 1}, {"s": scales, "z": np.arange(5).astype("int8")}, dtype="int8", reference=dequantized(1)),
        Case("DequantizeLinear", {"x": (4, 5, 35)}, {"axis": -2}, {"s": scales}, dtype="uint8", reference=dequantized(1)),
        Case("DequantizeLinear", {"x": (4, 6)}, {"axis": 0, "block_size": 2}, {"s": numbers(0.1, 2, 2, 6)}, dtype="int8", id="blocks", reference=dequantized(0, 2)),
        Case("DequantizeLinear", {"x": (4, 6)}, {"axis": 1, "block_size": 3}, {"s": numbers(0.1, 2, 4, 2)}, dtype="int8", id="blocks_at_the_end", reference=dequantized(1, 3)),
    ]  # fmt: skip
    return cases


CASES = (*cast(), *like(), *bits(), *quantize(), *dequantize())
