"""Functions of one element, and dot products."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .parts import Parts, aten

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


@aten("dot", "vdot", "inner")
def dot(p: Parts, x: Value, y: Value) -> Value:
    """The sum of products over the last dim."""
    if x.rank > 1 or y.rank > 1:
        return p("MatMul", x, p("Transpose", y, perm=(*range(y.rank - 2), y.rank - 1, y.rank - 2)))
    return p.reduce("ReduceSum", p("Mul", x, y), (0,), keepdims=False)


@aten("t", "numpy_T", "mT", "mH", "adjoint")
def transposed(p: Parts, x: Value) -> Value:
    """The transpose; PyTorch's exporter leaves out that of a tensor whose rank it does not know."""
    if x.rank < 2:
        return x
    front = () if p.operator in ("t", "numpy_T") else tuple(range(x.rank - 2))
    return p("Transpose", x, perm=(*front, *reversed(range(len(front), x.rank))))


@aten("linear", keeps="rank")
def linear(p: Parts, x: Value, weight: Value, bias: Value | None = None) -> Value:
    """X W^T + b."""
    if x.rank == 2 and weight.rank == 2:
        return p("Gemm", x, weight, *filter(None, (bias,)), transB=1)
    turned = p("Transpose", weight, perm=(1, 0)) if weight.rank == 2 else weight
    product = p("MatMul", x, turned)
    return product if bias is None else p("Add", product, bias)
