"""Elements chosen by their values: the outputs' sizes depend on data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pysofie import dims, shapes
from pysofie.builder import NodeBuilder, Vector
from pysofie.errors import ShapeError
from pysofie.registry import ANY, translator
from pysofie.values import TensorType

if TYPE_CHECKING:
    from pysofie.values import Value

_INT64 = np.dtype(np.int64)


def _non_zero_type(x: Value) -> TensorType:
    return TensorType(_INT64, (x.rank, dims.known_later(f"NonZero {x.name}")))


@translator("NonZero", since=9, infer=_non_zero_type, types=ANY)
def non_zero(b: NodeBuilder, x: Value) -> None:
    """NonZero(X) -> Y."""
    b.emit("NonZero", x, b.output, template=(x.dtype,))


def _along(x: Value, axis: int | None, count: dims.Size) -> TensorType:
    """The type of slices along an axis, or of elements, of which there are some."""
    if axis is None:
        return TensorType(x.dtype, (count,))
    at = shapes.axis_of(axis, x.rank)
    return TensorType(x.dtype, (*x.shape[:at], count, *x.shape[at + 1 :]))


def _compress_type(x: Value, condition: Value, *, axis: int | None = None) -> TensorType:
    if condition.rank != 1:
        raise ShapeError(f"a condition of the shape {dims.text(condition.shape)}, which must have one dimension")
    return _along(x, axis, dims.known_later(f"Compress {condition.name}"))


@translator("Compress", since=9, infer=_compress_type, types=ANY)
def compress(b: NodeBuilder, x: Value, condition: Value, *, axis: int | None = None) -> None:
    """Compress(input, condition; axis) -> output."""
    b.emit("Compress", axis is not None, axis or 0, x, condition, b.output)


def _unique_type(x: Value, *, axis: int | None = None, sorted: int = 1) -> tuple[TensorType, ...]:  # noqa: ARG001
    count = dims.known_later(f"Unique {x.name} {axis}")
    size = dims.count(x.shape) if axis is None else x.shape[shapes.axis_of(axis, x.rank)]
    chosen, each = TensorType(_INT64, (count,)), TensorType(_INT64, (size,))
    return (_along(x, axis, count), chosen, each, chosen)


@translator("Unique", since=11, infer=_unique_type, types=ANY)
def unique(b: NodeBuilder, x: Value, *, axis: int | None = None, sorted: int = 1) -> None:
    """Unique(X; axis, sorted=1) -> Y, indices, inverse_indices, counts."""
    names = (*("" if one is None else b.model.spell(one) for one in b.outputs), "", "", "")[:4]
    b.emit("Unique", axis is not None, axis or 0, bool(sorted), x, Vector("std::string", names))


def _suppressed_type(boxes: Value, scores: Value, *_: Value | None, center_point_box: int = 0) -> TensorType:  # noqa: ARG001
    return TensorType(_INT64, (dims.known_later(f"NonMaxSuppression {boxes.name} {scores.name}"), 3))


@translator("NonMaxSuppression", since=10, infer=_suppressed_type, types=("float32",))
def non_max_suppression(
    b: NodeBuilder,
    boxes: Value,
    scores: Value,
    most: Value | None = None,
    overlap: Value | None = None,
    least: Value | None = None,
    *,
    center_point_box: int = 0,
) -> None:
    """NonMaxSuppression(boxes, scores, max_output_boxes_per_class, iou_threshold, score_threshold; ...) -> selected_indices."""
    b.emit("NonMaxSuppression", bool(center_point_box), boxes, scores, most, overlap, least, b.output)
