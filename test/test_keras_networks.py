"""Whole Keras networks: upstream's, residual and branched ones, masks from layer to layer, nested and shared models."""

from __future__ import annotations

import re

import keras
import numpy as np
import pytest

import pysofie
from keras_rows import randomised
from oracle import by_onnxruntime
from pysofie import parsing
from pysofie.keras import reader
from pysofie.request import Request

pytestmark = pytest.mark.keras
layers, ops = keras.layers, keras.ops


def numbers(model, rng, batch=3):
    def one(tensor):
        shape = [batch if at == 0 and size is None else size or 5 for at, size in enumerate(tensor.shape)]
        whole = "int" in tensor.dtype
        return rng.integers(0, 5, shape).astype(tensor.dtype) if whole else rng.normal(size=shape).astype(tensor.dtype)

    return [one(tensor) for tensor in model.inputs]


def check(model, rng, tolerance=1e-5, evaluate=by_onnxruntime):
    graph = parsing.prepare(parsing.read(model, Request.of()))
    for batch in (3, 1):
        arrays = numbers(model, rng, batch)
        results = evaluate(graph, arrays)
        for found, wanted in zip(results, reader.run(model, arrays), strict=True):
            assert found.shape == wanted.shape
            np.testing.assert_array_less(np.abs(found - wanted) / np.maximum(1, np.abs(wanted)), tolerance)
    return graph


def count(graph, kind):
    return sum(node.op_type == kind for node in graph.nodes)


# ---Upstream's tests--------------------------------------------------------------------------------------------------


def two_inputs(size, first, second):
    a, b = keras.Input((size,)), keras.Input((size,))
    x, y = first(a), second(b)
    return a, b, x, y


def upstream_functional_1():
    x = image = keras.Input((32, 32, 3))
    x = layers.MaxPooling2D(2)(layers.Conv2D(8, 3, padding="same", activation="relu")(x))
    x = layers.Flatten()(layers.Permute((3, 1, 2))(layers.Reshape((16, 16, 8))(x)))
    return keras.Model(image, layers.Dense(10, activation="softmax")(x))


def upstream_functional_2():
    given = keras.Input((20,))
    x = layers.ELU()(layers.Dense(16)(layers.Dense(32, activation="tanh")(given)))
    return keras.Model(given, layers.Dense(5, activation="sigmoid")(layers.LayerNormalization()(x)))


def upstream_functional_3():
    a, b, x, y = two_inputs(16, layers.Dense(16, activation="relu"), layers.Dense(16, activation="selu"))
    x = layers.Concatenate()([layers.Add()([x, y]), layers.Subtract()([x, y]), layers.Multiply()([x, y])])
    return keras.Model([a, b], layers.Dense(4, activation="softmax")(layers.LeakyReLU(negative_slope=0.1)(x)))


def upstream_sequential_1():
    return keras.Sequential(
        [keras.Input((32, 32, 3)), layers.Conv2D(16, 3, padding="same", activation="swish"), layers.AveragePooling2D(2),
         layers.GlobalAveragePooling2D(), layers.Dense(10, activation="softmax")]
    )  # fmt: skip


def upstream_sequential_2():
    first = {"data_format": "channels_first"}
    return keras.Sequential(
        [keras.Input((3, 32, 32)), layers.Conv2D(8, 3, activation="relu", **first), layers.MaxPooling2D(2, **first), layers.Flatten(),
         layers.Dense(128, activation="relu"), layers.Reshape((16, 8)), layers.Permute((2, 1)), layers.Flatten(), layers.Dense(32),
         layers.LeakyReLU(negative_slope=0.1), layers.Dense(10, activation="softmax")]
    )  # fmt: skip


def upstream_sequential_3():
    return keras.Sequential(
        [keras.Input((4, 8, 2)), layers.Permute((2, 1, 3)), layers.Reshape((8, 8, 1)), layers.Conv2D(4, 3, padding="same", activation="relu"),
         layers.AveragePooling2D(2), layers.BatchNormalization(), layers.Flatten(), layers.Dense(32, activation="elu"),
         layers.Dense(8, activation="swish"), layers.Dense(3, activation="softmax")]
    )  # fmt: skip


def sequential(shape, *parts):
    return keras.Sequential([keras.Input(shape), *parts])


def upstream_concatenate():
    a, b, x, y = two_inputs(2, layers.Dense(3), layers.Dense(3))
    return keras.Model([a, b], layers.Concatenate(axis=1)([x, y]))


def upstream_binary():
    a, b = keras.Input((2,)), keras.Input((2,))
    x, y = layers.Add()([a, b]), layers.Subtract()([a, b])
    return keras.Model([a, b], layers.Multiply()([x, y]))


def upstream_activations():
    x = layers.Dense(16, activation="tanh")(given := keras.Input((8,)))
    return keras.Model(given, layers.Dense(4, activation="softmax")(layers.LeakyReLU()(layers.Dense(32)(x))))


UPSTREAM = {
    "Functional_1": upstream_functional_1,
    "Functional_2": upstream_functional_2,
    "Functional_3": upstream_functional_3,
    "Sequential_1": upstream_sequential_1,
    "Sequential_2": upstream_sequential_2,
    "Sequential_3": upstream_sequential_3,
    "Functional": lambda: sequential((8,), layers.Dense(16), layers.Activation("relu"), layers.Dense(32), layers.ReLU(), layers.Dense(4, activation="selu")),
    "Sequential": lambda: sequential((8,), layers.Dense(8), layers.ReLU(), layers.Dense(6, activation="sigmoid")),
    "BatchNorm": lambda: sequential((4,), layers.Dense(4), layers.BatchNormalization(), layers.Dense(2)),
    "Conv2D_Valid": lambda: sequential((4, 4, 1), layers.Conv2D(8, 3, activation="relu")),
    "Conv2D_Same": lambda: sequential((4, 4, 1), layers.Conv2D(8, 3, activation="relu", padding="same")),
    "Conv2D_SameDilated": lambda: sequential((8, 8, 1), layers.Conv2D(4, 3, dilation_rate=2, padding="same")),
    "Reshape": lambda: sequential((4, 4, 1), layers.Conv2D(8, 3, padding="same"), layers.Reshape((32, 4))),
    "Concatenate": upstream_concatenate,
    "BinaryOp": upstream_binary,
    "Activations": upstream_activations,
    "Swish": lambda: sequential((8,), layers.Dense(64, activation="swish"), layers.Dense(32, activation="swish"), layers.Dense(1, activation="swish")),
}  # fmt: skip


@pytest.mark.parametrize("name", UPSTREAM)
def test_upstreams_models(name, rng):
    model = randomised(UPSTREAM[name]())
    # ROOT's parser could not run channels_first in Keras on a CPU; TensorFlow can in some builds.
    check(model, rng, 1e-6)


def tmva_dense(*sizes, last, hidden="relu", inputs=4):
    """ClassificationKeras, RegressionKeras, MulticlassKeras and the Higgs tutorial of TMVA's."""
    return sequential(
        (inputs,),
        *(layers.Dense(size, activation=hidden) for size in sizes[:-1]),
        layers.Dense(sizes[-1], activation=last),
    )


def tmva_cnn():
    return sequential(
        (256,), layers.Reshape((16, 16, 1)), layers.Conv2D(10, 3, activation="relu", padding="same"), layers.BatchNormalization(),
        layers.Conv2D(10, 3, activation="relu", padding="same"), layers.MaxPooling2D(2, 1), layers.Flatten(),
        layers.Dense(32, activation="tanh"), layers.Dense(2, activation="sigmoid")
    )  # fmt: skip


def tmva_rnn(kind):
    return sequential(
        (300,), layers.Reshape((10, 30)), getattr(layers, kind)(10, return_sequences=True), layers.Flatten(),
        layers.Dense(64, activation="tanh"), layers.Dense(2, activation="sigmoid")
    )  # fmt: skip


TMVA = {
    "Classification": lambda: tmva_dense(64, 2, last="softmax"),
    "Regression": lambda: tmva_dense(64, 1, last="linear", hidden="tanh", inputs=2),
    "Multiclass": lambda: tmva_dense(32, 4, last="softmax"),
    "Higgs": lambda: tmva_dense(64, 64, 64, 64, 2, last="sigmoid", inputs=7),
    "CNN": tmva_cnn,
    "RNN": lambda: tmva_rnn("SimpleRNN"),
    "LSTM": lambda: tmva_rnn("LSTM"),
    "GRU": lambda: tmva_rnn("GRU"),
}


@pytest.mark.parametrize("name", TMVA)
def test_tmvas_examples(name, rng):
    check(randomised(TMVA[name]()), rng)


# ---Layout------------------------------------------------------------------------------------------------------------


def small_cnn():
    return sequential(
        (12, 14, 3), layers.Conv2D(4, 3, activation="relu"), layers.BatchNormalization(), layers.MaxPooling2D(),
        layers.Conv2D(6, 3, padding="same"), layers.ReLU(max_value=6), layers.GlobalAveragePooling2D(), layers.Dense(5)
    )  # fmt: skip


def flattened():
    return sequential(
        (8, 9, 3), layers.Conv2D(4, 3), layers.MaxPooling2D(), layers.Flatten(), layers.Dropout(0.2), layers.Dense(6, activation="relu"),
        layers.Dense(2)
    )  # fmt: skip


def block(x, filters, stride=1):
    y = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(filters, 3, stride, padding="same", use_bias=False)(x)))
    y = layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same")(y))
    if stride > 1:
        x = layers.BatchNormalization()(layers.Conv2D(filters, 1, stride)(x))
    return layers.Activation("relu")(layers.Add()([x, y]))


def resnet():
    image = keras.Input((16, 18, 3))
    x = layers.MaxPooling2D(3, 2)(layers.Conv2D(4, 5, padding="same")(layers.ZeroPadding2D(1)(image)))
    x = block(block(block(x, 4), 6, 2), 6)
    return keras.Model(image, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))


def branched():
    image = keras.Input((9, 11, 3))
    x = layers.Conv2D(4, 3, padding="same")(image)
    y = layers.DepthwiseConv2D(3, padding="same", activation="swish")(x)
    z = layers.Conv2DTranspose(2, 2, 1, padding="same")(x) * 0.5
    x = layers.Concatenate()([x, y, z])
    gate = layers.Dense(10, activation="sigmoid")(layers.GlobalAveragePooling2D(keepdims=True)(x))
    x = layers.Multiply()([x, gate])
    x = layers.UpSampling2D(2, interpolation="bilinear")(layers.PReLU(shared_axes=[1, 2])(x))
    return keras.Model(image, layers.Conv2D(2, 3, padding="same")(x))


def pixelwise():
    """As ConvNeXt: convolutions of single channels, products and normalizations over channels in turn."""
    x = image = keras.Input((12, 16, 3))
    x = layers.LayerNormalization()(layers.Conv2D(20, 4, 4, name="stem")(x))
    for _ in range(2):
        y = layers.LayerNormalization()(layers.DepthwiseConv2D(5, padding="same")(x))
        x += 0.5 * layers.Dense(20)(layers.Dense(40, activation="gelu")(y))
    x = layers.Conv2D(6, 1, activation="relu")(layers.Conv2D(24, 2, 2, use_bias=False)(layers.LayerNormalization()(x)))
    return keras.Model(image, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))


@pytest.mark.parametrize(
    ("make", "most", "norms"),
    [
        (small_cnn, 1, 1),
        (resnet, 1, 0),
        (branched, 2, 0),
        (upstream_functional_1, 2, 0),
        (flattened, 1, 0),
    ],
    ids=["small", "resnet", "branched", "upstream", "flattened"],
)
def test_channels_last_networks_are_transposed_on_the_way_in_and_out_alone(make, most, norms, rng):
    graph = check(randomised(make()), rng)
    assert count(graph, "Transpose") <= most, str(graph)
    assert count(graph, "BatchNormalization") == norms


def test_blocks_of_pixels_run_without_a_transpose():
    """The core reads and writes what it can with the channels last: the graph's transposes move nothing."""
    rmodel = pysofie.parse(randomised(pixelwise()), name="pixelwise")
    rmodel.Generate()
    kernels = re.findall(r"template Call<Kernel::(\w+)<", str(rmodel.ReturnGenerated()))
    assert "Transpose" not in kernels
    assert {"ConvLast", "DepthwiseLast"} < set(kernels)


# ---Structure---------------------------------------------------------------------------------------------------------


def nested():
    inner = sequential((6,), layers.Dense(4, activation="relu"), layers.Dense(6))
    a, b = keras.Input((6,), name="a"), keras.Input((6,), name="b")
    pair = keras.Model({"a": a, "b": b}, [inner(a) + b, {"product": a * inner(b)}])
    x, y = keras.Input((6,)), keras.Input((6,))
    total, rest = pair({"a": x, "b": inner(y)})
    return keras.Model([x, y], {"last": total, "first": (rest["product"], x)})


def masks():
    words = keras.Input((7,), dtype="int32")
    x = layers.Embedding(5, 4, mask_zero=True)(words)
    x = layers.Dropout(0.3)(layers.TimeDistributed(layers.Dense(6))(x))
    x = layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x)
    x = layers.Concatenate()([layers.GRU(4, return_sequences=True)(x), layers.LayerNormalization()(x)])
    y = layers.MultiHeadAttention(2, 3)(x, x)
    pooled = layers.GlobalAveragePooling1D()(x)
    return keras.Model(words, [pooled, layers.SimpleRNN(3)(y), layers.Attention()([x, y])])


def masking():
    steps = keras.Input((6, 3))
    x = layers.Masking(-9.0)(steps)
    return keras.Model(steps, layers.LSTM(4)(layers.LSTM(5, return_sequences=True)(x)))


def energy_flow():
    """A particle-flow network: the same small network for each particle, summed over those that are there."""
    particles = keras.Input((None, 4))
    mask = ops.expand_dims(ops.cast(ops.not_equal(particles[:, :, 0], 0), "float32"), 1)
    phi = layers.TimeDistributed(layers.Dense(8, activation="relu"))(particles)
    phi = layers.TimeDistributed(layers.Dense(6, activation="relu"))(phi)
    pooled = layers.Flatten()(layers.Dot(axes=(2, 1))([mask, phi]))
    return keras.Model(particles, layers.Dense(2, activation="softmax")(pooled))


def transformer():
    tokens = keras.Input((6, 8))
    x = tokens
    for _ in range(2):
        x = layers.LayerNormalization()(x + layers.MultiHeadAttention(2, 4, dropout=0.1)(x, x, use_causal_mask=True))
        x = layers.LayerNormalization()(x + layers.Dense(8)(layers.Dense(16, activation="gelu")(x)))
    return keras.Model(tokens, layers.Dense(3)(x[:, -1]))


def odd_names():
    x = given = keras.Input((4,), name="x-1")
    for name in ("a b", "a-b", "a_b", "ab", "for", "3", "é", "a;}"):
        x = layers.Dense(4, activation="tanh", name=name)(x)
    return keras.Model(given, x)


def mixed_types():
    given = keras.Input((4,), dtype="float64")
    x = layers.Dense(3, dtype="float64")(given)
    return keras.Model(given, [layers.Dense(2)(x), ops.cast(x > 0, "int32"), layers.Dense(2, dtype="float64")(x)])


STRUCTURES = [nested, masks, masking, energy_flow, transformer, odd_names, mixed_types]


@pytest.mark.parametrize("make", STRUCTURES, ids=lambda make: make.__name__)
def test_models_of_any_structure(make, rng):
    check(randomised(make()), rng)


def test_a_column_is_no_bias(rng):
    """Which Keras takes it for, in a batch of as many rows as there are columns: `keras.ops.add` of TensorFlow's backend."""
    x = keras.Input((6,))
    given = rng.normal(size=(5, 6)).astype(np.float32)
    (found,) = by_onnxruntime(parsing.read(keras.Model(x, x[:, 1:] + x[:, :1]), Request.of()), [given])
    np.testing.assert_array_equal(found, given[:, 1:] + given[:, :1])


def test_shared_layers_have_their_weights_once():
    graph = parsing.read(nested(), Request.of())
    kernels = [name for name in graph.initializers if "kernel" in name]
    assert len(kernels) == 2


# ---Compiled----------------------------------------------------------------------------------------------------------

COMPILED = [pixelwise, resnet, branched, masks, energy_flow, transformer, odd_names, mixed_types]


@pytest.mark.slow
@pytest.mark.parametrize("make", COMPILED, ids=lambda make: make.__name__)
def test_compiled_networks(make, rng):
    model = randomised(make())
    session = pysofie.compile(model)

    def evaluate(_, arrays):
        results = session(*arrays)
        return list(results) if isinstance(results, (tuple, list)) else [results]

    check(model, rng, evaluate=evaluate)
