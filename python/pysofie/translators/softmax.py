"""Weights that the elements along an axis have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pysofie import shapes
from pysofie.registry import Translate, translator

if TYPE_CHECKING:
    from pysofie.builder import NodeBuilder
    from pysofie.values import TensorType, Value

# ONNX operator: class, arguments after the names
_OPERATORS: dict[str, tuple[str, tuple[bool, ...]]] = {
    "Softmax": ("Softmax", (False,)),
    "LogSoftmax": ("Softmax", (True,)),
    "Hardmax": ("Hardmax", ()),
}


def _along_axis(cls: str, arguments: tuple[bool, ...]) -> Translate:
    # A last False is the default, which other releases of SOFIE may not take.
    given = arguments if any(arguments) else ()

    def translate(b: NodeBuilder, x: Value, *, axis: int = -1) -> None:
        b.emit(cls, shapes.axis_of(axis, x.rank), x, b.output, *given)

    return translate


def _to_the_end(cls: str, arguments: tuple[bool, ...]) -> Translate:
    """As it was before opset 13: the axis and all after it are one."""
    now = _along_axis(cls, arguments)

    def translate(b: NodeBuilder, x: Value, *, axis: int = 1) -> None:
        at = shapes.axis_of(axis, x.rank)
        if at == x.rank - 1:
            now(b, x, axis=axis)
        else:
            b.emit(cls, at, x, b.output, *arguments, True)

    return translate


def _old_axis(x: Value, *, axis: int = 1) -> TensorType:
    return shapes.softmax(x, axis=axis)


for _op, (_cls, _arguments) in _OPERATORS.items():
    translator(_op, since=13, infer=shapes.softmax)(_along_axis(_cls, _arguments))
    translator(_op, infer=_old_axis)(_to_the_end(_cls, _arguments))
