"""The doors to Keras models: files, models in memory, ROOT's names; and what is refused at each of them."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest

import pysofie
from oracle import by_onnxruntime
from pysofie import ModelFileError, ShapeError, UnsupportedOperator, parsing
from pysofie.request import Request

pytestmark = pytest.mark.keras


@pytest.fixture
def network():
    """Inputs and outputs with names, in dictionaries; layers with names that C++ would not take."""
    layers = keras.layers
    image, more = keras.Input((6, 7, 3), name="image"), keras.Input((5,), name="class")
    x = layers.Conv2D(4, (3, 2), padding="same", activation="relu", name="conv-1 é")(image)
    x = layers.MaxPooling2D()(layers.BatchNormalization(name="int")(x))
    both = layers.Concatenate()([layers.Flatten()(x), layers.Dense(8, activation="tanh", name="a;b")(more)])
    outputs = {"b": layers.Dense(2, name="last")(both), "a": layers.Softmax()(both)}
    return keras.Model({"image": image, "class": more}, outputs)


def save(network, path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras prefers .keras
        network.save(path)
    return path


def numbers(rng, batch=3):
    return {
        name: rng.normal(size=(batch, *shape)).astype(np.float32)
        for name, shape in (("image", (6, 7, 3)), ("class", (5,)))
    }


def expected(network, arrays):
    return [keras.ops.convert_to_numpy(one) for one in keras.tree.flatten(network(arrays, training=False))]


@pytest.mark.parametrize("suffix", [".keras", ".h5", ".hdf5"])
def test_files_are_compiled(network, suffix, tmp_path, rng):
    path = save(network, tmp_path / f"network{suffix}")
    session, arrays = pysofie.compile(path), numbers(rng)
    names = [info.name for info in parsing.read(path, Request.of()).inputs]
    assert sorted(names) == ["class", "image"]
    results = session(*(arrays[name] for name in names))
    for found, wanted in zip(results, expected(network, arrays), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)
    assert pysofie.verify(path, session=session).ok


def test_a_model_in_memory_and_one_of_a_fixed_batch(network):
    graph = parsing.read(network, Request.of())
    assert {info.shape for info in graph.inputs} == {("batch", 5), ("batch", 6, 7, 3)}
    fixed = parsing.read(network, Request.of(batch_size=4))
    assert {info.shape for info in fixed.inputs} == {(4, 5), (4, 6, 7, 3)}
    assert "OutputGenerated" in dir(pysofie.parse(network, batch_size=4))


def test_other_free_dims_are_named():
    sequence = keras.Input((None, 4), name="steps")
    model = keras.Model(sequence, keras.layers.Conv1D(3, 2)(sequence))
    (info,) = parsing.read(model, Request.of()).inputs
    assert info.shape == ("batch", "steps_dim1", 4)
    (info,) = parsing.read(model, Request.of([["n", 9, 4]])).inputs
    assert info.shape == ("n", 9, 4)
    with pytest.raises(ShapeError, match=r"'steps' has the shape \[None, None, 4\], it was given \[2, 9, 5\]"):
        parsing.read(model, Request.of([[2, 9, 5]]))
    with pytest.raises(ShapeError, match=r"has 1 inputs \(steps\), 2 shapes were given"):
        parsing.read(model, Request.of([[2, 9, 4], [1]]))


@pytest.mark.parametrize("parser", ["PyKeras", "RModelParser_Keras"])
def test_roots_names(network, parser, tmp_path):
    from pysofie import provider

    path = save(network, tmp_path / "Network.keras")
    parse = getattr(provider.root().TMVA.Experimental.SOFIE, parser).Parse
    assert [list(parse(str(path), **given).GetTensorShape("class")) for given in ({}, {"batch_size": 5})] == [
        [1, 5],
        [5, 5],
    ]


def test_the_same_model_gives_the_same_graph(network):
    assert str(parsing.read(network, Request.of())) == str(parsing.read(network, Request.of()))


def test_parsing_leaves_the_model_as_it_was(network):
    before = {layer.name: len(layer._inbound_nodes) for layer in network.layers}
    parsing.read(network, Request.of())
    assert {layer.name: len(layer._inbound_nodes) for layer in network.layers} == before
    assert network.get_layer("last").output.shape == (None, 2)


# ---Refusals----------------------------------------------------------------------------------------------------------


def refused(path, match, **options):
    with pytest.raises(ModelFileError, match=match):
        parsing.read(path, Request.of(**options))


def test_damaged_files(network, tmp_path):
    for suffix, message in ((".keras", "truncated or damaged"), (".h5", "cannot be loaded by Keras")):
        content = save(network, tmp_path / f"whole{suffix}").read_bytes()
        part = tmp_path / f"part{suffix}"
        part.write_bytes(content[: len(content) // 2])
        refused(part, message)
    corrupt = tmp_path / "corrupt.keras"
    content = bytearray((tmp_path / "whole.keras").read_bytes())
    content[len(content) // 2] ^= 0xFF
    corrupt.write_bytes(content)
    refused(corrupt, "damaged")
    (tmp_path / "text.h5").write_text("weights")
    refused(tmp_path / "text.h5", "is no Keras model: it is text that begins with 'weights'")
    (tmp_path / "empty.keras").touch()
    refused(tmp_path / "empty.keras", "is empty")
    with pytest.raises(FileNotFoundError, match=r"Model file .* not found"):
        parsing.read(tmp_path / "none.keras", Request.of())


def test_other_archives(tmp_path):
    np.savez(tmp_path / "arrays.npz", a=np.ones(3))
    other = (tmp_path / "arrays.npz").rename(tmp_path / "arrays.keras")
    refused(other, "is a zip archive, but none of Keras's")


def test_weights_alone(network, tmp_path):
    network.save_weights(tmp_path / "only.weights.h5")
    refused(tmp_path / "only.weights.h5", "cannot be loaded by Keras: No model config found")


def twice(x):
    return 2 * x


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_pickled_code_is_not_run(suffix, tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: x * 3, name="triple")])
    path = save(model, tmp_path / f"code{suffix}")
    refused(
        path,
        r"holds pickled Python code, .* \(triple\), .* parse\(path, custom_objects={'triple': function}\).* safe_mode=False",
    )
    graph = parsing.read(path, Request.of(custom_objects={"triple": lambda x: x * 3}))
    assert [node.op_type for node in graph.nodes] == ["Mul"]
    refused(path, "holds pickled Python code", custom_objects={"other": twice})
    model = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(twice)])
    path = save(model, tmp_path / f"named{suffix}")
    graph = parsing.read(path, Request.of(custom_objects={"twice": twice}))
    assert [node.op_type for node in graph.nodes] == ["Mul"]


class Doubling(keras.layers.Layer):
    """A layer of the user's own, of Keras's operations."""

    def call(self, x):
        return keras.ops.tanh(x) * 2


class Asking(keras.layers.Layer):
    """A layer that asks for numbers."""

    def call(self, x):
        return x * float(keras.ops.max(x))

    def compute_output_shape(self, shape):
        return shape


def test_custom_objects(tmp_path):
    model = keras.Sequential([keras.Input((3,)), Doubling()])
    path = save(model, tmp_path / "own.keras")
    refused(path, r"has a class or function of its own: .* parse\(path, custom_objects=")
    graph = parsing.read(path, Request.of(custom_objects={"Doubling": Doubling}))
    assert [node.op_type for node in graph.nodes] == ["Tanh", "Mul"]
    assert graph.nodes[0].origin == "doubling/tanh (Tanh)"


def test_all_that_is_missing_is_named_at_once():
    image = keras.Input((8, 8, 3))
    x = Asking(name="asks")(image)
    x = keras.layers.Conv2D(2, 3)(x)
    x = keras.layers.Resizing(4, 4, interpolation="lanczos3", name="lanczos")(x)
    model = keras.Model(image, keras.ops.image.sobel_edges(x))
    with pytest.raises(UnsupportedOperator) as caught:
        parsing.read(model, Request.of())
    named = [(one.operator, one.where.split("/")[0]) for one in caught.value.missing]
    assert named[0] == ("Asking", "asks")
    assert ("Resizing", "lanczos") in named
    assert named[-1][0] == "SobelEdges"


def test_layers_that_are_refused_by_name():
    """A state from one batch to the next, numbers by chance, histograms, hashes."""
    layers, image = keras.layers, keras.Input((8, 8, 3), batch_size=2)
    x = layers.LSTM(3, stateful=True, name="keeps")(layers.Reshape((8, 24))(image))
    y = layers.ContrastLimitedAdaptiveHistogramEqualization(name="clahe")(image)
    z = layers.Lambda(lambda one: one + keras.random.normal((2, 8, 8, 3)), name="draws")(image)
    h = layers.Hashing(3, name="hashes")(keras.ops.cast(image[:, 0, 0], "int32"))
    with pytest.raises(UnsupportedOperator) as caught:
        parsing.read(keras.Model(image, [x, y, z, h]), Request.of())
    assert {one.where.split("/")[0] for one in caught.value.missing} == {"keeps", "clahe", "draws", "hashes"}


def test_a_model_that_was_never_called_needs_shapes():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(4, activation="relu", name="dense")
            self.last = keras.layers.Dense(2)

        def call(self, x, training=False):
            return self.last(self.dense(x)) if not training else x

    net = Net()
    with pytest.raises(ShapeError, match="does not say the shapes of its inputs; give input_shapes"):
        parsing.read(net, Request.of())
    graph = parsing.read(net, Request.of([["batch", 3]]))
    assert [node.op_type for node in graph.nodes] == ["MatMul", "Add", "Relu", "MatMul", "Add"]
    assert graph.nodes[0].origin.endswith("dense (Dense)")


def test_a_size_that_could_be_one_of_two_is_refused():
    """Keras writes None for both, in whatever order the user has put them."""
    given = keras.Input((None, 4))
    batch, length = keras.ops.shape(given)[:2]
    model = keras.Model(given, keras.ops.reshape(given, (length, batch, 4)))
    with pytest.raises(UnsupportedOperator, match="which of its argument's sizes it asks for is not known"):
        parsing.read(model, Request.of())


def test_a_functional_model_with_a_call_of_its_own(rng):
    class Twice(keras.Model):
        def __init__(self):
            given = keras.Input((3,))
            super().__init__(given, keras.layers.Dense(2)(given))

        def call(self, x, training=False):
            return 2 * super().call(x)

    outer = keras.Input((3,))
    model = Twice()
    for one in (model, keras.Model(outer, model(outer))):
        (found,) = by_onnxruntime(
            parsing.read(one, Request.of()), [given := rng.normal(size=(4, 3)).astype(np.float32)]
        )
        np.testing.assert_allclose(found, keras.ops.convert_to_numpy(one(given)), rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_another_backend():
    """Nothing of the walk is TensorFlow's."""
    program = """
import numpy as np, keras, sys
from pysofie import parsing
from pysofie.request import Request
from oracle import evaluate
L = keras.layers
x = keras.Input((8, 6, 3)); y = L.Conv2D(4, 3, padding="same", activation="gelu")(x)
y = L.TimeDistributed(L.Dense(5))(L.Reshape((8, 24))(y)); y = L.LSTM(3, return_sequences=True)(y)
y = L.MultiHeadAttention(2, 4)(y, y); y = L.GlobalAveragePooling1D()(L.LayerNormalization()(y)) * 2 + keras.ops.sum(x, (1, 2, 3))[:, None]
model = keras.Model(x, y); given = np.random.default_rng(0).normal(size=(3, 8, 6, 3)).astype("f4")
found, = evaluate(parsing.prepare(parsing.read(model, Request.of())), [given])
wanted = keras.ops.convert_to_numpy(model(given, training=False))
class Own(L.Layer):  # by way of model.export
    def call(self, x):
        import torch
        return torch.nn.functional.softplus(x)
    def compute_output_shape(self, shape):
        return shape
given = given[:, 0, 0]; x = keras.Input((3,)); own = keras.Model(x, Own(name="own")(L.Dense(4)(x)) * 2)
more, = evaluate(parsing.prepare(parsing.read(own, Request.of())), [given])
more -= keras.ops.convert_to_numpy(own(given, training=False))
print(keras.backend.backend(), "tensorflow" in sys.modules, np.abs(found - wanted).max() < 1e-5, np.abs(more).max() < 1e-5)
"""
    environment = os.environ | {"KERAS_BACKEND": "torch", "PYTHONPATH": os.pathsep.join(sys.path)}
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert answer.stdout.split() == ["torch", "False", "True", "True"], answer.stderr


def test_a_backend_that_is_not_there(network, tmp_path):
    path = save(network, tmp_path / "network.keras")
    program = f"import pysofie.doors, pysofie.request as r; pysofie.doors.read({str(path)!r}, r.Request.of())"
    environment = os.environ | {"KERAS_BACKEND": "jax", "PYTHONPATH": os.pathsep.join(sys.path)}
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert "needs a backend of Keras: No module named 'jax'. Install it" in answer.stderr


# ---Keras 2-----------------------------------------------------------------------------------------------------------

KERAS_2 = sorted((Path(__file__).parent / "data" / "keras2").glob("*.h5"))


OWN = {
    "efn": {"mask": lambda x: x * keras.ops.cast(x != 0, x.dtype)},
    "pfn": {"mask": lambda x: keras.ops.cast(keras.ops.any(x != 0, axis=-1), x.dtype)},
}


@pytest.mark.parametrize("path", KERAS_2, ids=lambda path: path.stem)
def test_files_by_keras_2(path):
    numbers = np.load(path.with_suffix(".npz"))
    inputs = [numbers[name] for name in numbers.files if name != "out"]
    shapes = [["batch", "particles"], ["batch", "particles", 2]] if path.stem == "efn" else None
    graph = parsing.read(path, Request.of(shapes, custom_objects=OWN.get(path.stem)))
    (found,) = by_onnxruntime(parsing.prepare(graph), inputs)
    np.testing.assert_allclose(found, numbers["out"], rtol=1e-5, atol=1e-6)


def test_dims_that_must_be_one():
    efn = next(path for path in KERAS_2 if path.stem == "efn")
    with pytest.raises(ShapeError, match=r"Dims that are equal have to have one name: give input_shapes; .*_dim1"):
        parsing.read(efn, Request.of(custom_objects=OWN["efn"]))
