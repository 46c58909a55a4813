"""Inverses of small matrices, products of reflections that are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pysofie.errors import Refusal

from .parts import Parts, aten, fixed

if TYPE_CHECKING:
    from pysofie.values import Value

_LARGEST = 6


@aten("linalg_inv", "inverse", "linalg_inv_ex", keeps="shape", exported=True)
def inverse(p: Parts, x: Value, check_errors: bool = False) -> tuple[Value, ...]:
    """The inverse by cofactors: quotients of determinants, which ONNX has."""
    del check_errors
    size = fixed(x.shape[-1])
    if size > _LARGEST:
        raise Refusal(f"{size} rows, at most {_LARGEST} are inverted")
    if size == 1:
        return (p("Reciprocal", x),)
    front = x.rank - 2
    others = np.array([[one for one in range(size) if one != left] for left in range(size)], np.int64)
    rows = p("Gather", x, others, axis=front)  # ..., left out, rest, columns
    minors = p("Gather", rows, others, axis=front + 2)  # ..., row left out, rest, column left out, rest
    batch = tuple(range(front))
    # The row of a cofactor is the column of the inverse.
    minors = p("Transpose", minors, perm=(*batch, front + 2, front, front + 1, front + 3))
    at = np.arange(size)
    signs = ((-1.0) ** (at[:, None] + at)).astype(x.dtype)
    whole = p("Unsqueeze", p("Det", x), [front, front + 1])
    return (p("Div", p("Mul", p("Det", minors), signs), whole),)


@aten("linalg_householder_product", "orgqr", keeps="shape", exported=True)
def householder_product(p: Parts, x: Value, tau: Value) -> Value:
    """The first columns of a product of reflections, all of which are constants: the weights of an orthogonal layer."""
    vectors, factors = x.constant, tau.constant
    if vectors is None or factors is None or vectors.ndim != 2:
        raise Refusal("reflections that are not known before run time")
    product = np.eye(*vectors.shape)
    for at in reversed(range(len(factors))):
        v = np.concatenate([np.zeros(at), [1.0], vectors[at + 1 :, at].astype(np.float64)])
        product -= float(factors[at]) * np.outer(v, v @ product)
    return p.constant(product.astype(x.dtype))
