"""PyTorch's modules of the networks that the benchmark measures."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Sequence

sys.path.append(str(Path(__file__).parents[1]))

from hep_networks import ParticleNet as AnyParticleNet


def mlp(*widths: int, batch_norm: bool = False, last: nn.Module | None = None) -> nn.Sequential:
    """Linear layers with ReLU (after a BatchNorm, if wanted) between them, and the last function, if there is one."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths[:-1]):
        layers += [nn.Linear(inputs, outputs), *([nn.BatchNorm1d(outputs)] if batch_norm else []), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(widths[-2], widths[-1]), *([last] if last else []))


def cnn(*layers: int | str, dense: Sequence[int]) -> nn.Sequential:
    """Convolutions of 3x3 on images of 1x28x28, a number of channels each, with ReLU, and pools; then dense layers."""
    channels, side = 1, 28
    modules: list[nn.Module] = []
    for layer in layers:
        if isinstance(layer, int):
            modules += [nn.Conv2d(channels, layer, 3, padding=1), nn.ReLU()]
            channels = layer
        else:
            modules.append(nn.MaxPool2d(2))
            side //= 2
    return nn.Sequential(*modules, nn.Flatten(), *mlp(channels * side * side, *dense))


class Recurrent(nn.Module):
    """A recurrent layer, the last step of which goes through a dense layer."""

    def __init__(self, layer: type[nn.LSTM | nn.GRU], inputs: int, hidden: int) -> None:
        super().__init__()
        self.recurrent = layer(inputs, hidden, batch_first=True)
        self.dense = nn.Linear(hidden, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.dense(self.recurrent(x)[0][:, -1])


class DeepSets(nn.Module):
    """A network for each particle, the sum over them, a network for the sum."""

    def __init__(self, particle: Sequence[int], event: Sequence[int]) -> None:
        super().__init__()
        self.particle, self.event = mlp(*particle, last=nn.ReLU()), mlp(*event)

    def forward(self, x: Tensor) -> Tensor:
        return self.event(self.particle(x).sum(1))


def transformer(width: int, heads: int, feed_forward: int, layers: int) -> nn.Module:
    """PyTorch's own encoder."""
    layer = nn.TransformerEncoderLayer(width, heads, feed_forward, batch_first=True)
    return nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)


class BasicBlock(nn.Module):
    """ResNet's block of two convolutions, with a projection where the shape changes."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        projection = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        self.shortcut = nn.Identity() if inputs == outputs else projection

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet18() -> nn.Sequential:
    """ResNet-18 for 1000 classes (He and others 2015)."""
    stem = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    widths = ((64, 64), (64, 64), (64, 128), (128, 128), (128, 256), (256, 256), (256, 512), (512, 512))
    blocks = [BasicBlock(inputs, outputs, 1 if inputs == outputs else 2) for inputs, outputs in widths]
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000))


class ParticleNet(nn.Module):
    """ParticleNet of its paper's size, of one input: two coordinates and five further features of each particle, zeros where none is."""

    def __init__(self) -> None:
        super().__init__()
        self.net = AnyParticleNet(7, 16, [[width] * 3 for width in (64, 128, 256)], 256)

    def forward(self, x: Tensor) -> Tensor:
        mask = (x.abs().sum(1, keepdim=True) > 0).to(x.dtype)
        return self.net(x[:, :2], x, mask)


def autoencoder() -> nn.Sequential:
    """An autoencoder of waveforms: three strided convolutions down to 8 channels, three transposed ones back."""
    return nn.Sequential(
        nn.Conv1d(1, 16, 7, 2, 3), nn.ReLU(), nn.Conv1d(16, 32, 5, 2, 2), nn.ReLU(), nn.Conv1d(32, 8, 3, 2, 1), nn.ReLU(),
        nn.ConvTranspose1d(8, 32, 4, 2, 1), nn.ReLU(), nn.ConvTranspose1d(32, 16, 4, 2, 1), nn.ReLU(),
        nn.ConvTranspose1d(16, 1, 4, 2, 1),
    )  # fmt: skip
