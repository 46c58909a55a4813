"""Products of matrices and whatever is one: Dense, einsum, dot, attention, embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie.errors import Refusal
from pysofie.keras.registry import layer, operation

if TYPE_CHECKING:
    from pysofie.keras.walk import Walk
    from pysofie.values import Value


@operation("Matmul")
def matmul(w: Walk, op: Any, x: Any, y: Any) -> Value:
    """keras.ops.matmul."""
    return w.op("MatMul", w.tensor(x, w.dtype), w.tensor(y, w.dtype))


@layer("Dense")
def dense(w: Walk, layer: Any, x: Value) -> Value:
    """A matrix product over the last axis."""
    made = w.op("MatMul", x, w.tensor(layer.kernel, x.dtype))
    if layer.use_bias:
        made = w.op("Add", made, w.tensor(layer.bias, x.dtype))
    return w.activate(layer.activation, made)


@operation("Einsum")
def einsum(w: Walk, op: Any, *operands: Any, **_: Any) -> Value:
    """keras.ops.einsum, as a MatMul where it is one with a matrix of weights."""
    given = [w.tensor(one, w.dtype) for one in operands]
    equation = op.subscripts.replace(" ", "")
    return _as_matmul(w, equation, given) or w.op("Einsum", *given, equation=equation)


def _as_matmul(w: Walk, equation: str, given: list[Value]) -> Value | None:
    """A contraction of the last axes of one tensor with the first ones of constant weights."""
    if len(given) != 2 or given[1].constant is None or "->" not in equation:
        return None
    inputs, output = equation.split("->")
    x, y = inputs.split(",")
    x, output = (text.replace("...", "") for text in (x, output)) if "..." in x else (x, output)
    shared = [letter for letter in y if letter in x]
    count = len(shared)
    kept = x[: len(x) - count]
    fits = count and x.endswith(y[:count]) and y[:count] == "".join(shared) and output == kept + y[count:]
    if not fits or len(set(x + y)) != len(x) + len(y) - count or any(letter in kept for letter in y):
        return None
    weight = given[1].constant
    inner = int(np.prod(weight.shape[:count]))
    flat = w.flatten_axes(given[0], given[0].rank - count, given[0].rank) if count > 1 else given[0]
    matrix = given[1] if weight.ndim == 2 and count == 1 else w.constant(weight.reshape(inner, -1), given[1].name)
    made = w.op("MatMul", flat, matrix)
    return w.reshape(made, (*made.shape[:-1], *weight.shape[count:]))


@operation("Dot")
def dot(w: Walk, op: Any, x: Any, y: Any) -> Value:
    """keras.ops.dot: over the last axis of one and the last but one of the other."""
    a, b = w.tensor(x, w.dtype), w.tensor(y, w.dtype)
    if a.rank == 0 or b.rank == 0:
        return w.op("Mul", a, b)
    if b.rank <= 2:
        return w.op("MatMul", a, b)
    raise Refusal("a dot product with a tensor of more than 2 dimensions")


@operation("Tensordot")
def tensordot(w: Walk, op: Any, x: Any, y: Any) -> Value:
    """keras.ops.tensordot, by an einsum."""
    a, b = w.tensor(x, w.dtype), w.tensor(y, w.dtype)
    if isinstance(op.axes, int):
        left, right = list(range(a.rank - op.axes, a.rank)), list(range(op.axes))
    else:
        left, right = ([one] if isinstance(one, int) else list(one) for one in op.axes)
    letters = "abcdefghijklmnopqrstuvwxyz"
    first, second = list(letters[: a.rank]), list(letters[a.rank : a.rank + b.rank])
    for i, j in zip(left, right, strict=True):
        second[j % b.rank] = first[i % a.rank]
    summed = {first[i % a.rank] for i in left}
    output = [one for one in first + second if one not in summed]
    return w.op("Einsum", a, b, equation=f"{''.join(first)},{''.join(second)}->{''.join(output)}")


@operation("OneHot")
def one_hot(w: Walk, op: Any, x: Any, *_: Any, **__: Any) -> Value:
    """A one at the index."""
    given = w.tensor(x)
    index = w.unsqueeze(given, (op.axis if op.axis >= 0 else given.rank + 1 + op.axis))
    places = np.arange(op.num_classes, dtype=given.dtype)
    shape = [1] * index.rank
    shape[op.axis] = op.num_classes
    return w.cast(w.op("Equal", index, w.constant(places.reshape(shape))), w.dtype)


@layer("Embedding")
def embedding(w: Walk, layer: Any, x: Value) -> Value:
    """A row for each index."""
    at = x if x.dtype.name in ("int32", "int64") else w.cast(x, np.int32)
    return w.op("Gather", w.weight(layer.embeddings), at, axis=0)
