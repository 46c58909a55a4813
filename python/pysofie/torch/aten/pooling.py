"""Pools, adaptive ones included."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np

from pysofie.errors import Refusal

from .parts import Ints, Parts, Sizes, aten, fixed, spread

if TYPE_CHECKING:
    from collections.abc import Callable

    from pysofie.values import Value


@aten("avg_pool1d", "avg_pool2d", "avg_pool3d", keeps="rank")
def avg_pool(
    p: Parts,
    x: Value,
    kernel: Ints,
    stride: Ints = (),
    padding: Ints = (0,),
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor: int | None = None,
) -> Value:
    """The mean of a window, or its sum by a divisor."""
    rank = int(p.operator[-2])
    kernel = spread(kernel, rank)
    pads = spread(padding, rank)
    if divisor is not None and ceil_mode:
        raise Refusal("a divisor of its own where windows may be cut at the end (ceil_mode)")
    attributes: dict[str, int | tuple[int, ...]] = {
        "kernel_shape": kernel,
        "strides": spread(stride or kernel, rank),
        "pads": (*pads, *pads),
        "ceil_mode": int(ceil_mode),
        "count_include_pad": int(count_include_pad or divisor is not None),
    }

    def pool(batch: Value) -> Value:
        mean = p("AveragePool", batch, **attributes)
        return mean if divisor is None else p("Mul", mean, math.prod(kernel) / divisor)

    return with_batch(p, x, rank, pool)


def with_batch(p: Parts, x: Value, rank: int, function: Callable[[Value], Value]) -> Value:
    """A function of batches, applied to one sample as well."""
    if x.rank == rank + 2:
        return function(x)
    return p("Squeeze", function(p("Unsqueeze", x, [0])), [0])


@aten("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d", keeps="rank", exported=True)
@aten("_adaptive_avg_pool2d", "_adaptive_avg_pool3d", scripted=False, exported=True)
def adaptive_avg_pool(p: Parts, x: Value, sizes: Sizes) -> Value:
    """Means of windows that share the input out evenly, dim by dim, which is the same."""
    return adaptive_mean(p, x, sizes)


def adaptive_mean(p: Parts, x: Value, sizes: Sizes) -> Value:
    """As above, for other operators that mean it."""
    axes = _spatial(x, sizes)
    if all(size == 1 for size in sizes):
        return p.reduce("ReduceMean", x, axes)
    known = [(x.shape[axis], size) for axis, size in zip(axes, sizes, strict=True)]
    if all(isinstance(a, int) and isinstance(b, int) and a % b == 0 for a, b in known) and len(axes) == x.rank - 2:
        steps = tuple(int(a) // int(b) for a, b in known)  # type: ignore[arg-type]
        return p("AveragePool", x, kernel_shape=steps, strides=steps)
    for axis, (extent, size) in zip(axes, known, strict=True):
        if extent == size:
            continue
        if size == 1:
            x = p.reduce("ReduceMean", x, (axis,))
            continue
        means = np.zeros((fixed(extent), fixed(size)), x.dtype)
        for at, (first, end) in enumerate(_windows(fixed(extent), fixed(size))):
            means[first:end, at] = 1 / (end - first)
        last = x.rank - 1
        swapped = tuple(last if at == axis else axis if at == last else at for at in range(x.rank))
        x = (
            p("MatMul", x, means)
            if axis == last
            else p("Transpose", p("MatMul", p("Transpose", x, perm=swapped), means), perm=swapped)
        )
    return x


@aten("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d", keeps="rank", exported=True)
def adaptive_max_pool(p: Parts, x: Value, sizes: Sizes) -> tuple[Value, ...]:
    """The greatest of windows that share the input out evenly, and where in the image it is."""
    axes = _spatial(x, sizes)
    extents = [x.shape[axis] for axis in axes]
    wants_indices = p.outputs > 1 and bool(p.node.outputs[1])
    if not wants_indices:
        for axis, extent, size in zip(axes, extents, sizes, strict=True):
            if extent == size:
                continue
            if size == 1:
                x = p.reduce("ReduceMax", x, (axis,))
                continue
            x = p.reduce(
                "ReduceMax",
                p("Gather", x, _table(fixed(extent), fixed(size)), axis=axis),
                (axis + 1,),
                keepdims=False,
            )
        return (x,)
    tables = [_table(fixed(extent), fixed(size)) for extent, size in zip(extents, sizes, strict=True)]
    shape = [fixed(extent) for extent in extents]
    cells = [
        [int(np.ravel_multi_index(at, shape)) for at in itertools.product(*rows)]
        for rows in itertools.product(*(table.tolist() for table in tables))
    ]
    table = np.array(cells, np.int64)
    pixels = p.reshape(x, (*x.shape[: axes[0]], math.prod(shape)))
    windows = p("Gather", pixels, table, axis=pixels.rank - 1)
    greatest = p.reduce("ReduceMax", windows, (windows.rank - 1,), keepdims=False)
    at = p("ArgMax", windows, axis=windows.rank - 1, keepdims=0)
    linear = p("Add", at, np.arange(len(table), dtype=np.int64) * table.shape[1])
    indices = p("Gather", table.reshape(-1), linear, axis=0)
    wanted = (*x.shape[: axes[0]], *sizes)
    return p.reshape(greatest, wanted), p.reshape(indices, wanted)


@aten("max_unpool2d", "max_unpool3d", keeps="rank", exported=True)
def max_unpool(p: Parts, x: Value, indices: Value, sizes: Ints, *more: Value | None) -> Value:
    """Maxima put back to where they were in an image, nothing elsewhere."""
    del more  # of the pool, which the size follows from
    front = x.shape[: x.rank - len(sizes)]
    total = math.prod(sizes)
    places = p.reshape(indices, (*front, -1))
    empty = p("Expand", p.number(x, 0), p.sizes(x, (*front, total)))
    put = p("ScatterElements", empty, places, p.reshape(x, (*front, -1)), axis=len(front))
    return p.reshape(put, (*front, *sizes))


def _spatial(x: Value, sizes: Sizes) -> tuple[int, ...]:
    return tuple(range(x.rank - len(sizes), x.rank))


def _windows(extent: int, size: int) -> list[tuple[int, int]]:
    return [(at * extent // size, -(-(at + 1) * extent // size)) for at in range(size)]


def _table(extent: int, size: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """The indices of each window in a row, the last one again and again where it is shorter than others."""
    windows = _windows(extent, size)
    width = max(end - first for first, end in windows)
    return np.array([[min(first + at, end - 1) for at in range(width)] for first, end in windows], np.int64)


@aten("col2im", keeps="nothing")
def col2im(p: Parts, x: Value, size: Ints, kernel: Ints, dilation: Ints, padding: Ints, stride: Ints) -> Value:
    """Sums of overlapping blocks."""
    pads = spread(padding, 2)

    def fold(blocks: Value) -> Value:
        options = {"dilations": spread(dilation, 2), "pads": (*pads, *pads), "strides": spread(stride, 2)}
        return p("Col2Im", blocks, spread(size, 2), spread(kernel, 2), **options)

    return with_batch(p, x, 1, fold)
