"""The networks of keras.applications, with random weights, at the smallest image that each of them takes.

A dozen are compared with Keras; the others are read where PYSOFIE_ALL is set, as `make exam` does.
"""

from __future__ import annotations

import os
import warnings

import keras
import numpy as np
import pytest

from oracle import by_onnxruntime
from pysofie import builder, parsing
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


@pytest.mark.skipif("PYSOFIE_ALL" not in os.environ, reason="minutes: make exam reads all of keras.applications")
@pytest.mark.parametrize("name", [name for name in NAMES if name not in COMPARED])
def test_it_is_read(name):
    graph = parsing.prepare(parsing.read(build(name), Request.of())).validate()
    assert builder.recipe(graph).outputs
    keras.backend.clear_session()


@pytest.mark.parametrize("name", COMPARED)
def test_it_computes_what_keras_computes(name, rng):
    model = build(name)
    random_statistics(model)
    graph = parsing.prepare(parsing.read(model, Request.of())).validate()
    assert builder.recipe(graph).outputs
    images = rng.uniform(0, 255, (2, *model.input_shape[1:])).astype(np.float32)
    (found,), (wanted,) = by_onnxruntime(graph, [images]), reader.run(model, [images])
    assert np.abs(found - wanted).max() < 1e-5 * max(
        1, np.abs(wanted).max()
    )  # scores before softmax: sums of large numbers
    assert sum(node.op_type == "Transpose" for node in graph.nodes) <= 1
    keras.backend.clear_session()
