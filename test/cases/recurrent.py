"""Recurrent networks."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

import stepwise

from . import Array, Case, Shape, numbers

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def recurrent(
    op: str,
    x: Shape,
    hidden: int,
    id: str,
    *,
    bias: bool = True,
    peephole: bool = False,
    at_run_time: dict[str, Shape | Array] | None = None,
    outputs: int = 0,
    dtype: str = "float32",
    scale: float = 0.5,
    **attributes: Any,
) -> Case:
    """A network with random weights; `at_run_time` has lengths, h0 or c0."""
    directions = 2 if attributes.get("direction") == "bidirectional" else 1
    lines, inputs = GATES[op] * hidden, x[2]
    assert isinstance(inputs, int)
    weights = {
        "w": numbers(-scale, scale, directions, lines, inputs, dtype=dtype),
        "r": numbers(-scale, scale, directions, lines, hidden, dtype=dtype),
    }
    if bias:
        weights["b"] = numbers(-scale, scale, directions, 2 * lines, dtype=dtype)
    if peephole:
        weights["p"] = numbers(-1, 1, directions, 3 * hidden, dtype=dtype)
    names = ("x", "w", "r", "b", "lengths", "h0", "c0", "p")
    given: dict[str, Shape | Array] = {"x": x, **(at_run_time or {})}
    order = [name if name in given or name in weights else "" for name in names]
    while not order[-1]:
        order.pop()
    return Case(
        op,
        given,
        {"hidden_size": hidden, **attributes},
        weights,
        outputs or (3 if op == "LSTM" else 2),
        dtype,
        id,
        order=tuple(order),
        reference=functools.partial(stepwise.recurrent, op, **attributes),
        tolerance=4e-6 if dtype == "float32" else 1e-13,
    )


def lengths(*values: int) -> Array:
    return np.array(values, "int32")


def cases() -> list[Case]:
    found = []
    functions = {"RNN": ["Elu"], "GRU": ["HardSigmoid", "ScaledTanh"], "LSTM": ["Affine", "Softsign", "Relu"]}
    both = {
        "RNN": ["LeakyRelu", "ThresholdedRelu"],
        "GRU": ["Sigmoid", "Softplus", "HardSigmoid", "Tanh"],
        "LSTM": ["Sigmoid", "Tanh", "Elu", "HardSigmoid", "ScaledTanh", "Tanh"],
    }
    for op in GATES:
        states: dict[str, Shape | Array] = {"h0": (1, 3, 5)}
        later: dict[str, Shape | Array] = {"h0": (2, "batch", 5)}
        if op == "LSTM":
            states["c0"], later["c0"] = (1, 3, 5), (2, "batch", 5)
        found += [
            recurrent(op, (7, 3, 2), 5, "plain"),
            recurrent(op, (20, 1, 6), 32, "one_sequence"),
            recurrent(op, (5, 2, 3), 17, "wide", bias=False),
            recurrent(op, (3, 2, 7), 1, "narrow"),
            recurrent(op, (7, 3, 2), 5, "double", dtype="float64"),
            recurrent(op, (70, 1, 2), 3, "long", direction="reverse"),
            recurrent(op, (7, 3, 2), 5, "states", at_run_time=states, direction="reverse"),
            recurrent(op, (7, 3, 2), 5, "both_ways", direction="bidirectional"),
            recurrent(op, (3, 7, 2), 5, "rows_first", direction="bidirectional", layout=1),
            recurrent(op, (7, 4, 2), 5, "lengths", at_run_time={"lengths": lengths(7, 1, 0, 4)}),
            recurrent(op, (7, 4, 2), 5, "lengths_both_ways", at_run_time={"lengths": lengths(7, 1, 0, 4)}, direction="bidirectional"),
            recurrent(op, (7, 3, 2), 5, "clip", clip=0.25, scale=2.0),
            recurrent(op, (7, 3, 2), 5, "saturated", at_run_time=states, scale=60.0),
            recurrent(op, (7, 3, 2), 5, "functions", activations=functions[op], activation_alpha=[0.5, 0.75], activation_beta=[0.25, 1.5]),
            recurrent(op, (7, 3, 2), 5, "functions_of_each_way", activations=both[op], direction="bidirectional"),
            recurrent(op, (7, "batch", 2), 5, "batch", at_run_time=later, direction="bidirectional"),
            recurrent(op, ("batch", 7, 2), 5, "rows_of_a_batch", layout=1),
            recurrent(op, ("steps", "batch", 2), 3, "steps"),
            recurrent(op, (7, 3, 2), 5, "only_the_output", outputs=1),
        ]  # fmt: skip
    found += [
        recurrent("GRU", (7, 3, 2), 5, "before_reset", linear_before_reset=1),
        recurrent("GRU", (20, 1, 6), 32, "before_reset_wide", linear_before_reset=1, direction="bidirectional"),
        recurrent("GRU", (7, 3, 2), 5, "before_reset_no_bias", linear_before_reset=1, bias=False),
        recurrent("LSTM", (7, 3, 2), 5, "peephole", peephole=True, direction="bidirectional"),
        recurrent("LSTM", (7, 3, 2), 5, "coupled", input_forget=1),
        recurrent("LSTM", (7, 3, 2), 5, "coupled_peephole", input_forget=1, peephole=True, clip=1.5),
    ]
    return found


CASES = tuple(cases())
