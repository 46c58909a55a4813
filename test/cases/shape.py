"""Operators that move elements, or only say their places anew."""

from __future__ import annotations

import itertools

import numpy as np

from . import Case, numbers


def transpose() -> list[Case]:
    cases = [
        Case("Transpose", {"x": (2, 3, 5)}, {"perm": list(perm)}, id="_".join(map(str, perm)))
        for perm in itertools.permutations(range(3))
    ]
    four = [(0, 2, 1, 3), (0, 3, 1, 2), (0, 2, 3, 1), (3, 2, 1, 0), (2, 0, 3, 1), (1, 0, 2, 3), (0, 1, 3, 2)]
    cases += [
        Case("Transpose", {"x": (2, 3, 5, 7)}, {"perm": list(perm)}, id="_".join(map(str, perm))) for perm in four
    ]
    cases += [
        Case("Transpose", {"x": (3, 5)}, id="reversed"),
        Case("Transpose", {"x": (67, 35)}, {"perm": [1, 0]}),
        Case("Transpose", {"x": (32, 48)}, {"perm": [1, 0]}),
        Case("Transpose", {"x": (1, 5, 1, 7)}, {"perm": [2, 1, 0, 3]}, id="view"),
        Case("Transpose", {"x": (3, 1, 5)}, {"perm": [1, 2, 0]}, id="ones"),
        Case("Transpose", {"x": (7,)}, {"perm": [0]}),
        Case("Transpose", {"x": (2, 3, 4, 5, 6)}, {"perm": [4, 1, 3, 0, 2]}),
        Case("Transpose", {"x": ("batch", 5, 7)}, {"perm": [0, 2, 1]}),
        Case("Transpose", {"x": ("batch", 7)}, {"perm": [1, 0]}),
        Case("Transpose", {"x": ("batch", 3, 5, 7)}, {"perm": [0, 2, 3, 1]}),
        Case("Transpose", {"x": ("batch", "n", 3)}, {"perm": [1, 0, 2]}),
    ]
    cases += [
        Case("Transpose", {"x": (3, 5)}, {"perm": [1, 0]}, dtype=dtype)
        for dtype in ("float64", "int32", "int64", "bool")
    ]
    return cases


def shape(*target: int) -> dict[str, np.ndarray]:
    return {"shape": np.array(target, "int64")}


def reshape() -> list[Case]:
    return [
        Case("Reshape", {"x": (2, 3, 5)}, {}, shape(5, 6), id="plain"),
        Case("Reshape", {"x": (2, 3, 5)}, {}, shape(-1, 3), id="rest"),
        Case("Reshape", {"x": (2, 3, 5)}, {}, shape(0, -1), id="keep"),
        Case("Reshape", {"x": (2, 3, 5)}, {}, shape(-1), id="flat"),
        Case("Reshape", {"x": (1, 1)}, {}, shape(), id="scalar"),
        Case("Reshape", {"x": (2, 3, 5)}, {"allowzero": 1}, shape(5, 3, 2), id="allowzero"),
        Case("Reshape", {"x": (2, 3, 5)}, {}, shape(5, 6), dtype="int64", id="plain"),
        Case("Reshape", {"x": (2, 3, 5)}, {}, shape(5, 6), dtype="bool", id="plain"),
        Case("Reshape", {"x": ("batch", 3, 5)}, {}, shape(0, -1), id="batch_kept"),
        Case("Reshape", {"x": ("batch", 3, 5)}, {}, shape(-1, 15), id="batch_rest"),
        Case("Reshape", {"x": ("batch", 3, 5)}, {}, shape(-1, 5), id="batch_merged"),
        Case("Reshape", {"x": ("batch", 12)}, {}, shape(-1, 3, 4), id="batch_split"),
        Case("Flatten", {"x": (2, 3, 5)}),
        Case("Flatten", {"x": (2, 3, 5)}, {"axis": 0}, id="axis_0"),
        Case("Flatten", {"x": (2, 3, 5)}, {"axis": 3}, id="axis_3"),
        Case("Flatten", {"x": (2, 3, 5)}, {"axis": -1}, id="axis_-1"),
        Case("Flatten", {"x": ("batch", 3, 5)}),
        Case("Flatten", {"x": ("batch", 3, 5)}, {"axis": 2}, id="batch_axis_2"),
        Case("Squeeze", {"x": (1, 3, 1, 5)}, {}, {"axes": np.array([0, 2])}, id="two"),
        Case("Squeeze", {"x": (1, 3, 1, 5)}, {}, {"axes": np.array([-2])}, id="from_the_end"),
        Case("Squeeze", {"x": (1, 3, 1, 5)}, id="all"),
        Case("Squeeze", {"x": ("batch", 1, 5)}, {}, {"axes": np.array([1])}),
        Case("Squeeze", {"x": (1, 3)}, {"axes": [0]}, opset=11, id="by_attribute"),
        Case("Unsqueeze", {"x": (3, 5)}, {}, {"axes": np.array([0, 3])}, id="two"),
        Case("Unsqueeze", {"x": (3, 5)}, {}, {"axes": np.array([-1])}, id="from_the_end"),
        Case("Unsqueeze", {"x": ("batch", 5)}, {}, {"axes": np.array([1])}),
        Case("Unsqueeze", {"x": ("batch", 5)}, {}, {"axes": np.array([0])}, id="before_the_batch"),
        Case("Unsqueeze", {"x": (3, 5)}, {"axes": [1]}, opset=11, id="by_attribute"),
    ]


def concat() -> list[Case]:
    return [
        Case("Concat", {"a": (2, 3), "b": (2, 5)}, {"axis": 1}),
        Case("Concat", {"a": (2, 3), "b": (5, 3), "c": (1, 3)}, {"axis": 0}),
        Case("Concat", {"a": (2, 3, 5), "b": (2, 7, 5)}, {"axis": -2}),
        Case("Concat", {"a": (2, 3, 5), "b": (2, 3, 67), "c": (2, 3, 1)}, {"axis": 2}),
        Case("Concat", {"a": (3, 5)}, {"axis": 0}, id="one"),
        Case("Concat", {"a": ("batch", 3), "b": ("batch", 5)}, {"axis": 1}),
        Case("Concat", {"a": ("n", 3), "b": ("m", 3)}, {"axis": 0}),
        Case("Concat", {"a": ("n", 3), "b": ("n", 3)}, {"axis": 0}, id="twice_the_name"),
        Case("Concat", {"a": (2, 3)}, {"axis": 1}, {"b": numbers(-1, 1, 2, 5)}, id="weights"),
        Case("Concat", {"a": (2, 3), "b": (2, 5)}, {"axis": 1}, dtype="int64"),
        Case("Concat", {"a": (2, 3), "b": (2, 5)}, {"axis": 1}, dtype="bool"),
    ]


def copies() -> list[Case]:
    """What hands on a tensor as it is."""
    return [
        Case("Dropout", {"x": (3, 5)}),
        Case("Dropout", {"x": ("batch", 5)}, outputs=2, id="mask"),
        Case("Dropout", {"x": (3, 5)}, {"ratio": 0.3}, outputs=2, id="mask-10", opset=10),
        Case(
            "Dropout",
            {"x": (3, 5)},
            weights={"ratio": np.array(0.3, "float32"), "training": np.array(False)},
            id="ratio",
        ),
        Case("OptionalGetElement", {"x": (3, 5)}, reference=lambda x: x),
        Case("OptionalHasElement", {"x": (3, 5)}, reference=lambda _: np.array(True)),
    ]


CASES = (*transpose(), *reshape(), *concat(), *copies())
