"""One step of a recurrent network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .parts import Parts, aten, fixed

if TYPE_CHECKING:
    from pysofie.values import Value


def _gates(p: Parts, x: Value, weight: Value, bias: Value | None) -> Value:
    return p("Gemm", x, weight, *([] if bias is None else [bias]), transB=1)


@aten("rnn_tanh_cell", "rnn_relu_cell", keeps="rank")
def rnn_cell(
    p: Parts, x: Value, h: Value, w: Value, r: Value, wb: Value | None = None, rb: Value | None = None
) -> Value:
    """The function of W x + R h."""
    total = p("Add", _gates(p, x, w, wb), _gates(p, h, r, rb))
    return p("Tanh" if "tanh" in p.operator else "Relu", total)


@aten("gru_cell", keeps="rank")
def gru_cell(
    p: Parts, x: Value, h: Value, w: Value, r: Value, wb: Value | None = None, rb: Value | None = None
) -> Value:
    """Gates in PyTorch's order: reset, update, new."""
    reset, update, new = p.several("Split", 3, _gates(p, x, w, wb), [fixed(r.shape[1])] * 3, axis=1)
    reset_h, update_h, new_h = p.several("Split", 3, _gates(p, h, r, rb), [fixed(r.shape[1])] * 3, axis=1)
    gate = p("Sigmoid", p("Add", reset, reset_h))
    kept = p("Sigmoid", p("Add", update, update_h))
    candidate = p("Tanh", p("Add", new, p("Mul", gate, new_h)))
    return p("Add", candidate, p("Mul", kept, p("Sub", h, candidate)))
