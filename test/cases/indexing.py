"""Operators that read or write at places which are numbers in another tensor."""

from __future__ import annotations

import numpy as np

from . import Array, Case, numbers
from .moving import integers


def indices(low: int, high: int, *shape: int, dtype: str = "int64") -> Array:
    return numbers(low, high, *shape, dtype=dtype)


def gathers() -> list[Case]:
    def case(shape, found, axis=0, id="", dtype="float32", **how):
        return Case("Gather", {"x": shape}, {"axis": axis}, {"indices": found}, id=id, dtype=dtype, **how)

    cases = [
        case((5, 7), indices(-5, 5, 3), id="rows"),
        case((5, 7), indices(-7, 7, 2, 3), 1, id="columns"),
        case((5, 7, 3), indices(0, 7, 4), -2, id="middle"),
        case((5, 7), np.array(-1), 1, id="one"),
        case((5, 7), np.array(2), id="a_row"),
        case((5, 7), np.zeros((0, 2), "int64"), id="none"),
        case((5, 7), indices(0, 5, 3, dtype="int32"), id="int32"),
        case(("batch", 7), indices(-7, 7, 3), 1),
        case(("batch", 7, 3), np.array(-1), 1, id="batch_one"),
        case(("n", 7), np.array(0), id="first_row"),
        Case("Gather", {"indices": indices(-50, 50, 4, 3)}, {}, {"x": numbers(-1, 1, 50, 9)}, id="embedding", order=("x", "indices")),
        Case("Gather", {"x": (5, 7), "i": indices(-5, 5, 4, dtype="int32")}, {"axis": 0}, id="computed"),
    ]  # fmt: skip
    cases += [case((5, 7), indices(-7, 7, 3), 1, "columns", dtype) for dtype in ("float64", "int8", "int64", "bool")]
    for axis in (0, 1, 2, -1):
        shape = [2, 3, 2]
        found = indices(-3, 3, *shape)
        x = [3, 4, 3]
        cases.append(
            Case(
                "GatherElements",
                {"x": tuple(x), "i": found},
                {"axis": axis},
                id=f"axis_{axis}",
                reference=lambda x, i, a=axis: elements(x, i, a),
            )
        )
    cases += [
        Case("GatherElements", {"x": (5,), "i": indices(-5, 5, 7)}, {}, id="vector"),
        Case("GatherElements", {"x": (5, 67), "i": indices(0, 5, 2, 67, dtype="int32")}, {"axis": 0}, id="int32"),
        Case("GatherElements", {"x": (5, 7)}, {"axis": 1}, {"i": indices(0, 7, 5, 3)}, dtype="int64", id="constant"),
        Case("GatherElements", {"x": (5, 7)}, {"axis": 1}, {"i": indices(0, 7, 5, 3)}, dtype="bool", id="constant"),
        Case("GatherND", {"x": (3, 5), "i": np.array([[0, 1], [-1, -5], [2, 4], [1, 1]])}, id="elements"),
        Case("GatherND", {"x": (3, 5), "i": np.array([[[2]], [[-3]]])}, id="rows"),
        Case("GatherND", {"x": (2, 3, 5, 7), "i": np.array([[0, 1], [-1, -2], [1, 1]])}, id="slices"),
        Case("GatherND", {"x": (2, 3, 5), "i": np.array([[[1, 2]], [[-1, -5]]])}, {"batch_dims": 1}, id="batch_dims"),
        Case("GatherND", {"x": (2, 3, 5), "i": indices(-5, 5, 2, 3, 1)}, {"batch_dims": 2}, id="batch_dims_2", reference=lambda x, i: np.take_along_axis(x, i, 2)[..., 0]),
        Case("GatherND", {"x": (2, 3, 5, 4), "i": indices(-5, 5, 2, 3, 7, 1)}, {"batch_dims": 2}, id="batch_dims_slices", reference=lambda x, i: np.take_along_axis(x, i, 2)),
        Case("GatherND", {"x": (3, 5)}, {}, {"i": np.array([[0, 1], [2, 4]])}, dtype="int32", id="constant"),
    ]  # fmt: skip
    return cases


def elements(x: Array, i: Array, axis: int) -> Array:
    """GatherElements where the indices have fewer places than x."""
    y = np.empty(i.shape, x.dtype)
    for place in np.ndindex(i.shape):
        source = list(place)
        source[axis] = i[place]
        y[place] = x[tuple(source)]
    return y


def scattered(axis: int, join):
    def function(x: Array, i: Array, u: Array) -> Array:
        y = x.copy()
        for place in np.ndindex(i.shape):
            target = list(place)
            target[axis] = i[place]
            y[tuple(target)] = join(y[tuple(target)], u[place])
        return y

    return function


JOINS = {
    "none": lambda _, u: u,
    "add": lambda y, u: y + u,
    "mul": lambda y, u: y * u,
    "max": np.maximum,
    "min": np.minimum,
}


def distinct(size: int, *shape: int) -> Array:
    """Indices along the last axis, each at most once, some from the end."""
    rng = np.random.default_rng(size)
    rows = [rng.permutation(size)[: shape[-1]] for _ in range(int(np.prod(shape[:-1])))]
    return np.array(rows).reshape(shape) - np.where(rng.integers(0, 2, shape), size, 0)


def scatters() -> list[Case]:
    op = "ScatterElements"
    found = distinct(7, 2, 3)
    cases = [
        Case(op, {"x": (4, 7), "i": found, "u": (2, 3)}, {"axis": 1}, id="columns", reference=scattered(1, JOINS["none"])),
        Case(op, {"x": (7, 4), "i": found.T.copy(), "u": (3, 2)}, {}, id="rows", reference=scattered(0, JOINS["none"])),
        Case(op, {"x": (7,), "i": found[0], "u": (3,)}, {"axis": -1}, id="vector", reference=scattered(0, JOINS["none"])),
        Case(op, {"x": (2, 7, 3), "i": indices(0, 1, 2, 1, 3), "u": (2, 1, 3)}, {"axis": 1}, id="middle", reference=scattered(1, JOINS["none"])),
        Case(op, {"x": (4, 7), "u": (2, 3)}, {"axis": 1}, {"i": found.astype("int32")}, id="constant_int32", order=("x", "i", "u"), reference=scattered(1, JOINS["none"])),
        Case(op, {"x": (4, 7), "i": found, "u": (2, 3)}, {"axis": 1}, id="columns", dtype="bool", reference=scattered(1, JOINS["none"])),
        Case("Scatter", {"x": (4, 7), "i": found, "u": (2, 3)}, {"axis": 1}, opset=10, reference=scattered(1, JOINS["none"])),
        Case("ScatterND", {"x": (5, 7), "i": np.array([[1], [-1], [0]]), "u": (3, 7)}, id="rows"),
        Case("ScatterND", {"x": (5, 7), "i": np.array([[[1, 0], [-1, -7]], [[0, 3], [2, 6]]]), "u": (2, 2)}, id="elements"),
        Case("ScatterND", {"x": (5, 7), "u": (3, 7)}, {}, {"i": np.array([[1], [-1], [0]])}, dtype="int64", id="constant", order=("x", "i", "u")),
        Case("ScatterND", {"x": (5, 7), "u": (3, 7)}, {}, {"i": np.array([[1], [-1], [0]])}, dtype="bool", id="constant", order=("x", "i", "u")),
    ]  # fmt: skip
    repeated = indices(-4, 4, 5, 6)
    tuples = np.array([[1], [-1], [1], [0], [1]])
    for name, join in list(JOINS.items())[1:]:
        how = {"axis": 1, "reduction": name}
        given = {"x": (5, 7), "i": repeated, "u": (5, 6)}
        cases += [
            Case(op, given, how, id=name, dtype=dtype, reference=scattered(1, join))
            for dtype in ("float32", "float64", "int32", "uint8")
        ]
        given = {"x": (5, 7), "i": tuples, "u": (5, 7)}
        cases += [
            Case("ScatterND", given, {"reduction": name}, id=name, dtype=dtype, reference=rows(join))
            for dtype in ("float32", "int64")
        ]
    edges = np.array([[np.nan, 1, np.inf, -np.inf, 2, np.nan]], "float32")
    others = np.array([[1, np.nan, 3, 3, 5, np.nan]], "float32")
    given = {"x": edges, "i": np.arange(6)[None], "u": others}
    cases += [
        Case(op, given, {"axis": 1, "reduction": name}, id=f"{name}_edges", reference=scattered(1, JOINS[name]))
        for name in ("max", "min")
    ]
    update = {"x": (2, 3, 7, 5), "u": (2, 3, 4, 5), "i": np.array([3, 1])}
    cases += [
        Case("TensorScatter", update, id="linear", opset=24, reference=renewed(2)),
        Case("TensorScatter", update | {"i": np.array([9, 5])}, {"mode": "circular"}, id="circular", opset=24, reference=renewed(2)),
        Case("TensorScatter", {"x": (2, 7, 5), "u": (2, 4, 5)}, {"axis": 1}, id="from_0", opset=24, reference=renewed(1)),
        Case("TensorScatter", {"x": (2, 7), "u": (2, 4), "i": np.array([3, 0])}, {"axis": -1}, dtype="int32", opset=24, id="last_axis", reference=renewed(1)),
        Case("TensorScatter", {"x": ("batch", 3, 7, 5), "u": ("batch", 3, 4, 5)}, opset=24, reference=renewed(2)),
    ]  # fmt: skip
    return cases


def rows(join):
    def function(x: Array, i: Array, u: Array) -> Array:
        y = x.copy()
        for at, update in zip(i[:, 0], u, strict=True):
            y[at] = join(y[at], update)
        return y

    return function


def renewed(axis: int):
    def function(x: Array, u: Array, starts: Array | None = None) -> Array:
        y = x.copy()
        for batch in range(len(x)):
            first = 0 if starts is None else starts[batch]
            for at in range(u.shape[axis]):
                place = [slice(None)] * (x.ndim - 1)
                source = list(place)
                place[axis - 1], source[axis - 1] = (first + at) % x.shape[axis], at
                y[(batch, *place)] = u[(batch, *source)]
        return y

    return function


def one_hots() -> list[Case]:
    def case(found, axis, id, depth=5, dtype="float32", low=2.5, high=-1):
        weights = {"depth": np.array(depth), "values": np.array([low, high], dtype)}
        return Case(
            "OneHot",
            {"i": found},
            {"axis": axis},
            weights,
            id=id,
            reference=lambda i, depth, values: hot(i, int(depth.reshape(-1)[0]), values, axis),
        )

    some = np.array([[0, 4, -1], [5, -5, -6]])
    return [
        case(some, -1, "last"),
        case(some, 0, "first"),
        case(some, 1, "middle"),
        case(some, -2, "from_the_end"),
        case(some.astype("int32"), -1, "int32"),
        case(some.astype("uint8"), -1, "uint8"),
        case(some.astype("float32"), -1, "float"),
        case(np.array([np.nan, np.inf, -1e30, 3.0]), -1, "edges"),
        case(some, -1, "int64_values", dtype="int64", low=-3, high=7),
        case(some, -1, "bool_values", dtype="bool", low=0, high=1),
        case(some, -1, "depth_in_a_vector", depth=[3]),
        case(some, -1, "float_depth", depth=4.0),
        Case("OneHot", {"i": ("batch", 3)}, {}, {"depth": np.array(5), "values": np.array([0, 1], "float32")}, dtype="int64", reference=lambda i, depth, values: hot(i, int(depth), values, -1)),
    ]  # fmt: skip


def hot(i: Array, depth: int, values: Array, axis: int) -> Array:
    places = np.where(i < 0, i + depth, i)
    return np.stack([values[(places == at).astype(int)] for at in range(depth)], axis)


def reversed_sequences() -> list[Case]:
    op = "ReverseSequence"
    return [
        Case(op, {"x": (7, 3), "n": np.array([7, 0, 4])}, {}, id="time_first"),
        Case(op, {"x": (3, 7, 5), "n": np.array([7, 1, 4])}, {"batch_axis": 0, "time_axis": 1}, id="batch_first"),
        Case(op, {"x": (3, 7)}, {"batch_axis": 0, "time_axis": 1}, integers(n=[2, 1, 5]), dtype="int32", id="constant"),
    ]


CASES = (*gathers(), *scatters(), *one_hots(), *reversed_sequences())
