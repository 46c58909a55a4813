"""Steps of a recurrent network, and LSTMs."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np

from pysofie.errors import Refusal
from pysofie.graph import Graph, Node, TensorInfo

from .parts import Parts, aten, fixed

if TYPE_CHECKING:
    from pysofie.graph import Array
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


@aten("lstm.input", scripted=False, exported=True)
def lstm(p: Parts, x: Value, *more: Value | None) -> tuple[Value, ...]:
    """An LSTM of several layers and directions; one whose states are projected is a Scan, as ONNX's own LSTM cannot."""
    h, c, *weights = more[:-6]
    biases, layers, _, _, both, first = (int(_constant(one).reshape(-1)[0]) for one in more[-6:])
    directions = 1 + both
    each = len(weights) // (layers * directions)
    x = p("Transpose", x, perm=(1, 0, 2)) if first else x
    lasts: list[list[Value]] = [[], []]
    for layer in range(layers):
        found = []
        for direction in range(directions):
            at = layer * directions + direction
            start = [p("Gather", state, [at], axis=0) for state in (h, c)]
            known = [_constant(one) for one in weights[at * each : (at + 1) * each]]
            projection = known.pop() if each == 3 + 2 * biases else None
            one = _one_direction if projection is None else functools.partial(_projected, projection=projection)
            y, *last = one(p, x, known, start, backward=bool(direction))
            found.append(y)
            for state, value in zip(lasts, last, strict=True):
                state.append(value)
        x = p("Concat", *found, axis=2) if both else found[0]
    x = p("Transpose", x, perm=(1, 0, 2)) if first else x
    return (x, *(p("Concat", *state, axis=0) if len(state) > 1 else state[0] for state in lasts))


def _constant(one: Value | None) -> Array:
    if one is None or one.constant is None:
        raise Refusal("weights or options that are not known before run time")
    return one.constant


def _one_direction(p: Parts, x: Value, known: list[Array], start: list[Value], *, backward: bool) -> tuple[Value, ...]:
    w, r, *biases = (_in_onnx_order(one)[None] for one in known)
    bias = [np.concatenate(biases, axis=1)] if biases else [None]
    hidden = known[1].shape[1]
    options = {"hidden_size": hidden, "direction": "reverse" if backward else "forward"}
    y, h, c = p.several("LSTM", 3, x, w, r, *bias, None, *start, **options)
    return p("Squeeze", y, [1]), h, c


def _in_onnx_order(weights: Array) -> Array:
    """PyTorch's gates are input, forget, cell, output; ONNX's are input, output, forget, cell."""
    i, f, g, o = np.split(weights, 4)
    return np.concatenate([i, o, f, g])


def _projected(
    p: Parts, x: Value, known: list[Array], start: list[Value], *, backward: bool, projection: Array
) -> tuple[Value, ...]:
    w, r, *biases = known
    gates = p("MatMul", x, w.T)
    for bias in biases:
        gates = p("Add", gates, bias)
    names = [p.name(f"step_{one}") for one in "hcgnsifjotklmuvwyz"]
    h, c, g, n, total, i, f, j, o, i2, f2, j2, o2, kept, new, c2, t, out = names
    rows = p.name("step_rows")
    arrays = {p.name("step_r"): np.ascontiguousarray(r.T), p.name("step_p"): np.ascontiguousarray(projection.T)}
    recurrent, projecting = arrays
    nodes = [
        Node("MatMul", (h, recurrent), (n,)),
        Node("Add", (g, n), (total,)),
        Node("Split", (total,), (i, f, j, o), {"axis": -1, "num_outputs": 4}),
        *(Node("Sigmoid", (one,), (made,)) for one, made in ((i, i2), (f, f2), (o, o2))),
        Node("Tanh", (j,), (j2,)),
        Node("Mul", (f2, c), (kept,)),
        Node("Mul", (i2, j2), (new,)),
        Node("Add", (kept, new), (c2,)),
        Node("Tanh", (c2,), (t,)),
        Node("Mul", (o2, t), (out,)),
    ]
    after = p.name("step_after")
    nodes += [Node("MatMul", (out, projecting), (after,)), Node("Identity", (after,), (rows,))]
    inputs = tuple(TensorInfo(one, x.dtype, ()) for one in (h, c, g))
    body = Graph("step", inputs, (after, c2, rows), tuple(nodes), arrays, {"": p.opset})
    options = {"scan_input_directions": (int(backward),), "scan_output_directions": (int(backward),)}
    states = [p("Squeeze", one, [0]) for one in start]
    last_h, last_c, y = p.several("Scan", 3, *states, gates, body=body, num_scan_inputs=1, **options)
    return y, p.unsqueeze(last_h, 0), p.unsqueeze(last_c, 0)
