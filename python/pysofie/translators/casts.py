"""One type as another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pysofie import shapes
from pysofie.builder import CPP_TYPES, NodeBuilder
from pysofie.errors import Refusal
from pysofie.registry import ANY, translator
from pysofie.values import TensorType

if TYPE_CHECKING:
    from pysofie.graph import Attribute
    from pysofie.values import Value


@translator("Cast", since=6, infer=shapes.cast, types=ANY, restrictions="no text")
def cast(b: NodeBuilder, x: Value, *, to: int, saturate: int = 1) -> None:  # noqa: ARG001 - of 8-bit floats only
    """Cast(input; to) -> output."""
    target = shapes.ONNX_TYPES.get(to)
    if target not in ANY:
        raise Refusal(f"a cast to type {to} of ONNX ({target or 'unknown here'})")
    b.emit("Cast", CPP_TYPES[target], x, b.output)


def _like(x: Value, target: Value, **_: Attribute) -> TensorType:
    return TensorType(target.dtype, x.shape)


@translator("CastLike", since=15, infer=_like, types=ANY, restrictions="no text")
def cast_like(b: NodeBuilder, x: Value, target: Value, *, saturate: int = 1) -> None:  # noqa: ARG001 - as of Cast
    """CastLike(input, target_type) -> output."""
    if target.dtype.name not in ANY:
        raise Refusal(f"a cast to {target.dtype}")
    b.emit("Cast", CPP_TYPES[target.dtype.name], x, b.output)
