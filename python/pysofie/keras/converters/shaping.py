"""What moves values: reshapes, transposes, slices, padding, repetition, joining and taking apart."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie import dims
from pysofie.errors import Refusal
from pysofie.keras.registry import layer, operation
from pysofie.keras.writer import axes_of, axis_of, static

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pysofie.dims import Size
    from pysofie.keras.walk import Walk
    from pysofie.values import Value


@operation("Reshape")
def reshape(w: Walk, op: Any, x: Any) -> Value:
    """The newshape has -1 for what is left, and None for a dim that is not known when the model is built."""
    given = w.tensor(x)
    return w.reshape(given, new_shape(given.shape, op.newshape))


def new_shape(old: Sequence[Size], wanted: Sequence[Any]) -> list[Size]:
    """The sizes that a reshape asks for."""
    named = list(dict.fromkeys(size for size in old if isinstance(size, dims.Expression)))
    if None in wanted and len(named) != 1:
        # Keras writes None for each of them: which one is meant, it does not say.
        raise Refusal("which of its argument's sizes it asks for is not known", "fix all dims but one by input_shapes")
    sizes: list[Size] = [named[0] if size is None else int(size) for size in wanted]
    if -1 in sizes:
        at = sizes.index(-1)
        rest = dims.divide(dims.count(old), dims.count([*sizes[:at], *sizes[at + 1 :]]))
        if rest is None:
            raise Refusal(f"a reshape of {dims.text(old)} to {list(wanted)} does not come out even")
        sizes[at] = rest
    return sizes


@layer("Reshape")
def reshape_layer(w: Walk, layer: Any, x: Value) -> Value:
    """All dims but the first."""
    return w.reshape(x, (x.shape[0], *new_shape(x.shape[1:], layer.target_shape)))


@layer("Flatten")
def flatten(w: Walk, layer: Any, x: Value) -> Value:
    """Everything behind the batch, the channels last."""
    if layer.data_format == "channels_first" and x.rank > 1:
        x = w.transpose(x, (0, *range(2, x.rank), 1))
    return w.reshape(x, (x.shape[0], dims.count(x.shape[1:])))


@operation("Ravel")
def ravel(w: Walk, op: Any, x: Any) -> Value:
    """One dimension."""
    given = w.tensor(x)
    return w.reshape(given, [dims.count(given.shape)])


@operation("Transpose")
def transpose(w: Walk, op: Any, x: Any) -> Value:
    """Axes in another order, the reverse one where none is given."""
    given = w.tensor(x)
    return w.transpose(given, tuple(reversed(range(given.rank))) if op.axes is None else axes_of(op.axes, given.rank))


@layer("Permute")
def permute(w: Walk, layer: Any, x: Value) -> Value:
    """Axes in another order, the batch first."""
    return w.transpose(x, (0, *layer.dims))


@operation("Swapaxes")
def swapaxes(w: Walk, op: Any, x: Any) -> Value:
    """Two axes exchanged."""
    given = w.tensor(x)
    perm = list(range(given.rank))
    a, b = axis_of(op.axis1, given.rank), axis_of(op.axis2, given.rank)
    perm[a], perm[b] = perm[b], perm[a]
    return w.transpose(given, perm)


@operation("Moveaxis")
def moveaxis(w: Walk, op: Any, x: Any) -> Value:
    """Axes moved, the others in their order."""
    given = w.tensor(x)
    sources, targets = axes_of(op.source, given.rank), axes_of(op.destination, given.rank)
    perm = [at for at in range(given.rank) if at not in sources]
    for target, source in sorted(zip(targets, sources, strict=True)):
        perm.insert(target, source)
    return w.transpose(given, perm)


@operation("ExpandDims")
def expand_dims(w: Walk, op: Any, x: Any) -> Value:
    """New axes of size 1."""
    given = w.tensor(x)
    axes = op.axis if isinstance(op.axis, (list, tuple)) else (op.axis,)
    return w.unsqueeze(given, *axes_of(axes, given.rank + len(axes)))


@operation("Squeeze")
def squeeze(w: Walk, op: Any, x: Any) -> Value:
    """Without axes of size 1."""
    given = w.tensor(x)
    found = [at for at, size in enumerate(given.shape) if size == 1]
    return w.squeeze(given, *(found if op.axis is None else axes_of(op.axis, given.rank)))


@operation("GetItem")
def get_item(w: Walk, op: Any, x: Any, key: Any) -> Value:
    """What brackets do: numbers, slices, None and an ellipsis."""
    given = w.tensor(x)
    keys = list(key) if isinstance(key, (tuple, list)) else [key]
    used = sum(one is not None and one is not Ellipsis for one in keys)
    at = next((at for at, one in enumerate(keys) if one is Ellipsis), len(keys))
    keys[at : at + 1] = [slice(None)] * (given.rank - used)
    dropped: list[int] = []
    added: list[int] = []
    axis = 0
    for one in keys:
        if one is None:
            added.append(axis - len(dropped) + len(added))
            continue
        if isinstance(one, slice):
            given = _slice(w, given, axis, one)
        else:
            index = _plain(one)
            given = w.slice(given, axis, index, index + 1 if index != -1 else None)
            dropped.append(axis)
        axis += 1
    return w.op("Identity", w.unsqueeze(w.squeeze(given, *dropped), *added))


def _slice(w: Walk, x: Value, axis: int, key: slice) -> Value:
    if key == slice(None):
        return x
    step = 1 if key.step is None else _plain(key.step)
    start = (0 if step > 0 else -1) if key.start is None else _plain(key.start)
    return w.slice(x, axis, start, None if key.stop is None else _plain(key.stop), step)


def _plain(one: Any) -> int:
    if not isinstance(one, (int, np.integer)):
        raise Refusal("an index that depends on data is not supported")
    return int(one)


@operation("Slice")
def slice_(w: Walk, op: Any, x: Any, start_indices: Any) -> Value:
    """From indices on, of given sizes."""
    given = w.tensor(x)
    for axis, (start, size) in enumerate(zip(w.array(start_indices).tolist(), op.shape, strict=True)):
        if size is not None and given.shape[axis] != size:
            given = w.slice(given, axis, start, start + int(size))
    return w.op("Identity", given)


@operation("Pad")
def pad(w: Walk, op: Any, x: Any, constant_values: Any = None) -> Value:
    """By a number, by the border, or by reflection."""
    given = w.tensor(x)
    margins = list(op.pad_width) * (given.rank if len(op.pad_width) == 1 else 1)
    mode = {"constant": "constant", "edge": "edge", "reflect": "reflect", "wrap": "wrap", "circular": "wrap"}.get(
        op.mode
    )
    if mode is None:
        raise Refusal(f"padding mode '{op.mode}'")
    return pad_by(w, given, margins, mode, 0 if constant_values is None else constant_values)


def pad_by(w: Walk, x: Value, margins: Sequence[Sequence[int]], mode: str = "constant", value: Any = 0) -> Value:
    """So many elements before and after, on each axis."""
    widths = [int(before) for before, _ in margins] + [int(after) for _, after in margins]
    if not any(widths):
        return w.op("Identity", x)
    filling = w.number(float(w.array(value)), x) if mode == "constant" else None
    return w.op("Pad", x, w.integers(*widths), filling, mode=mode)


@operation("Concatenate")
def concatenate(w: Walk, op: Any, tensors: Any) -> Value:
    """Joined along an axis."""
    given = [w.tensor(one, w.dtype) for one in tensors]
    return w.op("Concat", *given, axis=axis_of(op.axis, given[0].rank))


@operation("Stack")
def stack(w: Walk, op: Any, tensors: Any) -> Value:
    """Joined along a new axis."""
    given = [w.tensor(one, w.dtype) for one in tensors]
    axis = axis_of(op.axis, given[0].rank + 1)
    return w.op("Concat", *(w.unsqueeze(one, axis) for one in given), axis=axis)


@operation("Unstack")
def unstack(w: Walk, op: Any, x: Any) -> list[Value]:
    """Every part along an axis."""
    given = w.tensor(x)
    axis = axis_of(op.axis, given.rank)
    count = static(given.shape[axis], "the axis that is taken apart")
    return [w.squeeze(w.slice(given, axis, at, at + 1), axis) for at in range(count)]


@operation("Split")
def split(w: Walk, op: Any, x: Any) -> list[Value]:
    """In equal parts, or at indices."""
    given = w.tensor(x)
    axis = axis_of(op.axis, given.rank)
    length = static(given.shape[axis], "the axis that is split")
    if isinstance(op.indices_or_sections, (int, np.integer)):
        sizes = [length // int(op.indices_or_sections)] * int(op.indices_or_sections)
    else:
        edges = [0, *(int(one) for one in op.indices_or_sections), length]
        sizes = [after - before for before, after in itertools.pairwise(edges)]
    return list(w.ops("Split", given, w.integers(*sizes), outputs=len(sizes), axis=axis))


@operation("Flip")
def flip(w: Walk, op: Any, x: Any) -> Value:
    """Backwards along axes."""
    given = w.tensor(x)
    for axis in axes_of(op.axis, given.rank):
        given = w.slice(given, axis, -1, None, -1)
    return given


@operation("Roll")
def roll(w: Walk, op: Any, x: Any) -> Value:
    """Shifted along an axis, what leaves comes back on the other side."""
    given = w.tensor(x)
    if op.axis is None or isinstance(op.axis, (list, tuple)) or isinstance(op.shift, (list, tuple)):
        raise Refusal("a roll along several axes")
    axis = axis_of(op.axis, given.rank)
    by = -int(op.shift) % static(given.shape[axis], "the axis that is rolled")
    if by == 0:
        return w.op("Identity", given)
    return w.op("Concat", w.slice(given, axis, by), w.slice(given, axis, 0, by), axis=axis)


@operation("Repeat")
def repeat(w: Walk, op: Any, x: Any) -> Value:
    """Each element so many times."""
    given = w.tensor(x)
    if not isinstance(op.repeats, (int, np.integer)) and np.size(op.repeats) != 1:
        raise Refusal("a number of repeats for each element")
    if op.axis is None:
        given = w.reshape(given, [dims.count(given.shape)])
    return repeat_each(w, given, axis_of(op.axis or 0, given.rank), int(np.reshape(op.repeats, ())))


def repeat_each(w: Walk, x: Value, axis: int, times: int) -> Value:
    """Each element along an axis so many times."""
    if times == 1:
        return w.op("Identity", x)
    tiled = w.op(
        "Tile", w.unsqueeze(x, axis + 1), w.integers(*(times if at == axis + 1 else 1 for at in range(x.rank + 1)))
    )
    return w.flatten_axes(tiled, axis, axis + 2)


@layer("RepeatVector")
def repeat_vector(w: Walk, layer: Any, x: Value) -> Value:
    """The vector as often as asked for, along a new axis."""
    return w.op("Tile", w.unsqueeze(x, 1), w.integers(1, layer.n, 1))


@operation("Tile")
def tile(w: Walk, op: Any, x: Any) -> Value:
    """All of it so many times along each axis."""
    given = w.tensor(x)
    repeats = [op.repeats] if isinstance(op.repeats, int) else list(op.repeats)
    given = w.unsqueeze(given, *range(max(0, len(repeats) - given.rank)))
    return w.op("Tile", given, w.integers(*(1,) * (given.rank - len(repeats)), *(int(one) for one in repeats)))


@operation("BroadcastTo")
def broadcast_to(w: Walk, op: Any, x: Any) -> Value:
    """Repeated to a shape."""
    given = w.tensor(x)
    if any(not isinstance(one, (int, np.integer)) for one in op.shape):
        raise Refusal("a broadcast to a shape that is not known")
    return w.op("Expand", given, w.integers(*(int(one) for one in op.shape)))


@operation("Take")
def take(w: Walk, op: Any, x: Any, indices: Any) -> Value:
    """Elements by their indices, negative ones from the end."""
    given, at = w.tensor(x), w.tensor(indices)
    at = at if at.dtype.name in ("int32", "int64") else w.cast(at, np.int64)
    if op.axis is None:
        given = w.reshape(given, [dims.count(given.shape)])
    return w.op("Gather", given, at, axis=axis_of(op.axis or 0, given.rank))


@operation("TakeAlongAxis")
def take_along_axis(w: Walk, op: Any, x: Any, indices: Any) -> Value:
    """An index for each place."""
    given, at = w.tensor(x), w.tensor(indices)
    if op.axis is None:
        given, at = (w.reshape(one, [dims.count(one.shape)]) for one in (given, at))
    return w.op("GatherElements", given, at, axis=axis_of(op.axis or 0, given.rank))


@operation("Tril", "Triu")
def triangle(w: Walk, op: Any, x: Any) -> Value:
    """Zero on the other side of a diagonal."""
    return w.op("Trilu", w.tensor(x), np.array(op.k, np.int64), upper=int(type(op).__name__ == "Triu"))


@operation("DepthToSpace", "SpaceToDepth")
def depth_to_space(w: Walk, op: Any, x: Any) -> Value:
    """Channels to pixels, or back."""
    given = w.tensor(x)
    last = op.data_format != "channels_first"
    first = w.transpose(given, (0, 3, 1, 2)) if last else given
    moved = w.op(type(op).__name__, first, blocksize=int(op.block_size))
    return w.transpose(moved, (0, 2, 3, 1)) if last else moved


@layer("Cropping1D", "Cropping2D", "Cropping3D")
def cropping(w: Walk, layer: Any, x: Value) -> Value:
    """Without the margins."""
    first = 2 if getattr(layer, "data_format", "") == "channels_first" else 1
    margins = [layer.cropping] if x.rank == 3 else layer.cropping
    for axis, (before, after) in enumerate(margins, first):
        if before or after:
            x = w.slice(x, axis, before, -after if after else None)
    return w.op("Identity", x)


@layer("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
def zero_padding(w: Walk, layer: Any, x: Value) -> Value:
    """Zeros around."""
    margins = [layer.padding] if x.rank == 3 else list(layer.padding)
    outer = [(0, 0), *margins, (0, 0)]
    return pad_by(w, x, [(0, 0), (0, 0), *margins] if layer.data_format == "channels_first" else outer)
