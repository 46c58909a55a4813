"""ONNX models to Graph, by the file and in memory."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from oracle import evaluate, to_onnx
from pysofie import DataTypeError, ModelFileError, ShapeError, builder, parsing, provider
from pysofie.graph import Graph, Node, TensorInfo
from pysofie.onnx import reader
from pysofie.request import Request

pytestmark = pytest.mark.onnx


def model(nodes, inputs, initializers=(), opset=17):
    graph = helper.make_graph(
        nodes,
        "main",
        [helper.make_tensor_value_info(name, kind, shape) for name, kind, shape in inputs],
        [helper.make_empty_tensor_value_info("y")],
        [numpy_helper.from_array(array, name) for name, array in initializers],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])


RELU = [helper.make_node("Relu", ["x"], ["y"], name="act")]


def saved(tmp_path, proto):
    path = tmp_path / "net.onnx"
    onnx.save(proto, path)
    return path


def test_a_graph_comes_back_as_it_was_written():
    branch = Graph("then", (), ("b",), (Node("Identity", ("x",), ("b",)),), opsets={"": 17})
    graph = Graph(
        "g",
        (TensorInfo("x", np.float32, ("batch", 3)), TensorInfo("c", bool, ())),
        ("y",),
        (
            Node("Conv", ("x", "w"), ("h",), {"pads": (1, 1), "auto_pad": "NOTSET", "group": 1}),
            Node("LeakyRelu", ("h",), ("l",), {"alpha": 0.01}),
            Node("If", ("c",), ("y",), {"then_branch": branch, "else_branch": branch}),
        ),
        {"w": np.ones((2, 3), np.float64)},
    )
    back = reader.graph_of(to_onnx(graph), "g")
    assert str(back) == str(graph)
    assert back.nodes[2].subgraphs[0].outer_names
    np.testing.assert_array_equal(back.initializers["w"], graph.initializers["w"])


def test_named_and_unknown_dims(tmp_path):
    path = saved(tmp_path, model(RELU, [("x", TensorProto.FLOAT, ["n", None, 3])]))
    shape = lambda *request: parsing.read(path, Request.of(*request)).inputs[0].shape
    assert shape() == ("n", "x_dim1", 3)
    assert shape(None, None, 4) == (4, "x_dim1", 3)
    assert shape([["batch", 5, 3]]) == ("batch", 5, 3)
    with pytest.raises(ShapeError, match=r"x: float32\[n, x_dim1, 3\] was given the shape \[1, 2, 4\]"):
        shape([[1, 2, 4]])
    with pytest.raises(ShapeError, match=r"was given the shape \[1, 2\]"):
        shape([[1, 2]])
    with pytest.raises(ShapeError, match="has 1 inputs, 2 shapes"):
        shape([[1, 2, 3], [1]])


def test_weights_that_are_listed_as_inputs_are_none(tmp_path):
    nodes = [helper.make_node("Add", ["x", "w"], ["y"])]
    inputs = [("x", TensorProto.FLOAT, [2, 3]), ("w", TensorProto.FLOAT, [3])]
    graph = parsing.read(saved(tmp_path, model(nodes, inputs, [("w", np.ones(3, np.float32))])), Request())
    assert graph.input_names == ("x",)


@pytest.mark.parametrize(
    ("op", "opset", "attributes", "extra", "call"),
    [
        ("ReduceMean", 17, {"axes": [1], "keepdims": 0}, (), "Reduce"),
        ("ReduceMean", 18, {"keepdims": 0}, (("axes", np.array([1])),), "Reduce"),
        ("ReduceSum", 12, {"axes": [1], "keepdims": 0}, (), "Reduce"),
        ("ReduceSum", 13, {"keepdims": 0}, (("axes", np.array([1])),), "Reduce"),
        ("Squeeze", 12, {"axes": [1]}, (), "Reshape"),
        ("Squeeze", 13, {}, (("axes", np.array([1])),), "Reshape"),
        ("Unsqueeze", 12, {"axes": [-1]}, (), "Reshape"),
        ("Unsqueeze", 13, {}, (("axes", np.array([-1])),), "Reshape"),
        ("Clip", 10, {"min": 0.0, "max": 6.0}, (), "Clip"),
        ("Clip", 11, {}, (("low", np.float32(0)), ("high", np.float32(6))), "Clip"),
        ("Softmax", 12, {"axis": 2}, (), "Softmax"),
        ("Softmax", 13, {"axis": 1}, (), "Softmax"),
    ],
)
def test_an_operator_that_changed_is_read_in_both_forms(op, opset, attributes, extra, call, rng):
    nodes = [helper.make_node(op, ["x", *(name for name, _ in extra)], ["y"], **attributes)]
    proto = model(nodes, [("x", TensorProto.FLOAT, ["batch", 1, 4])], extra, opset)
    graph = reader.graph_of(proto, "net")
    prepared = parsing.prepare(graph)
    recipe = builder.recipe(prepared)
    assert [one.cls for one in recipe.operators] == [call]
    x = rng.normal(size=(3, 1, 4)).astype(np.float32)
    inferred = builder.analysis.analyse(prepared)["y"].shape
    assert [3 if str(size) == "batch" else size for size in inferred] == list(evaluate(graph, [x])[0].shape)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"not a model at all", "no ONNX model"),
        (b"\x08\x07" * 20, "no ONNX model"),
        (model(RELU, [("x", TensorProto.FLOAT, [2, 3])]).SerializeToString()[:-7], "no ONNX model, or a damaged one"),
    ],
    ids=["empty", "text", "noise", "truncated"],
)
def test_a_bad_file_is_refused(tmp_path, content, message):
    path = tmp_path / "net.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=message):
        parsing.read(path, Request())


def test_types_that_are_not_supported_are_named(tmp_path):
    path = saved(tmp_path, model(RELU, [("x", TensorProto.FLOAT8E5M2, [2, 3])]))
    with pytest.raises(DataTypeError, match="'x' has type FLOAT8E5M2"):
        parsing.read(path, Request())


def test_the_parser_by_roots_name(tmp_path, caplog):
    parser = provider.namespace().RModelParser_ONNX()
    good = saved(tmp_path, model(RELU, [("x", TensorProto.FLOAT, ["n", 3])]))
    assert parser.CheckModel(str(good))
    assert parser.Parse(good).GetName() == "net"
    bad = saved(
        tmp_path, model([helper.make_node("Strange", ["x"], ["y"], name="odd")], [("x", TensorProto.FLOAT, [3])])
    )
    assert not parser.CheckModel(bad, True)
    assert "Strange at odd" in caplog.text
    assert parser.IsRegisteredOperator("Relu")
    assert not parser.IsRegisteredOperator("Strange")
    assert parser.GetRegisteredOperators() == sorted(parser.GetRegisteredOperators())
    with pytest.raises(ModelFileError):
        parser.Parse(tmp_path / "none.onnx")


def test_external_data(tmp_path):
    weights = np.arange(2048, dtype="float32").reshape(4, 512)
    proto = model(
        [helper.make_node("MatMul", ["x", "w"], ["y"])], [("x", TensorProto.FLOAT, ["n", 4])], [("w", weights)]
    )
    path = tmp_path / "net.onnx"
    onnx.save(proto, path, save_as_external_data=True, location="net.bin", size_threshold=16)
    assert (tmp_path / "net.bin").stat().st_size >= weights.nbytes
    np.testing.assert_array_equal(parsing.read(path, Request.of()).initializers["w"], weights)
    (tmp_path / "net.bin").unlink()
    with pytest.raises(ModelFileError, match=r"net\.bin"):
        parsing.read(path, Request.of())


def test_external_data_stays_in_its_folder(tmp_path):
    """A model file cannot make us read another file of the user's."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "secret.bin").write_bytes(bytes(64))
    proto = model(
        [helper.make_node("MatMul", ["x", "w"], ["y"])],
        [("x", TensorProto.FLOAT, ["n", 4])],
        [("w", np.zeros((4, 4), "float32"))],
    )
    tensor = proto.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../secret.bin")
    path = tmp_path / "inner" / "net.onnx"
    path.write_bytes(proto.SerializeToString())
    with pytest.raises(ModelFileError, match=r"secret\.bin"):
        parsing.read(path, Request.of())


def test_functions_of_the_models_own():
    """A model may define functions, as PyTorch's newer exporter does."""
    body = [helper.make_node("Add", ["a", "a"], ["b"]), helper.make_node("Relu", ["b"], ["c"])]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("mine", 1)]
    proto = model([helper.make_node("Twice", ["x"], ["y"], domain="mine")], [("x", TensorProto.FLOAT, [3])])
    proto.opset_import.append(helper.make_opsetid("mine", 1))
    proto.functions.append(helper.make_function("mine", "Twice", ["a"], ["c"], body, opsets[:1]))
    graph = reader.of_live(proto, Request.of())
    assert [node.op_type for node in graph.nodes] == ["Add", "Relu"]
