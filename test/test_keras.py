"""Keras to Graph: each layer with each option, from memory, and from both kinds of files, at any batch."""

from __future__ import annotations

import numpy as np
import pytest

from keras_rows import ROWS, Row
from oracle import by_onnxruntime
from pysofie import parsing
from pysofie.request import Request

pytestmark = pytest.mark.keras


def compare(graph, inputs, wanted):
    found = by_onnxruntime(graph, inputs)
    assert len(found) == len(wanted)
    for one, reference in zip(found, wanted, strict=True):
        assert one.shape == reference.shape
        assert one.dtype == reference.dtype
        error = np.abs(one.astype(np.float64) - reference) / np.maximum(1, np.abs(reference.astype(np.float64)))
        assert error.max(initial=0) < 1e-5


def answers(model, inputs):
    import keras

    result = model([keras.ops.convert_to_tensor(one) for one in inputs], training=False)
    return [np.asarray(keras.ops.convert_to_numpy(one)) for one in keras.tree.flatten(result)]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_layer_computes_what_keras_computes(row: Row, rng):
    model = row.model()
    raw = parsing.read(model, Request.of(batch_size=None if row.dynamic else 3))
    prepared = parsing.prepare(raw).validate()
    for batch in (3, 1) if row.dynamic else (3,):
        inputs = row.inputs(batch, rng)
        wanted = answers(model, inputs)
        compare(raw, inputs, wanted)
        compare(prepared, inputs, wanted)
