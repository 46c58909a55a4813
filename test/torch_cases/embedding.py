"""Embedding."""

from __future__ import annotations

import torch
from torch import nn

from . import f, ints, layer, net


class Bag(nn.Module):
    """Bags of a fixed size, or with offsets."""

    def __init__(self, **options):
        super().__init__()
        self.bag = nn.EmbeddingBag(9, 4, **options)

    def forward(self, x):
        return self.bag(x)


class Offsets(nn.Module):
    """Bags that begin at offsets which are a part of the network."""

    def __init__(self, **options):
        super().__init__()
        self.bag = nn.EmbeddingBag(9, 4, **options)
        self.register_buffer("offsets", torch.tensor([0, 2, 5]))

    def forward(self, x):
        return self.bag(x, self.offsets)


class Weighted(nn.Module):
    """Each member with a weight."""

    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(9, 4, mode="sum")

    def forward(self, x, w):
        return self.bag(x, per_sample_weights=w)


CASES = [
    layer(nn.Embedding, 9, 4, on=ints(9, "n", 5)),
    layer(nn.Embedding, 9, 4, on=ints(9, "n", 5, dtype="int32"), id="int32"),
    layer(nn.Embedding, 9, 4, padding_idx=2, on=ints(9, "n")),
    layer(nn.Embedding, 9, 4, max_norm=0.5, on=ints(9, "n", 5)),
    layer(nn.Embedding, 9, 4, scale_grad_by_freq=True, on=ints(9, "n", 2, 3)),
    *(
        net("nn.EmbeddingBag", lambda mode=mode: Bag(mode=mode), mode, x=ints(9, "n", 5))
        for mode in ("sum", "mean", "max")
    ),
    net("nn.EmbeddingBag", lambda: Bag(mode="mean", padding_idx=3), "padding_idx", x=ints(9, "n", 5)),
    *(
        net("nn.EmbeddingBag", lambda mode=mode: Offsets(mode=mode), f"offsets, {mode}", x=ints(9, 7))
        for mode in ("sum", "mean", "max")
    ),
    net("nn.EmbeddingBag", lambda: Offsets(mode="sum", include_last_offset=True), "include_last_offset", x=ints(9, 5)),
    net("nn.EmbeddingBag", Weighted, "weights", x=ints(9, "n", 5), w=f("n", 5)),
]
