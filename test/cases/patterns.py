"""Operators whose elements depend on their places alone, or are kept by them."""

from __future__ import annotations

import numpy as np

from . import Array, Case
from .core import CoreCase

OFFSET = 2**40


def ranges() -> list[Case]:
    def case(start, limit, delta, dtype, id=""):
        weights = {
            name: np.array(value, dtype) for name, value in (("start", start), ("limit", limit), ("delta", delta))
        }
        return Case("Range", {}, {}, weights, id=id or f"{start}_{limit}_{delta}", dtype=dtype)

    return [
        case(3, 9, 3, "int64"),
        case(10, 4, -2, "int32"),
        case(4, 10, -2, "int64"),
        case(-3, 5, 2, "int16"),
        case(OFFSET, OFFSET + 5, 2, "int64", "far"),
        case(0.5, 3, 0.75, "float32"),
        case(1, -1, -0.25, "float64"),
        case(0, 1, 3, "float32"),
    ]


def of_shapes() -> list[Case]:
    def shape(*sizes: int) -> dict[str, Array]:
        return {"shape": np.array(sizes, "int64")}

    cases = [
        Case("ConstantOfShape", {}, {}, shape(3, 5), id="zeros"),
        Case("ConstantOfShape", {}, {}, shape(), id="scalar"),
        Case("ConstantOfShape", {}, {}, shape(3, 0), id="empty"),
        Case("Shape", {"x": (2, 3, 5)}),
        Case("Shape", {"x": (2, 3, 5)}, {"start": 1, "end": -1}, id="some"),
        Case("Shape", {"x": (2, 3, 5)}, {"start": 2, "end": 1}, id="none"),
        Case("Shape", {"x": ("n", 3, "m")}),
        Case("Shape", {"x": (3, 5)}, dtype="bool"),
        Case("Size", {"x": (2, 3, 5)}),
        Case("Size", {"x": (3, "n")}),
    ]
    for dtype, value in (("float32", 2.5), ("int32", -7), ("uint8", 255), ("bool", True)):
        fill = np.array([value], dtype)
        cases.append(
            Case(
                "ConstantOfShape",
                {},
                {"value": _tensor(fill)},
                shape(2, 3),
                dtype=dtype,
                id="value",
                reference=lambda _, fill=fill: np.full((2, 3), fill[0]),
            )
        )
    return cases


def _tensor(array: Array):
    from onnx import numpy_helper

    return numpy_helper.from_array(array)


def triangles() -> list[Case]:
    cases = [
        Case("EyeLike", {"x": (3, 5)}, {"k": k}, id=f"k_{k}", dtype=dtype)
        for k, dtype in ((0, "float32"), (2, "float64"), (-1, "int64"), (5, "float32"), (-9, "float32"))
    ]
    cases += [
        Case("EyeLike", {"x": (5, 3)}, {"dtype": 7, "k": 1}, id="of_type"),
        Case("EyeLike", {"x": (5, 3)}, {"dtype": 9}, id="of_truth"),
        Case("EyeLike", {"x": ("n", 3)}),
        Case("Trilu", {"x": (5, 7)}),
        Case("Trilu", {"x": (5, 7)}, {"upper": 0}, id="lower"),
        Case("Trilu", {"x": (5, 7), "k": np.array(-2)}, id="computed"),
        Case("Trilu", {"x": ("batch", 5, 4)}, {"upper": 0}),
        Case("Trilu", {"x": ("n", 4)}, id="named_rows"),
    ]
    for k in (-(2**63), -3, -1, 1, 3, 9, 2**63 - 1):
        for upper in (0, 1):
            far = abs(k) > 99
            cases.append(
                Case(
                    "Trilu",
                    {"x": (2, 5, 4)},
                    {"upper": upper},
                    {"k": np.array(k)},
                    id=f"{'upper' if upper else 'lower'}_{k}",
                    reference=(lambda x, _, k=k, upper=upper: _far(x, k, upper)) if far else None,
                )
            )
    cases += [Case("Trilu", {"x": (5, 7)}, dtype=dtype) for dtype in ("float64", "int8", "int64", "bool")]
    return cases


def _far(x: Array, k: int, upper: int) -> Array:
    return x if (k < 0) == bool(upper) else np.zeros_like(x)


CASES = (*ranges(), *of_shapes(), *triangles())


def ranges_at_run_time() -> list[CoreCase]:
    def case(element, start, limit, delta, dtype, id):
        weights = {
            name: np.array(value, dtype) for name, value in (("start", start), ("limit", limit), ("delta", delta))
        }
        exact = np.arange(start, limit, delta).astype(dtype)
        arguments = ("start", "limit", "delta", "y")
        return CoreCase("Range", (element,), arguments, {"x": (1,)}, lambda *_: exact, weights, id=id)

    return [
        case("float", 0.5, 30, 0.75, "float32", "float"),
        case("double", 1, -9, -0.25, "float64", "double_back"),
        case("int64_t", 10, -70, -3, "int64", "int64_back"),
        case("int16_t", -7, 70, 2, "int16", "int16"),
        case("int32_t", 7, -7, 2, "int32", "empty"),
    ]


CORE_CASES = (
    *ranges_at_run_time(),
    CoreCase("Shape", (), (1, 3, "x", "y"), {"x": (2, 3, 5)}, lambda _: np.array([3, 5]), id="some"),
    CoreCase("Shape", (), (-9, 9, "x", "y"), {"x": ("n", 3)}, lambda x: np.array(x.shape), id="named"),
)
