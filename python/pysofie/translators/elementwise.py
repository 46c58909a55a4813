"""Functions of one element: a row of a table where there is no more to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pysofie import shapes
from pysofie.builder import Enum, NodeBuilder
from pysofie.errors import Refusal
from pysofie.registry import ANY, FLOATS, INTEGERS, NUMBERS, Translate, translator

if TYPE_CHECKING:
    from pysofie.values import Value

# ONNX operator: (opset, class, enum value or None, types)
_UNARY = {
    "Relu": (6, "Relu", None, NUMBERS),
    "Sigmoid": (6, "Sigmoid", None, FLOATS),
    "Tanh": (6, "Tanh", None, FLOATS),
    "HardSwish": (14, "HardSwish", None, FLOATS),
    "Identity": (1, "Identity", None, ANY),
    "Neg": (6, "BasicUnary", "kNeg", NUMBERS),
    "Abs": (6, "BasicUnary", "kAbs", NUMBERS),
    "Sign": (9, "BasicUnary", "kSign", NUMBERS),
    "BitwiseNot": (18, "BasicUnary", "kBitwiseNot", INTEGERS),
}
# ONNX operator: opset. They are functions of floats, and the enum value is their name.
_OF_FLOATS = {
    "Acos": 7,
    "Acosh": 9,
    "Asin": 7,
    "Asinh": 9,
    "Atan": 7,
    "Atanh": 9,
    "Ceil": 6,
    "Cos": 7,
    "Cosh": 9,
    "Erf": 9,
    "Exp": 6,
    "Floor": 6,
    "Log": 6,
    "Mish": 18,
    "Reciprocal": 6,
    "Round": 11,
    "Sin": 7,
    "Sinh": 9,
    "Softplus": 1,
    "Softsign": 1,
    "Sqrt": 6,
    "Tan": 7,
}
_UNARY |= {op: (since, "BasicUnary", f"k{op}", FLOATS) for op, since in _OF_FLOATS.items()}
# ONNX's own values, those of Klambauer et al. 2017.
_SELU_ALPHA, _SELU_GAMMA = 1.67326319217681884765625, 1.05070102214813232421875
_LARGEST = float(np.finfo(np.float32).max)


def _unary(cls: str, kind: str | None) -> Translate:
    enum = (Enum("EBasicUnaryOperator", kind),) if kind else ()

    def translate(b: NodeBuilder, x: Value) -> None:
        b.emit(cls, x, b.output, template=(x.dtype, *enum))

    return translate


for _op, (_since, _cls, _kind, _types) in _UNARY.items():
    translator(_op, since=_since, infer=shapes.same, types=_types)(_unary(_cls, _kind))


@translator("LeakyRelu", since=6, infer=shapes.same)
def leaky_relu(b: NodeBuilder, x: Value, *, alpha: float = 0.01) -> None:
    """LeakyRelu(X; alpha=0.01) -> Y."""
    b.emit("LeakyRelu", alpha, x, b.output, template=(x.dtype,))


@translator("Elu", since=6, infer=shapes.same)
def elu(b: NodeBuilder, x: Value, *, alpha: float = 1.0) -> None:
    """Elu(X; alpha=1.0) -> Y."""
    b.emit("Elu", alpha, x, b.output, template=(x.dtype,))


@translator("Celu", since=12, infer=shapes.same)
def celu(b: NodeBuilder, x: Value, *, alpha: float = 1.0) -> None:
    """Celu(X; alpha=1.0) -> Y."""
    b.emit("Celu", alpha, x, b.output, template=(x.dtype,))


@translator("Selu", since=6, infer=shapes.same)
def selu(b: NodeBuilder, x: Value, *, alpha: float = _SELU_ALPHA, gamma: float = _SELU_GAMMA) -> None:
    """Selu(X; alpha=1.67..., gamma=1.05...) -> Y."""
    if np.allclose((alpha, gamma), (_SELU_ALPHA, _SELU_GAMMA), rtol=1e-7, atol=0):
        b.emit("Selu", x, b.output, template=(x.dtype,))
        return
    unscaled, factor = b.temporary("unscaled", x), b.constant("gamma", np.array(gamma, x.dtype))
    b.emit("Elu", alpha, x, unscaled, template=(x.dtype,))
    b.emit("BasicBinary", unscaled, factor, b.output, template=(x.dtype, Enum("EBasicBinaryOperator", "Mul")))


@translator("HardSigmoid", since=6, infer=shapes.same)
def hard_sigmoid(b: NodeBuilder, x: Value, *, alpha: float = 0.2, beta: float = 0.5) -> None:
    """HardSigmoid(X; alpha=0.2, beta=0.5) -> Y."""
    b.emit("HardSigmoid", alpha, beta, x, b.output, template=(x.dtype,))


@translator("ThresholdedRelu", since=10, infer=shapes.same)
def thresholded_relu(b: NodeBuilder, x: Value, *, alpha: float = 1.0) -> None:
    """ThresholdedRelu(X; alpha=1.0) -> Y."""
    b.emit("ThresholdedRelu", alpha, x, b.output, template=(x.dtype,))


@translator("Shrink", since=9, infer=shapes.same, types=NUMBERS)
def shrink(b: NodeBuilder, x: Value, *, bias: float = 0.0, lambd: float = 0.5) -> None:
    """Shrink(input; bias=0.0, lambd=0.5) -> output."""
    b.emit("Shrink", bias, lambd, x, b.output, template=(x.dtype,))


@translator("Swish", since=24, infer=shapes.same)
def swish(b: NodeBuilder, x: Value, *, alpha: float = 1.0) -> None:
    """Swish(X; alpha=1.0) -> Y."""
    b.emit("Swish", x, b.output, alpha, template=(x.dtype,))


@translator("Gelu", since=20, infer=shapes.same)
def gelu(b: NodeBuilder, x: Value, *, approximate: str = "none") -> None:
    """Gelu(X; approximate="none") -> Y."""
    if approximate not in ("none", "tanh"):
        raise Refusal(f"approximate is {approximate!r}, neither 'none' nor 'tanh'")
    b.emit("Gelu", x, b.output, approximate, template=(x.dtype,))


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
