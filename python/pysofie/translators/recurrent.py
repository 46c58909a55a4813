"""Recurrent networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pysofie import recurrences
from pysofie.builder import NodeBuilder, Vector
from pysofie.errors import Refusal
from pysofie.registry import translator

if TYPE_CHECKING:
    from pysofie.values import Value

Floats = Sequence[float]

# How many parameters each activation has; alpha is the first.
_PARAMETERS = {
    "Relu": 0,
    "Tanh": 0,
    "Sigmoid": 0,
    "Softsign": 0,
    "Softplus": 0,
    "Affine": 2,
    "LeakyRelu": 1,
    "ThresholdedRelu": 1,
    "ScaledTanh": 2,
    "HardSigmoid": 2,
    "Elu": 1,
}


def _activations(names: Sequence[str] | None, alpha: Floats | None, beta: Floats | None, count: int) -> list[Vector]:
    """The arguments of the constructor, checked. Names count in any case of letters, as onnxruntime has it."""
    known = {name.lower(): name for name in _PARAMETERS}
    unknown = [name for name in names or () if name.lower() not in known]
    if unknown:
        raise Refusal(f"the activation {unknown[0]}, {', '.join(_PARAMETERS)} are supported")
    spelt = tuple(known[name.lower()] for name in names or ())
    if names is not None and len(spelt) != count:
        raise Refusal(f"{len(spelt)} activations, {count} are expected")
    return [Vector("float", tuple(alpha or ())), Vector("float", tuple(beta or ())), Vector("std::string", spelt)]


def _constant_weights(**weights: Value | None) -> None:
    for name, one in weights.items():
        if one is not None and one.constant is None:
            raise Refusal(f"weights {name} that are computed at run time")


@translator("RNN", since=7, infer=recurrences.infer("RNN"), restrictions="constant weights")
def rnn(
    b: NodeBuilder,
    x: Value,
    w: Value,
    r: Value,
    bias: Value | None = None,
    sequence_lens: Value | None = None,
    initial_h: Value | None = None,
    *,
    activation_alpha: Floats | None = None,
    activation_beta: Floats | None = None,
    activations: Sequence[str] = ("Tanh", "Tanh"),
    clip: float = 0.0,
    direction: str = "forward",
    hidden_size: int = 0,
    layout: int = 0,
) -> None:
    """RNN(X, W, R, B, sequence_lens, initial_h; activations=Tanh, clip, direction="forward", layout=0 ...) -> Y, Y_h."""
    count = recurrences.directions(direction)
    _constant_weights(W=w, R=r, B=bias)
    b.emit(
        "RNN",
        *_activations(tuple(activations)[:count], activation_alpha, activation_beta, count),
        clip,
        direction,
        hidden_size,
        layout,
        *(x, w, r, bias, sequence_lens, initial_h),
        *b.all_outputs(2),
        template=(x.dtype,),
    )


@translator("GRU", since=7, infer=recurrences.infer("GRU"), restrictions="constant weights")
def gru(
    b: NodeBuilder,
    x: Value,
    w: Value,
    r: Value,
    bias: Value | None = None,
    sequence_lens: Value | None = None,
    initial_h: Value | None = None,
    *,
    activation_alpha: Floats | None = None,
    activation_beta: Floats | None = None,
    activations: Sequence[str] | None = None,
    clip: float = 0.0,
    direction: str = "forward",
    hidden_size: int = 0,
    layout: int = 0,
    linear_before_reset: int = 0,
) -> None:
    """GRU(X, W, R, B, sequence_lens, initial_h; linear_before_reset=0, and the attributes of RNN) -> Y, Y_h."""
    count = 2 * recurrences.directions(direction)
    _constant_weights(W=w, R=r, B=bias)
    b.emit(
        "GRU",
        *_activations(activations, activation_alpha, activation_beta, count),
        clip,
        direction,
        hidden_size,
        layout,
        linear_before_reset,
        *(x, w, r, bias, sequence_lens, initial_h),
        *b.all_outputs(2),
        template=(x.dtype,),
    )


@translator("LSTM", since=7, infer=recurrences.infer("LSTM"), restrictions="constant weights")
def lstm(
    b: NodeBuilder,
    x: Value,
    w: Value,
    r: Value,
    bias: Value | None = None,
    sequence_lens: Value | None = None,
    initial_h: Value | None = None,
    initial_c: Value | None = None,
    peephole: Value | None = None,
    *,
    activation_alpha: Floats | None = None,
    activation_beta: Floats | None = None,
    activations: Sequence[str] | None = None,
    clip: float = 0.0,
    direction: str = "forward",
    hidden_size: int = 0,
    input_forget: int = 0,
    layout: int = 0,
) -> None:
    """LSTM(X, W, R, B, sequence_lens, initial_h, initial_c, P; input_forget=0, and the attributes of RNN) -> Y, Y_h, Y_c."""
    count = 3 * recurrences.directions(direction)
    _constant_weights(W=w, R=r, B=bias)
    b.emit(
        "LSTM",
        *_activations(activations, activation_alpha, activation_beta, count),
        clip,
        direction,
        hidden_size,
        input_forget,
        layout,
        *(x, w, r, bias, sequence_lens, initial_h, initial_c, peephole),
        *b.all_outputs(3),
        template=(x.dtype,),
    )
