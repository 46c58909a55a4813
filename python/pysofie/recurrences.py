"""Shapes of recurrent networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import dims
from .errors import ShapeError
from .values import TensorType, Value

if TYPE_CHECKING:
    from .dims import Shape

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def hidden_size(op_type: str, w: Value, r: Value, directions: int) -> int:
    """The elements of a state, which the weights have."""
    hidden = r.shape[-1] if r.rank == 3 else None
    lines = GATES[op_type] * hidden if isinstance(hidden, int) else None
    if not isinstance(hidden, int) or w.rank != 3 or w.shape[:2] != (directions, lines) or r.shape[:2] != w.shape[:2]:
        raise ShapeError(f"weights {dims.text(w.shape)} and {dims.text(r.shape)} of {directions} directions")
    return hidden


def directions(direction: str) -> int:
    """How many of them there are."""
    if direction not in ("forward", "reverse", "bidirectional"):
        raise ShapeError(f"direction '{direction}'")
    return 2 if direction == "bidirectional" else 1


def infer(op_type: str) -> Any:
    """The rule of an operator: the output, and the last states."""

    def rule(
        x: Value,
        w: Value,
        r: Value,
        bias: Value | None = None,
        lengths: Value | None = None,
        *states: Value | None,
        direction: str = "forward",
        layout: int = 0,
        **_: Any,
    ) -> tuple[TensorType, ...]:
        if x.rank != 3:
            raise ShapeError(f"{dims.text(x.shape)} is not of steps, sequences and inputs")
        count = directions(direction)
        hidden = hidden_size(op_type, w, r, count)
        if x.shape[2] != w.shape[2]:
            raise ShapeError(f"{dims.text(x.shape)} with weights {dims.text(w.shape)}")
        steps, rows = (x.shape[1], x.shape[0]) if layout else x.shape[:2]
        state: Shape = (rows, count, hidden) if layout else (count, rows, hidden)
        for one, shape in (
            (bias, (count, 2 * GATES[op_type] * hidden)),
            (lengths, (rows,)),
            *((one, state) for one in states[:2]),
        ):
            if one is not None and one.shape != shape:
                raise ShapeError(f"{dims.text(one.shape)}, not {dims.text(shape)}")
        y: Shape = (rows, steps, count, hidden) if layout else (steps, count, rows, hidden)
        last = TensorType(x.dtype, state)
        return TensorType(x.dtype, y), *[last] * (2 if op_type == "LSTM" else 1)

    return rule
