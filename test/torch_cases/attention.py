"""Attention and transformers."""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor, nn

from . import bools, call, f, net


class SelfAttention(nn.Module):
    """Queries, keys and values of one tensor."""

    def __init__(self, weights=False, average=True, **options):
        super().__init__()
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True, **options)
        self.weights, self.average = weights, average

    def forward(self, x):
        y, w = self.attention(x, x, x, need_weights=self.weights, average_attn_weights=self.average)
        return y if w is None else (y, w)


class WithWeights(nn.Module):
    """The weights come out as well."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)

    def forward(self, x):
        y, w = self.attention(x, x, x)
        return y, w


class PlainAttention(nn.Module):
    """No weights asked for."""

    def __init__(self, **options):
        super().__init__()
        self.attention = nn.MultiheadAttention(6, 2, **options)

    def forward(self, x):
        return self.attention(x, x, x, need_weights=False)[0]


class CrossAttention(nn.Module):
    """Queries of one tensor, keys and values of others of other widths."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(6, 2, kdim=5, vdim=7, batch_first=True)

    def forward(self, q, k, v):
        return self.attention(q, k, v, need_weights=False)[0]


class Padded(nn.Module):
    """Keys that are padding; the first is never."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)

    def forward(self, x, mask):
        padding = torch.cat([torch.zeros_like(mask[:, :1]), mask[:, 1:]], 1)
        return self.attention(x, x, x, key_padding_mask=padding, need_weights=False)[0]


class Masked(nn.Module):
    """Added to the scores."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)

    def forward(self, x, mask):
        return self.attention(x, x, x, attn_mask=mask, need_weights=False)[0]


class Encoder(nn.Module):
    """Layers of a transformer's encoder."""

    def __init__(self, layers=1, nested=False, **options):
        super().__init__()
        one = nn.TransformerEncoderLayer(6, 2, 8, **options)
        self.net = nn.TransformerEncoder(one, layers, norm=nn.LayerNorm(6), enable_nested_tensor=nested)

    def forward(self, x):
        return self.net(x)


class Layer(nn.Module):
    """One layer."""

    def __init__(self, **options):
        super().__init__()
        self.net = nn.TransformerEncoderLayer(6, 2, 8, **options)

    def forward(self, x):
        return self.net(x)


class PaddedLayer(nn.Module):
    """One layer, some of whose particles are padding."""

    def __init__(self):
        super().__init__()
        self.net = nn.TransformerEncoderLayer(6, 2, 8, batch_first=True)

    def forward(self, x, mask):
        padding = torch.cat([torch.zeros_like(mask[:, :1]), mask[:, 1:]], 1)
        return self.net(x, src_key_padding_mask=padding).masked_fill(padding.unsqueeze(-1), 0.0)


class CausalLayer(nn.Module):
    """One layer, none of whose steps sees the next."""

    def __init__(self):
        super().__init__()
        self.net = nn.TransformerEncoderLayer(6, 2, 8, batch_first=True)
        self.register_buffer("mask", torch.triu(torch.full((5, 5), float("-inf")), 1))

    def forward(self, x):
        return self.net(x, src_mask=self.mask)


class Decoder(nn.Module):
    """A layer of a transformer's decoder."""

    def __init__(self, **options):
        super().__init__()
        self.net = nn.TransformerDecoderLayer(6, 2, 8, batch_first=True, **options)

    def forward(self, x, memory):
        return self.net(x, memory)


class Decoders(nn.Module):
    """Two layers of a decoder, causal."""

    def __init__(self):
        super().__init__()
        self.net = nn.TransformerDecoder(nn.TransformerDecoderLayer(6, 2, 8, batch_first=True), 2)
        self.register_buffer("mask", torch.triu(torch.full((4, 4), float("-inf")), 1))

    def forward(self, x, memory):
        return self.net(x, memory, tgt_mask=self.mask)


class Whole(nn.Module):
    """Encoder and decoder."""

    def __init__(self):
        super().__init__()
        self.net = nn.Transformer(6, 2, 1, 1, 8, batch_first=True)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        return self.net(source, target)


X, Q, K, V = f("n", 5, 6), f("n", 2, 4, 6), f("n", 2, 5, 6), f("n", 2, 5, 3)

_ALL = [
    net("nn.MultiheadAttention", PlainAttention, "sequence first", x=f(5, "n", 6)),
    net("nn.MultiheadAttention", lambda: PlainAttention(batch_first=True), "batch first", x=X),
    net("nn.MultiheadAttention", lambda: PlainAttention(batch_first=True), "any length", x=f("n", "length", 6)),
    net("nn.MultiheadAttention", lambda: PlainAttention(batch_first=True, bias=False), "no bias", x=X),
    net("nn.MultiheadAttention", lambda: PlainAttention(batch_first=True, add_bias_kv=True), "bias_kv", x=X),
    net("nn.MultiheadAttention", lambda: PlainAttention(batch_first=True, add_zero_attn=True), "zero_attn", x=X),
    net("nn.MultiheadAttention", WithWeights, "weights", x=X),
    net("nn.MultiheadAttention", lambda: SelfAttention(True, False), "weights of each head", x=X),
    net("nn.MultiheadAttention", CrossAttention, "kdim, vdim", q=f("n", 4, 6), k=f("n", 3, 5), v=f("n", 3, 7)),
    net("nn.MultiheadAttention", Padded, "padding", x=X, mask=bools("n", 5)),
    net("nn.MultiheadAttention", Masked, "mask", x=X, mask=f(5, 5)),
    net("nn.TransformerEncoderLayer", lambda: Layer(batch_first=True), "batch first", x=X),
    net("nn.TransformerEncoderLayer", Layer, "sequence first", x=f(5, "n", 6)),
    net("nn.TransformerEncoderLayer", lambda: Layer(batch_first=True), "any length", x=f("n", "length", 6)),
    net("nn.TransformerEncoderLayer", lambda: Layer(batch_first=True, norm_first=True), "norm first", x=X),
    net("nn.TransformerEncoderLayer", lambda: Layer(batch_first=True, activation="gelu"), "gelu", x=X),
    net("nn.TransformerEncoderLayer", lambda: Layer(batch_first=True, bias=False), "no bias", x=X),
    net("nn.TransformerEncoderLayer", PaddedLayer, "padding", x=X, mask=bools("n", 5)),
    net("nn.TransformerEncoderLayer", CausalLayer, "causal", x=X),
    net("nn.TransformerEncoder", lambda: Encoder(2, batch_first=True), "two layers", x=X),
    net("nn.TransformerEncoder", lambda: Encoder(2, nested=True, batch_first=True), "two layers, nested tensors", x=X),
    net("nn.TransformerDecoderLayer", Decoder, x=f("n", 4, 6), memory=X),
    net("nn.TransformerDecoderLayer", lambda: Decoder(norm_first=True), "norm first", x=f("n", 4, 6), memory=X),
    net("nn.TransformerDecoder", Decoders, x=f("n", 4, 6), memory=X),
    net("nn.Transformer", Whole, source=X, target=f("n", 4, 6)),
    call("F.scaled_dot_product_attention", "F.scaled_dot_product_attention(q, k, v)", q=Q, k=K, v=V),
    call("F.scaled_dot_product_attention", "F.scaled_dot_product_attention(q, k, v, is_causal=True)", q=Q, k=K, v=V),
    call("F.scaled_dot_product_attention", "F.scaled_dot_product_attention(q, k, v, scale=0.3)", q=Q, k=K, v=V),
    call(
        "F.scaled_dot_product_attention",
        "F.scaled_dot_product_attention(q, k, v, attn_mask=m)",
        q=Q,
        k=K,
        v=V,
        m=f(4, 5),
    ),
    call(
        "F.scaled_dot_product_attention",
        "m[:, 0] = True\nreturn F.scaled_dot_product_attention(q, k, v, attn_mask=m)",
        "mask of bools",
        q=Q,
        k=K,
        v=V,
        m=bools(4, 5),
    ),
    call(
        "F.scaled_dot_product_attention",
        "F.scaled_dot_product_attention(q, k, v, enable_gqa=True)",
        q=f("n", 4, 4, 6),
        k=K,
        v=V,
    ),
]

# Scripted attention is recorded while it runs, once its export has failed.
CASES = [dataclasses.replace(case, slow=("script", "export")) for case in _ALL]
