"""Operators that read or write at places which are numbers in another tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pysofie import indexing, shapes
from pysofie.errors import Refusal
from pysofie.registry import ANY, NUMBERS, translator

from .moving import known

if TYPE_CHECKING:
    from pysofie.builder import NodeBuilder
    from pysofie.values import Value


def _indices(value: Value) -> Value:
    if value.dtype not in (np.int32, np.int64):
        raise Refusal(f"indices of {value.dtype}")
    return value


@translator("Gather", infer=indexing.gather, types=ANY)
def gather(b: NodeBuilder, x: Value, indices: Value, *, axis: int = 0) -> None:
    """Gather(data, indices; axis=0) -> output."""
    b.emit("Gather", shapes.axis_of(axis, x.rank), x, _indices(indices), b.output)


@translator("GatherElements", since=11, infer=indexing.gather_elements, types=ANY)
def gather_elements(b: NodeBuilder, x: Value, indices: Value, *, axis: int = 0) -> None:
    """GatherElements(data, indices; axis=0) -> output."""
    b.emit("GatherElements", shapes.axis_of(axis, x.rank), x, _indices(indices), b.output)


@translator("GatherND", since=11, infer=indexing.gather_nd, types=ANY)
def gather_nd(b: NodeBuilder, x: Value, indices: Value, *, batch_dims: int = 0) -> None:
    """GatherND(data, indices; batch_dims=0) -> output."""
    b.emit("GatherND", batch_dims, x, _indices(indices), b.output)


@translator("ScatterElements", since=11, infer=indexing.scatter_elements, types=ANY)
def scatter_elements(
    b: NodeBuilder, x: Value, indices: Value, updates: Value, *, axis: int = 0, reduction: str = "none"
) -> None:
    """ScatterElements(data, indices, updates; axis=0, reduction=none) -> output."""
    b.emit("ScatterElements", x, _indices(indices), updates, b.output, shapes.axis_of(axis, x.rank), reduction)


@translator("Scatter", since=9, infer=indexing.scatter_elements, types=ANY)
def scatter(b: NodeBuilder, x: Value, indices: Value, updates: Value, *, axis: int = 0) -> None:
    """Scatter(data, indices, updates; axis=0) -> output: ScatterElements by its name before opset 11."""
    scatter_elements(b, x, indices, updates, axis=axis)


@translator("ScatterND", since=11, infer=indexing.scatter_nd, types=ANY)
def scatter_nd(b: NodeBuilder, x: Value, indices: Value, updates: Value, *, reduction: str = "none") -> None:
    """ScatterND(data, indices, updates; reduction=none) -> output."""
    b.emit("ScatterND", x, _indices(indices), updates, b.output, reduction)


@translator("TensorScatter", since=24, infer=indexing.tensor_scatter, types=ANY)
def tensor_scatter(
    b: NodeBuilder, x: Value, update: Value, indices: Value | None = None, *, axis: int = -2, mode: str = "linear"
) -> None:
    """TensorScatter(past_cache, update, write_indices; axis=-2, mode=linear) -> present_cache."""
    b.emit("TensorScatter", shapes.axis_of(axis, x.rank), mode, x, update, indices, b.output)


@translator("OneHot", since=9, infer=indexing.one_hot, types=NUMBERS)
def one_hot(b: NodeBuilder, indices: Value, depth: Value, values: Value, *, axis: int = -1) -> None:
    """OneHot(indices, depth, values; axis=-1) -> output."""
    depth = known(depth, "sizes")
    if depth.constant is not None and depth.dtype != np.int64:
        depth = b.constant("depth", depth.constant.astype(np.int64))
    b.emit("OneHot", shapes.axis_of(axis, indices.rank + 1), indices, depth, values, b.output)


@translator("ReverseSequence", since=10, infer=indexing.reverse_sequence, types=ANY)
def reverse_sequence(b: NodeBuilder, x: Value, lengths: Value, *, batch_axis: int = 1, time_axis: int = 0) -> None:
    """ReverseSequence(input, sequence_lens; batch_axis=1, time_axis=0) -> Y."""
    b.emit("ReverseSequence", batch_axis, time_axis, x, lengths, b.output)
