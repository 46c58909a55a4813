"""The networks of keras.applications, with random weights, at the smallest image that each of them takes.

A dozen are compared with Keras; the others are read and translated, without numbers.
"""

from __future__ import annotations

import contextlib
import warnings

import keras
import numpy as np
import pytest

from oracle import by_onnxruntime
from pysofie import builder, parsing, passes
from pysofie.keras import reader
from pysofie.request import Request

pytestmark = [pytest.mark.keras, pytest.mark.slow]

NAMES = sorted(name for name, one in vars(keras.applications).items() if callable(one) and name[0].isupper())
SMALLEST = {"InceptionV3": 75, "InceptionResNetV2": 75, "Xception": 71}
COMPARED = [
    "ConvNeXtTiny", "DenseNet121", "EfficientNetB0", "EfficientNetV2B0", "InceptionV3", "MobileNet", "MobileNetV2", "MobileNetV3Large",
    "MobileNetV3Small", "NASNetMobile", "ResNet50", "ResNet50V2", "Xception",
]  # fmt: skip


def build(name):
    size = SMALLEST.get(name, 32)
    options = {"weights": None, "classes": 7, "classifier_activation": None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MobileNet says that its weights are for other sizes
        return getattr(keras.applications, name)(input_shape=(size, size, 3), **options)


def random_statistics(model):
    """Norms and biases that are not what they begin with."""
    rng = np.random.default_rng(4)
    for variable in model.weights:
        if len(variable.shape) == 1:
            low, high = (0.5, 1.5) if any(word in variable.path for word in ("variance", "gamma")) else (-0.2, 0.2)
            variable.assign(rng.uniform(low, high, variable.shape).astype(np.float32))


def test_there_are_forty():
    assert len(NAMES) == 40


@contextlib.contextmanager
def without_numbers(monkeypatch):
    """Weights that nobody fills in, which is most of the time that a network takes: zeros where they are asked for."""
    for kind in ("VarianceScaling", "TruncatedNormal"):
        initializer = getattr(keras.initializers, kind)
        monkeypatch.setattr(initializer, "__call__", lambda _, shape, dtype=None, **__: keras.ops.zeros(shape, dtype))
    with keras.StatelessScope(initialize_variables=False):
        yield


# What only makes numbers of numbers.
STRUCTURE = [one for one in passes.DEFAULT if one not in (passes.fold_batch_norm, passes.fuse_bias)]


def transposes(graph):
    return sum(node.op_type == "Transpose" for node in graph.nodes)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in COMPARED])
def test_it_is_read(name, monkeypatch):
    with without_numbers(monkeypatch):
        model = build(name)
    graph = passes.run(parsing.read(model, Request.of()), STRUCTURE)
    assert builder.recipe(graph).outputs
    assert transposes(graph) <= 1 or name.startswith("ConvNeXt")  # which move nothing: test_keras_networks.py
    keras.backend.clear_session()


def in_double(name, model, images):
    """What Keras computes in float64."""
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")
    try:
        exact = build(name)
        exact.set_weights([one.astype(np.float64) for one in model.get_weights()])
        return reader.run(exact, [images.astype(np.float64)])[0]
    finally:
        keras.config.set_dtype_policy(policy)


def distance(found, wanted):
    return (np.abs(found - wanted) / np.maximum(1, np.abs(wanted))).max()


@pytest.mark.parametrize("name", COMPARED)
def test_it_computes_what_keras_computes(name, rng):
    keras.utils.set_random_seed(20261121)
    model = build(name)
    random_statistics(model)
    graph = parsing.prepare(parsing.read(model, Request.of())).validate()
    assert builder.recipe(graph).outputs
    assert transposes(graph) <= 1 or name.startswith("ConvNeXt")  # which move nothing: test_keras_networks.py
    images = rng.uniform(0, 255, (2, *model.input_shape[1:])).astype(np.float32)
    (found,), (wanted,) = by_onnxruntime(graph, [images]), reader.run(model, [images])
    if distance(found, wanted) >= 1e-5:
        # Scores before softmax, sums of large numbers (ResNet50V2): Keras's own float32 is as far from float64 as ours, each about 1e-6
        # of the largest score.
        exact = in_double(name, model, images)
        assert distance(found, exact) < max(1e-5, 2 * distance(wanted, exact))
        assert np.abs(found - exact).max() < 1e-5 * np.abs(exact).max()
    keras.backend.clear_session()
