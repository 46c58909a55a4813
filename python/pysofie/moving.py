"""Shapes of the operators that move elements: slices, parts, repetitions, padding.

Along a named dim, a start or an end lies within it: the core checks that when sizes are given.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import dims, shapes
from .dims import Expression, Shape, Size
from .errors import ShapeError
from .values import TensorType, Value

Ints = Sequence[int]

_FAR = 2**31 - 1  # from here on exporters mean the end of a dimension, whichever its size


def sizes_of(value: Value) -> tuple[Size, ...]:
    """The contents of a tensor of integers, which are known, as sizes."""
    contents = np.asarray(value.contents).reshape(-1).tolist()
    return tuple(one if isinstance(one, Expression) else int(one) for one in contents)


def integers_of(value: Value | None) -> tuple[int, ...] | None:
    """The contents of a tensor of integers, which are numbers."""
    if value is None:
        return None
    if value.constant is None:
        raise ShapeError(f"the axes or steps '{value.name}' are no constants")
    return tuple(int(one) for one in value.constant.reshape(-1))


def slice_(x: Value, starts: Value, ends: Value, axes: Value | None = None, steps: Value | None = None) -> TensorType:
    """Slice."""
    if starts.contents is None or ends.contents is None:
        return TensorType(x.dtype, _cut_later(x, starts, ends, integers_of(axes)))
    return TensorType(x.dtype, cut(x.shape, sizes_of(starts), sizes_of(ends), integers_of(axes), integers_of(steps)))


def _cut_later(x: Value, starts: Value, ends: Value, axes: Ints | None) -> Shape | None:
    """The shape where the bounds are computed at run time; None where it is not known how many there are."""
    count = starts.shape[0] if starts.rank == 1 else None
    if count is None or isinstance(count, Expression):
        return None
    result = list(x.shape)
    for at, axis in enumerate(range(count) if axes is None else axes):
        what = f"Slice {x.name} {starts.name} {ends.name} {at}"
        result[shapes.axis_of(axis, x.rank)] = dims.known_later(what)
    return tuple(result)


def slice_1(x: Value, *, starts: Ints, ends: Ints, axes: Ints | None = None) -> TensorType:
    """Slice as it was before opset 10."""
    return TensorType(x.dtype, cut(x.shape, starts, ends, axes, None))


def cut(shape: Shape, starts: Sequence[Size], ends: Sequence[Size], axes: Ints | None, steps: Ints | None) -> Shape:
    """The shape that a Slice leaves."""
    result = list(shape)
    for axis, _, count, _ in ranges(shape, starts, ends, axes, steps):
        result[axis] = count
    return tuple(result)


def ranges(
    shape: Shape, starts: Sequence[Size], ends: Sequence[Size], axes: Ints | None, steps: Ints | None
) -> list[tuple[int, Size, Size, int]]:
    """For each axis that a Slice cuts: the axis, the first place, the number of places, the step between them."""
    at = tuple(range(len(starts))) if axes is None else tuple(axes)
    by = (1,) * len(starts) if steps is None else tuple(steps)
    if not len(starts) == len(ends) == len(at) == len(by):
        raise ShapeError(f"{len(starts)} starts, {len(ends)} ends, {len(at)} axes and {len(by)} steps")
    indices = [shapes.axis_of(axis, len(shape)) for axis in at]
    if len(set(indices)) < len(indices) or not all(by) or (indices and not shape):
        raise ShapeError(f"axes {list(at)} and steps {list(by)} of {dims.text(shape)}")
    return [
        (axis, *_range(start, end, step, shape[axis]), step)
        for axis, start, end, step in zip(indices, starts, ends, by, strict=True)
    ]


def _range(start: Size, end: Size, step: int, size: Size) -> tuple[Size, Size]:
    if size == 0:
        return 0, 0
    first, last = _bound(start, size, step), _bound(end, size, step, is_end=True)
    span = last - first if step > 0 else first - last
    if not isinstance(span, Expression):
        return first, max(0, -(-span // abs(step)))
    return first, dims.floor_divide(span + abs(step) - 1, abs(step))


def _bound(value: Size, size: Size, step: int, *, is_end: bool = False) -> Size:
    """A start or an end as a place along a dim."""
    last = size if step > 0 else size - 1
    first = -1 if is_end and step < 0 else 0
    if not isinstance(value, Expression):
        if not isinstance(last, Expression) and not isinstance(size, Expression):
            return max(first, min(value if value >= 0 else value + size, last))
        if abs(value) >= _FAR:
            return last if value > 0 else first
    return value + size if dims.is_negative(value) else value


def split(
    x: Value, lengths: Value | None = None, *, axis: int = 0, num_outputs: int | None = None, outputs: int
) -> tuple[TensorType, ...]:
    """Split into parts of the lengths given, or into equal ones of which the last may be shorter."""
    if num_outputs is not None and num_outputs != outputs:
        raise ShapeError(f"num_outputs {num_outputs}, and {outputs} outputs")
    if lengths is not None and lengths.contents is None:
        return (TensorType(x.dtype, None),) * outputs
    given = None if lengths is None else sizes_of(lengths)
    return tuple(TensorType(x.dtype, shape) for shape in parts(x.shape, axis, outputs, given))


def split_1(x: Value, *, axis: int = 0, split: Ints | None = None, outputs: int) -> tuple[TensorType, ...]:
    """Split as it was before opset 13."""
    return tuple(TensorType(x.dtype, shape) for shape in parts(x.shape, axis, outputs, split))


def parts(shape: Shape, axis: int, count: int, lengths: Sequence[Size] | None) -> list[Shape]:
    """The shapes of the parts of a Split."""
    at = shapes.axis_of(axis, len(shape))
    size = shape[at]
    if lengths is None:
        if isinstance(size, Expression):
            lengths = [dims.floor_divide(size, count)] * count
        else:
            longest = -(-size // count)
            lengths = [max(0, min(longest, size - i * longest)) for i in range(count)]
    total: Size = 0
    for one in lengths:
        total = total + one
    unequal = total != size and not isinstance(total, Expression) and not isinstance(size, Expression)
    if len(lengths) != count or unequal or any(dims.is_negative(one) for one in lengths):
        raise ShapeError(f"{count} parts of lengths {dims.text(lengths)} of {dims.text(shape)} along axis {at}")
    return [(*shape[:at], one, *shape[at + 1 :]) for one in lengths]


def expand(x: Value, shape: Value) -> TensorType:
    """Expand: both shapes broadcast."""
    if shape.contents is None:
        later = shapes.known_later(shape, f"Expand {x.name}")
        return TensorType(x.dtype, None if later is None else _expanded(x.shape, later))
    return TensorType(x.dtype, shapes.broadcast_shapes(x.shape, sizes_of(shape)))


def _expanded(shape: Shape, target: Shape) -> Shape:
    """Dims of size 1 get the target's, which are not known yet; all others stay."""
    rank = max(len(shape), len(target))
    own, wanted = (((1,) * (rank - len(one)) + tuple(one)) for one in (shape, target))
    return tuple(new if size == 1 else size for size, new in zip(own, wanted, strict=True))


def tile(x: Value, repeats: Value) -> TensorType:
    """Tile."""
    times = shapes.known_later(repeats, f"Tile {x.name}") if repeats.contents is None else sizes_of(repeats)
    if times is None:
        return TensorType(x.dtype, None)
    if len(times) != x.rank or any(dims.is_negative(one) for one in times):
        raise ShapeError(f"repeats {dims.text(times)} of {dims.text(x.shape)}")
    return TensorType(x.dtype, tuple(size * count for size, count in zip(x.shape, times, strict=True)))


def pad(
    x: Value, pads: Value, value: Value | None = None, axes: Value | None = None, *, mode: str = "constant"
) -> TensorType:
    """Pad, where what is below 0 is left out."""
    _check_margin(x, value, mode)
    if pads.contents is None:
        return TensorType(x.dtype, None)
    return TensorType(x.dtype, padded(x.shape, sizes_of(pads), integers_of(axes)))


def pad_2(x: Value, *, pads: Ints, mode: str = "constant", value: float = 0.0) -> TensorType:
    """Pad as it was before opset 11."""
    del value
    _check_margin(x, None, mode)
    return TensorType(x.dtype, padded(x.shape, pads, None))


def _check_margin(x: Value, value: Value | None, mode: str) -> None:
    if mode not in ("constant", "edge", "reflect", "wrap"):
        raise ShapeError(f"the mode '{mode}'; there are constant, edge, reflect and wrap")
    if value is not None and (value.dtype != x.dtype or dims.count(value.shape) != 1):
        raise ShapeError(f"the value {value.dtype}{dims.text(value.shape)}, not one {x.dtype}")


def padded(shape: Shape, pads: Sequence[Size], axes: Ints | None) -> Shape:
    """The shape with margins."""
    at = range(len(shape)) if axes is None else [shapes.axis_of(axis, len(shape)) for axis in axes]
    if len(pads) != 2 * len(at) or len(set(at)) != len(at):
        raise ShapeError(f"{len(pads)} pads along {list(at)} of {dims.text(shape)}")
    result = list(shape)
    for axis, before, after in zip(at, pads[: len(at)], pads[len(at) :], strict=True):
        result[axis] = result[axis] + before + after
    if any(dims.is_negative(size) for size in result):
        raise ShapeError(f"nothing is left of {dims.text(shape)} by the pads {dims.text(pads)}")
    return tuple(result)


def depth_to_space(x: Value, *, blocksize: int, mode: str = "DCR") -> TensorType:
    """DepthToSpace: channels become pixels."""
    _check_blocks(x, blocksize, mode)
    batch, channels, height, width = x.shape
    less = dims.divide(channels, blocksize * blocksize)
    if less is None:
        raise ShapeError(f"{channels} channels are not blocks of {blocksize} by {blocksize}")
    return TensorType(x.dtype, (batch, less, height * blocksize, width * blocksize))


def space_to_depth(x: Value, *, blocksize: int, mode: str = "DCR") -> TensorType:
    """SpaceToDepth: pixels become channels."""
    _check_blocks(x, blocksize, mode)
    batch, channels, *sizes = x.shape
    height, width = (dims.divide(size, blocksize) for size in sizes)
    if height is None or width is None:
        raise ShapeError(f"{dims.text(x.shape)} has no blocks of {blocksize} by {blocksize}")
    return TensorType(x.dtype, (batch, channels * blocksize * blocksize, height, width))


def _check_blocks(x: Value, blocksize: int, mode: str) -> None:
    if x.rank != 4 or blocksize < 1:
        raise ShapeError(f"blocksize {blocksize} of {dims.text(x.shape)}")
    if mode not in ("DCR", "CRD"):
        raise ShapeError(f"the mode '{mode}'; there are DCR and CRD")
