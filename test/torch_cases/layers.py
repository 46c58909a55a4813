"""Linear layers and norms."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils import parametrizations

from . import f, layer, net


class Weighted(nn.Module):
    """A layer with weight norm."""

    def __init__(self, wrap):
        super().__init__()
        self.fc = wrap(nn.Linear(5, 4))

    def forward(self, x):
        return self.fc(x)


def linear_with_weight_norm() -> nn.Module:
    return Weighted(parametrizations.weight_norm)


def linear_with_spectral_norm() -> nn.Module:
    return Weighted(parametrizations.spectral_norm)


def linear_orthogonal() -> nn.Module:
    return Weighted(parametrizations.orthogonal)


class Container(nn.Module):
    """Lists and dicts of modules."""

    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList(nn.Linear(5, 5) for _ in range(2))
        self.named = nn.ModuleDict({"a": nn.Linear(5, 4), "b": nn.Linear(4, 3)})
        self.scales = nn.ParameterList(nn.Parameter(torch.randn(3)) for _ in range(2))

    def forward(self, x):
        for block in self.blocks:
            x = torch.relu(block(x))
        for part in self.named.values():
            x = part(x)
        return x * self.scales[0] + self.scales[1]


CASES = [
    layer(nn.Linear, 5, 4, on=f("n", 5)),
    layer(nn.Linear, 5, 4, bias=False, on=f("n", 3, 5)),
    layer(nn.Linear, 5, 4, on=f("n", 2, 3, 5)),
    layer(nn.Linear, 5, 4, on=f(5)),
    layer(nn.Bilinear, 3, 4, 5, on=(f("n", 3), f("n", 4))),
    layer(nn.Bilinear, 3, 4, 5, bias=False, on=(f("n", 2, 3), f("n", 2, 4))),
    layer(nn.Flatten, on=f("n", 3, 4, 5)),
    layer(nn.Flatten, start_dim=0, end_dim=2, on=f("n", 3, 4, 5)),
    layer(nn.Flatten, start_dim=-2, on=f("n", 3, 4, 5)),
    layer(nn.Unflatten, 1, (3, 4), on=f("n", 12)),
    layer(nn.Unflatten, -1, (3, -1), on=f("n", 12)),
    net("nn.ModuleList, ModuleDict, ParameterList", Container, x=f("n", 5)),
    net("nn.utils.parametrizations.weight_norm", linear_with_weight_norm, x=f("n", 5)),
    net("nn.utils.parametrizations.spectral_norm", linear_with_spectral_norm, x=f("n", 5)),
    net("nn.utils.parametrizations.orthogonal", linear_orthogonal, x=f("n", 5)),
    layer(nn.BatchNorm1d, 3, on=f("n", 3)),
    layer(nn.BatchNorm1d, 3, eps=0.1, on=f("n", 3, 5)),
    layer(nn.BatchNorm1d, 3, affine=False, on=f("n", 3, 5)),
    layer(nn.BatchNorm1d, 3, track_running_stats=False, on=f(4, 3, 5)),
    layer(nn.BatchNorm2d, 3, on=f("n", 3, 4, 5)),
    layer(nn.BatchNorm2d, 3, affine=False, on=f("n", 3, 4, 5)),
    layer(nn.BatchNorm2d, 3, track_running_stats=False, on=f("n", 3, 4, 5)),
    layer(nn.BatchNorm3d, 3, on=f("n", 3, 2, 4, 5)),
    layer(nn.GroupNorm, 3, 6, on=f("n", 6, 5)),
    layer(nn.GroupNorm, 2, 6, eps=0.1, on=f("n", 6, 4, 5)),
    layer(nn.GroupNorm, 1, 6, affine=False, on=f("n", 6, 4, 5)),
    layer(nn.GroupNorm, 6, 6, on=f("n", 6, 5)),
    layer(nn.InstanceNorm1d, 3, on=f("n", 3, 5)),
    layer(nn.InstanceNorm1d, 3, affine=True, eps=0.1, on=f("n", 3, 5)),
    layer(nn.InstanceNorm1d, 3, track_running_stats=True, on=f("n", 3, 5)),
    layer(nn.InstanceNorm1d, 3, on=f(3, 5), id="without batch"),
    layer(nn.InstanceNorm2d, 3, on=f("n", 3, 4, 5)),
    layer(nn.InstanceNorm2d, 3, affine=True, track_running_stats=True, on=f("n", 3, 4, 5)),
    layer(nn.InstanceNorm3d, 3, on=f("n", 3, 2, 4, 5)),
    layer(nn.LayerNorm, 5, on=f("n", 3, 5)),
    layer(nn.LayerNorm, (3, 5), eps=0.1, on=f("n", 3, 5)),
    layer(nn.LayerNorm, 5, elementwise_affine=False, on=f("n", 3, 5)),
    layer(nn.LayerNorm, 5, bias=False, on=f("n", 3, 5)),
    layer(nn.RMSNorm, 5, on=f("n", 3, 5)),
    layer(nn.RMSNorm, (3, 5), eps=0.1, on=f("n", 3, 5)),
    layer(nn.RMSNorm, 5, elementwise_affine=False, on=f("n", 3, 5)),
    layer(nn.LocalResponseNorm, 2, on=f("n", 6, 5)),
    layer(nn.LocalResponseNorm, 3, alpha=0.5, beta=0.6, k=1.5, on=f("n", 6, 4, 5)),
    layer(nn.CrossMapLRN2d, 3, alpha=0.5, beta=0.6, k=1.5, on=f("n", 6, 4, 5)),
    layer(nn.ChannelShuffle, 3, on=f("n", 6, 4, 5)),
    layer(nn.PixelShuffle, 2, on=f("n", 12, 3, 5)),
    layer(nn.PixelUnshuffle, 2, on=f("n", 3, 4, 6)),
    layer(nn.CosineSimilarity, on=(f("n", 5), f("n", 5))),
    layer(nn.CosineSimilarity, dim=2, eps=0.1, on=(f("n", 3, 5), f("n", 3, 5))),
    layer(nn.PairwiseDistance, on=(f("n", 5), f("n", 5))),
    layer(nn.PairwiseDistance, p=1.0, eps=0.01, keepdim=True, on=(f("n", 5), f("n", 5))),
    layer(nn.PairwiseDistance, p=3.0, on=(f("n", 5), f("n", 5))),
    layer(nn.PairwiseDistance, p=float("inf"), on=(f("n", 5), f("n", 5))),
]
