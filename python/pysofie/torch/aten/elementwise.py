"""Functions of one element, dot products, changes of shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pysofie import dims
from pysofie.errors import Refusal

from .parts import Ints, Parts, Sizes, aten

if TYPE_CHECKING:
    from pysofie.values import Value


@aten("softplus", keeps="shape")
def softplus(p: Parts, x: Value, beta: float = 1.0, threshold: float = 20.0) -> Value:
    """log(1 + exp(beta x)) / beta, and x itself where beta x is above the threshold."""
    scaled = x if beta == 1 else p("Mul", x, beta)
    smooth = p("Softplus", scaled)
    smooth = smooth if beta == 1 else p("Div", smooth, beta)
    if threshold >= 20:  # where the two are one number in single precision
        return smooth
    return p("Where", p("Greater", scaled, threshold), x, smooth)


@aten("threshold", keeps="shape")
def threshold(p: Parts, x: Value, threshold: float, value: float) -> Value:
    """X where it is above the threshold."""
    return p("Where", p("LessOrEqual", x, threshold), p.number(x, value), x)


@aten("dot", "vdot", keeps="scalar")
def dot(p: Parts, x: Value, y: Value) -> Value:
    """The sum of products."""
    return p.reduce("ReduceSum", p("Mul", x, y), (0,), keepdims=False)


@aten("t", "numpy_T", "mT", "mH", "adjoint")
def transposed(p: Parts, x: Value) -> Value:
    """The transpose; PyTorch's exporter leaves out that of a tensor whose rank it does not know."""
    if x.rank < 2:
        return x
    front = () if p.operator in ("t", "numpy_T") else tuple(range(x.rank - 2))
    return p("Transpose", x, perm=(*front, *reversed(range(len(front), x.rank))))


@aten("unflatten", keeps="unflattened")
def unflatten(p: Parts, x: Value, axis: int, sizes: Sizes) -> Value:
    """One dim taken apart; PyTorch's exporter does not tell the rank of the result."""
    at = axis % x.rank
    inner = [size for size in sizes if size != -1]
    rest = dims.divide(x.shape[at], dims.count(inner))
    if rest is None or dims.count(inner) == 0:
        raise Refusal(f"{x.shape[at]} cannot become {dims.text(sizes)}")
    return p.reshape(x, (*x.shape[:at], *(rest if size == -1 else size for size in sizes), *x.shape[at + 1 :]))


@aten("transpose", keeps="rank")
def transpose(p: Parts, x: Value, first: int, second: int) -> Value:
    """Two dims exchanged."""
    if x.rank == 0:
        return x
    order = list(range(x.rank))
    order[first], order[second] = order[second], order[first]
    return p("Transpose", x, perm=tuple(order))


@aten("__contains_", keeps="nothing")
def contains(p: Parts, numbers: Ints, wanted: int) -> Value:
    """Whether a number is one of a list, as cells ask of the number of dims; PyTorch's exporter takes off an underscore."""
    return p.constant(np.array(wanted in numbers))


@aten("hypot", keeps="rank", exported=True)
def hypot(p: Parts, x: Value, y: Value) -> Value:
    """The root of the sum of squares, which may be larger than any number."""
    x, y = p("Abs", x), p("Abs", y)
    more, less = p("Max", x, y), p("Min", x, y)
    quotient = p("Div", less, p("Where", p("Equal", more, 0.0), p.number(more, 1.0), more))
    quotient = p("Where", p("Equal", less, more), p.number(more, 1.0), quotient)  # of infinities as well
    return p("Mul", more, p("Sqrt", p("Add", p("Mul", quotient, quotient), 1.0)))


@aten("rrelu", "rrelu_with_noise", "rrelu_with_noise_functional", scripted=False, exported=True)
def rrelu(p: Parts, x: Value, *more: Value | None) -> tuple[Value, ...]:
    """At inference the mean of the slopes."""
    numbers = more if p.operator == "rrelu" else more[1:]
    known = [None if one is None or one.constant is None else float(one.constant) for one in numbers]
    if len(known) < 3 or None in known[:3] or known[2]:
        raise Refusal("slopes that are drawn in training")
    return (p("LeakyRelu", x, alpha=(known[0] + known[1]) / 2),)  # type: ignore[operator]
