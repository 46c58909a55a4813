"""Layers of several inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pysofie.keras.registry import layer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pysofie.keras.walk import Walk
    from pysofie.values import Value

_KINDS = {"Add": "Add", "Subtract": "Sub", "Multiply": "Mul", "Maximum": "Max", "Minimum": "Min", "Average": "Add"}


@layer(*_KINDS)
def merge(w: Walk, layer: Any, inputs: Sequence[Value]) -> Value:
    """One after the other; those of fewer dimensions get more behind the batch."""
    rank = max(one.rank for one in inputs)
    first, *others = (w.unsqueeze(one, *range(1, 1 + rank - one.rank)) for one in inputs)
    for one in others:
        first = w.op(_KINDS[type(layer).__name__], first, one)
    average = type(layer).__name__ == "Average" and len(inputs) > 1
    return w.op("Mul", first, w.number(1 / len(inputs), first)) if average else first
