"""Functions of each element, alone or with its partners: one row of a table where there is no more to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pysofie import shapes
from pysofie.builder import CPP_TYPES, Enum, NodeBuilder
from pysofie.errors import Refusal
from pysofie.registry import ANY, FLOATS, NUMBERS, Translate, translator

if TYPE_CHECKING:
    from pysofie.values import Value

# ONNX operator: (opset, class, enum value or None, types)
_UNARY = {
    "Relu": (6, "Relu", None, NUMBERS),
    "Sigmoid": (6, "Sigmoid", None, FLOATS),
    "Tanh": (6, "Tanh", None, FLOATS),
    "Neg": (6, "BasicUnary", "kNeg", NUMBERS),
    "Abs": (6, "BasicUnary", "kAbs", NUMBERS),
    "Sqrt": (6, "BasicUnary", "kSqrt", FLOATS),
    "Exp": (6, "BasicUnary", "kExp", FLOATS),
    "Log": (6, "BasicUnary", "kLog", FLOATS),
    "Erf": (9, "BasicUnary", "kErf", FLOATS),
    "Reciprocal": (6, "BasicUnary", "kReciprocal", FLOATS),
    "Identity": (1, "Identity", None, ANY),
}
# ONNX's own values, those of Klambauer et al. 2017.
_SELU_ALPHA, _SELU_GAMMA = 1.67326319217681884765625, 1.05070102214813232421875
_LARGEST = float(np.finfo(np.float32).max)
_BINARY = {"Add": NUMBERS, "Sub": NUMBERS, "Mul": NUMBERS, "Div": NUMBERS}
_NARY = {"Max": NUMBERS, "Min": NUMBERS, "Mean": FLOATS, "Sum": FLOATS}


def _unary(cls: str, kind: str | None) -> Translate:
    enum = (Enum("EBasicUnaryOperator", kind),) if kind else ()

    def translate(b: NodeBuilder, x: Value) -> None:
        b.emit(cls, x, b.output, template=(x.dtype, *enum))

    return translate


def _binary(kind: str) -> Translate:
    def translate(b: NodeBuilder, x: Value, y: Value) -> None:
        b.emit("BasicBinary", x, y, b.output, template=(x.dtype, Enum("EBasicBinaryOperator", kind)))

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


for _op, (_since, _cls, _kind, _types) in _UNARY.items():
    translator(_op, since=_since, infer=shapes.same, types=_types)(_unary(_cls, _kind))
for _op, _types in _BINARY.items():
    translator(_op, since=7, infer=shapes.broadcast, types=_types, restrictions="inputs of one type")(_binary(_op))
for _op, _types in _NARY.items():
    translator(_op, since=8, infer=shapes.broadcast, types=_types, restrictions="inputs of one type")(_nary(_op))


@translator("Pow", since=7, infer=shapes.power, types=NUMBERS, restrictions="exponent of the base's type, or constant")
def power(b: NodeBuilder, x: Value, y: Value) -> None:
    """Pow(X, Y) -> Z."""
    if y.dtype != x.dtype:
        if y.constant is None:
            raise Refusal(f"a base of {x.dtype} with an exponent of {y.dtype} that is computed at run time")
        converted = y.constant.astype(x.dtype)
        if not np.array_equal(converted.astype(y.dtype), y.constant):
            raise Refusal(f"a base of {x.dtype} with the exponent {y.constant} of {y.dtype}")
        y = b.constant("exponent", converted)
    b.emit("BasicBinary", x, y, b.output, template=(x.dtype, Enum("EBasicBinaryOperator", "Pow")))


@translator("LeakyRelu", since=6, infer=shapes.same)
def leaky_relu(b: NodeBuilder, x: Value, *, alpha: float = 0.01) -> None:
    """LeakyRelu(X; alpha=0.01) -> Y."""
    b.emit("LeakyRelu", alpha, x, b.output, template=(x.dtype,))


@translator("Elu", since=6, infer=shapes.same)
def elu(b: NodeBuilder, x: Value, *, alpha: float = 1.0) -> None:
    """Elu(X; alpha=1.0) -> Y."""
    b.emit("Elu", alpha, x, b.output, template=(x.dtype,))


@translator("Selu", since=6, infer=shapes.same, restrictions="alpha and gamma of the paper")
def selu(b: NodeBuilder, x: Value, *, alpha: float = _SELU_ALPHA, gamma: float = _SELU_GAMMA) -> None:
    """Selu(X; alpha=1.67..., gamma=1.05...) -> Y."""
    if not np.allclose((alpha, gamma), (_SELU_ALPHA, _SELU_GAMMA), rtol=1e-7, atol=0):
        raise Refusal(f"alpha {alpha} and gamma {gamma}, only those of the paper are supported")
    b.emit("Selu", x, b.output, template=(x.dtype,))


@translator("Clip", since=11, infer=shapes.same, types=NUMBERS)
def clip(b: NodeBuilder, x: Value, low: Value | None = None, high: Value | None = None) -> None:
    """Clip(input, min, max) -> output."""
    b.emit("Clip", x, low, high, b.output, template=(x.dtype,))


@translator("Clip", since=6, infer=shapes.same)
def clip_6(b: NodeBuilder, x: Value, *, min: float = -_LARGEST, max: float = _LARGEST) -> None:
    """Clip(input; min, max) -> output, as it was before opset 11."""
    bounds = [
        None if abs(one) == _LARGEST else b.constant(what, np.array(one, x.dtype))
        for what, one in (("min", min), ("max", max))
    ]
    b.emit("Clip", x, *bounds, b.output, template=(x.dtype,))


@translator("Cast", since=6, infer=shapes.cast, types=ANY, restrictions="no text, no 16-bit floats")
def cast(b: NodeBuilder, x: Value, *, to: int, saturate: int = 1) -> None:  # noqa: ARG001 - of 8-bit floats only
    """Cast(input; to) -> output."""
    target = shapes.ONNX_TYPES.get(to)
    if target not in ANY:
        raise Refusal(f"a cast to type {to} of ONNX ({target or 'unknown here'})")
    b.emit("Cast", CPP_TYPES[target], x, b.output)


@translator("Softmax", since=13, infer=shapes.softmax)
def softmax(b: NodeBuilder, x: Value, *, axis: int = -1) -> None:
    """Softmax(input; axis=-1) -> output."""
    _softmax(b, x, axis, log=False)


@translator("LogSoftmax", since=13, infer=shapes.softmax)
def log_softmax(b: NodeBuilder, x: Value, *, axis: int = -1) -> None:
    """LogSoftmax(input; axis=-1) -> output."""
    _softmax(b, x, axis, log=True)


def _old_softmax(log: bool) -> Translate:
    def translate(b: NodeBuilder, x: Value, *, axis: int = 1) -> None:
        if shapes.axis_of(axis, x.rank) != x.rank - 1:
            raise Refusal(f"axis {axis} of {x.rank} in a form older than opset 13, which runs over several dimensions")
        _softmax(b, x, axis, log=log)

    return translate


def _softmax(b: NodeBuilder, x: Value, axis: int, *, log: bool) -> None:
    b.emit("Softmax", shapes.axis_of(axis, x.rank), x, b.output, *((True,) if log else ()))


translator("Softmax", infer=shapes.softmax, restrictions="the last axis, where older than opset 13")(
    _old_softmax(log=False)
)
translator("LogSoftmax", infer=shapes.softmax, restrictions="the last axis, where older than opset 13")(
    _old_softmax(log=True)
)
