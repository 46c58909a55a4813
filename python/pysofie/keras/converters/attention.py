"""Attention of several heads, and what masks do to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie.errors import Refusal
from pysofie.keras.registry import layer, operation
from pysofie.keras.writer import static

from .reductions import softmax_over
from .shaping import repeat_each

if TYPE_CHECKING:
    from pysofie.keras.walk import Walk
    from pysofie.values import Value


@operation("DotProductAttention")
def dot_product_attention(
    w: Walk, op: Any, query: Any, key: Any, value: Any, bias: Any = None, mask: Any = None, **options: Any
) -> Value:
    """keras.ops.dot_product_attention over (batch, length, heads, size)."""
    unknown = sorted(
        name for name in ("query_seq_lengths", "key_value_seq_lengths", "attn_logits_soft_cap") if options.get(name)
    )
    if unknown:
        raise Refusal(f"{', '.join(unknown)} of keras.ops.dot_product_attention")
    q, k, v = (w.tensor(one, w.dtype) for one in (query, key, value))
    allowed = None if mask is None else w.tensor(mask, np.bool_)
    if options.get("is_causal", getattr(op, "is_causal", False)):
        allowed = _both(w, allowed, _causal(w, q, k))
    scale = options.get("scale") or getattr(op, "scale", None) or 1 / np.sqrt(static(q.shape[3], "the size of a head"))
    return attend(w, q, k, v, allowed, float(scale), bias=None if bias is None else w.tensor(bias, w.dtype))[0]


@layer("MultiHeadAttention", "GroupedQueryAttention")
def multi_head_attention(
    w: Walk,
    layer: Any,
    query: Value,
    value: Value,
    key: Value | None = None,
    query_mask: Value | None = None,
    value_mask: Value | None = None,
    key_mask: Value | None = None,
    attention_mask: Value | None = None,
    return_attention_scores: bool = False,
    training: Any = None,
    use_causal_mask: bool = False,
) -> Any:
    """Projections, attention, projection."""
    del training
    q, k, v = (
        w.apply(dense, (one,), {})
        for dense, one in (
            (layer._query_dense, query),
            (layer._key_dense, value if key is None else key),
            (layer._value_dense, value),
        )
    )
    window = getattr(layer, "_sliding_window", getattr(layer, "sliding_window", None))
    allowed = None if attention_mask is None else w.tensor(attention_mask, np.bool_)
    for mask, axis in ((query_mask, 2), (value_mask, 1), (key_mask, 1)):
        if mask is not None:
            allowed = _both(w, allowed, w.unsqueeze(w.tensor(mask, np.bool_), axis))
    if use_causal_mask:
        allowed = _both(w, allowed, _causal(w, q, k))
    if window is not None:
        allowed = _both(w, allowed, _window(w, q, k, int(window)))
    made, scores = _attention_of(w, layer, q, k, v, allowed, zeros=return_attention_scores)
    if getattr(layer, "_use_gate", getattr(layer, "use_gate", False)):
        made = w.op("Mul", made, w.apply(layer._gate_dense, (query,), {}))
    result = w.apply(layer._output_dense, (made,), {})
    if type(layer).__name__ == "MultiHeadAttention":
        w.move_mask(result, query, value, key)
    return (result, scores) if return_attention_scores else result


def _attention_of(
    w: Walk, layer: Any, q: Value, k: Value, v: Value, allowed: Value | None, *, zeros: bool
) -> tuple[Value, Value]:
    if hasattr(layer, "num_repeats"):
        k, v = (repeat_each(w, one, 2, layer.num_repeats) for one in (k, v))
        return attend(w, q, k, v, allowed, float(layer._inverse_sqrt_head_dim), zeros=zeros or layer.dropout > 0)
    zeros, scale = zeros or layer._dropout > 0 or q.rank != 4, float(layer._inverse_sqrt_key_dim)
    if tuple(layer._attention_axes) == (1,) and q.rank == 4:
        return attend(w, q, k, v, allowed, scale, zeros=zeros)
    logits = w.op("Einsum", k, w.op("Mul", q, w.number(scale, q)), equation=layer._dot_product_equation)
    first = -2 * len(layer._attention_axes) - 1
    if allowed is not None:
        allowed = w.unsqueeze(allowed, *(first + logits.rank - at for at in range(logits.rank - allowed.rank)))
    count = len(layer._attention_axes)
    scores = _softmax(w, logits, allowed, tuple(range(logits.rank - count, logits.rank)), zeros=zeros)
    return w.op("Einsum", scores, v, equation=layer._combine_equation), scores


def attend(
    w: Walk,
    q: Value,
    k: Value,
    v: Value,
    allowed: Value | None,
    scale: float,
    *,
    bias: Value | None = None,
    zeros: bool = False,
) -> tuple[Value, Value]:
    """Attention over (batch, length, heads, size), and its weights (batch, heads, length, length)."""
    if k.shape[2] != 1 and k.shape[2] != q.shape[2]:
        times = static(q.shape[2], "the number of heads") // static(k.shape[2], "the number of heads")
        k, v = (repeat_each(w, one, 2, times) for one in (k, v))
    scaled = w.op("Mul", q, w.number(scale, q))
    logits = w.op("MatMul", w.transpose(scaled, (0, 2, 1, 3)), w.transpose(k, (0, 2, 3, 1)))
    if bias is not None:
        logits = w.op("Add", logits, bias)
    if allowed is not None and allowed.rank == 3:
        allowed = w.unsqueeze(allowed, 1)
    scores = _softmax(w, logits, allowed, (3,), zeros=zeros)
    return w.transpose(w.op("MatMul", scores, w.transpose(v, (0, 2, 1, 3))), (0, 2, 1, 3)), scores


def _softmax(w: Walk, logits: Value, allowed: Value | None, axes: tuple[int, ...], *, zeros: bool) -> Value:
    """Of what is allowed; where nothing is, all alike, or zeros."""
    if allowed is None:
        return softmax_over(w, logits, axes)
    lowest = w.number(float(np.finfo(logits.dtype.name).min) * 0.7, logits)
    scores = softmax_over(w, w.op("Where", allowed, logits, lowest), axes)
    return w.op("Where", allowed, scores, w.number(0, scores)) if zeros else scores


def _both(w: Walk, one: Value | None, other: Value) -> Value:
    return other if one is None else w.op("And", one, other)


def _causal(w: Walk, q: Value, k: Value) -> Value:
    """No place looks at those behind it."""
    ones = w.op("Expand", w.number(1, q), w.op("Concat", *(w.sizes([one.shape[1]], one) for one in (q, k)), axis=0))
    return w.unsqueeze(w.op("Greater", w.op("Trilu", ones, upper=0), w.number(0, q)), 0)


def _window(w: Walk, q: Value, k: Value, width: int) -> Value:
    """A place looks at its neighbours alone."""
    rows, columns = (np.arange(static(one.shape[1], "a length with a sliding window")) for one in (q, k))
    return w.constant((np.abs(rows[:, None] - columns) < width)[None])
