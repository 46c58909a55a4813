"""One value from the elements along some dimensions, or a value for each that goes before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pysofie import shapes
from pysofie.builder import Enum, NodeBuilder, integers
from pysofie.errors import Refusal
from pysofie.registry import ANY, FLOATS, NUMBERS, Translate, translator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pysofie.values import Value

_WIDE = (*FLOATS, "int32", "int64", "uint32", "uint64")
# ONNX operator: (opset from which the axes are an input, types)
_REDUCTIONS = {
    "ReduceMean": (18, _WIDE),
    "ReduceSum": (13, NUMBERS),
    "ReduceMax": (18, ANY),
    "ReduceMin": (18, ANY),
    "ReduceProd": (18, NUMBERS),
    "ReduceL1": (18, NUMBERS),
    "ReduceL2": (18, _WIDE),
    "ReduceSumSquare": (18, NUMBERS),
    "ReduceLogSum": (18, _WIDE),
    "ReduceLogSumExp": (18, _WIDE),
}
# What a reduction along no dimensions does to each element; the others do nothing.
_OF_ONE = {"ReduceL1": "kAbs", "ReduceL2": "kAbs", "ReduceLogSum": "kLog"}


def _reduce(mode: str) -> Translate:
    def by_input(
        b: NodeBuilder, x: Value, axes: Value | None = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0
    ) -> None:
        if axes is not None and axes.constant is None:
            raise Refusal(f"axes '{axes.name}' that are computed at run time")
        at = shapes.reduced_axes(x, axes, noop_with_empty_axes=noop_with_empty_axes)
        _emit(b, mode, x, at, keepdims)

    return by_input


def _reduce_1(mode: str) -> Translate:
    def by_attribute(b: NodeBuilder, x: Value, *, axes: Sequence[int] | None = None, keepdims: int = 1) -> None:
        _emit(b, mode, x, shapes.reduced_axes(x, tuple(axes or ())), keepdims)

    return by_attribute


def _emit(b: NodeBuilder, mode: str, x: Value, axes: tuple[int, ...], keepdims: int) -> None:
    if axes:
        b.emit("Reduce", keepdims, integers(axes), x, None, b.output, template=(x.dtype, Enum("EReduceOpMode", mode)))
    elif mode == "ReduceSumSquare":
        b.emit("BasicBinary", x, x, b.output, template=(x.dtype, Enum("EBasicBinaryOperator", "Mul")))
    elif mode in _OF_ONE:
        if mode == "ReduceLogSum" and x.dtype.name not in FLOATS:
            raise Refusal(f"the logarithms of {x.dtype}")
        b.emit("BasicUnary", x, b.output, template=(x.dtype, Enum("EBasicUnaryOperator", _OF_ONE[mode])))
    else:
        b.emit("Identity", x, b.output, template=(x.dtype,))


for _op, (_since, _types) in _REDUCTIONS.items():
    translator(_op, since=_since, infer=shapes.reduce, types=_types, restrictions="constant axes")(_reduce(_op))
    translator(_op, infer=shapes.reduce, types=_types)(_reduce_1(_op))


def _arg_extreme(mode: str) -> Translate:
    def translate(b: NodeBuilder, x: Value, *, axis: int = 0, keepdims: int = 1, select_last_index: int = 0) -> None:
        enum = Enum("EArgExtremeMode", mode)
        at = shapes.axis_of(axis, x.rank)
        b.emit("ArgExtreme", at, keepdims, select_last_index, x, b.output, template=(x.dtype, enum))

    return translate


def _cumulate(mode: str) -> Translate:
    def translate(b: NodeBuilder, x: Value, axis: Value, *, exclusive: int = 0, reverse: int = 0) -> None:
        b.emit("Cumulate", exclusive, reverse, x, axis, b.output, template=(x.dtype, Enum("ECumulateMode", mode)))

    return translate


for _op in ("ArgMax", "ArgMin"):
    translator(_op, infer=shapes.arg_extreme, types=NUMBERS)(_arg_extreme(_op))
for _op, _since in (("CumSum", 11), ("CumProd", 26)):
    translator(_op, since=_since, infer=shapes.cumulate, types=NUMBERS, restrictions="a constant axis")(_cumulate(_op))


@translator("TopK", since=10, infer=shapes.top_k, types=NUMBERS, restrictions="a constant number")
def top_k(b: NodeBuilder, x: Value, k: Value, *, axis: int = -1, largest: int = 1, sorted: int = 1) -> None:
    """TopK(X, K; axis=-1, largest=1, sorted=1) -> Values, Indices."""
    if k.constant is None and not k.is_sizes:
        raise Refusal(f"a number '{k.name}' that is computed at run time")
    b.emit("TopK", shapes.axis_of(axis, x.rank), largest, sorted, k, x, *b.all_outputs(2), template=(x.dtype,))


@translator("TopK", infer=shapes.top_k_1)
def top_k_1(b: NodeBuilder, x: Value, *, k: int, axis: int = -1) -> None:
    """TopK(X; k, axis=-1) -> Values, Indices, as it was before opset 10."""
    top_k(b, x, b.constant("k", np.array([k], np.int64)), axis=axis)
