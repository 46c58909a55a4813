"""Places in an order, products along a dim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pysofie.errors import Refusal

from .parts import Parts, aten, fixed

if TYPE_CHECKING:
    from pysofie.values import Value


@aten("median", exported=True)
def median(p: Parts, x: Value, axis: int | None = None, keepdim: bool = False) -> tuple[Value, ...]:
    """The number in the middle, the lower of two, and where it is."""
    if axis is None:
        flat = p.reshape(x, (-1,))
        return (_kth(p, flat, (fixed(flat.shape[0]) + 1) // 2, 0, keepdim=False)[0],)
    if x.rank == 0:
        raise Refusal("a dim of one number")
    return _kth(p, x, (fixed(x.shape[axis]) + 1) // 2, axis, keepdim=keepdim)


@aten("kthvalue", exported=True)
def kthvalue(p: Parts, x: Value, k: int, axis: int = -1, keepdim: bool = False) -> tuple[Value, ...]:
    """The k-th smallest number, and where it is."""
    if x.rank == 0:
        raise Refusal("a dim of one number")
    return _kth(p, x, k, axis, keepdim=keepdim)


def _kth(p: Parts, x: Value, k: int, axis: int, *, keepdim: bool) -> tuple[Value, ...]:
    extent = fixed(x.shape[axis])
    if not 0 < k <= extent:
        raise Refusal(f"the number {k} of {extent}")
    at = axis % x.rank
    sorted_ones = p.several("TopK", 2, x, [k], axis=at, largest=0, sorted=1)
    place = np.array([k - 1] if keepdim else k - 1, np.int64)
    return tuple(p("Gather", one, place, axis=at) for one in sorted_ones)


@aten("cumprod", exported=True)
def cumprod(p: Parts, x: Value, axis: int, dtype: int | None = None) -> Value:
    """Products of all numbers up to each, of twice as many in each step."""
    if dtype is not None:
        raise Refusal("a type of its own")
    if x.dtype.kind not in "fc":
        x = p.cast(x, np.int64)
    if x.rank == 0:
        return x
    at, step = axis % x.rank, 1
    extent = fixed(x.shape[at])
    while step < extent:
        pads = np.zeros(2 * x.rank, np.int64)
        pads[at] = step
        before = p("Pad", p("Slice", x, [0], [extent - step], [at]), pads, p.number(x, 1))
        x, step = p("Mul", x, before), 2 * step
    return x
