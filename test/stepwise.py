"""Recurrent networks by ONNX's equations, in float64: one sequence after the other, one step after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

FUNCTIONS: dict[str, Callable[..., Array]] = {
    "Relu": lambda x: np.maximum(x, 0),
    "Tanh": np.tanh,
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "Softsign": lambda x: x / (1 + np.abs(x)),
    "Softplus": lambda x: np.log1p(np.exp(x)),
    "Affine": lambda x, alpha=1.0, beta=0.0: alpha * x + beta,
    "LeakyRelu": lambda x, alpha=0.01: np.where(x < 0, alpha * x, x),
    "ThresholdedRelu": lambda x, alpha=1.0: np.where(x > alpha, x, 0),
    "ScaledTanh": lambda x, alpha=1.0, beta=1.0: alpha * np.tanh(beta * x),
    "HardSigmoid": lambda x, alpha=0.2, beta=0.5: np.clip(alpha * x + beta, 0, 1),
    "Elu": lambda x, alpha=1.0: np.where(x < 0, alpha * np.expm1(x), x),
}
TAKE_ALPHA = ("Affine", "LeakyRelu", "ThresholdedRelu", "ScaledTanh", "HardSigmoid", "Elu")
TAKE_BETA = ("Affine", "ScaledTanh", "HardSigmoid")
CELLS = {"RNN": (1, ("Tanh",)), "GRU": (3, ("Sigmoid", "Tanh")), "LSTM": (4, ("Sigmoid", "Tanh", "Tanh"))}


def _functions(names: Sequence[str], alpha: Sequence[float], beta: Sequence[float], clip: float) -> list[Any]:
    alphas, betas = iter(alpha), iter(beta)
    made = []
    for name in names:
        given: dict[str, float] = {}
        if name in TAKE_ALPHA and (value := next(alphas, None)) is not None:
            given["alpha"] = value
        if name in TAKE_BETA and (value := next(betas, None)) is not None:
            given["beta"] = value
        made.append(
            lambda x, f=FUNCTIONS[name], given=given: f(np.clip(x, -clip, clip) if clip else np.asarray(x), **given)
        )
    return made


def recurrent(
    op: str,
    x: Array,
    w: Array,
    r: Array,
    b: Array | None = None,
    lengths: Array | None = None,
    h0: Array | None = None,
    c0: Array | None = None,
    p: Array | None = None,
    *,
    activations: Sequence[str] = (),
    activation_alpha: Sequence[float] = (),
    activation_beta: Sequence[float] = (),
    clip: float = 0,
    direction: str = "forward",
    hidden_size: int = 0,
    layout: int = 0,
    linear_before_reset: int = 0,
    input_forget: int = 0,
) -> tuple[Array, ...]:
    """Y, Y_h and of LSTM Y_c."""
    del hidden_size
    if layout:
        x, h0, c0 = (None if one is None else one.swapaxes(0, 1) for one in (x, h0, c0))
    steps, rows, _ = x.shape
    gates, defaults = CELLS[op]
    directions, hidden = w.shape[0], r.shape[2]
    functions = _functions(activations or defaults * directions, activation_alpha, activation_beta, clip)
    y = np.zeros((steps, directions, rows, hidden))
    last = np.zeros((2, directions, rows, hidden))
    for d in range(directions):
        own = functions[d * len(defaults) : (d + 1) * len(defaults)]
        wb, rb = np.zeros((2, gates * hidden)) if b is None else b[d].reshape(2, -1)
        cell = _Cell(
            op,
            own,
            w[d],
            r[d],
            wb,
            rb,
            np.zeros(3 * hidden) if p is None else p[d],
            bool(linear_before_reset),
            bool(input_forget),
        )
        for n in range(rows):
            h = np.zeros(hidden) if h0 is None else h0[d, n]
            c = np.zeros(hidden) if c0 is None else c0[d, n]
            length = steps if lengths is None else int(lengths[n])
            order = range(length)
            for t in reversed(order) if d == 1 or direction == "reverse" else order:
                h, c = cell(x[t, n], h, c)
                y[t, d, n] = h
            last[:, d, n] = h, c
    if layout:
        y, last = y.transpose(2, 0, 1, 3), last.swapaxes(1, 2)
    return (y, *last[: 2 if op == "LSTM" else 1])


class _Cell:
    def __init__(
        self,
        op: str,
        functions: Sequence[Any],
        w: Array,
        r: Array,
        wb: Array,
        rb: Array,
        p: Array,
        before: bool,
        coupled: bool,
    ) -> None:
        self.op, self.functions, self.w, self.r, self.wb, self.rb, self.p = op, functions, w, r, wb, rb, p
        self.before, self.coupled = before, coupled

    def __call__(self, x: Array, h: Array, c: Array) -> tuple[Array, Array]:
        w = np.split(self.w @ x + self.wb, CELLS[self.op][0])
        if self.op == "RNN":
            return self.functions[0](w[0] + self.r @ h + self.rb), c
        if self.op == "GRU":
            return self._gru(w, h), c
        i, o, f, g = (a + b for a, b in zip(w, np.split(self.r @ h + self.rb, 4), strict=True))
        pi, po, pf = np.split(self.p, 3)
        gate, fresh, out = self.functions
        i = gate(i + pi * c)
        f = 1 - i if self.coupled else gate(f + pf * c)
        c = f * c + i * fresh(g)
        return gate(o + po * c) * out(c), c

    def _gru(self, w: Sequence[Array], h: Array) -> Array:
        rz, rr, rn = np.split(self.r, 3)
        bz, br, bn = np.split(self.rb, 3)
        gate, fresh = self.functions
        z, r = gate(w[0] + rz @ h + bz), gate(w[1] + rr @ h + br)
        n = fresh(w[2] + (r * (rn @ h + bn) if self.before else rn @ (r * h) + bn))
        return (1 - z) * n + z * h
