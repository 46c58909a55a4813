"""Attention, and the two operators that a transformer in eval mode consists of when it was traced without gradients."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from pysofie.errors import Refusal

from .parts import Parts, aten, fixed

if TYPE_CHECKING:
    from pysofie.values import Value


@aten("scaled_dot_product_attention", keeps="rank")
def scaled_dot_product_attention(
    p: Parts,
    query: Value,
    key: Value,
    value: Value,
    mask: Value | None = None,
    dropout: float = 0.0,
    causal: bool = False,
    scale: float | None = None,
    grouped: bool = False,
) -> Value:
    """Values by the softmax of the products of queries and keys; in groups one head of keys serves several of queries."""
    if dropout:
        raise Refusal("dropout, which is random", "save the module in eval() mode")
    if grouped:
        times = fixed(query.shape[-3]) // fixed(key.shape[-3])
        heads = [at // times for at in range(fixed(query.shape[-3]))]
        key, value = (p("Gather", one, heads, axis=one.rank - 3) for one in (key, value))
    factor = 1 / math.sqrt(fixed(query.shape[-1])) if scale is None else scale
    turned = p("Transpose", key, perm=(*range(key.rank - 2), key.rank - 1, key.rank - 2))
    scores = p("MatMul", p("Mul", query, factor), turned)
    if causal:
        rows, columns = fixed(scores.shape[-2]), fixed(scores.shape[-1])
        scores = p("Add", scores, np.triu(np.full((rows, columns), -np.inf, scores.dtype), 1))
    if mask is not None and mask.dtype.kind == "b":
        mask = p("Where", mask, p.number(scores, 0.0), p.number(scores, -math.inf))
    if mask is not None:
        scores = p("Add", scores, mask)
    return p("MatMul", p("Softmax", scores, axis=-1), value)


@aten("_native_multi_head_attention", keeps="nothing")
def native_multi_head_attention(
    p: Parts,
    query: Value,
    key: Value,
    value: Value,
    width: int,
    heads: int,
    weight: Value,
    bias: Value | None,
    out_weight: Value,
    out_bias: Value | None,
    mask: Value | None = None,
    need_weights: bool = True,
    average: bool = True,
    mask_type: int | None = None,
) -> tuple[Value | None, ...]:
    """Multi-head self-attention of batches, batch first; its weights as well where they are asked for."""
    if key.name != query.name or value.name != query.name:
        raise Refusal("keys or values of another tensor than the queries")
    result, weights = _self_attention(p, query, width, heads, (weight, bias, out_weight, out_bias), mask, mask_type)
    if not need_weights:
        return result, None
    return result, p.reduce("ReduceMean", weights, (1,), keepdims=False) if average else weights


@aten("_transformer_encoder_layer_fwd", keeps="shape")
def transformer_encoder_layer(
    p: Parts,
    x: Value,
    width: int,
    heads: int,
    weight: Value,
    bias: Value | None,
    out_weight: Value,
    out_bias: Value | None,
    gelu: bool,
    norm_first: bool,
    eps: float,
    norm1_weight: Value,
    norm1_bias: Value | None,
    norm2_weight: Value,
    norm2_bias: Value | None,
    inner_weight: Value,
    inner_bias: Value | None,
    outer_weight: Value,
    outer_bias: Value | None,
    mask: Value | None = None,
    mask_type: int | None = None,
) -> Value:
    """A whole layer: attention and two linear ones, each with a norm, and x added."""

    def norm(one: Value, scale: Value, shift: Value | None) -> Value:
        return p("LayerNormalization", one, scale, *([] if shift is None else [shift]), axis=-1, epsilon=eps)

    def attention(one: Value) -> Value:
        return _self_attention(p, one, width, heads, (weight, bias, out_weight, out_bias), mask, mask_type)[0]

    def feed_forward(one: Value) -> Value:
        inner = _linear(p, one, inner_weight, inner_bias)
        return _linear(p, _gelu(p, inner) if gelu else p("Relu", inner), outer_weight, outer_bias)

    if norm_first:
        x = p("Add", x, attention(norm(x, norm1_weight, norm1_bias)))
        return p("Add", x, feed_forward(norm(x, norm2_weight, norm2_bias)))
    x = norm(p("Add", x, attention(x)), norm1_weight, norm1_bias)
    return norm(p("Add", x, feed_forward(x)), norm2_weight, norm2_bias)


def _gelu(p: Parts, x: Value) -> Value:
    half = p("Mul", x, 0.5)
    return p("Mul", half, p("Add", p("Erf", p("Mul", x, math.sqrt(0.5))), 1.0))


def _linear(p: Parts, x: Value, weight: Value, bias: Value | None) -> Value:
    product = p("MatMul", x, p("Transpose", weight, perm=(1, 0)))
    return product if bias is None else p("Add", product, bias)


def _self_attention(
    p: Parts,
    x: Value,
    width: int,
    heads: int,
    weights: tuple[Value, Value | None, Value, Value | None],
    mask: Value | None,
    mask_type: int | None,
) -> tuple[Value, Value]:
    """The result, and the weights of each head."""
    weight, bias, out_weight, out_bias = weights
    if x.rank != 3:
        raise Refusal(f"attention over a tensor of {x.rank} dims")
    batch, length, _ = x.shape
    joint = _linear(p, x, weight, bias)
    parts = p.several("Split", 3, joint, [width, width, width], axis=2)
    rows = [p.reshape(one, (batch, length, heads, width // heads)) for one in parts]
    query, key, value = (p("Transpose", one, perm=perm) for one, perm in zip(rows, _ORDERS, strict=True))
    scores = p("MatMul", p("Mul", query, 1 / math.sqrt(width // heads)), key)
    if mask is not None:
        scores = p("Add", scores, _additive(p, scores, mask, mask_type))
    shares = p("Softmax", scores, axis=-1)
    joined = p("Transpose", p("MatMul", shares, value), perm=(0, 2, 1, 3))
    return _linear(p, p.reshape(joined, (batch, length, width)), out_weight, out_bias), shares


_ORDERS = ((0, 2, 1, 3), (0, 2, 3, 1), (0, 2, 1, 3))


def _additive(p: Parts, scores: Value, mask: Value, mask_type: int | None) -> Value:
    """A mask of pairs (0), of keys that are padding (1) or of both as one (2), as numbers to add.

    A mask of numbers counts as one of bools for these operators: what is not 0 is left out.
    """
    if mask_type not in (0, 1, 2):
        raise Refusal(f"a mask of the type {mask_type}")
    if mask.dtype.kind != "b":
        mask = p("Not", p("Equal", mask, 0))
    if mask_type == 1:
        mask = p("Unsqueeze", mask, [1, 2])
    return p("Where", mask, p.number(scores, -math.inf), p.number(scores, 0.0))
