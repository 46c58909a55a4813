"""Functions of each element and of several."""

from __future__ import annotations

import math

import numpy as np

from . import Array, Case, numbers

F32, F64 = "float32", "float64"
SIGNED = ("int8", "int16", "int32", "int64")
UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
INF, NAN = np.inf, np.nan
SPECIAL = np.array([0, -0.0, 1, -1, INF, -INF, NAN, 1e-40, -1e-40, 3e38, -3e38, 1e-30, 88, 89.5, -87, -103.5, 20], F32)
EDGES = np.concatenate([SPECIAL, np.linspace(-110, 95, 400).astype(F32), np.linspace(-1, 1, 64).astype(F32)])


def relu(x: Array) -> Array:
    return np.where(x < 0, 0, x)


def sigmoid(x: Array) -> Array:
    return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))


def negative(f, alpha=1.0):
    """x where it is positive, else a function."""
    return lambda x: np.where(x < 0, alpha * f(np.minimum(x, 0)), x)


def selu(x: Array) -> Array:
    alpha, gamma = 1.6732632423543772, 1.0507009873554805
    return gamma * np.where(x < 0, alpha * np.expm1(np.minimum(x, 0)), x)


# Operator: attributes, an independent function, the range of its argument.
UNARY = {
    "Relu": ({}, relu, (-9, 9)),
    "Sigmoid": ({}, sigmoid, (-9, 9)),
    "Tanh": ({}, np.tanh, (-5, 5)),
    "Selu": ({}, selu, (-5, 5)),
    "Exp": ({}, np.exp, (-5, 5)),
    "Log": ({}, np.log, (0.001, 50)),
    "Sqrt": ({}, np.sqrt, (0, 50)),
    "Neg": ({}, np.negative, (-9, 9)),
    "Abs": ({}, np.abs, (-9, 9)),
    "Reciprocal": ({}, np.reciprocal, (0.01, 9)),
    "Erf": ({}, np.vectorize(math.erf), (-4, 4)),
    "Identity": ({}, lambda x: x, (-9, 9)),
    "LeakyRelu": ({"alpha": 0.3}, negative(lambda x: x, 0.3), (-9, 9)),
    "Elu": ({"alpha": 0.7}, negative(np.expm1, 0.7), (-9, 9)),
    "Celu": ({"alpha": 0.7}, negative(lambda x: np.expm1(x / 0.7), 0.7), (-9, 9)),
    "Floor": ({}, np.floor, (-9, 9)),
    "Ceil": ({}, np.ceil, (-9, 9)),
    "Round": ({}, np.rint, (-9, 9)),
    "Sign": ({}, np.sign, (-9, 9)),
    "Softsign": ({}, lambda x: x / (1 + np.abs(x)), (-9, 9)),
    "HardSigmoid": ({"alpha": 0.3, "beta": 0.4}, lambda x: np.clip(0.3 * x + 0.4, 0, 1), (-9, 9)),
    "ThresholdedRelu": ({"alpha": 0.7}, lambda x: np.where(x > 0.7, x, 0), (-9, 9)),
    "Shrink": ({"bias": 0.3, "lambd": 0.7}, lambda x: np.where(np.abs(x) > 0.7, x - 0.3 * np.sign(x), 0), (-9, 9)),
    "Softplus": ({}, lambda x: np.logaddexp(0, x), (-9, 9)),
}
# The same for those whose code is <cmath>'s, or whose value at an infinity is a matter of taste.
PLAIN = {
    "Acos": ({}, np.arccos, (-1, 1)),
    "Acosh": ({}, np.arccosh, (1, 9)),
    "Asin": ({}, np.arcsin, (-1, 1)),
    "Asinh": ({}, np.arcsinh, (-9, 9)),
    "Atan": ({}, np.arctan, (-9, 9)),
    "Atanh": ({}, np.arctanh, (-0.99, 0.99)),
    "Cos": ({}, np.cos, (-9, 9)),
    "Cosh": ({}, np.cosh, (-5, 5)),
    "Sin": ({}, np.sin, (-9, 9)),
    "Sinh": ({}, np.sinh, (-5, 5)),
    "Tan": ({}, np.tan, (-1.4, 1.4)),
    "Mish": ({}, lambda x: x * np.tanh(np.logaddexp(0, x)), (-90, 90)),
    "HardSwish": ({}, lambda x: x * np.clip(x / 6 + 0.5, 0, 1), (-9, 9)),
    "Gelu": ({}, lambda x: x / 2 * (1 + np.vectorize(math.erf)(x / math.sqrt(2))), (-9, 9)),
    "Celu": ({"alpha": 0.7}, lambda x: np.maximum(x, 0) + 0.7 * np.expm1(np.minimum(x / 0.7, 0)), (-9, 9)),
}
# All lengths of what is left over behind whole vectors of 16 to 64 bytes.
LENGTHS = (1, 3, 16, 31, 67)


def unary() -> list[Case]:
    cases = []
    for op, (attributes, function, (low, high)) in UNARY.items():
        for dtype in (F32, F64):
            x = numbers(low, high, 5, 67, dtype=dtype)
            cases.append(Case(op, {"x": x}, attributes, dtype=dtype, reference=function))
        cases.append(Case(op, {"x": ("batch", 7)}, attributes, reference=None if op in ("Log", "Sqrt") else function))
        if op not in ("Log", "Sqrt", "Reciprocal"):
            cases.append(Case(op, {"x": EDGES}, attributes, id="edges", reference=function))
    for op, (attributes, function, (low, high)) in PLAIN.items():
        for dtype in (F32, F64) if op != "Celu" else (F32,):  # ONNX has it in float32 alone
            x = numbers(low, high, 3, 67, dtype=dtype)
            cases.append(Case(op, {"x": x}, attributes, dtype=dtype, reference=function))
    cases += [Case("Exp", {"x": (length,)}, reference=np.exp) for length in LENGTHS]
    cases.append(Case("Exp", {"x": ()}, reference=np.exp))
    cases += [
        Case("Log", {"x": SPECIAL}, id="edges", reference=np.log),
        Case("Sqrt", {"x": SPECIAL}, id="edges", reference=np.sqrt),
    ]
    cases += [Case(op, {"x": (4, 19)}, dtype=dtype) for op in ("Neg", "Abs", "Sign") for dtype in SIGNED]
    cases += [Case("Relu", {"x": (4, 19)}, dtype=dtype) for dtype in SIGNED]
    cases += [Case(op, {"x": (4, 19)}, dtype=dtype) for op in ("Abs", "Sign") for dtype in UNSIGNED]
    cases += [Case("BitwiseNot", {"x": (4, 19)}, dtype=dtype) for dtype in (*SIGNED, *UNSIGNED)]
    cases += [Case("Identity", {"x": (4, 7)}, dtype=dtype) for dtype in ("int64", "int32", "bool")]
    cases += [
        Case("Gelu", {"x": (3, 67)}, {"approximate": "tanh"}, dtype=dtype, id=f"tanh_{dtype}", reference=gelu_by_tanh)
        for dtype in (F32, F64)
    ]
    cases += [
        Case("Swish", {"x": ("batch", 7)}, {"alpha": 1.7}, opset=24, reference=lambda x: x * sigmoid(1.7 * x)),
        Case("Swish", {"x": (3, 19)}, opset=24, dtype=F64, reference=lambda x: x * sigmoid(x)),
        Case(
            "Selu",
            {"x": (4, 19)},
            {"alpha": 1.5, "gamma": 0.9},
            id="parameters",
            reference=lambda x: 0.9 * np.where(x < 0, 1.5 * np.expm1(x), x),
        ),
        Case("Shrink", {"x": (4, 19)}, {"bias": 1.5, "lambd": 2.0}, dtype="int32", reference=shrunk(1.5, 2.0)),
        Case("Shrink", {"x": (4, 19)}, {"bias": 2.0, "lambd": 3.5}, dtype="uint8", reference=shrunk(2.0, 3.5)),
        Case(
            "Shrink",
            {"x": np.array([2**62 + 1, -(2**62) - 1, 3, 1])},
            {"bias": 1.0, "lambd": 2.0},
            dtype="int64",
            id="beyond_doubles",
            reference=lambda x: x - np.sign(x) * (np.abs(x) > 2) - x * (np.abs(x) <= 2),
        ),
        Case("Not", {"x": ("batch", 67)}, dtype="bool"),
    ]
    return cases


def gelu_by_tanh(x: Array) -> Array:
    return x / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def shrunk(bias: float, lambd: float):
    """Shrink of integers, what is left of the result cut off."""

    def function(x: Array) -> Array:
        exact = x.astype(F64)
        return np.trunc(np.where(exact < -lambd, exact + bias, np.where(exact > lambd, exact - bias, 0))).astype(
            x.dtype
        )

    return function


def clip() -> list[Case]:
    low, high = np.array(-0.5, F32), np.array(0.75, F32)
    return [
        Case("Clip", {"x": (4, 19)}, weights={"low": low, "high": high}, id="both"),
        Case("Clip", {"x": (4, 19)}, weights={"low": low}, id="below"),
        Case("Clip", {"x": (4, 19)}, weights={"high": high}, order=("x", "", "high"), id="above"),
        Case("Clip", {"x": (4, 19)}, id="neither"),
        Case("Clip", {"x": (4, 19), "low": low, "high": high}, id="at_run_time"),
        Case("Clip", {"x": ("batch", 7), "high": high}, order=("x", "", "high"), id="above_at_run_time"),
        Case("Clip", {"x": SPECIAL}, weights={"low": low, "high": high}, id="edges", reference=np.clip),
        Case("Clip", {"x": (4, 19)}, weights={"low": low.astype(F64), "high": high.astype(F64)}, dtype=F64, id="both"),
        Case("Clip", {"x": (4, 19)}, weights={"low": np.array(-3), "high": np.array(4)}, dtype="int64", id="both"),
        Case("Clip", {"x": (4, 19)}, weights={"low": np.array(-3, "int32")}, dtype="int32", id="below"),
        *(
            Case("Clip", {"x": (4, 19)}, weights={"low": np.array(2, dtype), "high": np.array(5, dtype)}, dtype=dtype, id=f"{dtype}")
            for dtype in (*SIGNED, *UNSIGNED)
        ),
        Case("Clip", {"x": (4, 19), "low": np.array(2, "uint8"), "high": np.array(5, "uint8")}, dtype="uint8", id="bytes_at_run_time"),
        Case("Clip", {"x": (4, 19)}, {"min": -0.5, "max": 0.5}, opset=6, id="by_attributes"),
        Case("Clip", {"x": (4, 19)}, weights={"low": np.array(2, F32), "high": low}, id="crossed",
             reference=lambda x, a, b: np.minimum(np.maximum(x, a), b)),
    ]  # fmt: skip


CASES = (*unary(), *clip())
