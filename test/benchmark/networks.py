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
    from collections.abc import Callable, Sequence

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float32]]

SEED = 20261120


@dataclass(frozen=True)
class Case:
    """A network at one size of its batch, with its weights, input and output: the same in every process that asks for it.

    `goal_us` is the time to reach on the reference machine (machine.py), which `bound` bounds: the rate of multiply-adds where
    a weight is used for many rows or places, and the cache that the weights are read from where it is used once: the
    first for 20 kB, the second for the wide MLP's 275 kB. A recurrent network reads 20 kB at each step (half of the time on that
    machine), and computes exponentials.
    """

    name: str
    title: str
    build: Callable[[], Any]
    shape: tuple[int, ...]
    bound: str = ""
    goal_us: float = 0.0
    is_keras: bool = False

    @property
    def batch(self) -> int:
        """How many events one call takes."""
        return self.shape[0]

    @property
    def identifier(self) -> str:
        """The case's name as a C++ identifier."""
        return self.name.replace("-", "_")

    @cached_property
    def module(self) -> Any:
        """The network in evaluation mode, with seeded weights and batch statistics that are not those of a new layer.

        A Keras model is a module too: PyTorch is Keras's backend.
        """
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


@dataclass(frozen=True, eq=False)
class TorchCase(Case):
    """A case as a module of PyTorch's own, and its input with channels first."""

    module: Any
    input: Floats


def in_torch(case: Case) -> Case:
    """Return the case as PyTorch, onnxruntime and OpenVINO compute it best: a Keras model becomes a module with channels first."""
    if not case.is_keras:
        return case
    from torch_twins import TorchTwin

    module = TorchTwin(case.module).eval().requires_grad_(requires_grad=False)
    ordered = np.ascontiguousarray(np.moveaxis(case.input, -1, 1))
    return TorchCase(case.name, case.title, case.build, ordered.shape, module=module, input=ordered)


def channels_last(case: Case) -> Floats:
    """Return the case's input as TensorFlow's peers take it: what a convolution sees has its channels last."""
    first = not case.is_keras and any(isinstance(one, nn.Conv1d | nn.Conv2d) for one in case.module.modules())
    return np.ascontiguousarray(np.moveaxis(case.input, 1, -1)) if first else case.input


def arranged(case: Case, shape: Sequence[int]) -> Floats:
    """Return the case's input in the order that has this shape."""
    orders = (lambda: case.input, lambda: channels_last(case), lambda: in_torch(case).input)
    return next(values for order in orders if (values := order()).shape == tuple(shape))


def mobilenet() -> Any:
    """Keras's MobileNetV2; its weights are drawn by numpy, the same for every backend."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    model = keras.applications.MobileNetV2(input_shape=(96, 96, 3), weights=None)
    rng = np.random.default_rng(SEED)

    def drawn(weight: Any) -> Floats:
        shape, kind = weight.shape, weight.path.rpartition("/")[2]
        if kind == "kernel":
            inputs = np.prod(shape[:2]) if "depthwise" in weight.path else np.prod(shape[:-1])
            return rng.standard_normal(shape) * ((0.1 if "predictions" in weight.path else 2) / inputs) ** 0.5
        if kind in ("gamma", "moving_variance"):
            return rng.uniform(0.5, 1.5, shape)
        return 0.2 * rng.standard_normal(shape)

    model.set_weights([drawn(weight) for weight in model.weights])
    return model


CASES = (
    Case("mlp", "MLP 7-64-64-1", lambda: mlp(7, 64, 64, 1, last=nn.Sigmoid()), (1, 7), "l1", 0.11),
    Case("mlp-64", "MLP 7-64-64-1, batch 64", lambda: mlp(7, 64, 64, 1, last=nn.Sigmoid()), (64, 7), "fma", 5),
    Case("wide", "MLP 20-128x5-1", lambda: mlp(20, *[128] * 5, 1), (1, 20), "l2", 2),
    Case("norm", "MLP 20-128x5-1 BatchNorm", lambda: mlp(20, *[128] * 5, 1, batch_norm=True), (1, 20), "l2", 2),
    Case("norm-64", "MLP 20-128x5-1 BatchNorm, batch 64", lambda: mlp(20, *[128] * 5, 1, batch_norm=True), (64, 20), "fma", 65),
    Case("cnn", "CNN 16, pool, 32, pool, dense 64, 10", lambda: cnn(16, "pool", 32, "pool", dense=(64, 10)), (1, 1, 28, 28), "fma", 20),
    Case("cnn-3", "CNN 16, pool, 32, pool, 32, dense 10", lambda: cnn(16, "pool", 32, "pool", 32, dense=(10,)), (1, 1, 28, 28), "fma", 23),
    Case("lstm", "LSTM 20x6, hidden 32", lambda: Recurrent(nn.LSTM, 6, 32), (1, 20, 6), "l1+fma", 3.1),
    Case("gru", "GRU 20x6, hidden 32", lambda: Recurrent(nn.GRU, 6, 32), (1, 20, 6), "l1+fma", 2.6),
    Case("sets", "Deep Sets 64x4: 64-64-64, sum, 64-1", lambda: DeepSets((4, 64, 64, 64), (64, 64, 1)), (1, 64, 4), "fma", 8),
    Case("sets-64", "Deep Sets 64x4: 64-64, sum, 64-1, batch 64", lambda: DeepSets((4, 64, 64), (64, 64, 1)), (64, 64, 4), "fma", 280),
    Case("attention", "transformer encoder, 20 tokens", lambda: transformer(64, 4, 128, 2), (1, 20, 64), "fma", 28),
    Case("attention-64", "transformer encoder, 64 tokens", lambda: transformer(64, 4, 128, 2), (1, 64, 64), "fma", 100),
    Case("resnet", "ResNet-18, 3x64x64", resnet18, (1, 3, 64, 64), "fma", 2500),
    Case("particlenet", "ParticleNet, 64 constituents", ParticleNet, (1, 7, 64)),
    Case("autoencoder", "autoencoder 1-D, 256 samples", autoencoder, (1, 1, 256)),
    Case("mobilenet", "MobileNetV2, 96x96x3, Keras", mobilenet, (1, 96, 96, 3), is_keras=True),
)  # fmt: skip


def find(name: str) -> Case:
    """Return the case of that name."""
    return next(case for case in CASES if case.name == name)
