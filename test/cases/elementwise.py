"""Functions of each element and of several."""

from __future__ import annotations

import itertools
import math

import numpy as np
from onnx import TensorProto

from . import Array, Case, numbers

F32, F64 = "float32", "float64"
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
    cases += [Case("Exp", {"x": (length,)}, reference=np.exp) for length in LENGTHS]
    cases.append(Case("Exp", {"x": ()}, reference=np.exp))
    cases += [
        Case("Log", {"x": SPECIAL}, id="edges", reference=np.log),
        Case("Sqrt", {"x": SPECIAL}, id="edges", reference=np.sqrt),
    ]
    cases += [Case(op, {"x": (4, 7)}, dtype=dtype) for op in ("Neg", "Abs", "Relu") for dtype in ("int32", "int64")]
    cases += [Case("Identity", {"x": (4, 7)}, dtype=dtype) for dtype in ("int64", "int32", "bool")]
    return cases


# Shapes of the two inputs.
BROADCASTS = (
    ((3, 5), (3, 5)),
    ((3, 67), (67,)),
    ((67,), (3, 67)),
    ((2, 3, 5, 7), (3, 1, 7)),
    ((2, 1, 5, 1), (1, 3, 1, 7)),
    ((4, 1), (1, 33)),
    ((3, 5), ()),
    ((), (3, 5)),
    ((1, 1), (1,)),
    ((), ()),
)


def binary() -> list[Case]:
    cases = [Case(op, {"a": a, "b": b}) for op in ("Add", "Sub") for a, b in BROADCASTS]
    cases += [Case(op, {"a": (3, 37), "b": numbers(0.5, 2, 3, 37)}) for op in ("Mul", "Div")]
    cases += [
        Case("Div", {"a": numbers(-2, 2, 3, 37, dtype=F64), "b": numbers(0.5, 2, 37, dtype=F64)}, dtype=F64),
        Case("Add", {"a": ("batch", 7), "b": ("batch", 7)}),
        Case("Mul", {"a": ("batch", 7), "b": ("batch", 1)}),
        Case("Sub", {"a": ("batch", 5, 7), "b": (5, 1)}),
        Case("Mul", {"a": (1, 7), "b": ("batch", 7)}),
        Case("Sub", {"a": ("batch", 5), "b": (3, 1, 5)}, id="batch_within"),
        Case("Add", {"a": ("batch", "n"), "b": ("n",)}),
        Case("Add", {"a": ("n", 1), "b": ("m",)}),
        Case("Add", {"a": ("rows", "width"), "b": ("width",)}, id="dims_of_common_names"),
        Case("Sub", {"a": ("batch", 7)}, weights={"b": numbers(-1, 1, 7)}),
        Case("Div", {"a": ("batch", 7)}, weights={"b": np.array(3, F32)}, id="by_number"),
        Case(
            "Div", {"b": numbers(0.5, 2, 5, 7)}, weights={"a": np.array([[3.5]], F32)}, order=("a", "b"), id="of_number"
        ),
        Case("Sub", {"b": (7,)}, weights={"a": np.array([[3.5]], F32)}, order=("a", "b"), id="number_of_higher_rank"),
        Case("Div", {"a": np.array([1, -1, 0, INF, NAN], F32), "b": np.array([0, 0, 0, INF, 1], F32)}, id="edges"),
    ]
    cases += [
        Case(op, {"a": (3, 19), "b": (19,)}, dtype=dtype)
        for op in ("Add", "Sub", "Mul")
        for dtype in ("int32", "int64")
    ]
    divisor = np.array([1, -1, 2, -3, 7], "int64")
    cases += [
        Case(
            "Div",
            {"a": numbers(-50, 50, 4, 5, dtype=dtype), "b": divisor.astype(dtype)},
            dtype=dtype,
            reference=truncated,
        )
        for dtype in ("int32", "int64")
    ]
    cases.append(
        Case("Div", {"a": (4, 5)}, weights={"b": np.array(3)}, dtype="int64", id="by_number", reference=truncated)
    )
    return cases


def truncated(a: Array, b: Array) -> Array:
    """C++'s division of integers, which is ONNX's."""
    return np.trunc(a / b).astype(a.dtype)


def power() -> list[Case]:
    base, exponent = numbers(0.1, 5, 4, 19), numbers(-2, 3, 19)
    cases = [
        Case("Pow", {"a": base, "b": exponent}),
        Case("Pow", {"a": base.astype(F64), "b": exponent.astype(F64)}, dtype=F64),
        Case(
            "Pow", {"a": np.array([-2, -2, 0, 0, INF, -8], F32), "b": np.array([3, 0.5, -1, 0, -1, 2], F32)}, id="edges"
        ),
        Case("Pow", {"a": numbers(-5, 6, 4, 7, dtype="int64"), "b": numbers(0, 8, 7, dtype="int64")}, dtype="int64"),
        Case("Pow", {"a": numbers(-5, 6, 4, 7, dtype="int32"), "b": numbers(0, 8, 7, dtype="int32")}, dtype="int32"),
        Case("Pow", {"a": (4, 7)}, weights={"b": np.array([[2.0]], F32)}, id="square"),
        Case("Pow", {"a": (4, 7)}, weights={"b": np.array(3)}, id="cube_by_integer"),
        Case("Pow", {"a": base}, weights={"b": np.array(0.5, F32)}, id="root"),
        Case("Pow", {"a": (4, 7)}, weights={"b": np.array(3)}, dtype="int64", id="cube"),
        Case("Pow", {"b": exponent}, weights={"a": np.array(2, F32)}, order=("a", "b"), id="of_two"),
    ]
    big = np.array([3, -3, 10, 7], "int64")
    return [
        *cases,
        Case("Pow", {"a": big, "b": np.array([39, 37, 18, 22])}, id="beyond_doubles", dtype="int64", reference=whole),
    ]


def whole(a: Array, b: Array) -> Array:
    """Powers by Python's integers."""
    return np.array([int(x) ** int(y) for x, y in zip(a, b, strict=True)], a.dtype)


def nary() -> list[Case]:
    many = {"a": (2, 3, 5), "b": (5,), "c": (3, 1), "d": ()}
    cases = [Case(op, many, id="four") for op in ("Max", "Min", "Mean", "Sum")]
    cases += [Case(op, {"a": (3, 1), "b": (1, 35), "c": (2, 3, 1)}, id="outer") for op in ("Max", "Sum")]
    cases += [Case(op, {"a": ("batch", 7), "b": ("batch", 1), "c": (7,)}) for op in ("Max", "Mean")]
    cases += [
        Case(op, {"a": (3, 19), "b": (19,)}, dtype=dtype) for op in ("Max", "Min") for dtype in (F64, "int32", "int64")
    ]
    pairs = np.array(list(itertools.product([0, 1, -INF, INF, NAN], repeat=2)), F32).T
    cases += [Case(op, {"a": pairs[0].copy(), "b": pairs[1].copy()}, id="edges") for op in ("Max", "Min")]
    cases += [Case("Mean", {"a": (3, 7), "b": (3, 7), "c": (3, 7)}, dtype=F64)]
    cases += [Case(op, {"a": (3, 7)}, id="one") for op in ("Max", "Sum")]
    cases += [Case("Max", {"a": ("batch", 7)}, weights={"b": numbers(-1, 1, 7)})]
    return cases


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
        Case("Clip", {"x": (4, 19)}, {"min": -0.5, "max": 0.5}, opset=6, id="by_attributes"),
        Case("Clip", {"x": (4, 19)}, weights={"low": np.array(2, F32), "high": low}, id="crossed",
             reference=lambda x, a, b: np.minimum(np.maximum(x, a), b)),
    ]  # fmt: skip


NUMBERS = np.array(
    [0, -0.0, 0.4, -0.4, 0.5, 0.999, 1, -1, 1.5, -1.5, 2.5, 100.7, -100.7, 127, -128, 65000.5, 1e-40], F64
)
TYPES = (F32, F64, "int32", "int64", "bool")


def cast() -> list[Case]:
    cases = []
    for source, target in itertools.product(TYPES, TYPES):
        x = NUMBERS.astype(source) if source.startswith("float") else numbers(-9, 10, 19, dtype="int64").astype(source)
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


ELEMENT = {
    F32: TensorProto.FLOAT,
    F64: TensorProto.DOUBLE,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
    "bool": TensorProto.BOOL,
}


def _cast(target: str):
    return lambda x: x.astype(target)


def _saturated(target: str):
    """Floats beyond the range become its end, NaN becomes 0; by Python's integers."""
    info = np.iinfo(target)

    def one(x: float) -> int:
        return 0 if np.isnan(x) else int(min(max(x, -1e30), 1e30)).__index__()

    return lambda x: np.array([min(max(one(float(v)), info.min), info.max) for v in x], target)


CASES = (*unary(), *binary(), *power(), *nary(), *clip(), *cast())
