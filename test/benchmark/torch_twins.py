"""A Keras model of images as a module of PyTorch's own, channels first: what PyTorch, onnxruntime and OpenVINO compute fastest.

As a module, the Keras model itself has two transposes around each convolution.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn


class TorchTwin(nn.Module):
    """Computes what a functional model of Keras's does, layer by layer."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        names = [layer.name for layer in model.layers]
        self.layers = nn.ModuleList(MAKERS[type(layer).__name__](layer) for layer in model.layers)
        self.sources: list[list[int]] = []
        for layer in model.layers:
            (node,) = layer._inbound_nodes[:1]
            self.sources.append([names.index(parent.operation.name) for parent in node.parent_nodes])

    def forward(self, x: Tensor) -> Tensor:
        values: list[Tensor] = []
        for layer, sources in zip(self.layers, self.sources, strict=True):
            values.append(layer(*(values[source] for source in sources)) if sources else x)
        return values[-1]


class Sum(nn.Module):
    """The sum of its inputs."""

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        return first + second


def loaded(module: Any, *arrays: Any) -> Any:
    """Return the module with these values as its parameters, then its running statistics."""
    statistics = (buffer for name, buffer in module.named_buffers() if name.startswith("running"))
    for target, values in zip(chain(module.parameters(), statistics), arrays, strict=True):
        target.data.copy_(torch.from_numpy(np.ascontiguousarray(values)))
    return module


def convolution(layer: Any) -> nn.Module:
    """A Conv2D, or a DepthwiseConv2D."""
    kernel, *bias = layer.get_weights()
    depthwise = type(layer).__name__ == "DepthwiseConv2D"
    kernel = kernel.transpose(2, 3, 0, 1) if depthwise else kernel.transpose(3, 2, 0, 1)
    outputs, inputs = kernel.shape[:2]
    groups = outputs if depthwise else 1
    module = nn.Conv2d(inputs * groups, outputs, kernel.shape[2:], layer.strides, groups=groups, bias=bool(bias))
    loaded(module, kernel, *bias)
    if layer.padding == "valid":
        return module
    widths = []
    for places, size, stride in zip(layer.input.shape[1:3], kernel.shape[2:], layer.strides, strict=True):
        total = max(0, (-(-places // stride) - 1) * stride + size - places)
        widths.append((total // 2, total - total // 2))
    if all(before == after for before, after in widths):
        module.padding = tuple(before for before, _ in widths)
        return module
    return nn.Sequential(nn.ZeroPad2d([*widths[1], *widths[0]]), module)


def dense(layer: Any) -> nn.Module:
    """A Dense, with the softmax that may be its activation."""
    kernel, bias = layer.get_weights()
    linear = loaded(nn.Linear(*kernel.shape), kernel.T, bias)
    activation = layer.activation.__name__
    assert activation in ("linear", "softmax")
    return nn.Sequential(linear, nn.Softmax(-1)) if activation == "softmax" else linear


def batch_norm(layer: Any) -> nn.Module:
    weights = layer.get_weights()
    return loaded(nn.BatchNorm2d(weights[0].size, layer.epsilon), *weights)


MAKERS = {
    "InputLayer": lambda _: nn.Identity(),
    "Conv2D": convolution,
    "DepthwiseConv2D": convolution,
    "Dense": dense,
    "BatchNormalization": batch_norm,
    "ReLU": lambda layer: nn.ReLU6() if layer.max_value == 6 else nn.ReLU(),
    "ZeroPadding2D": lambda layer: nn.ZeroPad2d([*layer.padding[1], *layer.padding[0]]),
    "Add": lambda _: Sum(),
    "GlobalAveragePooling2D": lambda _: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
}
