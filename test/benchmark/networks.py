"""The networks that the benchmark measures: a row of a table for each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

SEED = 20261120


@dataclass(frozen=True)
class Network:
    """A network: its name in the results, how to build it, the shape of one event, the batch sizes to measure."""

    name: str
    build: Callable[[], nn.Module]
    shape: tuple[int, ...]
    batches: tuple[int, ...] = (1, 64)


@dataclass(frozen=True)
class Case:
    """A network at one batch size, with its weights, input and output: the same in every process that asks for it."""

    network: Network
    batch: int

    @property
    def identifier(self) -> str:
        """The case's name as a C++ identifier, which serves as a file name as well."""
        return re.sub(r"\W+", "_", f"{self.network.name} batch {self.batch}")

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the input."""
        return (self.batch, *self.network.shape)

    @cached_property
    def module(self) -> nn.Module:
        """The network in evaluation mode, with seeded weights and batch statistics that are not those of a new layer."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(SEED)
            module = self.network.build()
            for layer in module.modules():
                if isinstance(layer, nn.modules.batchnorm._BatchNorm):
                    nn.init.normal_(layer.running_mean, std=0.2)
                    nn.init.uniform_(layer.running_var, 0.5, 2.0)
                    nn.init.uniform_(layer.weight, 0.5, 1.5)
                    nn.init.normal_(layer.bias, std=0.2)
        return module.eval().requires_grad_(requires_grad=False)

    @cached_property
    def input(self) -> Floats:
        """Seeded random events."""
        return np.random.default_rng(SEED).standard_normal(self.shape, dtype=np.float32)

    @cached_property
    def reference(self) -> Floats:
        """What PyTorch computes."""
        with torch.inference_mode():
            return self.module(torch.from_numpy(self.input)).numpy()


def mlp(*widths: int, batch_norm: bool = False, sigmoid: bool = False) -> nn.Module:
    """Linear layers with ReLU (after a BatchNorm, if wanted) between them, and a sigmoid at the end, if wanted."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(widths[:-1]):
        layers += [nn.Linear(inputs, outputs), *([nn.BatchNorm1d(outputs)] if batch_norm else []), nn.ReLU()]
    layers += [nn.Linear(widths[-2], widths[-1]), *([nn.Sigmoid()] if sigmoid else [])]
    return nn.Sequential(*layers)


NETWORKS = (
    Network("Higgs MLP 7-64-64-1", lambda: mlp(7, 64, 64, 1, sigmoid=True), (7,)),
    Network("MLP 20-128x5-1 BatchNorm", lambda: mlp(20, *[128] * 5, 1, batch_norm=True), (20,)),
)


def find(name: str) -> Network:
    """Return the network of that name."""
    return next(network for network in NETWORKS if network.name == name)
