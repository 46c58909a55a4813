"""Sizes of named dims as numbers that a network computes with, and as shapes that it makes."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import pysofie

pytestmark = pytest.mark.onnx
FLOAT, INT64 = onnx.TensorProto.FLOAT, onnx.TensorProto.INT64
CONSTANTS = {
    "zero": np.array(0),
    "one": np.array(1),
    "two": np.array(2),
    "first": np.array([0]),
    "second": np.array([1]),
    "half": np.array([2]),
    "five": np.array([5]),
    "minus": np.array([-1]),
}


def model(*nodes: tuple[str, str, str, dict], x=("n", "m"), outputs=("y",)):
    """A model of nodes, each as operator, inputs, outputs, attributes."""
    made = [helper.make_node(op, i.split(), o.split(), **attributes) for op, i, o, attributes in nodes]
    graph = helper.make_graph(
        made,
        "model",
        [helper.make_tensor_value_info("x", FLOAT, x)],
        [helper.make_empty_tensor_value_info(name) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in CONSTANTS.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])


SIZES = (("Shape", "x", "shape", {}), ("Gather", "shape zero", "n", {}), ("Gather", "shape one", "m", {}))
MODELS = {
    "range": model(*SIZES, ("Range", "zero n one", "y", {})),
    "range_back_by_2": model(*SIZES, ("Sub", "zero two", "step", {}), ("Range", "n zero step", "y", {})),
    "range_from_n": model(*SIZES, ("Add", "n m", "sum", {}), ("Range", "n sum two", "y", {})),
    "shape": model(*SIZES, ("Identity", "shape", "y", {})),
    "shape_and_size": model(*SIZES, ("Size", "x", "z", {}), ("Mul", "n m", "y", {}), outputs=("y", "z")),
    "as_data": model(
        *SIZES,
        ("Cast", "m", "float", {"to": FLOAT}),
        ("Div", "x float", "y", {}),
    ),
    "rows_as_data": model(*SIZES, ("Cast", "n", "float", {"to": FLOAT}), ("Div", "x float", "y", {}), x=("n", 3)),
    "zeros": model(*SIZES, ("ConstantOfShape", "shape", "y", {})),
    "filled": model(
        *SIZES,
        ("Mul", "shape half", "twice", {}),
        ("ConstantOfShape", "twice", "y", {"value": numpy_helper.from_array(np.array([7], "int32"))}),
    ),
    "expand": model(
        *SIZES,
        ("Concat", "five shape", "target", {"axis": 0}),
        ("Expand", "x target", "y", {}),
    ),
    "expand_like_half": model(
        *SIZES,
        ("Div", "shape half", "halves", {}),
        ("ConstantOfShape", "halves", "y", {}),
    ),
    "tile": model(*SIZES, ("Slice", "shape first second", "rows", {}), ("Concat", "rows half", "by", {"axis": 0}), ("Tile", "x by", "y", {})),
    "reshape_to_two": model(
        *SIZES,
        ("Split", "shape", "rows columns", {"num_outputs": 2}),
        ("Concat", "columns rows", "target", {"axis": 0}),
        ("Reshape", "x target", "y", {}),
    ),
    "slice_to_half": model(
        *SIZES,
        ("Slice", "shape first second", "rows", {}),
        ("Div", "rows half", "end", {}),
        ("Slice", "x first end", "y", {}),
    ),
    "slice_but_the_end": model(
        *SIZES,
        ("Slice", "shape second half", "columns", {}),
        ("Add", "columns minus", "end", {}),
        ("Slice", "x first end second", "y", {}),
    ),
    "mask": model(
        *SIZES,
        ("Range", "zero m one", "places", {}),
        ("Cast", "places", "float", {"to": FLOAT}),
        ("Mul", "x float", "y", {}),
        x=("batch", "m"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_sizes_are_understood(name, tmp_path):
    session = pysofie.compile(_generated(MODELS[name], tmp_path / "sized.hxx"))
    for n, m in ((4, 6), (7, 3), (130, 5)):
        shape = [dim.dim_value or {"n": n, "m": m, "batch": n}[dim.dim_param] for dim in _dims(MODELS[name])]
        x = np.random.default_rng(n).normal(size=shape).astype(np.float32)
        expected = ReferenceEvaluator(MODELS[name]).run(None, {"x": x})
        found = session(x)
        for ours, exact in zip(found if isinstance(found, tuple) else (found,), expected, strict=True):
            assert ours.dtype == exact.dtype
            np.testing.assert_allclose(ours, exact, rtol=1e-6)


def _generated(proto, path):
    rmodel = pysofie.parse(proto, name=path.stem)
    rmodel.Generate()
    rmodel.OutputGenerated(str(path))
    return path


def _dims(proto):
    return proto.graph.input[0].type.tensor_type.shape.dim


def test_without_passes_sizes_are_the_same(tmp_path):
    rmodel = pysofie.parse(MODELS["expand"], name="plain", passes=[])
    rmodel.Generate()
    rmodel.OutputGenerated(str(tmp_path / "plain.hxx"))
    x = np.ones((2, 3), np.float32)
    assert pysofie.compile(tmp_path / "plain.hxx")(x).shape == (5, 2, 3)


@pytest.mark.parametrize(
    ("axis", "starts", "ends", "sizes", "said"),
    [
        (0, 2, 9, (3, 4), "the end 9 is not in a dimension of size n"),
        (0, -4, 2**40, (3, 4), "the start -4 is not in a dimension of size n"),
        (1, 1, -1, (3, 1), "an output would have the size m-2 = -1"),
    ],
)
def test_a_slice_beyond_a_named_dim_is_refused_when_sizes_are_given(axis, starts, ends, sizes, said, tmp_path):
    nodes = [helper.make_node("Slice", ["x", "starts", "ends", "axes"], ["y"])]
    given = {"starts": starts, "ends": ends, "axes": axis}
    graph = helper.make_graph(
        nodes,
        "model",
        [helper.make_tensor_value_info("x", FLOAT, ("n", "m"))],
        [helper.make_empty_tensor_value_info("y")],
        [numpy_helper.from_array(np.array([value]), name) for name, value in given.items()],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])
    session = pysofie.compile(_generated(proto, tmp_path / "cut.hxx"))
    assert session(np.zeros((20, 20), np.float32)).ndim == 2
    with pytest.raises(pysofie.SofieError, match=said):
        session(np.zeros(sizes, np.float32))


@pytest.mark.parametrize(
    ("op", "x", "index", "said"),
    [
        ("Gather", (3, 5), [[0, 3]], "Gather.*: the index 3 is not in a dimension of size 3"),
        ("Gather", (3, 5), [[-4]], "Gather.*: the index -4 is not in a dimension of size 3"),
        ("GatherElements", (3, 5), [[2, -4]], "GatherElements.*: the index -4 is not in a dimension of size 3"),
        ("GatherND", (3, 5), [[0, 5]], "GatherND.*: the index 5 is not in a dimension of size 5"),
    ],
)
def test_an_index_that_does_not_exist_is_refused(op, x, index, said, tmp_path):
    indices = np.array(index)
    graph = helper.make_graph(
        [helper.make_node(op, ["x", "i"], ["y"])],
        "model",
        [helper.make_tensor_value_info("x", FLOAT, x), helper.make_tensor_value_info("i", INT64, indices.shape)],
        [helper.make_empty_tensor_value_info("y")],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])
    session = pysofie.compile(_generated(proto, tmp_path / "indexed.hxx"))
    session(np.zeros(x, np.float32), np.zeros_like(indices))
    with pytest.raises(pysofie.SofieError, match=said):
        session(np.zeros(x, np.float32), indices)
