"""EmbeddingBag: rows of a table, put together bag by bag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pysofie import dims
from pysofie.errors import Refusal

from .parts import Parts, aten

if TYPE_CHECKING:
    from pysofie.values import Value

_SUM, _MEAN, _MAX = range(3)


@aten("embedding_bag", "_embedding_bag", "_embedding_bag_forward_only", keeps="rank", exported=True)
def embedding_bag(
    p: Parts,
    table: Value,
    indices: Value,
    offsets: Value,
    by_frequency: bool = False,
    mode: int = _SUM,
    sparse: bool = False,
    weights: Value | None = None,
    with_end: bool = False,
    padding: int | None = None,
) -> tuple[Value, ...]:
    """Sums, means or maxima of bags that begin at offsets; a row that is padding counts for nothing."""
    del by_frequency, sparse  # of training
    if indices.rank != 1 or offsets.rank != 1:
        raise Refusal("indices of two dims")
    if p.operator != "embedding_bag" and padding == -1:
        padding = None
    count = table.shape[0]
    if padding is not None and padding < 0:
        if not isinstance(count, int):
            raise Refusal("the size of the table is not known")
        padding += count
    length = _length(p, indices, offsets)
    if length and not with_end:
        return (_of_one_length(p, table, indices, length, mode, weights, padding),)
    return (_of_any_length(p, table, indices, offsets, mode, weights, padding, with_end=with_end),)


def _length(p: Parts, indices: Value, offsets: Value) -> int:
    """The length of all bags where it is known to be one; 0 otherwise."""
    total = indices.shape[0]
    known = offsets.constant
    if known is not None:
        step = int(known[1]) if len(known) > 1 else total
        if not isinstance(step, int) or step < 1 or not isinstance(total, int):
            return 0
        return step if np.array_equal(known, np.arange(0, total, step)) and total % step == 0 else 0
    start, limit, delta = p.range_of(offsets) or (None, None, None)
    if start != 0 or limit != total or not isinstance(delta, int) or delta < 1 or dims.divide(total, delta) is None:
        return 0
    return delta


def _of_one_length(
    p: Parts, table: Value, indices: Value, length: int, mode: int, weights: Value | None, padding: int | None
) -> Value:
    """Bags as rows of a matrix of indices."""
    bags = p.reshape(indices, (-1, length))
    rows = p("Gather", table, bags, axis=0)
    if weights is not None:
        rows = p("Mul", rows, p.unsqueeze(p.reshape(weights, (-1, length)), 2))
    if padding is None:
        return p.reduce(("ReduceSum", "ReduceMean", "ReduceMax")[mode], rows, (1,), keepdims=False)
    counts = p.unsqueeze(p("Not", p("Equal", bags, p.number(bags, padding))), 2)
    number = p.reduce("ReduceSum", p.cast(counts, table.dtype), (1,), keepdims=False)
    if mode == _MAX:
        greatest = p.reduce("ReduceMax", p("Where", counts, rows, p.number(rows, -np.inf)), (1,), keepdims=False)
        return p("Where", p("Greater", number, 0.0), greatest, p.number(rows, 0))
    total = p.reduce("ReduceSum", p("Where", counts, rows, p.number(rows, 0)), (1,), keepdims=False)
    return total if mode == _SUM else p("Div", total, p("Max", number, 1.0))


def _of_any_length(
    p: Parts,
    table: Value,
    indices: Value,
    offsets: Value,
    mode: int,
    weights: Value | None,
    padding: int | None,
    *,
    with_end: bool,
) -> Value:
    """Each row is added to that of its bag, which is the number of offsets up to it."""
    places = p.cast(indices, np.int64)
    nothing = p("Pad", p("Sub", places, places), [0, 1])
    ones = p("Expand", p.constant(np.array(1, np.int64)), p("Shape", offsets))
    begins = p("ScatterElements", nothing, p.cast(offsets, np.int64), ones, axis=0, reduction="add")
    bag = p("Sub", p("Slice", p("CumSum", begins, np.array(0, np.int64)), [0], [-1], [0]), 1)
    rows = p("Gather", table, places, axis=0)
    if weights is not None:
        rows = p("Mul", rows, p.unsqueeze(weights, 1))
    counts = p.unsqueeze(p("Not", p("Equal", places, -1 if padding is None else padding)), 1)
    to = p("Expand", p.unsqueeze(bag, 1), p("Shape", rows))
    shape = p("Concat", p("Shape", offsets), p("Shape", table, start=1), axis=0)

    def gathered(what: Value, start: float, reduction: str) -> Value:
        empty = p("Expand", p.number(table, start), shape)
        return p("ScatterElements", empty, to, what, axis=0, reduction=reduction)

    number = gathered(p("Expand", p.cast(counts, table.dtype), p("Shape", rows)), 0, "add")
    if mode == _MAX:
        greatest = gathered(p("Where", counts, rows, p.number(rows, -np.inf)), -np.inf, "max")
        result = p("Where", p("Greater", number, 0.0), greatest, p.number(rows, 0))
    else:
        result = gathered(p("Where", counts, rows, p.number(rows, 0)), 0, "add")
        result = p("Div", result, p("Max", number, 1.0)) if mode == _MEAN else result
    return p("Slice", result, [0], [-1], [0]) if with_end else result
