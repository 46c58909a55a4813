"""Functions of several elements, with broadcasting."""

from __future__ import annotations

import itertools

import numpy as np

from . import Array, Case, Shape, numbers
from .elementwise import F32, F64, INF, NAN, SIGNED, SPECIAL, UNSIGNED

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
        for dtype in (*SIGNED, *UNSIGNED)
    ]
    divisor = np.array([1, -1, 2, -3, 7], "int64")
    cases += [
        Case(
            "Div",
            {"a": numbers(-50, 50, 4, 5, dtype=dtype), "b": divisor.astype(dtype)},
            dtype=dtype,
            reference=truncated,
        )
        for dtype in SIGNED
    ]
    cases += [
        Case(
            "Div",
            {"a": numbers(0, 99, 4, 5, dtype=dtype), "b": np.array([1, 5, 2, 3, 7], dtype)},
            dtype=dtype,
            reference=truncated,
        )
        for dtype in UNSIGNED
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
        Case("Pow", {"a": base, "b": numbers(-3, 4, 19, dtype="int64")}, id="by_integers"),
        Case(
            "Pow", {"a": base.astype(F64), "b": numbers(-3, 4, 4, 1, dtype="int8")}, dtype=F64, id="by_small_integers"
        ),
        Case(
            "Pow",
            {"a": numbers(-5, 6, 4, 7, dtype="int8"), "b": numbers(0, 3, 7, dtype="uint32")},
            dtype="int8",
            id="by_others",
            reference=np.power,
        ),
        Case(
            "Pow",
            {"a": numbers(1, 6, 4, 7, dtype="int32"), "b": numbers(0, 3, 7)},
            dtype="int32",
            id="by_floats",
            reference=lambda a, b: np.trunc(a**b),
        ),
        Case("Pow", {"a": ("batch", 7), "b": numbers(0, 3, 7, dtype="int64")}, id="batch_by_integers"),
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
        Case(op, {"a": (3, 19), "b": (19,)}, dtype=dtype)
        for op in ("Max", "Min")
        for dtype in (F64, *SIGNED, *UNSIGNED)
    ]
    pairs = np.array(list(itertools.product([0, 1, -INF, INF, NAN], repeat=2)), F32).T
    cases += [Case(op, {"a": pairs[0].copy(), "b": pairs[1].copy()}, id="edges") for op in ("Max", "Min")]
    cases += [Case("Mean", {"a": (3, 7), "b": (3, 7), "c": (3, 7)}, dtype=F64)]
    cases += [Case(op, {"a": (3, 7)}, id="one") for op in ("Max", "Sum")]
    cases += [Case("Max", {"a": ("batch", 7)}, weights={"b": numbers(-1, 1, 7)})]
    return cases


def comparison() -> list[Case]:
    functions = {
        "Equal": np.equal,
        "Less": np.less,
        "LessOrEqual": np.less_equal,
        "Greater": np.greater,
        "GreaterOrEqual": np.greater_equal,
    }
    cases = []
    for op, function in functions.items():
        pairs = np.array(list(itertools.product([0, 1, -1, -INF, INF, NAN], repeat=2)), F32).T
        cases.append(Case(op, {"a": pairs[0].copy(), "b": pairs[1].copy()}, id="edges", reference=function))
        cases += [Case(op, {"a": (4, 35), "b": (35,)}, dtype=dtype) for dtype in (F64, *SIGNED, *UNSIGNED)]
    cases += [Case("Less", {"a": a, "b": b}) for a, b in BROADCASTS]
    cases += [
        Case("Equal", {"a": (3, 67), "b": (67,)}, dtype="bool"),
        Case("Less", {"a": ("batch", 7), "b": ("batch", 1)}),
        Case("Greater", {"a": ("batch", 7)}, weights={"b": np.array(0.25, F32)}, id="than_a_number"),
        Case("IsNaN", {"x": SPECIAL}, reference=np.isnan),
        Case("IsNaN", {"x": np.repeat(SPECIAL.astype(F64), 5)}, dtype=F64, reference=np.isnan),
        Case("IsNaN", {"x": ("batch", 7)}),
        Case("IsInf", {"x": SPECIAL}, reference=np.isinf),
        Case("IsInf", {"x": SPECIAL.astype(F64)}, {"detect_negative": 0}, dtype=F64, reference=np.isposinf),
        Case("IsInf", {"x": SPECIAL}, {"detect_positive": 0}, id="negative", reference=np.isneginf),
        Case("IsInf", {"x": SPECIAL}, {"detect_positive": 0, "detect_negative": 0}, id="none", reference=np.zeros_like),
    ]
    return cases


def logic() -> list[Case]:
    cases = [Case(op, {"a": a, "b": b}, dtype="bool") for op in ("And", "Or", "Xor") for a, b in BROADCASTS[:5]]
    cases += [
        Case(f"Bitwise{op}", {"a": (3, 19), "b": (19,)}, dtype=dtype)
        for op in ("And", "Or", "Xor")
        for dtype in (*SIGNED, *UNSIGNED)
    ]
    cases += [
        Case("And", {"a": ("batch", 7), "b": ("batch", 7)}, dtype="bool"),
        Case("Or", {"a": (3, 19)}, weights={"b": np.array([True])}, dtype="bool", id="true"),
        Case("BitwiseAnd", {"a": (3, 19)}, weights={"b": np.array(6)}, dtype="int64", id="mask"),
    ]
    return cases


def shift() -> list[Case]:
    def case(direction: str, dtype: str) -> Case:
        x = numbers(0 if dtype in UNSIGNED else -100, 101, 3, 19, dtype=dtype)
        y = np.arange(19).astype(dtype) * 4  # to the last bit and beyond
        return Case(
            "BitShift",
            {"x": x, "by": y},
            {"direction": direction},
            dtype=dtype,
            id=f"{direction}_{dtype}",
            opset=28 if dtype in SIGNED else 21,
            reference=np.left_shift if direction == "LEFT" else np.right_shift,
        )

    return [case(direction, dtype) for direction in ("LEFT", "RIGHT") for dtype in (*UNSIGNED, *SIGNED)]


def modulo() -> list[Case]:
    cases = []
    for dtype in (*SIGNED, *UNSIGNED):
        divisor = np.array([1, 2, 3, 5, 7] if dtype in UNSIGNED else [1, -2, 3, -5, 7], dtype)
        a = numbers(0 if dtype in UNSIGNED else -50, 51, 4, 5, dtype=dtype)
        cases.append(Case("Mod", {"a": a, "b": divisor}, dtype=dtype, reference=np.mod))
        cases.append(
            Case("Mod", {"a": a, "b": divisor}, {"fmod": 1}, dtype=dtype, id=f"fmod_{dtype}", reference=np.fmod)
        )
    edges = np.array([1, -1, 0, -128, INF, -INF, NAN, 5.3, -5.3], F32)
    pairs = np.array(list(itertools.product(edges, repeat=2)), F32).T
    cases += [
        Case("Mod", {"a": np.array([-128, -128, 127], "int8"), "b": np.array([-1, 7, -3], "int8")}, dtype="int8", id="least", reference=np.mod),
        Case("Mod", {"a": pairs[0].copy(), "b": pairs[1].copy()}, {"fmod": 1}, id="edges_fmod", reference=np.fmod),
        Case("Mod", {"a": pairs[0].copy(), "b": pairs[1].copy()}, id="edges", opset=28, reference=np.mod),
        Case("Mod", {"a": (3, 19), "b": numbers(0.5, 2, 19, dtype=F64)}, {"fmod": 1}, dtype=F64, reference=np.fmod),
        Case("Mod", {"a": ("batch", 7)}, weights={"b": np.array(3)}, dtype="int64", id="by_number"),
    ]  # fmt: skip
    return cases


def prelu() -> list[Case]:
    def function(x: Array, slope: Array) -> Array:
        return np.where(x < 0, x * slope, x).astype(x.dtype)

    return [
        Case("PRelu", {"x": (2, 3, 5, 7), "slope": (3, 1, 1)}, reference=function),
        Case("PRelu", {"x": (3, 19), "slope": (3, 19)}, dtype=F64, reference=function),
        Case("PRelu", {"x": ("batch", 7)}, weights={"slope": numbers(0, 1, 7)}, reference=function),
        Case("PRelu", {"x": (3, 19)}, weights={"slope": np.array([0.25], F32)}, id="number", reference=function),
        Case("PRelu", {"x": (3, 19), "slope": (19,)}, dtype="int32", reference=function),
        Case("PRelu", {"x": (3, 19), "slope": (19,)}, dtype="uint64", reference=function),
    ]


def where() -> list[Case]:
    def case(condition: Shape, a: Shape, b: Shape, dtype: str = F32) -> Case:
        truth = numbers(0, 2, *(one if isinstance(one, int) else 3 for one in condition), dtype="int8").astype(bool)
        return Case("Where", {"c": truth, "a": a, "b": b}, dtype=dtype)

    types = (F64, "bool", *SIGNED, *UNSIGNED)
    return [
        case((3, 67), (3, 67), (3, 67)),
        case((67,), (3, 1), (2, 1, 67)),
        case((2, 3, 1), (), (5,)),
        case((7,), ("batch", 7), ("batch", 1)),
        *(case((3, 35), (35,), (3, 1), dtype) for dtype in types),
        Case("Where", {"c": np.array([[True, False, True]]), "a": (4, 3)}, weights={"b": np.array(-7.5, F32)}, id="or_number"),
    ]  # fmt: skip


CASES = (
    *binary(),
    *power(),
    *nary(),
    *comparison(),
    *logic(),
    *shift(),
    *modulo(),
    *prelu(),
    *where(),
)
