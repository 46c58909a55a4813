"""The translators' signatures against ONNX's own schemas, and the calls that they make."""

import inspect

import numpy as np
import onnx
import pytest

from pysofie import UnsupportedOperator, builder, registry, shapes
from pysofie.builder import Enum, Vector
from pysofie.graph import Graph, Node, TensorInfo
from pysofie.support import Supported, supported

ISSUE_2 = [
    "Gemm",
    "MatMul",
    "Add",
    "Sub",
    "Mul",
    "Div",
    "Pow",
    "Relu",
    "LeakyRelu",
    "Elu",
    "Selu",
    "Sigmoid",
    "Tanh",
    "Softmax",
    "LogSoftmax",
    "Clip",
    "Neg",
    "Sqrt",
    "Exp",
    "Log",
    "Abs",
    "Reciprocal",
    "Erf",
    "Max",
    "Min",
    "Mean",
    "Sum",
    "Transpose",
    "Reshape",
    "Flatten",
    "Squeeze",
    "Unsqueeze",
    "Concat",
    "Identity",
    "Constant",
    "Cast",
    "BatchNormalization",
    "LayerNormalization",
    "ReduceMean",
    "ReduceSum",
    "Conv",
    "MaxPool",
    "AveragePool",
    "GlobalAveragePool",
]

OPERATORS = list(registry.operators())
IDS = [f"{one.op_type}-{one.since}" for one in OPERATORS]
# Attributes of ONNX's that no translator takes, since what they describe is refused or no longer exists.
REFUSED = {
    "BatchNormalization": {"spatial"},
    "Constant": {"sparse_value", "value_string", "value_strings"},
    "Cast": {"round_mode"},
}


def until(operator):
    """The newest opset for which this translator is the one."""
    later = [one.since for one in OPERATORS if one.op_type == operator.op_type and one.since > operator.since]
    return min(later) - 1 if later else onnx.defs.onnx_opset_version()


SCHEMAS = [schema for schema in onnx.defs.get_all_schemas_with_history() if not schema.domain]


def schemas(operator):
    """The versions of the operator that this translator takes."""
    versions = [schema for schema in SCHEMAS if schema.name == operator.op_type]
    first = max(schema.since_version for schema in versions if schema.since_version <= operator.since)
    return [schema for schema in versions if first <= schema.since_version <= until(operator)]


def test_every_operator_of_the_issue_has_a_translator():
    assert set(ISSUE_2) <= {one.op_type for one in OPERATORS}


@pytest.mark.parametrize("operator", OPERATORS, ids=IDS)
def test_the_signature_is_the_schema(operator):
    newest = max(schemas(operator), key=lambda schema: schema.since_version)
    parameters = inspect.signature(operator.translate).parameters
    for name, attribute in newest.attributes.items():
        if name in REFUSED.get(operator.op_type, ()):
            continue
        assert name in parameters, f"{name} is missing"
        if attribute.default_value.type:
            default = onnx.helper.get_attribute_value(attribute.default_value)
            ours = parameters[name].default
            assert ours == pytest.approx(_decoded(default)), name
    unknown = set(operator.attributes) - {name for schema in schemas(operator) for name in schema.attributes}
    assert not unknown
    fewest, most = operator.inputs
    assert fewest <= newest.min_input
    assert most is None or most >= newest.max_input or operator.op_type == "Dropout"


def _decoded(default):
    if isinstance(default, list):
        return [_decoded(one) for one in default]
    return default.decode() if isinstance(default, bytes) else default


@pytest.mark.parametrize("operator", OPERATORS, ids=IDS)
def test_the_first_version_is_one_that_the_translator_understands(operator):
    """Where a translator starts at opset 1, each older schema has the inputs that it takes."""
    fewest, most = operator.inputs
    for schema in schemas(operator):
        if schema.since_version >= operator.since:
            assert schema.min_input >= fewest or operator.op_type in {"Max", "Min", "Mean", "Sum", "Concat"}
            assert most is None or schema.max_input <= most


def test_a_second_translator_is_an_error():
    def translate(_builder, _x):
        pass

    with pytest.raises(ValueError, match="two translators for Relu since opset 6"):
        registry.translator("Relu", since=6, infer=shapes.same)(translate)


def one_node(node, inputs, opset=17, **constants):
    infos = tuple(TensorInfo(name, np.dtype(dtype), shape) for name, (dtype, *shape) in inputs.items())
    return Graph(
        "net.pt", infos, ("y",), (node,), {k: np.asarray(v) for k, v in constants.items()}, {"": opset}
    ).validate()


F, D, I = "float32", "float64", "int64"

# Node, inputs, constants: class, template, arguments.
CALLS = [
    (Node("Gemm", ("x", "w"), ("y",), {"transB": 1}), {"x": (F, "batch", 3)}, {"w": np.ones((4, 3), F)}, "Gemm", ("float",), (1.0, 0.0, 0, 1, "x", "w", "y")),
    (
        Node("Gemm", ("x", "w", "b"), ("y",), {"alpha": 0.5}),
        {"x": (D, 2, 3)},
        {"w": np.ones((3, 4)), "b": np.ones(4)},
        "Gemm",
        ("double",),
        (0.5, 1.0, 0, 0, "x", "w", "b", "y"),
    ),
    (Node("MatMul", ("x", "z"), ("y",)), {"x": (F, 2, 3, 4), "z": (F, 4, 5)}, {}, "Gemm", ("float",), (1.0, 0.0, 0, 0, "x", "z", "y")),
    (Node("Pow", ("x", "e"), ("y",)), {"x": (F, 2)}, {"e": np.array(2)}, "BasicBinary", ("float", Enum("EBasicBinaryOperator", "Pow")), ("x", "y_exponent", "y")),
    (Node("Clip", ("x", "", "h"), ("y",)), {"x": (F, 2)}, {"h": np.float32(6)}, "Clip", ("float",), ("x", "", "h", "y")),
    (Node("Erf", ("x",), ("y",)), {"x": (F, 2)}, {}, "BasicUnary", ("float", Enum("EBasicUnaryOperator", "kErf")), ("x", "y")),
    (
        Node("Max", ("x", "z"), ("y",)),
        {"x": (I, 2), "z": (I, 1)},
        {},
        "BasicNary",
        ("int64_t", Enum("EBasicNaryOperator", "Max")),
        (Vector("std::string", ("x", "z")), "y"),
    ),
    (Node("Sum", ("x",), ("y",)), {"x": (F, 2)}, {}, "Identity", ("float",), ("x", "y")),
    (Node("Softmax", ("x",), ("y",), {"axis": -2}), {"x": (F, 2, 3)}, {}, "Softmax", (), (0, "x", "y")),
    (Node("LogSoftmax", ("x",), ("y",)), {"x": (F, 2, 3)}, {}, "Softmax", (), (1, "x", "y", True)),
    (Node("Cast", ("x",), ("y",), {"to": 9}), {"x": (F, 2)}, {}, "Cast", (), ("bool", "x", "y")),
    (Node("Transpose", ("x",), ("y",)), {"x": ("bool", 2, 3, 4)}, {}, "Transpose", ("bool",), (Vector("int64_t", (2, 1, 0)), "x", "y")),
    (Node("Squeeze", ("x",), ("y",)), {"x": (F, 1, 3, 1)}, {}, "Reshape", (), (Enum("ReshapeOpMode", "Squeeze"), Vector("int64_t", (0, 2)), "x", "y")),
    (Node("Flatten", ("x",), ("y",), {"axis": -1}), {"x": (F, 2, 3, 4)}, {}, "Reshape", (), (Enum("ReshapeOpMode", "Flatten"), 2, "x", "", "y")),
    (Node("Concat", ("x", "z"), ("y",), {"axis": -1}), {"x": (F, 2, 3), "z": (F, 2, 1)}, {}, "Concat", (), (Vector("std::string", ("x", "z")), 1, 0, "y")),
    (
        Node("ReduceMean", ("x",), ("y",), {"keepdims": 0}),
        {"x": (F, 2, 3)},
        {},
        "Reduce",
        ("float", Enum("EReduceOpMode", "ReduceMean")),
        (0, Vector("int64_t", (0, 1)), "x", "", "y"),
    ),
    (
        Node("Conv", ("x", "w"), ("y",), {"auto_pad": "SAME_LOWER"}),
        {"x": (F, 1, 3, 5)},
        {"w": np.ones((2, 3, 2), F)},
        "Conv",
        ("float",),
        ("NOTSET", *(Vector("size_t", one) for one in [(1,)]), 1, Vector("size_t", (2,)), Vector("size_t", (1, 0)), Vector("size_t", (1,)), "x", "w", "", "y"),
    ),
    (
        Node("Constant", (), ("y",), {"value": np.array([[1, 2]])}),
        {},
        {},
        "Constant",
        ("int64_t",),
        ("int64_t", Vector("int64_t", (1, 2)), Vector("size_t", (1, 2)), "", "y"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("node", "inputs", "constants", "cls", "template", "arguments"),
    CALLS,
    ids=[f"{at}-{c[0].op_type}" for at, c in enumerate(CALLS)],
)
def test_the_call(node, inputs, constants, cls, template, arguments):
    (call,) = builder.recipe(one_node(node, inputs, **constants)).operators
    assert (call.cls, call.template, call.arguments) == (cls, template, arguments)


@pytest.mark.parametrize(
    ("node", "inputs", "opset", "message"),
    [
        (
            Node("Sigmoid", ("x",), ("y",), origin="act (Sigmoid)"),
            {"x": (I, 2)},
            17,
            r"Sigmoid at act \(Sigmoid\): .* input type int64",
        ),
        (Node("Relu", ("x",), ("y",), {"slope": 1.0}), {"x": (F, 2)}, 17, "no support for the attribute slope"),
        (Node("Relu", ("x", "x"), ("y",)), {"x": (F, 2)}, 17, "2 inputs, 1 are supported"),
        (Node("Relu", ("x",), ("y",)), {"x": (F, 2)}, 5, "opset 5 is older than 6"),
        (
            Node("RandomUniformLike", ("x",), ("y",)),
            {"x": (F, 2)},
            20,
            "RandomUniformLike: its numbers are random .*deterministic",
        ),
        (Node("TfIdfVectorizer", ("x",), ("y",)), {"x": (F, 2)}, 20, "TfIdfVectorizer: there is no translator"),
        (Node("Relu", ("x",), ("y",), domain="com.acme"), {"x": (F, 2)}, 17, "com.acme::Relu: there is no translator"),
        (
            Node("Selu", ("x",), ("y", "i")),
            {"x": (F, 2)},
            17,
            "outputs after the first",
        ),
        (
            Node("MaxPool", ("x",), ("y",), {"kernel_shape": (1,) * 4}),
            {"x": (F, 1, 1, 4, 4, 4, 4)},
            17,
            "4 spatial dimensions",
        ),
        (Node("Gelu", ("x",), ("y",), {"approximate": "fast"}), {"x": (F, 2)}, 20, "approximate is 'fast'"),
        (
            Node("BitShift", ("x", "x"), ("y",), {"direction": "UP"}),
            {"x": (np.dtype("uint8"), 2)},
            20,
            "direction is 'UP'",
        ),
        (Node("BitCast", ("x",), ("y",), {"to": 11}), {"x": (F, 2)}, 26, "the bits of float32 as float64"),
        (
            Node("QuantizeLinear", ("x", "s"), ("y",), {"block_size": -1}),
            {"x": (F, 2), "s": (F, 2)},
            21,
            "block_size -1",
        ),
        (
            Node("QuantizeLinear", ("x", "s"), ("y",), {"axis": 0, "block_size": 2}),
            {"x": (F, 5, 3), "s": (F, 3, 3)},
            21,
            "block_size 2 does not cut into as many whole blocks",
        ),
        (
            Node("QuantizeLinear", ("x", "s"), ("y",), {"output_dtype": 7}),
            {"x": (F, 2), "s": (F,)},
            21,
            "output_dtype 7",
        ),
        (Node("QuantizeLinear", ("x", "s"), ("y",), {"axis": 0}), {"x": (F, 2), "s": (F, 3)}, 21, "along axis 0 of"),
        (Node("Cast", ("x",), ("y",), {"to": 8}), {"x": (F, 2)}, 17, "the type 8 of ONNX"),
    ],
)
def test_what_is_refused_and_why(node, inputs, opset, message):
    with pytest.raises(UnsupportedOperator, match=message):
        builder.recipe(one_node(node, inputs, opset))


def test_all_refusals_come_at_once():
    nodes = (
        Node("Sigmoid", ("x",), ("a",)),
        Node("Selu", ("z",), ("b", "i")),
        Node("Selu", ("z",), ("c", "j")),
    )
    graph = Graph("net", (TensorInfo("x", I, (2,)), TensorInfo("z", F, (1, 1, 4))), ("a", "b", "c"), nodes)
    with pytest.raises(UnsupportedOperator) as caught:
        builder.recipe(graph)
    assert [one.operator for one in caught.value.missing] == ["Sigmoid", "Selu"]


def test_outputs_that_no_operator_makes_are_copies():
    nodes = (Node("Relu", ("x",), ("y",)),)
    graph = Graph("net", (TensorInfo("x", F, (2,)),), ("y", "x", "y", "w"), nodes, {"w": np.ones(2, F)})
    recipe = builder.recipe(graph)
    assert len(set(recipe.outputs)) == 4
    assert [one.cls for one in recipe.operators] == ["Relu", "Identity", "Identity", "Identity"]
    assert recipe.inputs[0].name not in recipe.outputs


def test_what_is_supported_prints_as_a_table():
    table = supported()
    assert all(isinstance(row, Supported) for row in table)
    lines = str(table).splitlines()
    assert len(lines) == len(table) + 2
    assert any(line.startswith("Gemm") and "float64" in line for line in lines)
    assert len({(row.operator, row.since) for row in table}) == len(table)


def test_operators_are_there_from_opset_7_on():
    """Each in the version that its schema had then, or since it exists."""
    schemas = [one for one in onnx.defs.get_all_schemas_with_history() if not one.domain]
    late = []
    for op in {one.op_type for one in registry.operators() if not one.domain}:
        versions = sorted(one.since_version for one in schemas if one.name == op)
        first = max([version for version in versions if version <= 7], default=versions[0])
        if min(one.since for one in registry.operators() if one.op_type == op) > first:
            late.append(op)
    assert late == ["Scan"]  # until opset 9 it had a batch and lengths of sequences
