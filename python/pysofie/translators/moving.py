"""Operators that take parts of a tensor, or repeat it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pysofie import moving, shapes
from pysofie.builder import NodeBuilder, Vector
from pysofie.errors import Refusal
from pysofie.registry import ANY, translator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pysofie.values import Value


def known(value: Value, what: str) -> Value:
    """The value, whose contents must be known when the code is generated."""
    if value.constant is None and not value.is_sizes:
        raise Refusal(f"{what} '{value.name}' that are computed at run time")
    return value


@translator("Slice", since=10, infer=moving.slice_, types=ANY, restrictions="constant axes and steps")
def slice_(
    b: NodeBuilder, x: Value, starts: Value, ends: Value, axes: Value | None = None, steps: Value | None = None
) -> None:
    """Slice(data, starts, ends, axes, steps) -> output."""
    b.emit("Slice", x, b.names(starts, ends, axes, steps), b.output)


@translator("Slice", infer=moving.slice_1, types=ANY)
def slice_1(
    b: NodeBuilder, x: Value, *, starts: Sequence[int], ends: Sequence[int], axes: Sequence[int] | None = None
) -> None:
    """Slice(data; axes, ends, starts) -> output, as it was before opset 10."""
    bounds = (starts, ends, range(len(starts)) if axes is None else axes)
    b.emit("Slice", x, *(Vector("int64_t", tuple(one)) for one in bounds), b.output)


@translator("Split", since=13, infer=moving.split, types=ANY)
def split(
    b: NodeBuilder, x: Value, lengths: Value | None = None, *, axis: int = 0, num_outputs: int | None = None
) -> None:
    """Split(input, split; axis=0, num_outputs) -> outputs..."""
    if lengths is not None and num_outputs is not None:
        raise Refusal("both the lengths and num_outputs")
    b.emit("Split", x, lengths and known(lengths, "lengths"), shapes.axis_of(axis, x.rank), b.names(*b.outputs))


@translator("Split", since=2, infer=moving.split_1, types=ANY)
def split_2(b: NodeBuilder, x: Value, *, axis: int = 0, split: Sequence[int] | None = None) -> None:
    """Split(input; axis=0, split) -> outputs..., as it was before opset 13."""
    lengths = None if split is None else b.constant("split", np.array(split, np.int64))
    b.emit("Split", x, lengths, shapes.axis_of(axis, x.rank), b.names(*b.outputs))


@translator("Expand", since=8, infer=moving.expand, types=ANY)
def expand(b: NodeBuilder, x: Value, shape: Value) -> None:
    """Expand(input, shape) -> output."""
    b.emit("Expand", x, shape, b.output, template=(x.dtype,))


@translator("Tile", since=6, infer=moving.tile, types=ANY)
def tile(b: NodeBuilder, x: Value, repeats: Value) -> None:
    """Tile(input, repeats) -> output."""
    b.emit("Tile", repeats, x, b.output, template=(x.dtype,))
