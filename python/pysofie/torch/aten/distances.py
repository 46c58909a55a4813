"""Distances between all pairs of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .layers import norm_over
from .parts import Parts, aten

if TYPE_CHECKING:
    from pysofie.values import Value


@aten("cdist", "_cdist_forward", keeps="rank", exported=True)
def cdist(p: Parts, x: Value, y: Value, order: float = 2.0, mode: int | None = None) -> Value:
    """The norms of the differences of each row of x and each of y."""
    del mode  # PyTorch's choice of a way to compute it
    difference = p("Sub", p("Unsqueeze", x, [x.rank - 1]), p("Unsqueeze", y, [y.rank - 2]))
    return norm_over(p, difference, order, (difference.rank - 1,), keepdims=False)
