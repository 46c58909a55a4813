"""Operators that look for elements, put them in order, or add them up on the way."""

from __future__ import annotations

import numpy as np

from . import Array, Case, numbers
from .moving import integers

NAN, INF = np.nan, np.inf


def extremes() -> list[Case]:
    cases = []
    for op in ("ArgMax", "ArgMin"):
        last, first = _last(op), getattr(np, op.lower())
        cases += [
            Case(op, {"x": shape}, {"axis": axis, "keepdims": axis % 2}, id=f"{'x'.join(map(str, shape))}_{axis}")
            for shape in ((3, 5), (2, 3, 67), (4, 19, 37))
            for axis in range(-len(shape), len(shape), 2)
        ]
        ties = numbers(0, 4, 3, 19, 5, dtype="int32")
        for dtype in ("float32", "float64", "int8", "uint8", "int32", "int64", "uint64"):
            x = ties.astype(dtype)
            cases += [
                Case(op, {"x": x}, {"axis": 1}, id=f"ties_{dtype}", reference=lambda x, f=first: f(x, axis=1, keepdims=True)),
                Case(op, {"x": x}, {"axis": -1, "select_last_index": 1}, id=f"last_{dtype}", reference=lambda x, f=last: f(x, -1)[..., None]),
            ]  # fmt: skip
        odd = np.array(
            [[1, NAN, INF, NAN], [-INF, INF, -INF, INF], [NAN, 0, 1, -0.0], [0.0, -0.0, 0.0, -0.0]], "float32"
        )
        cases += [
            Case(op, {"x": ("batch", 7)}, {"axis": 1, "keepdims": 0}),
            Case(op, {"x": ("n", 7)}, {"axis": 0}, id="named"),
            Case(op, {"x": (3, 1)}, {"axis": 1}, id="of_one"),
            Case(op, {"x": odd}, {"axis": 1}, id="edges", reference=_first_edges(op)),
        ]
    return cases


def _last(op: str):
    def function(x: Array, axis: int) -> Array:
        best = getattr(np, op.lower())(np.flip(x, axis), axis=axis)
        return x.shape[axis] - 1 - best

    return function


def _first_edges(op: str):
    # A NaN is greater than all numbers.
    replace = {"ArgMax": lambda x: np.nan_to_num(x, nan=1e300, posinf=1e200, neginf=-1e200)}
    return lambda x: getattr(np, op.lower())(replace["ArgMax"](x), axis=1, keepdims=True)


def top_k() -> list[Case]:
    def case(x, k, id="", dtype="float32", **attributes):
        at = attributes.get("axis", -1)
        largest = attributes.get("largest", 1)
        return Case(
            "TopK",
            {"x": x},
            attributes,
            integers(k=[k]),
            outputs=2,
            id=id,
            dtype=dtype,
            reference=lambda x, k: _best(x, int(k[0]), at, largest),
        )

    ties = numbers(0, 9, 5, 40, 3, dtype="int32").astype("float32")
    cases = [case((3, 7), k, f"first_{k}_{largest}", largest=largest) for k in (0, 1, 3, 7) for largest in (0, 1)]
    for axis in (0, 1, 2, -2):
        cases += [case(ties, 2, f"ties_{axis}_{largest}", axis=axis, largest=largest) for largest in (0, 1)]
    cases += [
        case((2, 1000), 10, "long"),
        case((2, 1000), 990, "most"),
        case((3, 7), 3, "unsorted", sorted=0),
        case(("batch", 19), 5),
        case((5, "n"), 1, "named"),
        case(np.array([[1, NAN, -INF, INF, NAN, 2]], "float32"), 4, "edges"),
        case(np.array([[-0.0, 0.0, -1.0, 0.0, -0.0]], "float32"), 3, "zeros"),
        case(np.array([[1, NAN, -INF, INF, NAN, 2]], "float32"), 5, "edges_least", largest=0),
        case(np.array([[1, -0.0, NAN, -INF, 0, INF, 2] * 7], "float32"), 47, "edges_many"),
        case(np.array([[1, -0.0, NAN, -INF, 0, INF, 2] * 40], "float32"), 217, "edges_long", largest=0),
        Case("TopK", {"x": (3, 7)}, {"k": 2}, outputs=2, opset=9, id="opset_9", reference=lambda x: _best(x, 2, -1, 1)),
    ]
    for dtype in ("float64", "int8", "int32", "int64", "uint16"):
        cases.append(case(ties.astype(dtype), 5, "ties", dtype, axis=1))
    return cases


def _best(x: Array, k: int, axis: int, largest: int) -> tuple[Array, Array]:
    keys = x.astype(np.longdouble) if x.dtype.kind == "f" else x.astype(object)
    if x.dtype.kind == "f":
        keys = np.where(
            np.isnan(x), np.longdouble("1e4000"), np.clip(keys, np.longdouble("-1e3999"), np.longdouble("1e3999"))
        )
    order = np.argsort(-keys if largest else keys, axis=axis, kind="stable")
    indices = np.take(order, range(k), axis=axis)
    return np.take_along_axis(x, indices, axis), indices


def cumulations() -> list[Case]:
    cases = []
    for op, opset in (("CumSum", 21), ("CumProd", 26)):
        for shape, axis in (((3, 5), 0), ((3, 5), 1), ((2, 7, 19), 1), ((2, 3, 67), -1), ((4, 5, 3), -3)):
            for exclusive, reverse in ((0, 0), (1, 0), (0, 1), (1, 1)):
                attributes = {"exclusive": exclusive, "reverse": reverse}
                cases.append(
                    Case(
                        op,
                        {"x": shape},
                        attributes,
                        {"axis": np.array(axis)},
                        opset=opset,
                        id=f"{'x'.join(map(str, shape))}_{axis}_{exclusive}{reverse}",
                        reference=_cumulated(op, exclusive, reverse),
                    )
                )
        cases += [
            Case(op, {"x": numbers(0, 3, 3, 19, dtype=dtype)}, {}, {"axis": np.array(1, "int32")}, dtype=dtype, opset=opset, id="integers", reference=_cumulated(op, 0, 0))
            for dtype in ("int32", "int64", "uint32", "uint64")
        ]  # fmt: skip
        cases += [
            Case(op, {"x": (3, 19)}, {}, {"axis": np.array([0])}, dtype="float64", opset=opset, reference=_cumulated(op, 0, 0)),
            Case(op, {"x": ("batch", 7)}, {}, {"axis": np.array(1)}, opset=opset, reference=_cumulated(op, 0, 0)),
            Case(op, {"x": ("n", 7)}, {"reverse": 1}, {"axis": np.array(0)}, opset=opset, id="named", reference=_cumulated(op, 0, 1)),
        ]  # fmt: skip
    cases.append(Case("CumSum", {"x": numbers(0.9, 1.1, 2, 30000)}, {}, {"axis": np.array(1)}, id="long"))
    return cases


def _cumulated(op: str, exclusive: int, reverse: int):
    def function(x: Array, axis: Array) -> Array:
        at = int(axis.reshape(-1)[0]) % x.ndim
        x = np.flip(x, at) if reverse else x
        if exclusive:
            start = np.full_like(np.take(x, [0], at), op == "CumProd")
            x = np.concatenate((start, np.take(x, range(x.shape[at] - 1), at)), at)
        y = (np.cumprod if op == "CumProd" else np.cumsum)(x, at, dtype=x.dtype)
        return np.flip(y, at) if reverse else y

    return function


CASES = (*extremes(), *top_k(), *cumulations())
