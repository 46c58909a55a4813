"""The cases that the benchmark measures: a row of a table for each."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from architectures import DeepSets, ParticleNet, Recurrent, autoencoder, cnn, mlp, resnet18, transformer
from torch import nn

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

SEED = 20261120


@dataclass(frozen=True)
class Case:
    """A network at one size of its batch, with its weights, input and output: the same in every process that asks for it."""

    name: str
    title: str
    build: Callable[[], Any]
    shape: tuple[int, ...]

    @property
    def batch(self) -> int:
        """How many events one call takes."""
        return self.shape[0]

    @property
    def identifier(self) -> str:
        """The case's name as a C++ identifier."""
        return self.name.replace("-", "_")

    @property
    def is_keras(self) -> bool:
        """Whether the network is a Keras model (which PyTorch sees as a module: it is Keras's backend)."""
        return type(self.module).__module__.startswith("keras")

    @cached_property
    def module(self) -> Any:
        """The network in evaluation mode, with seeded weights and batch statistics that are not those of a new layer."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(SEED)
            module = self.build()
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
        """What the network's own framework computes."""
        with torch.inference_mode():
            return self.module(torch.from_numpy(self.input)).numpy()


def mobilenet() -> Any:
    """Keras's MobileNetV2, untrained; its BatchNorms' statistics are made those of a trained network's size."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras

    keras.utils.set_random_seed(SEED)
    model = keras.applications.MobileNetV2(input_shape=(96, 96, 3), weights=None)
    rng = np.random.default_rng(SEED)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = layer.get_weights()
            moved = 0.1 * rng.standard_normal((3, *mean.shape))
            layer.set_weights(
                [gamma + moved[0], beta + moved[1], mean + moved[2], variance * rng.uniform(0.5, 2, mean.shape)]
            )
    return model


CASES = (
    Case("mlp", "MLP 7-64-64-1", lambda: mlp(7, 64, 64, 1, last=nn.Sigmoid()), (1, 7)),
    Case("mlp-64", "MLP 7-64-64-1, batch 64", lambda: mlp(7, 64, 64, 1, last=nn.Sigmoid()), (64, 7)),
    Case("wide", "MLP 20-128x5-1", lambda: mlp(20, *[128] * 5, 1), (1, 20)),
    Case("norm", "MLP 20-128x5-1 BatchNorm", lambda: mlp(20, *[128] * 5, 1, batch_norm=True), (1, 20)),
    Case("norm-64", "MLP 20-128x5-1 BatchNorm, batch 64", lambda: mlp(20, *[128] * 5, 1, batch_norm=True), (64, 20)),
    Case("cnn", "CNN 16, pool, 32, pool, dense 64, 10", lambda: cnn(16, "pool", 32, "pool", dense=(64, 10)), (1, 1, 28, 28)),
    Case("cnn-3", "CNN 16, pool, 32, pool, 32, dense 10", lambda: cnn(16, "pool", 32, "pool", 32, dense=(10,)), (1, 1, 28, 28)),
    Case("lstm", "LSTM 20x6, hidden 32", lambda: Recurrent(nn.LSTM, 6, 32), (1, 20, 6)),
    Case("gru", "GRU 20x6, hidden 32", lambda: Recurrent(nn.GRU, 6, 32), (1, 20, 6)),
    Case("sets", "Deep Sets 64x4: 64-64-64, sum, 64-1", lambda: DeepSets((4, 64, 64, 64), (64, 64, 1)), (1, 64, 4)),
    Case("sets-64", "Deep Sets 64x4: 64-64, sum, 64-1, batch 64", lambda: DeepSets((4, 64, 64), (64, 64, 1)), (64, 64, 4)),
    Case("attention", "transformer encoder, 20 tokens", lambda: transformer(64, 4, 128, 2), (1, 20, 64)),
    Case("attention-64", "transformer encoder, 64 tokens", lambda: transformer(64, 4, 128, 2), (1, 64, 64)),
    Case("resnet", "ResNet-18, 3x64x64", resnet18, (1, 3, 64, 64)),
    Case("particlenet", "ParticleNet, 64 constituents", ParticleNet, (1, 7, 64)),
    Case("autoencoder", "autoencoder 1-D, 256 samples", autoencoder, (1, 1, 256)),
    Case("mobilenet", "MobileNetV2, 96x96x3, Keras", mobilenet, (1, 96, 96, 3)),
)  # fmt: skip


def find(name: str) -> Case:
    """Return the case of that name."""
    return next(case for case in CASES if case.name == name)
