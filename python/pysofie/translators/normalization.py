"""Normalisations and reductions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pysofie import shapes
from pysofie.builder import Enum, NodeBuilder, integers
from pysofie.errors import Refusal
from pysofie.registry import FLOATS, NUMBERS, Translate, translator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pysofie.values import Value


@translator("BatchNormalization", since=9, infer=shapes.batch_normalization, restrictions="inference")
def batch_normalization(
    b: NodeBuilder,
    x: Value,
    scale: Value,
    bias: Value,
    mean: Value,
    var: Value,
    *,
    epsilon: float = 1e-5,
    momentum: float = 0.9,
    training_mode: int = 0,
) -> None:
    """BatchNormalization(X, scale, B, input_mean, input_var; epsilon=1e-5, momentum=0.9, training_mode=0) -> Y."""
    if training_mode:
        raise Refusal("statistics of the batch itself", "save the model in eval() mode, with track_running_stats")
    b.emit("BatchNormalization", epsilon, momentum, 0, x, scale, bias, mean, var, b.output, template=(x.dtype,))


@translator("LayerNormalization", since=17, infer=shapes.layer_normalization)
def layer_normalization(
    b: NodeBuilder,
    x: Value,
    scale: Value,
    bias: Value | None = None,
    *,
    axis: int = -1,
    epsilon: float = 1e-5,
    stash_type: int = 1,
) -> None:
    """LayerNormalization(X, Scale, B; axis=-1, epsilon=1e-5, stash_type=1) -> Y."""
    at = shapes.axis_of(axis, x.rank)
    b.emit("LayerNormalization", at, epsilon, stash_type, x, scale, bias, b.output, None, None, template=(x.dtype,))


def _reduce(mode: str) -> Translate:
    def by_input(
        b: NodeBuilder, x: Value, axes: Value | None = None, *, keepdims: int = 1, noop_with_empty_axes: int = 0
    ) -> None:
        at = shapes.reduced_axes(x, axes, noop_with_empty_axes=noop_with_empty_axes)
        _emit_reduce(b, mode, x, at, keepdims)

    return by_input


def _reduce_1(mode: str) -> Translate:
    def by_attribute(b: NodeBuilder, x: Value, *, axes: Sequence[int] | None = None, keepdims: int = 1) -> None:
        _emit_reduce(b, mode, x, shapes.reduced_axes(x, tuple(axes or ())), keepdims)

    return by_attribute


def _emit_reduce(b: NodeBuilder, mode: str, x: Value, axes: tuple[int, ...], keepdims: int) -> None:
    if not axes:
        b.emit("Identity", x, b.output, template=(x.dtype,))
        return
    b.emit("Reduce", keepdims, integers(axes), x, None, b.output, template=(x.dtype, Enum("EReduceOpMode", mode)))


# ONNX operator: (opset from which the axes are an input, types)
for _op, (_since, _types) in {"ReduceMean": (18, FLOATS), "ReduceSum": (13, NUMBERS)}.items():
    translator(_op, since=_since, infer=shapes.reduce, types=_types, restrictions="constant axes")(_reduce(_op))
    translator(_op, infer=shapes.reduce, types=_types)(_reduce_1(_op))
