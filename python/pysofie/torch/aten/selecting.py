"""Elements taken from places, and put to places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pysofie.errors import Refusal

from .parts import Parts, aten

if TYPE_CHECKING:
    from pysofie.values import Value


@aten("masked_select", scripted=False, exported=True)
def masked_select(p: Parts, x: Value, mask: Value) -> Value:
    """What a mask lets through, in a row."""
    x = x if x.shape == mask.shape else p("Expand", x, p("Shape", mask))
    mask = mask if x.shape == mask.shape else p("Expand", mask, p("Shape", x))
    return p("GatherND", x, p("Transpose", p("NonZero", mask), perm=(1, 0)))


@aten("take_along_dim", keeps="type", exported=True)
def take_along_dim(p: Parts, x: Value, indices: Value, axis: int | None = None) -> Value:
    """An element for each index, along a dim."""
    if axis is None:
        return p("Gather", p.reshape(x, (-1,)), p.reshape(indices, (-1,)), axis=0)
    at = axis % x.rank
    if x.rank != indices.rank or x.shape[:at] != indices.shape[:at] or x.shape[at + 1 :] != indices.shape[at + 1 :]:
        raise Refusal("a tensor and indices whose other dims differ")
    return p("GatherElements", x, indices, axis=at)


@aten("scatter", keeps="shape", exported=True)
def scatter(p: Parts, x: Value, axis: int, index: Value, source: Value, reduce: str | None = None) -> Value:
    """Elements, or one number, put to places along a dim."""
    options = {} if reduce is None else {"reduction": {"add": "add", "multiply": "mul"}[reduce]}
    return _scattered(p, x, axis, index, p.cast(source, x.dtype), options)


@aten("scatter_add", keeps="shape", exported=True)
def scatter_add(p: Parts, x: Value, axis: int, index: Value, source: Value) -> Value:
    """Elements added up at places along a dim."""
    return _scattered(p, x, axis, index, source, {"reduction": "add"})


def _scattered(p: Parts, x: Value, axis: int, index: Value, source: Value, options: dict[str, str]) -> Value:
    at = axis % max(x.rank, 1)
    if source.rank == 0 and index.rank:
        source = p("Expand", source, p("Shape", index))
    wanted = {one: size for one, size in enumerate(index.shape) if size != source.shape[one]}
    if wanted:  # of a longer source the rest is not used
        ends = [wanted[one] for one in wanted]
        if not all(isinstance(one, int) for one in ends):
            raise Refusal("a source whose dims are not those of the indices")
        source = p("Slice", source, [0] * len(ends), ends, list(wanted))
    return p("ScatterElements", x, p.cast(index, np.int64), source, axis=at, **options)
