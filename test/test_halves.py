"""16-bit floats: what the pass makes of a graph, and what comes out of the code."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import pysofie
from pysofie import DataTypeError, builder, provider
from pysofie.graph import Graph, Node, TensorInfo
from pysofie.passes import halves
from pysofie.shapes import ONNX_TYPES

pytestmark = pytest.mark.onnx

HALVES = {"float16": np.float16, "bfloat16": ml_dtypes.bfloat16}
NUMBERS = {"float16": TensorProto.FLOAT16, "bfloat16": TensorProto.BFLOAT16, "float32": TensorProto.FLOAT}
F16, F32 = np.dtype(np.float16), np.dtype(np.float32)


def graph(nodes, inputs, outputs=("y",), **constants):
    infos = tuple(TensorInfo(name, dtype, (3, "n")) for name, dtype in inputs.items())
    return Graph("g", infos, tuple(outputs), tuple(nodes), constants, {"": 26}).validate()


def lines(one):
    """The nodes as text, with the type that a cast is to."""
    return [
        f"{', '.join(node.outputs)} = {node.op_type}({', '.join(node.inputs)})"
        + (f" {ONNX_TYPES[node.attributes['to']]}" if "to" in node.attributes else "")
        for node in one.nodes
    ]


# ------------------------------------------------------------------------------------------------------------ structure


def test_a_graph_without_16_bit_floats_stays():
    plain = graph([Node("Relu", ("x",), ("y",))], {"x": F32})
    assert halves.widen(plain) is plain


def test_inputs_and_outputs_are_cast_and_constants_widened():
    given = graph([Node("Mul", ("x", "w"), ("h",)), Node("Relu", ("h",), ("y",))], {"x": F16}, w=np.float16([0.1]))
    wide = halves.widen(given).validate()
    assert lines(wide) == [
        "x_float = Cast(x) float32",
        "h = Mul(x_float, w)",
        "y_float = Relu(h)",
        "y = Cast(y_float) float16",
    ]
    assert wide.inputs == given.inputs
    assert wide.initializers["w"].dtype == F32
    assert wide.initializers["w"][0] == np.float16(0.1)


def test_a_cast_within_the_model_rounds():
    nodes = [
        Node("Cast", ("x",), ("h",), {"to": NUMBERS["bfloat16"]}),
        Node("Cast", ("h",), ("f",), {"to": NUMBERS["float32"]}),
        Node("Add", ("f", "x"), ("y",)),
    ]
    assert lines(halves.widen(graph(nodes, {"x": F32}))) == [
        "h_bfloat16 = Cast(x) bfloat16",
        "h = Cast(h_bfloat16) float32",
        "f = Cast(h) float32",
        "y = Add(f, x)",
    ]


def test_an_output_that_was_rounded_is_rounded_once():
    wide = halves.widen(graph([Node("Cast", ("x",), ("y",), {"to": NUMBERS["float16"]})], {"x": F32}))
    assert lines(wide) == [
        "y_float_float16 = Cast(x) float16",
        "y_float = Cast(y_float_float16) float32",
        "y = Cast(y_float_float16) float16",
    ]


def test_cast_like_and_bit_cast_know_what_the_types_were():
    nodes = [
        Node("CastLike", ("a", "x"), ("c",)),
        Node("BitCast", ("x",), ("bits",), {"to": TensorProto.UINT16}),
        Node("BitCast", ("bits",), ("back",), {"to": NUMBERS["float16"]}),
        Node("Add", ("back", "c"), ("y",)),
    ]
    assert lines(halves.widen(graph(nodes, {"a": F32, "x": F16}))) == [
        "x_float = Cast(x) float32",
        "c_float16 = Cast(a) float16",
        "c = Cast(c_float16) float32",
        "bits_bits = Cast(x_float) float16",
        "bits = BitCast(bits_bits) uint16",
        "back_float16 = BitCast(bits) float16",
        "back = Cast(back_float16) float32",
        "y_float = Add(back, c)",
        "y = Cast(y_float) float16",
    ]


def test_attributes_that_hold_or_name_a_type():
    nodes = [
        Node("Constant", (), ("c",), {"value": np.float16([2])}),
        Node("EyeLike", ("x",), ("e",), {"dtype": NUMBERS["bfloat16"]}),
        Node("Mul", ("x", "c"), ("y",)),
    ]
    wide = halves.widen(graph(nodes, {"x": F16}))
    wide = wide.replace(nodes=wide.nodes[1:])
    assert wide.nodes[0].attributes["value"].dtype == F32
    assert wide.nodes[1].attributes["dtype"] == NUMBERS["float32"]


def test_branches_are_widened_with_the_names_around_them():
    branch = Graph("then", (), ("b",), (Node("Mul", ("x", "k"), ("b",)),), {"k": np.float16([3])}, {"": 26})
    nodes = [Node("If", ("c",), ("y",), {"then_branch": branch, "else_branch": branch})]
    given = Graph("g", (TensorInfo("x", F16, (3,)), TensorInfo("c", bool, ())), ("y",), tuple(nodes), {}, {"": 26})
    wide = halves.widen(given).validate()
    inner = wide.nodes[1].attributes["then_branch"]
    assert inner.nodes[0].inputs == ("x_float", "k")
    assert inner.initializers["k"].dtype == F32
    assert lines(wide)[0] == "x_float = Cast(x) float32"


def test_an_input_that_is_an_output():
    wide = halves.widen(graph([Node("Relu", ("x",), ("y",))], {"x": F16}, ("y", "x")))
    assert wide.outputs == ("y", "x_2")
    assert "x_2 = Cast(x_float) float16" in lines(wide)
    assert builder.recipe(wide).outputs == ("y", "x_2")


# -------------------------------------------------------------------------------------------------------------- numbers


def model(nodes, inputs, outputs, *weights, opset=21):
    info = helper.make_tensor_value_info
    made = helper.make_graph(
        nodes,
        "main",
        [info(name, NUMBERS[dtype], shape) for name, (dtype, shape) in inputs.items()],
        [info(name, NUMBERS[dtype], None) for name, dtype in outputs.items()],
        [numpy_helper.from_array(array, name) for name, array in weights],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)])


def cast_model(source, target):
    nodes = [helper.make_node("Cast", ["x"], ["y"], to=helper.np_dtype_to_tensor_dtype(np.dtype(target)))]
    proto = model(nodes, {"x": ("float32", ["n"])}, {"y": "float32"})
    proto.graph.input[0].type.tensor_type.elem_type = helper.np_dtype_to_tensor_dtype(np.dtype(source))
    return proto


ALL_BITS = np.arange(1 << 16, dtype=np.uint16)


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("backend", ["compiler", "cling"])
def test_every_16_bit_float_is_widened_exactly_and_comes_back(half, backend):
    x = ALL_BITS.view(HALVES[half])
    wide = pysofie.compile(cast_model(HALVES[half], np.float32), backend=backend)(x)
    np.testing.assert_array_equal(wide, x.astype(np.float32))
    back = pysofie.compile(cast_model(np.float32, HALVES[half]), backend=backend)(wide)
    np.testing.assert_array_equal(np.isnan(back.astype(np.float32)), np.isnan(wide))
    finite = ~np.isnan(wide)
    np.testing.assert_array_equal(back.view(np.uint16)[finite], ALL_BITS[finite])


@pytest.mark.parametrize("half", HALVES)
def test_every_tie_between_16_bit_floats_goes_to_the_even_one(half):
    lower = ALL_BITS[: 0x7C00 if half == "float16" else 0x7F80].view(HALVES[half]).astype(np.float64)
    upper = np.append(lower[1:], lower[-1] * 2 - lower[-2])
    middle = (lower + upper) / 2
    even = ALL_BITS[: len(lower)] + (ALL_BITS[: len(lower)] & 1)
    for dtype in (np.float32, np.float64):
        nudge = np.nextafter(middle.astype(dtype), dtype(0)), np.nextafter(middle.astype(dtype), dtype(np.inf))
        program = pysofie.compile(cast_model(dtype, HALVES[half]))
        exact = middle.astype(dtype) == middle
        assert exact.all()
        np.testing.assert_array_equal(program(middle.astype(dtype)).view(np.uint16), even)
        np.testing.assert_array_equal(program(nudge[0]).view(np.uint16), ALL_BITS[: len(lower)])
        np.testing.assert_array_equal(program(nudge[1]).view(np.uint16), ALL_BITS[: len(lower)] + 1)
        np.testing.assert_array_equal(program(-middle.astype(dtype)).view(np.uint16), even | 0x8000)


@pytest.mark.parametrize("half", HALVES)
def test_integers_become_16_bit_floats_without_a_second_rounding(half):
    # 2^62 + 2^54 is halfway between two bfloat16: a 1 in the last place decides.
    big = np.array([2**62 + 2**54, 2**62 + 2**54 + 1, -(2**62) - 2**54 - 1, 2**63 - 1, 65519, 65520, -7, 0], np.int64)
    ours = pysofie.compile(cast_model(np.int64, HALVES[half]))(big).astype(np.float64)
    expected = np.array([2**62, 2**62 + 2**55, -(2**62) - 2**55, 2**63, 65536, 65536, -7, 0], np.float64)
    if half == "float16":
        expected = np.array([np.inf, np.inf, -np.inf, np.inf, 65504, np.inf, -7, 0])
    np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize(("half", "tolerance"), [("float16", 2**-11), ("bfloat16", 2**-8)])
def test_a_network_computes_in_float32(half, tolerance):
    dtype, rng = HALVES[half], np.random.default_rng(3)
    w, b = (rng.normal(size=shape).astype(dtype) for shape in ((7, 5), (5,)))
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("Add", ["h", "b"], ["a"]),
        helper.make_node("Tanh", ["a"], ["y"]),
    ]
    proto = model(nodes, {"x": (half, ["batch", 7])}, {"y": half}, ("w", w), ("b", b))
    session = pysofie.compile(proto)
    assert str(session.inputs[0]) == f"x: {half} (batch, 7)"
    assert "uint16_t const *tensor_x" in session.header.read_text()
    for size in (1, 65):
        x = rng.normal(size=(size, 7)).astype(dtype)
        y = session(x)
        assert y.dtype == dtype
        exact = np.tanh(x.astype(np.float64) @ w.astype(np.float64) + b.astype(np.float64))
        np.testing.assert_allclose(y.astype(np.float64), exact, rtol=tolerance * 1.01, atol=1e-6)
        with pytest.raises(DataTypeError, match=f"expects {half}, got float32"):
            session(x.astype(np.float32))
    np.testing.assert_array_equal(session([[0.5] * 7]), session(np.full((1, 7), 0.5, dtype)))


def test_a_rounding_within_the_model_is_kept():
    nodes = [
        helper.make_node("Cast", ["x"], ["h"], to=TensorProto.FLOAT16),
        helper.make_node("Cast", ["h"], ["y"], to=TensorProto.FLOAT),
    ]
    x = np.random.default_rng(4).normal(size=70).astype(np.float32)
    session = pysofie.compile(model(nodes, {"x": ("float32", ["n"])}, {"y": "float32"}))
    np.testing.assert_array_equal(session(x), x.astype(np.float16).astype(np.float32))


@pytest.mark.parametrize("repeats", [1, 20_000])
def test_the_same_from_a_file(tmp_path, repeats):
    nodes = [helper.make_node("Mul", ["x", "w"], ["y"])]
    proto = model(nodes, {"x": ("bfloat16", ["n"])}, {"y": "bfloat16"}, ("w", np.array([2], ml_dtypes.bfloat16)))
    onnx.save(proto, tmp_path / "net.onnx")
    session = pysofie.compile(tmp_path / "net.onnx")
    x = np.tile(np.array([1, -2, 0.1], ml_dtypes.bfloat16), repeats)
    np.testing.assert_array_equal(session(x), x * 2)


def test_an_output_that_is_a_constant():
    nodes = [helper.make_node("Mul", ["w", "w"], ["y"]), helper.make_node("Relu", ["x"], ["z"])]
    proto = model(nodes, {"x": ("float16", [3])}, {"y": "float16", "z": "float16"}, ("w", np.float16([2, -3])))
    y, z = pysofie.compile(proto)(np.float16([1, -2, 3]))
    np.testing.assert_array_equal(y, np.float16([4, 9]))
    np.testing.assert_array_equal(z, np.float16([1, 0, 3]))


def test_no_column_of_an_rdataframe_has_16_bits():
    proto = model([helper.make_node("Relu", ["x"], ["y"])], {"x": ("float16", ["n", 1])}, {"y": "float16"})
    with pytest.raises(DataTypeError, match="cannot be a column: 'x' is of type float16"):
        pysofie.define(provider.root().RDataFrame(3).Define("a", "1.0f"), "b", proto, ["a"])


@pytest.mark.parametrize("half", HALVES)
def test_a_torch_module_of_16_bit_floats(half, save_torch):
    torch = pytest.importorskip("torch")
    dtype = getattr(torch, half)
    module = torch.nn.Sequential(torch.nn.Linear(7, 5), torch.nn.GELU(), torch.nn.Linear(5, 3)).to(dtype)
    session = pysofie.compile(save_torch(module), [["batch", 7]], input_dtypes=[half])
    x = np.random.default_rng(5).normal(size=(4, 7)).astype(HALVES[half])
    exact = module.float()(torch.from_numpy(x.astype(np.float32))).detach().numpy()
    y = session(x)
    assert y.dtype == HALVES[half]
    np.testing.assert_allclose(y.astype(np.float32), exact, rtol=2**-7, atol=1e-6)
