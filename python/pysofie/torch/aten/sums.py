"""Quotients and sums that PyTorch's exporter writes as others: rounded towards zero, or by the last of equal indices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pysofie.errors import Refusal

from .parts import Parts, aten

if TYPE_CHECKING:
    from pysofie.values import Value


@aten("floor_divide", keeps="type")
def floor_divide(p: Parts, x: Value, y: Value) -> Value:
    """The quotient rounded down."""
    if x.dtype != y.dtype and y.rank == 0 and (x.dtype.kind == "f" or y.dtype.kind in "iu"):
        y = p.cast(y, x.dtype)
    if x.dtype != y.dtype:
        raise Refusal(f"{x.dtype} by {y.dtype}")
    if x.dtype.kind == "f":
        return p("Floor", p("Div", x, y))
    return p("Div", p("Sub", x, p("Mod", x, y)), y)


@aten("index_add", keeps="shape")
def index_add(p: Parts, x: Value, axis: int, index: Value, source: Value, alpha: float = 1.0) -> Value:
    """Rows of another tensor added to those that the indices tell, each as often as it is told."""
    at = axis % x.rank
    rows = p("Reshape", index, [-1 if one == at else 1 for one in range(x.rank)])
    indices = p("Expand", p.cast(rows, np.int64), p.sizes(source, source.shape))
    added = source if alpha == 1 else p("Mul", source, alpha)
    return p("ScatterElements", x, indices, added, axis=at, reduction="add")
