"""PyTorch's modules as Keras models with the same weights, for the peers that take TensorFlow's models.

Images, waveforms and sets of features have their channels last, which is what those peers compute fastest.
"""

from __future__ import annotations

from functools import singledispatchmethod
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf
from architectures import BasicBlock, DeepSets, ParticleNet, Recurrent
from keras import layers, ops
from networks import channels_last
from torch import Tensor, nn

from hep_networks import EdgeConv

if TYPE_CHECKING:
    from networks import Case, Floats


def twin(case: Case) -> keras.Model:
    """Return a Keras model that computes what the case's module does."""
    if case.is_keras:
        return case.build()
    inputs = keras.Input(batch_shape=channels_last(case).shape)
    return keras.Model(inputs, Twins()(case.module, inputs))


def identity(case: Case) -> keras.Model:
    """Return a Keras model that computes nothing."""
    inputs = keras.Input(batch_shape=case.shape)
    return keras.Model(inputs, layers.Identity()(inputs))


def array(weight: Tensor) -> Floats:
    return weight.detach().numpy()


class Twins:
    """Applies a module's twin to a Keras tensor. A recurrent layer's steps are written out: XLA takes no loop, LiteRT is faster so."""

    def __init__(self) -> None:
        self._flattened: tuple[int, ...] = ()

    @singledispatchmethod
    def __call__(self, module: nn.Module, x: Any) -> Any:
        if not list(module.children()):
            return {nn.ReLU: ops.relu, nn.Sigmoid: ops.sigmoid, nn.Identity: lambda y: y, nn.Dropout: lambda y: y}[
                type(module)
            ](x)
        assert isinstance(module, nn.Sequential), type(module)
        for one in module:
            x = self(one, x)
        return x

    @staticmethod
    def _layer(layer: Any, x: Any, *weights: Floats) -> Any:
        y = layer(x)
        layer.set_weights(weights)
        return y

    @__call__.register
    def _(self, module: nn.Linear, x: Any) -> Any:
        kernel = array(module.weight)
        if self._flattened:  # in PyTorch channels come first
            *places, channels = self._flattened
            kernel = np.moveaxis(kernel.reshape(-1, channels, *places), 1, -1).reshape(kernel.shape)
            self._flattened = ()
        return self._layer(layers.Dense(module.out_features), x, kernel.T, array(module.bias))

    @__call__.register(nn.BatchNorm1d)
    @__call__.register(nn.BatchNorm2d)
    def _(self, module: Any, x: Any) -> Any:
        weights = (module.weight, module.bias, module.running_mean, module.running_var)
        return self._layer(layers.BatchNormalization(epsilon=module.eps), x, *map(array, weights))

    @__call__.register(nn.Conv1d)
    @__call__.register(nn.Conv2d)
    def _(self, module: Any, x: Any) -> Any:
        images = isinstance(module, nn.Conv2d)
        kind, pad = (layers.Conv2D, layers.ZeroPadding2D) if images else (layers.Conv1D, layers.ZeroPadding1D)
        if 1 in module.stride:
            padding = "same"
        else:
            padding = "valid"
            x = pad(module.padding if images else module.padding[0])(x)
        layer = kind(module.out_channels, module.kernel_size, module.stride, padding, use_bias=module.bias is not None)
        kernel = np.moveaxis(array(module.weight), (0, 1), (-1, -2))
        return self._layer(layer, x, kernel, *([] if module.bias is None else [array(module.bias)]))

    @__call__.register
    def _(self, module: nn.ConvTranspose1d, x: Any) -> Any:
        assert module.kernel_size[0] - 2 * module.padding[0] == module.stride[0], "which is what `same` means"
        layer = layers.Conv1DTranspose(module.out_channels, module.kernel_size, module.stride, "same")
        return self._layer(layer, x, np.moveaxis(array(module.weight), (0, 1), (-1, -2)), array(module.bias))

    @__call__.register
    def _(self, module: nn.MaxPool2d, x: Any) -> Any:
        if module.padding:
            x = layers.ZeroPadding2D(module.padding)(x)  # of what a ReLU has left
        return layers.MaxPooling2D(module.kernel_size, module.stride)(x)

    @__call__.register
    def _(self, module: nn.AdaptiveAvgPool2d, x: Any) -> Any:
        return ops.mean(x, (1, 2))

    @__call__.register
    def _(self, module: nn.Flatten, x: Any) -> Any:
        self._flattened = tuple(x.shape[1:]) if len(x.shape) > 2 else ()
        return layers.Flatten()(x)

    @__call__.register
    def _(self, module: BasicBlock, x: Any) -> Any:
        return ops.relu(self(module.body, x) + self(module.shortcut, x))

    @__call__.register
    def _(self, module: DeepSets, x: Any) -> Any:
        return self(module.event, ops.sum(self(module.particle, x), 1))

    @__call__.register
    def _(self, module: Recurrent, x: Any) -> Any:
        own = module.recurrent
        kernels = [array(own.weight_ih_l0).T, array(own.weight_hh_l0).T]
        biases = [array(own.bias_ih_l0), array(own.bias_hh_l0)]
        if isinstance(own, nn.LSTM):
            layer = layers.LSTM(own.hidden_size, unroll=True)
            return self(module.dense, self._layer(layer, x, *kernels, sum(biases)))
        layer = layers.GRU(own.hidden_size, unroll=True)
        weights = []
        for weight in (*kernels, np.stack(biases)):  # Keras has the update gate before the reset gate
            reset, update, new = np.split(weight, 3, -1)
            weights.append(np.concatenate([update, reset, new], -1))
        return self(module.dense, self._layer(layer, x, *weights))

    @__call__.register
    def _(self, module: nn.TransformerEncoder, x: Any) -> Any:
        for layer in module.layers:
            x = self(layer.norm1, x + self(layer.self_attn, x))
            x = self(layer.norm2, x + self(layer.linear2, ops.relu(self(layer.linear1, x))))
        return x

    @__call__.register
    def _(self, module: nn.LayerNorm, x: Any) -> Any:
        layer = layers.LayerNormalization(epsilon=module.eps)
        return self._layer(layer, x, array(module.weight), array(module.bias))

    @__call__.register
    def _(self, module: nn.MultiheadAttention, x: Any) -> Any:
        batch, length, width = x.shape
        heads, depth = module.num_heads, width // module.num_heads
        joint = self._layer(layers.Dense(3 * width), x, array(module.in_proj_weight).T, array(module.in_proj_bias))
        query, key, value = (
            ops.transpose(ops.reshape(part, (batch, length, heads, depth)), (0, 2, 1, 3))
            for part in ops.split(joint, 3, -1)
        )
        scores = ops.softmax(ops.matmul(query * depth**-0.5, ops.transpose(key, (0, 1, 3, 2))))
        mixed = ops.transpose(ops.matmul(scores, value), (0, 2, 1, 3))
        return self(module.out_proj, ops.reshape(mixed, (batch, length, width)))

    @__call__.register
    def _(self, module: ParticleNet, x: Any) -> Any:
        mask = ops.cast(ops.sum(ops.abs(x), -1, keepdims=True) > 0, "float32")
        space, features = x[..., :2], self(module.net.norm, x) * mask
        for block in module.net.blocks:
            space = features = self._edges(block, space + (1 - mask) * 1e3, features) * mask
        return self(module.net.fc, ops.sum(features, 1) / ops.sum(mask, 1))

    def _edges(self, module: EdgeConv, points: Any, features: Any) -> Any:
        squares = ops.sum(points**2, -1, keepdims=True)
        inner = ops.matmul(points, ops.transpose(points, (0, 2, 1)))
        distances = 2 * inner - squares - ops.transpose(squares, (0, 2, 1))
        near = Neighbours(module.neighbours)([distances, features])
        own = ops.broadcast_to(ops.expand_dims(features, 2), near.shape)
        edges = self(module.net, ops.concatenate([own, near - own], -1))
        return ops.relu(ops.mean(edges, 2) + self(module.shortcut, features))


class Neighbours(layers.Layer):
    """The features of each particle's nearest neighbours, itself left out."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def call(self, inputs: Any) -> Any:
        distances, features = inputs
        index = tf.math.top_k(distances, self.count + 1).indices[:, :, 1:]
        return tf.gather(features, index, batch_dims=1)
