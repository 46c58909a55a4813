"""Reductions, softmax and normalisation along dimensions."""

from __future__ import annotations

import numpy as np

from . import Array, Case, numbers

# Shape, axes (None: all, by leaving them out), whether reduced dims stay.
REDUCTIONS = (
    ((3, 5), (1,), 1),
    ((3, 5), (0,), 0),
    ((3, 5), (0, 1), 1),
    ((3, 5), None, 0),
    ((3, 5), None, 1),
    ((2, 3, 5, 7), (1, 3), 0),
    ((2, 3, 5, 7), (0, 2), 1),
    ((2, 3, 5, 7), (-1,), 1),
    ((2, 3, 5, 7), (2, 3), 0),
    ((2, 3, 5, 7), (-3,), 0),
    ((3, 130), (1,), 0),
    ((130, 35), (0,), 0),
    ((3, 1, 5), (1,), 0),
    ((1, 1), (0,), 1),
    ((67,), (0,), 1),
)


def reductions() -> list[Case]:
    cases = []
    for shape, axes, keepdims in REDUCTIONS:
        weights = {} if axes is None else {"axes": np.array(axes)}
        what = f"{'x'.join(map(str, shape))}_{'all' if axes is None else '_'.join(map(str, axes))}_{keepdims}"
        cases += [
            Case(op, {"x": shape}, {"keepdims": keepdims}, weights, id=what) for op in ("ReduceMean", "ReduceSum")
        ]
    axis = {"axes": np.array([1])}
    cases += [
        Case("ReduceMean", {"x": ("batch", 5, 7)}, {"keepdims": 0}, {"axes": np.array([1, 2])}),
        Case("ReduceSum", {"x": ("batch", 5, 7)}, {"keepdims": 1}, axis),
        Case("ReduceSum", {"x": (5, "batch")}, {"keepdims": 0}, axis),
        Case("ReduceMean", {"x": ("batch", 7)}, {"keepdims": 0}, {"axes": np.array([0])}),
        Case("ReduceSum", {"x": (3, 19)}, {}, axis, dtype="int64"),
        Case("ReduceSum", {"x": (19, 3)}, {}, {"axes": np.array([0])}, dtype="int32"),
        Case("ReduceMean", {"x": (3, 19)}, {}, axis, dtype="float64"),
        Case("ReduceSum", {"x": (19, 35)}, {"keepdims": 0}, {"axes": np.array([0])}, dtype="float64"),
        Case("ReduceMean", {"x": (3, 19)}, {"axes": [1]}, opset=11, id="by_attribute"),
        Case("ReduceSum", {"x": (3, 19)}, {"axes": [0], "keepdims": 0}, opset=11, id="by_attribute"),
        Case("ReduceSum", {"x": (3, 5)}, {"noop_with_empty_axes": 1}, {"axes": np.zeros(0, "int64")}, id="no_axes"),
        # What a naive sum in float loses.
        Case("ReduceSum", {"x": numbers(0.9, 1.1, 2, 30000)}, {}, axis, id="long"),
        Case("ReduceSum", {"x": numbers(0.9, 1.1, 30000, 3)}, {}, {"axes": np.array([0])}, id="long_columns"),
        Case("ReduceMean", {"x": numbers(1000, 1001, 2, 10000)}, {}, axis, id="far_from_0"),
        Case("ReduceSum", {"x": np.array([[1, np.nan, 2], [np.inf, 1, 2], [np.inf, -np.inf, 1]], "float32")}, {}, axis, id="edges"),
    ]  # fmt: skip
    return cases


OTHERS = ("Max", "Min", "Prod", "L1", "L2", "SumSquare", "LogSum", "LogSumExp")


OF_ONE = {"ReduceSumSquare": np.square, "ReduceLogSum": np.log}  # the others leave a positive number as it is


def other_reductions() -> list[Case]:
    cases = []
    for op in (f"Reduce{one}" for one in OTHERS):
        for shape, axes, keepdims in REDUCTIONS[::2]:
            # sums that have logarithms
            x = numbers(0.5, 2, *shape) if op == "ReduceLogSum" else shape
            weights = {} if axes is None else {"axes": np.array(axes)}
            what = f"{'x'.join(map(str, shape))}_{'all' if axes is None else '_'.join(map(str, axes))}_{keepdims}"
            cases.append(Case(op, {"x": x}, {"keepdims": keepdims}, weights, id=what))
        axis = {"axes": np.array([1])}
        positive = numbers(0.5, 2, 3, 19)
        cases += [
            Case(op, {"x": positive.astype("float64")}, {}, axis, dtype="float64", id="float64"),
            Case(op, {"x": positive.T.astype("float64")}, {}, {"axes": np.array([0])}, dtype="float64", id="float64_columns"),
            Case(op, {"x": positive}, {"axes": [1], "keepdims": 0}, opset=11, id="by_attribute"),
            Case(op, {"x": positive}, {"noop_with_empty_axes": 1}, id="no_axes"),
            Case(op, {"x": np.array(0.75, "float32")}, id="scalar", reference=lambda x, op=op: OF_ONE.get(op, np.asarray)(x)),
            Case(op, {"x": np.zeros((3, 0), "float32")}, {}, axis, id="of_nothing"),
            Case(op, {"x": np.zeros((0, 3), "float32")}, {}, axis, id="nothing"),
        ]  # fmt: skip
        if op != "ReduceLogSum":
            cases.append(Case(op, {"x": ("batch", 5, 7)}, {"keepdims": 0}, axis))
    some = {"axes": np.array([1])}
    for op in ("ReduceMax", "ReduceMin", "ReduceSumSquare", "ReduceL1", "ReduceSum", "ReduceProd"):
        for dtype in ("int8", "uint8", "int32", "int64", "uint32", "uint64"):
            low = 0 if dtype[0] == "u" else -3
            x = numbers(low, 4, 2, 5, 7, dtype=dtype)
            cases += [
                Case(op, {"x": x}, {}, {"axes": np.array(axes)}, dtype=dtype, id=f"{dtype}_{axes}", reference=_of(op, tuple(axes)))
                for axes in ([1], [2], [0, 2])
            ]  # fmt: skip
    for op in ("ReduceMax", "ReduceMin"):
        for axes in ((0,), (1,), (0, 1)):
            cases.append(
                Case(
                    op,
                    {"x": (3, 5)},
                    {},
                    {"axes": np.array(axes)},
                    dtype="bool",
                    id=f"bool_{axes}",
                    reference=_of(op, axes),
                )
            )
        cases.append(
            Case(
                op,
                {"x": np.zeros((3, 0), bool)},
                {},
                some,
                dtype="bool",
                id="bool_of_nothing",
                reference=lambda *_, op=op: np.full((3, 1), op == "ReduceMin"),
            )
        )
        edges = np.array([[1, np.nan, 2], [-np.inf, 1, np.inf], [-np.inf] * 3], "float32")
        cases += [
            Case(op, {"x": edges}, {}, {"axes": np.array([at])}, id=f"edges_{at}", reference=_of(op, (at,)))
            for at in (0, 1)
        ]
    for dtype in ("int32", "int64", "uint32"):
        x = numbers(0, 9, 3, 19, dtype=dtype)
        for op, function in INTEGERS.items():
            cases += [
                Case(op, {"x": x}, {}, {"axes": np.array([at])}, dtype=dtype, id=f"{dtype}_{at}", reference=lambda x, _, f=function, at=at: np.trunc(f(x.astype("float64"), at)))
                for at in (0, 1)
            ]  # fmt: skip
    largest = np.full((2, 3), 2**31 - 1, "int32")
    cases.append(
        Case("ReduceMean", {"x": largest}, {}, some, dtype="int32", id="beyond_int32", reference=lambda x, _: x[:, :1])
    )
    far = np.array(
        [
            [1000, 999.5, -1000],
            [-2000, -2001, -2002],
            [np.inf, 0, 1],
            [-np.inf, 3, -np.inf],
            [-np.inf] * 3,
            [np.nan, 1, 2],
        ],
        "float32",
    )
    expected = [1000 + np.log1p(np.exp(-0.5)), -2000 + np.log(1 + np.exp(-1) + np.exp(-2)), np.inf, 3, -np.inf, np.nan]
    cases += [
        Case("ReduceLogSumExp", {"x": far}, {}, some, id="far", reference=lambda *_: np.array(expected)[:, None]),
        Case("ReduceLogSumExp", {"x": far.T.copy()}, {}, {"axes": np.array([0])}, id="far_columns", reference=lambda *_: np.array(expected)[None]),
        Case("ReduceLogSumExp", {"x": numbers(-9, 9, 130, 67)}, {}, {"axes": np.array([0])}, id="long_columns"),
        Case("ReduceLogSumExp", {"x": numbers(-9, 9, 3, 3000)}, {}, some, id="long"),
        Case("ReduceL2", {"x": np.array([[3e30, 4e30], [3e-30, 4e-30]], "float32")}, {}, some, id="far"),
    ]  # fmt: skip
    return cases


INTEGERS = {
    "ReduceMean": lambda x, at: x.mean(at, keepdims=True),
    "ReduceL2": lambda x, at: np.sqrt(np.square(x).sum(at, keepdims=True)),
    "ReduceLogSum": lambda x, at: np.log(x.sum(at, keepdims=True)),
    "ReduceLogSumExp": lambda x, at: np.log(np.exp(x).sum(at, keepdims=True)),
}


def _of(op: str, axes: tuple[int, ...]):
    """The reduction in its own type, where sums of small integers are modulo 2^bits."""
    functions = {
        "ReduceMax": np.max,
        "ReduceMin": np.min,
        "ReduceSum": np.sum,
        "ReduceProd": np.prod,
        "ReduceL1": lambda x, **at: np.abs(x).sum(**at),
        "ReduceSumSquare": lambda x, **at: np.square(x).sum(**at),
    }
    return lambda x, _: np.asarray(functions[op](x, axis=axes, keepdims=True)).astype(x.dtype)


def _along(axis: int, function):
    return lambda x: function(x, axis=axis)


def plain(x: Array, axis: int) -> Array:
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def logarithmic(x: Array, axis: int) -> Array:
    x = x - x.max(axis=axis, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=axis, keepdims=True))


def hardest(x: Array, axis: int) -> Array:
    places = np.indices(x.shape)[axis]
    return (places == x.argmax(axis=axis, keepdims=True)).astype(x.dtype)


def _to_the_end(axis: int, function):
    """A function of all dimensions from one on."""

    def whole(x: Array) -> Array:
        rows = x.reshape(*x.shape[:axis], -1)
        return function(rows, axis=-1).reshape(x.shape)

    return whole


def softmax() -> list[Case]:
    cases = []
    for op, function in (("Softmax", plain), ("LogSoftmax", logarithmic)):
        for shape in ((3, 5), (2, 3, 7), (4, 67), (2, 19, 37), (7,)):
            for axis in range(-len(shape), 0):
                what = f"{'x'.join(map(str, shape))}_axis_{axis}"
                cases.append(Case(op, {"x": shape}, {"axis": axis}, id=what, reference=_along(axis, function)))
        cases += [
            Case(op, {"x": ("batch", 5)}, reference=_along(-1, function)),
            Case(op, {"x": ("batch", 5, 7)}, {"axis": 1}, reference=_along(1, function)),
            Case(op, {"x": ("n", 5)}, {"axis": 0}, reference=_along(0, function)),
            Case(op, {"x": (3, 19)}, dtype="float64", reference=_along(-1, function)),
            Case(op, {"x": (3, 19)}, {"axis": 0}, dtype="float64", id="columns", reference=_along(0, function)),
            Case(op, {"x": numbers(-300, 300, 3, 19)}, id="wide", reference=_along(-1, function)),
            Case(op, {"x": numbers(-300, 300, 19, 18)}, {"axis": 0}, id="wide_columns", reference=_along(0, function)),
            Case(op, {"x": numbers(999, 1001, 3, 19)}, id="far_from_0", reference=_along(-1, function)),
            Case(op, {"x": numbers(-1, 1, 2, 1000)}, id="long", reference=_along(-1, function)),
            Case(op, {"x": (3, 5)}, {"axis": 1}, opset=11, id="opset_11", reference=_along(-1, function)),
        ]
    masked = numbers(-1, 1, 3, 7)
    masked[0, 2:] = -np.inf
    masked[1] = -np.inf
    masked[2, 3] = np.nan
    cases.append(Case("Softmax", {"x": masked}, id="masked", reference=_along(-1, plain)))
    for op, function in (("Softmax", plain), ("LogSoftmax", logarithmic), ("Hardmax", hardest)):
        cases += [
            Case(op, {"x": (2, 3, 5, 7)}, {"axis": 2}, opset=11, id="to_the_end", reference=_to_the_end(2, function)),
            Case(op, {"x": ("batch", 3, 7)}, opset=9, reference=_to_the_end(1, function), id="batch_to_the_end"),
        ]
    for axis in (0, 1, -1):
        x = numbers(-3, 4, 3, 5, 19, dtype="int8").astype("float32")  # the largest ones often equal
        cases.append(Case("Hardmax", {"x": x}, {"axis": axis}, id=f"axis_{axis}", reference=_along(axis, hardest)))
    cases += [
        Case("Hardmax", {"x": ("batch", 5)}, reference=_along(-1, hardest)),
        Case("Hardmax", {"x": (3, 5)}, dtype="float64", reference=_along(-1, hardest)),
    ]
    return cases


def layer_norm() -> list[Case]:
    def weights(*shape: int, bias: bool = True, dtype: str = "float32") -> dict[str, Array]:
        found = {"scale": numbers(0.5, 2, *shape, dtype=dtype)}
        return found | {"bias": numbers(-1, 1, *shape, dtype=dtype)} if bias else found

    op = "LayerNormalization"
    return [
        Case(op, {"x": (3, 5)}, {}, weights(5)),
        Case(op, {"x": (3, 67)}, {}, weights(67)),
        Case(op, {"x": (3, 5)}, {}, weights(5, bias=False), id="no_bias"),
        Case(op, {"x": (2, 3, 5, 7)}, {"axis": -1}, weights(7), id="axis_-1"),
        Case(op, {"x": (2, 3, 5, 7)}, {"axis": 2}, weights(5, 7), id="axis_2"),
        Case(op, {"x": (2, 3, 5, 7)}, {"axis": 1, "epsilon": 0.01}, weights(3, 5, 7), id="axis_1"),
        Case(op, {"x": (2, 3, 5, 7)}, {"axis": 0}, weights(2, 3, 5, 7), id="axis_0"),
        Case(op, {"x": ("batch", 19)}, {}, weights(19)),
        Case(op, {"x": ("batch", 5, 7)}, {"axis": 1}, weights(5, 7)),
        # ONNX keeps attributes in single precision, which this one is exact in.
        Case(op, {"x": (3, 19)}, {"epsilon": 2.0**-10}, weights(19, dtype="float64"), dtype="float64"),
        Case(op, {"x": (3, 19), "scale": (19,), "bias": (19,)}, id="computed"),
        Case(op, {"x": numbers(999, 1001, 3, 130)}, {}, weights(130), id="far_from_0"),
        Case(op, {"x": np.full((2, 19), 3.25, "float32")}, {}, weights(19), id="constant_rows"),
    ]


CASES = (*reductions(), *other_reductions(), *softmax(), *layer_norm())
