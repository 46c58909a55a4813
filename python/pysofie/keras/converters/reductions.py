"""Sums, means, extremes and norms over axes; softmax and sorting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie import dims
from pysofie.errors import Refusal
from pysofie.keras.registry import layer, operation
from pysofie.keras.writer import axes_of, axis_of

if TYPE_CHECKING:
    from pysofie.keras.walk import Walk
    from pysofie.values import Value

_REDUCTIONS = {"Sum": "Sum", "Mean": "Mean", "Prod": "Prod", "Max": "Max", "Amax": "Max", "Min": "Min", "Amin": "Min", "Logsumexp": "LogSumExp"}  # fmt: skip


@operation(*_REDUCTIONS)
def reduction(w: Walk, op: Any, x: Any, **_: Any) -> Value:
    """In the type that Keras sums in."""
    given = w.tensor(x, w.dtype)
    return w.reduce(_REDUCTIONS[type(op).__name__], given, axes_of(op.axis, given.rank), keepdims=op.keepdims)


@operation("Any", "All")
def truth(w: Walk, op: Any, x: Any) -> Value:
    """Whether one is true, or all are."""
    given = w.cast(w.tensor(x, np.bool_), np.int32)
    found = w.reduce(
        "Max" if type(op).__name__ == "Any" else "Min", given, axes_of(op.axis, given.rank), keepdims=op.keepdims
    )
    return w.cast(found, np.bool_)


@operation("CountNonzero")
def count_nonzero(w: Walk, op: Any, x: Any) -> Value:
    """How many are not zero."""
    given = w.cast(w.tensor(x, np.bool_), w.dtype)
    return w.reduce("Sum", given, axes_of(op.axis, given.rank))


@operation("Var", "Std")
def variance(w: Walk, op: Any, x: Any) -> Value:
    """Mean of the squared distances from the mean."""
    given = w.tensor(x, w.dtype)
    axes = axes_of(op.axis, given.rank)
    found = moments(w, given, axes, keepdims=op.keepdims)[1]
    return w.op("Sqrt", found) if type(op).__name__ == "Std" else found


@operation("Moments")
def moments_(w: Walk, op: Any, x: Any) -> tuple[Value, Value]:
    """Mean and variance."""
    given = w.tensor(x, w.dtype)
    return moments(w, given, axes_of(op.axes, given.rank), keepdims=op.keepdims)


def moments(w: Walk, x: Value, axes: Any, *, keepdims: bool) -> tuple[Value, Value]:
    """Mean and variance over axes."""
    mean = w.reduce("Mean", x, axes, keepdims=True)
    distance = w.op("Sub", x, mean)
    variance = w.reduce("Mean", w.op("Mul", distance, distance), axes, keepdims=keepdims)
    return mean if keepdims else w.squeeze(mean, *axes), variance


@operation("Argmax", "Argmin")
def arg_extreme(w: Walk, op: Any, x: Any) -> Value:
    """Where the extreme is, the first of equal ones."""
    given = w.tensor(x)
    rank, kept = given.rank, op.keepdims
    if op.axis is None:
        given = w.reshape(given, [dims.count(given.shape)])
    kind = "ArgMax" if type(op).__name__ == "Argmax" else "ArgMin"
    at = w.cast(w.op(kind, given, axis=axis_of(op.axis or 0, given.rank), keepdims=int(kept)), w.dtype)
    return w.unsqueeze(at, *range(rank - 1)) if op.axis is None and kept else at


@operation("Cumsum", "Cumprod")
def cumulate(w: Walk, op: Any, x: Any) -> Value:
    """Sums or products up to each element."""
    given = w.tensor(x, w.dtype)
    if op.axis is None:
        given = w.reshape(given, [dims.count(given.shape)])
    axis = np.array(axis_of(op.axis or 0, given.rank), np.int64)
    if type(op).__name__ == "Cumprod":
        raise Refusal("a cumulated product")
    return w.op("CumSum", given, axis)


@operation("Softmax", "LogSoftmax")
def softmax(w: Walk, op: Any, x: Any) -> Value:
    """Over one axis or several."""
    return softmax_over(w, w.tensor(x, w.dtype), op.axis, type(op).__name__)


def softmax_over(w: Walk, x: Value, axis: Any, kind: str = "Softmax") -> Value:
    """Softmax over one axis, over several as if they were one, or over all."""
    axes = axes_of(axis, x.rank)
    if len(axes) == 1:
        return w.op(kind, x, axis=axes[0])
    order = (*(at for at in range(x.rank) if at not in axes), *axes)
    moved = w.transpose(x, order)
    flat = w.flatten_axes(moved, x.rank - len(axes), x.rank)
    found = w.reshape(w.op(kind, flat, axis=flat.rank - 1), moved.shape)
    return w.transpose(found, tuple(int(at) for at in np.argsort(order)))


@layer("Softmax")
def softmax_layer(w: Walk, layer: Any, x: Value, mask: Any = None) -> Value:
    """With a mask, of what it lets through."""
    if mask is None:
        return softmax_over(w, x, layer.axis)
    allowed = w.tensor(mask)
    if allowed.dtype != np.bool_:
        allowed = w.op("Greater", allowed, w.number(0.5, allowed))
    found = softmax_over(w, w.op("Where", allowed, x, w.number(-1e9, x)), layer.axis)
    return w.op("Where", allowed, found, w.number(0, found))


@operation("Sort")
def sort(w: Walk, op: Any, x: Any) -> Value:
    """In rising order."""
    return _sorted(w, op, x)[0]


@operation("Argsort")
def argsort(w: Walk, op: Any, x: Any) -> Value:
    """The indices of a rising order."""
    return w.cast(_sorted(w, op, x)[1], w.dtype)


def _sorted(w: Walk, op: Any, x: Any) -> tuple[Value, Value]:
    given = w.tensor(x)
    if op.axis is None:
        given = w.reshape(given, [dims.count(given.shape)])
    axis = axis_of(-1 if op.axis is None else op.axis, given.rank)
    values, at = w.ops("TopK", given, w.sizes([given.shape[axis]], given), outputs=2, axis=axis, largest=0)
    return values, at


@operation("TopK")
def top_k(w: Walk, op: Any, x: Any) -> tuple[Value, Value]:
    """The largest, and where they are."""
    values, at = w.ops("TopK", w.tensor(x), w.integers(int(op.k)), outputs=2, axis=-1, sorted=int(op.sorted))
    return values, w.cast(at, w.results[1].dtype)


@operation("Norm")
def norm(w: Walk, op: Any, x: Any) -> Value:
    """Of vectors; of a matrix, Frobenius'."""
    given = w.tensor(x, w.dtype)
    kind = {None: "L2", 2: "L2", 1: "L1", "fro": "L2", "euclidean": "L2"}.get(op.ord)
    axes = axes_of(op.axis, given.rank)
    if kind is None or (len(axes) > 1 and op.ord not in (None, "fro")):
        raise Refusal(f"a norm of order {op.ord}")
    return w.reduce(kind, given, axes, keepdims=op.keepdims)


@operation("Normalize")
def normalize(w: Walk, op: Any, x: Any) -> Value:
    """Divided by the norm, which is at least epsilon."""
    import keras

    given = w.tensor(x, w.dtype)
    axes = axes_of(op.axis, given.rank)
    order = w.number(op.order, given)
    epsilon = keras.config.epsilon() if op.epsilon is None else op.epsilon
    if op.order == 2:
        squares = w.reduce("Sum", w.op("Mul", given, given), axes, keepdims=True)
        return w.op("Mul", given, w.op("Reciprocal", w.op("Sqrt", w.op("Max", squares, w.number(epsilon**2, given)))))
    powers = w.reduce("Sum", w.op("Pow", w.op("Abs", given), order), axes, keepdims=True)
    length = w.op("Pow", powers, w.number(1 / op.order, given))
    return w.op("Div", given, w.op("Max", length, w.number(epsilon, given)))
