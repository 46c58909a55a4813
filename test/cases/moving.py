"""Operators that take parts of a tensor, or repeat it."""

from __future__ import annotations

import numpy as np

from . import Array, Case

LAST = 2**63 - 1  # what exporters write for the end


def integers(**values: list[int] | int) -> dict[str, Array]:
    return {name: np.array(value, "int64") for name, value in values.items()}


def slices() -> list[Case]:
    def case(shape, starts, ends, axes=None, steps=None, id="", dtype="float32"):
        given = {"starts": starts, "ends": ends, "axes": axes, "steps": steps}
        weights = integers(**{name: value for name, value in given.items() if value is not None})
        order = ("x", "starts", "ends", "axes" if axes is not None else "", "steps" if steps is not None else "")
        return Case("Slice", {"x": shape}, {}, weights, id=id, dtype=dtype, order=order)

    cases = [
        case((5, 7), [1, 2], [3, 6], id="plain"),
        case((5, 7), [1], [LAST], [1], id="to_the_end"),
        case((5, 7), [-3], [-1], [-1], id="from_the_end"),
        case((5, 7), [-99, -99], [99, 99], [0, 1], id="clamped"),
        case((5, 7), [3], [2], [0], id="empty"),
        case((5, 7), [0], [LAST], [1], [2], id="step_2"),
        case((5, 7), [0, 1], [5, 6], [0, 1], [2, 3], id="steps"),
        case((5, 7), [-1], [-LAST], [1], [-1], id="reversed"),
        case((5, 7), [-1], [-LAST - 1], [0], [-1], id="rows_reversed"),
        case((5, 7), [4, 5], [0, -99], [0, 1], [-2, -3], id="steps_back"),
        case((5, 7), [3], [3], [0], [-1], id="empty_back"),
        case((5, 7), [2], [3], [0], id="a_row"),
        case((5, 7), [2], [3], [1], id="a_column"),
        case((5, 7), [0], [5], [0], id="all"),
        case((2, 3, 5, 7), [1, 2], [3, 5], [1, 2], id="inner"),
        case((2, 3, 5, 7), [1, 2], [3, 5], [3, -2], id="axes_in_any_order"),
        case((2, 3, 5, 7), [0, 4], [2, 0], [0, 2], [1, -2], id="mixed"),
        case((70, 67), [1, 3], [66, 60], id="large"),
        case(("batch", 7), [1], [5], [1]),
        case(("batch", 3, 7), [2, 6], [-LAST, 0], [1, 2], [-1, -2], id="batch_back"),
        case(("n", 7), [0], [1], [0], id="first_row"),
        case(("n", 7), [-1], [LAST], [0], id="last_row"),
        case(("n", 7), [0], [-1], [0], id="but_the_last_row"),
        case((3, "n"), [1], [LAST], [1], id="but_the_first"),
        case((3, "n"), [0], [LAST], [1], [2], id="every_second"),
        case((3, "n"), [-1], [-LAST], [1], [-1], id="named_reversed"),
        case((3, "n", 5), [0], [-1], [-1], id="inside_a_name"),
        Case("Slice", {"x": (5, 7)}, {"starts": [1, -3], "ends": [4, 99], "axes": [0, 1]}, opset=9, id="by_attribute", reference=lambda x: x[1:4, -3:]),
        Case("Slice", {"x": (5, 7)}, {"starts": [1], "ends": [4]}, opset=9, id="by_attribute_first_axes", reference=lambda x: x[1:4]),
    ]  # fmt: skip
    cases += [
        case((5, 7), [1, 6], [4, 1], [0, 1], [2, -2], dtype=dtype, id="steps")
        for dtype in ("float64", "int8", "uint16", "int32", "int64", "bool")
    ]
    return cases


def splits() -> list[Case]:
    return [
        Case("Split", {"x": (6, 5)}, {"num_outputs": 3}, outputs=3, id="equal"),
        Case("Split", {"x": (7, 5)}, {"num_outputs": 3}, outputs=3, id="last_is_shorter"),
        Case("Split", {"x": (5, 8)}, {"num_outputs": 2, "axis": 1}, outputs=2, id="columns"),
        Case("Split", {"x": (5, 8)}, {"axis": -1}, integers(split=[1, 5, 2]), outputs=3, id="lengths"),
        Case("Split", {"x": (5, 8)}, {"axis": 1}, integers(split=[3, 0, 5]), outputs=3, id="a_length_of_0"),
        Case("Split", {"x": (2, 9, 5)}, {"axis": 1}, integers(split=[2, 7]), outputs=2, id="middle"),
        Case("Split", {"x": (4, 5)}, {"num_outputs": 1}, id="one"),
        Case("Split", {"x": ("batch", 8)}, {"num_outputs": 4, "axis": 1}, outputs=4),
        Case("Split", {"x": ("batch", 8, 3)}, {"axis": 1}, integers(split=[3, 5]), outputs=2, id="batch_lengths"),
        Case("Split", {"x": (6, 5)}, {"axis": 0}, outputs=2, opset=13, id="opset_13"),
        Case("Split", {"x": (6, 5)}, {"split": [2, 4]}, outputs=2, opset=11, id="by_attribute", reference=lambda x: (x[:2], x[2:])),
        Case("Split", {"x": (6, 5)}, {"axis": 0}, outputs=3, opset=11, id="opset_11", reference=lambda x: (x[:2], x[2:4], x[4:])),
        Case("Split", {"x": (6, 5)}, {"num_outputs": 3, "axis": 0}, outputs=3, dtype="int64", id="equal"),
        Case("Split", {"x": (6, 5)}, {"num_outputs": 3, "axis": 0}, outputs=3, dtype="bool", id="equal"),
    ]  # fmt: skip


def repetitions() -> list[Case]:
    cases = [
        Case("Expand", {"x": (3, 1)}, {}, integers(shape=[2, 3, 5]), id="new_dim"),
        Case("Expand", {"x": (3, 5)}, {}, integers(shape=[1, 1]), id="nothing"),
        Case("Expand", {"x": (3, 1, 5)}, {}, integers(shape=[3, 7, 1]), id="both_ways"),
        Case("Expand", {"x": ()}, {}, integers(shape=[2, 3]), id="scalar"),
        Case("Expand", {"x": (1,)}, {}, integers(shape=[67]), id="one"),
        Case("Expand", {"x": (1, 5)}, {}, integers(shape=[40, 5]), id="rows"),
        Case("Expand", {"x": ("batch", 1, 5)}, {}, integers(shape=[1, 7, 1])),
        Case("Expand", {"x": ("batch", 5)}, {}, integers(shape=[3, 1, 1]), id="before_the_batch"),
        Case("Tile", {"x": (2, 3)}, {}, integers(repeats=[3, 2]), id="both"),
        Case("Tile", {"x": (2, 3, 5)}, {}, integers(repeats=[1, 4, 1]), id="middle"),
        Case("Tile", {"x": (2, 3)}, {}, integers(repeats=[1, 1]), id="once"),
        Case("Tile", {"x": (2, 3)}, {}, integers(repeats=[2, 0]), id="never"),
        Case("Tile", {"x": (67,)}, {}, integers(repeats=[3])),
        Case("Tile", {"x": ("batch", 3)}, {}, integers(repeats=[1, 5])),
        Case("Tile", {"x": ("batch", 3)}, {}, integers(repeats=[2, 1]), id="the_batch"),
    ]
    for dtype in ("float64", "int16", "int64", "uint8", "bool"):
        cases.append(Case("Expand", {"x": (3, 1)}, {}, integers(shape=[2, 1, 5]), dtype=dtype, id="new_dim"))
        cases.append(Case("Tile", {"x": (2, 3)}, {}, integers(repeats=[3, 2]), dtype=dtype, id="both"))
    return cases


MODES = ("constant", "edge", "reflect", "wrap")


def margins(x: Array, pads: Array, mode: str, value: float = 0) -> Array:
    """numpy.pad after what is below 0 has been left out."""
    before, after = np.split(pads, 2)
    cut = tuple(slice(-min(b, 0), size + min(a, 0)) for size, b, a in zip(x.shape, before, after, strict=True))
    how = {"constant_values": value} if mode == "constant" else {}
    return np.pad(x[cut], [(max(b, 0), max(a, 0)) for b, a in zip(before, after, strict=True)], mode, **how)


def paddings() -> list[Case]:
    def case(shape, pads, mode="constant", id="", dtype="float32", value=None):
        weights = integers(pads=pads)
        if value is not None:
            weights["value"] = np.array(value, dtype)
        return Case(
            "Pad",
            {"x": shape},
            {"mode": mode},
            weights,
            id=f"{mode}_{id}",
            dtype=dtype,
            reference=lambda x, pads, value=0: margins(x, pads, mode, value),
        )

    cases = []
    for mode in MODES:
        cases += [
            case((5, 7), [1, 2, 3, 4], mode, "both"),
            case((5, 7), [0, 3, 0, 0], mode, "left"),
            case((5, 7), [0, 0, 2, 0], mode, "below"),
            case((3, 5, 7), [0, 2, 0, 0, 1, 0], mode, "middle"),
            case((2, 3, 5, 7), [0, 0, 1, 2, 0, 0, 2, 1], mode, "pixels"),
            case((2, 3, 5, 7), [1, 0, 0, 0, 0, 2, 0, 0], mode, "outer"),
            case((2, 3, 5, 7), [1, 0, 2, 0, 0, 0, 0, 3], mode, "scattered"),
            case((5, 7), [0, 0, 0, 0], mode, "nothing"),
            case((5, 7), [-1, 0, 0, -2], mode, "less"),
            case((5, 7), [-2, 3, 1, -1], mode, "more_and_less"),
            case((3, 5, 7), [0, -1, 2, 0, -1, -1], mode, "inner_less"),
            case((4,), [9, 11], mode, "wide"),
            case((1, 5), [2, 0, 3, 0], mode, "of_one"),
            case(("batch", 5, 7), [0, 1, 2, 0, 2, 1], mode, "batch"),
            case((3, "n"), [0, 2, 0, 1], mode, "named"),
            case(("n", 5), [2, 0, 1, -1], mode, "named_rows"),
            case((5, 7), [1, 2, 3, 4], mode, "both", "int64"),
            case((5, 7), [1, 2, 3, 4], mode, "both", "bool"),
            case((5, 7), [1, 2, 3, 4], mode, "both", "float64"),
        ]
    cases += [
        case((5, 7), [1, 2, 3, 4], id="value", value=-2.5),
        case((5, 7), [1, 2, 3, 4], id="value", value=-7, dtype="int8"),
        case((5, 7), [1, 2, 3, 4], id="value", value=True, dtype="bool"),
        Case("Pad", {"x": (3, 5, 7), "value": np.array(2.5, "float32")}, {}, integers(pads=[1, 2, 0, 3], axes=[2, -3]), order=("x", "pads", "value", "axes"), id="axes"),
        Case("Pad", {"x": (5, 7)}, {"pads": [1, 2, 3, 4], "value": 1.5}, opset=7, id="opset_7", reference=lambda x: np.pad(x, [(1, 3), (2, 4)], constant_values=1.5)),
        Case("Pad", {"x": (5, 7)}, {"pads": [1, 2, 3, 4], "mode": "edge"}, opset=10, id="opset_10", reference=lambda x: np.pad(x, [(1, 3), (2, 4)], "edge")),
    ]  # fmt: skip
    return cases


def blocks() -> list[Case]:
    def to_space(mode):
        def function(x: Array) -> Array:
            n, c, h, w = x.shape
            if mode == "DCR":
                return x.reshape(n, 2, 2, c // 4, h, w).transpose(0, 3, 4, 1, 5, 2).reshape(n, c // 4, h * 2, w * 2)
            return x.reshape(n, c // 4, 2, 2, h, w).transpose(0, 1, 4, 2, 5, 3).reshape(n, c // 4, h * 2, w * 2)

        return function

    def to_depth(x: Array) -> Array:
        n, c, h, w = x.shape
        return x.reshape(n, c, h // 2, 2, w // 2, 2).transpose(0, 3, 5, 1, 2, 4).reshape(n, c * 4, h // 2, w // 2)

    cases = []
    for x, what in (((2, 12, 3, 5), "plain"), (("batch", 12, 3, 5), "batch"), ((2, 8, "h", "w"), "pixels")):
        cases += [
            Case(
                "DepthToSpace", {"x": x}, {"blocksize": 2, "mode": mode}, id=f"{mode}_{what}", reference=to_space(mode)
            )
            for mode in ("DCR", "CRD")
        ]
    return [
        *cases,
        Case("DepthToSpace", {"x": (1, 4, 3, 5)}, {"blocksize": 2}, opset=7, dtype="float64", id="opset_7", reference=to_space("DCR")),
        Case("SpaceToDepth", {"x": (2, 3, 4, 6)}, {"blocksize": 2}, reference=to_depth),
        Case("SpaceToDepth", {"x": ("batch", 3, 4, 6)}, {"blocksize": 2}, reference=to_depth),
        Case("SpaceToDepth", {"x": (2, 3, 4, 6)}, {"blocksize": 2}, dtype="int32", reference=to_depth),
    ]  # fmt: skip


CASES = (*paddings(), *blocks(), *slices(), *splits(), *repetitions())
