"""Functions of several elements, with broadcasting: arithmetic, comparisons, logic, bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pysofie import dims, shapes
from pysofie.builder import Enum, NodeBuilder
from pysofie.errors import Refusal, ShapeError
from pysofie.registry import ANY, FLOATS, INTEGERS, NUMBERS, Translate, translator
from pysofie.values import TensorType

if TYPE_CHECKING:
    from pysofie.graph import Attribute
    from pysofie.values import Value

_BOOL = ("bool",)
# ONNX operator: (opset, enum value, types)
_BINARY = {
    "Add": (7, "Add", NUMBERS),
    "Sub": (7, "Sub", NUMBERS),
    "Mul": (7, "Mul", NUMBERS),
    "Div": (7, "Div", NUMBERS),
    "And": (7, "BitwiseAnd", _BOOL),
    "Or": (7, "BitwiseOr", _BOOL),
    "Xor": (7, "BitwiseXor", _BOOL),
    "BitwiseAnd": (18, "BitwiseAnd", INTEGERS),
    "BitwiseOr": (18, "BitwiseOr", INTEGERS),
    "BitwiseXor": (18, "BitwiseXor", INTEGERS),
}
_COMPARISONS = {
    "Equal": (7, "Eq", ANY),
    "Less": (7, "Less", NUMBERS),
    "LessOrEqual": (12, "LessEq", NUMBERS),
    "Greater": (7, "Greater", NUMBERS),
    "GreaterOrEqual": (12, "GreaterEq", NUMBERS),
}
_NARY = {"Max": NUMBERS, "Min": NUMBERS, "Mean": FLOATS, "Sum": FLOATS}
_ONE_TYPE = "inputs of one type"


def _binary(kind: str) -> Translate:
    def translate(b: NodeBuilder, x: Value, y: Value) -> None:
        _emit(b, kind, x, y)

    return translate


def _emit(b: NodeBuilder, kind: str, x: Value, y: Value) -> None:
    b.emit("BasicBinary", x, y, b.output, template=(x.dtype, Enum("EBasicBinaryOperator", kind)))


def _comparison(kind: str) -> Translate:
    def translate(b: NodeBuilder, x: Value, y: Value) -> None:
        b.emit("Comparision", x, y, b.output, template=(x.dtype, Enum("EComparisionOperator", kind)))

    return translate


def _nary(kind: str) -> Translate:
    def translate(b: NodeBuilder, *inputs: Value) -> None:
        if len(inputs) == 1:
            b.emit("Identity", inputs[0], b.output, template=(inputs[0].dtype,))
        else:
            b.emit(
                "BasicNary", b.names(*inputs), b.output, template=(inputs[0].dtype, Enum("EBasicNaryOperator", kind))
            )

    return translate


for _op, (_since, _kind, _types) in _BINARY.items():
    translator(_op, since=_since, infer=shapes.broadcast, types=_types, restrictions=_ONE_TYPE)(_binary(_kind))
for _op, (_since, _kind, _types) in _COMPARISONS.items():
    translator(_op, since=_since, infer=shapes.compare, types=_types, restrictions=_ONE_TYPE)(_comparison(_kind))
for _op, _types in _NARY.items():
    translator(_op, since=6, infer=shapes.broadcast, types=_types, restrictions=_ONE_TYPE)(_nary(_op))


@translator("Pow", since=7, infer=shapes.power, types=NUMBERS)
def power(b: NodeBuilder, x: Value, y: Value) -> None:
    """Pow(X, Y) -> Z; the exponent may be of another type."""
    if y.dtype != x.dtype and y.constant is not None:
        converted = y.constant.astype(x.dtype)
        if np.array_equal(converted.astype(y.dtype), y.constant):
            y = b.constant("exponent", converted)
    _emit(b, "Pow", x, y)


@translator("Mod", since=10, infer=shapes.broadcast, types=NUMBERS)
def modulo(b: NodeBuilder, x: Value, y: Value, *, fmod: int = 0) -> None:
    """Mod(A, B; fmod=0) -> C, with the sign of B, or with fmod that of A."""
    _emit(b, "FMod" if fmod else "Mod", x, y)


@translator("BitShift", since=11, infer=shapes.broadcast, types=INTEGERS)
def bit_shift(b: NodeBuilder, x: Value, y: Value, *, direction: str) -> None:
    """BitShift(X, Y; direction) -> Z."""
    kinds = {"LEFT": "ShiftLeft", "RIGHT": "ShiftRight"}
    if direction not in kinds:
        raise Refusal(f"direction is {direction!r}, neither 'LEFT' nor 'RIGHT'")
    _emit(b, kinds[direction], x, y)


def _prelu(x: Value, slope: Value) -> TensorType:
    if shapes.broadcast(x, slope).shape != x.shape:
        raise ShapeError(f"the slope {dims.text(slope.shape)} does not broadcast to {dims.text(x.shape)}")
    return x.type


@translator("PRelu", since=7, infer=_prelu, types=NUMBERS)
def prelu(b: NodeBuilder, x: Value, slope: Value) -> None:
    """PRelu(X, slope) -> Y."""
    _emit(b, "PRelu", x, slope)


def _where(condition: Value, x: Value, y: Value) -> TensorType:
    if x.dtype != y.dtype:
        raise ShapeError(f"values of the types {x.dtype} and {y.dtype}")
    return TensorType(x.dtype, shapes.broadcast_shapes(condition.shape, x.shape, y.shape))


@translator("Where", since=9, infer=_where, types=_BOOL)
def where(b: NodeBuilder, condition: Value, x: Value, y: Value) -> None:
    """Where(condition, X, Y) -> output."""
    b.emit("Where", x, y, condition, b.output, template=(x.dtype,))


def _truth(x: Value, **_: Attribute) -> TensorType:
    return TensorType(np.dtype(bool), x.shape)


@translator("Not", infer=shapes.same, types=_BOOL)
def negation(b: NodeBuilder, x: Value) -> None:
    """Not(X) -> Y."""
    b.emit("Not", x, b.output)


@translator("IsNaN", since=9, infer=_truth)
def is_nan(b: NodeBuilder, x: Value) -> None:
    """IsNaN(X) -> Y."""
    _is(b, "kIsNaN", x)


@translator("IsInf", since=10, infer=_truth)
def is_inf(b: NodeBuilder, x: Value, *, detect_negative: int = 1, detect_positive: int = 1) -> None:
    """IsInf(X; detect_negative=1, detect_positive=1) -> Y."""
    if detect_negative or detect_positive:
        kind = "kIsInf" if detect_negative and detect_positive else "kIsInfPos" if detect_positive else "kIsInfNeg"
        _is(b, kind, x)
    else:  # nothing is looked for, and nothing is below the lowest
        lowest = b.constant("lowest", np.array(-np.inf, x.dtype))
        b.emit("Comparision", x, lowest, b.output, template=(x.dtype, Enum("EComparisionOperator", "Less")))


def _is(b: NodeBuilder, kind: str, x: Value) -> None:
    b.emit("Basic_Is", x, b.output, template=(Enum("EBasicIsOperator", kind),))
