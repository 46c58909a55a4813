"""Operators that take parts of a tensor, or repeat it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pysofie import moving, shapes
from pysofie.builder import Enum, NodeBuilder, Vector, integers
from pysofie.errors import Refusal
from pysofie.registry import ANY, translator
from pysofie.values import TensorType, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pysofie.dims import Shape


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


@translator("Pad", since=11, infer=moving.pad, types=ANY, restrictions="constant pads and axes")
def pad(
    b: NodeBuilder,
    x: Value,
    pads: Value,
    value: Value | None = None,
    axes: Value | None = None,
    *,
    mode: str = "constant",
) -> None:
    """Pad(data, pads, constant_value, axes; mode=constant) -> output."""
    b.emit("Pad", x, known(pads, "pads"), value, axes, b.output, mode, template=(x.dtype,))


@translator("Pad", since=2, infer=moving.pad_2)
def pad_2(b: NodeBuilder, x: Value, *, pads: Sequence[int], mode: str = "constant", value: float = 0.0) -> None:
    """Pad(data; mode=constant, pads, value=0) -> output, as it was before opset 11."""
    margins, fill = b.constant("pads", np.array(pads, np.int64)), b.constant("value", np.array(value, x.dtype))
    b.emit("Pad", x, margins, fill, None, b.output, mode, template=(x.dtype,))


@translator("DepthToSpace", infer=moving.depth_to_space, types=ANY)
def depth_to_space(b: NodeBuilder, x: Value, *, blocksize: int, mode: str = "DCR") -> None:
    """DepthToSpace(input; blocksize, mode=DCR) -> output."""
    batch, channels, height, width = x.shape
    less = channels // (blocksize * blocksize)
    if mode == "DCR":
        _rearrange(b, x, (batch, blocksize, blocksize, less, height, width), (0, 3, 4, 1, 5, 2))
    else:
        _rearrange(b, x, (batch, less, blocksize, blocksize, height, width), (0, 1, 4, 2, 5, 3))


@translator("SpaceToDepth", infer=moving.space_to_depth, types=ANY)
def space_to_depth(b: NodeBuilder, x: Value, *, blocksize: int, mode: str = "DCR") -> None:
    """SpaceToDepth(input; blocksize, mode=DCR) -> output."""
    batch, channels, height, width = x.shape
    split = (batch, channels, height // blocksize, blocksize, width // blocksize, blocksize)
    _rearrange(b, x, split, (0, 3, 5, 1, 2, 4) if mode == "DCR" else (0, 1, 3, 5, 2, 4))


def _rearrange(b: NodeBuilder, x: Value, split: Shape, perm: tuple[int, ...]) -> None:
    """Split dimensions, change their order, join them."""
    mode = Enum("ReshapeOpMode", "Reshape")
    parts = b.temporary("parts", Value("", TensorType(x.dtype, split)))
    moved = b.temporary("moved", Value("", TensorType(x.dtype, tuple(split[axis] for axis in perm))))
    b.emit("Reshape", mode, 1, x, b.shape_constant("split", split), parts)
    b.emit("Transpose", integers(perm), parts, moved, template=(x.dtype,))
    b.emit("Reshape", mode, 1, moved, b.shape_constant("joined", b.output.shape), b.output)
