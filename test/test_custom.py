"""Operators of the user's own: C++ of theirs, a translator of theirs, and ROOT's class for them."""

from __future__ import annotations

import re

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import pysofie
from pysofie import provider, registry, shapes
from pysofie.builder import NodeBuilder
from pysofie.values import TensorType, Value

pytestmark = pytest.mark.onnx

HEADER = """\
#ifndef SCALED_HXX
#define SCALED_HXX
#include <cstddef>
namespace Scaled {
template <class Input, class Output>
void Compute(double factor, Input x, Output y)
{
   for (std::size_t i = 0; i < x.size(); ++i)
      y[i] = float(factor * x[i]);
}
}
#endif
"""

PAIR = """\
#pragma once
namespace mine {
namespace Pair {
inline void Compute(float const *a, float const *b, float *sum, float *difference)
{
   for (int i = 0; i < 6; ++i) {
      sum[i] = a[i] + b[i];
      difference[i] = a[i] - b[i];
   }
}
}
}
"""


@pytest.fixture(autouse=True)
def _forget(monkeypatch):
    """What a test registers goes with it."""
    registry.discover()
    monkeypatch.setattr(registry, "_OPERATORS", {key: dict(value) for key, value in registry._OPERATORS.items()})


def model(*nodes: onnx.NodeProto, inputs: dict[str, list[int | str]], outputs: list[str]) -> onnx.ModelProto:
    infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()]
    graph = helper.make_graph(nodes, "custom", infos, [helper.make_empty_tensor_value_info(name) for name in outputs])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("my.lab", 1)])


def scaled(**attributes: float) -> onnx.ModelProto:
    return model(
        helper.make_node("Scaled", ["x"], ["h"], domain="my.lab", **attributes),
        helper.make_node("Relu", ["h"], ["y"]),
        inputs={"x": ["batch", 3]},
        outputs=["y"],
    )


@pytest.mark.parametrize("backend", ["compiler", "cling"])
def test_cpp_of_the_users(backend, tmp_path, rng):
    (tmp_path / "Scaled.hxx").write_text(HEADER)
    pysofie.register("Scaled", domain="my.lab", header=tmp_path / "Scaled.hxx", attributes={"factor": 2.0})
    x = rng.normal(size=(5, 3)).astype("float32")
    for attributes, factor in (({"factor": -1.5}, -1.5), ({}, 2)):
        session = pysofie.compile(scaled(**attributes), backend=backend)
        np.testing.assert_allclose(session(x), np.maximum(factor * x, 0), rtol=1e-6)


def test_several_inputs_and_outputs_by_pointers(tmp_path, rng):
    (tmp_path / "pair.hxx").write_text(PAIR)

    def infer(a: Value, b: Value) -> tuple[TensorType, TensorType]:
        return a.type, b.type

    pysofie.register(
        "Pair", domain="my.lab", header=tmp_path / "pair.hxx", function="mine::Pair", inputs=2, infer=infer
    )
    node = helper.make_node("Pair", ["a", "b"], ["s", "d"], domain="my.lab")
    session = pysofie.compile(model(node, inputs={"a": [2, 3], "b": [2, 3]}, outputs=["s", "d"]))
    a, b = (rng.normal(size=(2, 3)).astype("float32") for _ in range(2))
    total, difference = session(a, b)
    np.testing.assert_array_equal(total, a + b)
    np.testing.assert_array_equal(difference, a - b)


def test_the_header_stands_beside_the_generated_one(tmp_path):
    (tmp_path / "Scaled.hxx").write_text(HEADER)
    pysofie.register("Scaled", domain="my.lab", header=tmp_path / "Scaled.hxx", attributes={"factor": 2.0})
    session = pysofie.compile(scaled())
    assert '#include "Scaled.hxx"' in session.header.read_text()
    assert session.header.with_name("Scaled.hxx").read_text() == HEADER


def test_changed_code_is_compiled_again(tmp_path):
    x = np.ones((2, 3), "float32")
    for factor in (3, 4):
        text = HEADER.replace("factor * x[i]", f"{factor} * x[i]").replace("SCALED_HXX", f"SCALED_{factor}")
        (tmp_path / "Scaled.hxx").write_text(text.replace("namespace Scaled", f"namespace Scaled{factor}"))
        pysofie.register(
            "Scaled",
            domain="my.lab",
            header=tmp_path / "Scaled.hxx",
            function=f"Scaled{factor}",
            attributes={"factor": 2.0},
        )
        np.testing.assert_array_equal(pysofie.compile(scaled())(x), factor * x)


def test_a_translator_of_the_users(rng):
    @pysofie.translator("Twice", domain="my.lab", infer=shapes.same)
    def twice(b: NodeBuilder, x: Value) -> None:
        b.emit(
            "BasicNary", b.names(x, x), b.output, template=(x.dtype, pysofie.builder.Enum("EBasicNaryOperator", "Sum"))
        )

    node = helper.make_node("Twice", ["x"], ["y"], domain="my.lab")
    x = rng.normal(size=(2, 3)).astype("float32")
    np.testing.assert_array_equal(pysofie.compile(model(node, inputs={"x": [2, 3]}, outputs=["y"]))(x), 2 * x)


def test_the_class_of_roots(tmp_path, rng):
    """ROperator_Custom as a macro uses it: namespace, names, shapes, header."""
    root, sofie = provider.root(), provider.namespace()
    (tmp_path / "double_op.hxx").write_text(
        HEADER.replace("double factor, ", "").replace("factor", "2").replace("Scaled", "Double")
    )
    strings, sizes = root.std.vector["std::string"], root.std.vector["size_t"]
    rmodel = sofie.RModel("custom")
    rmodel.AddInputTensorInfo("x", sofie.ETensorType.FLOAT, sizes([2, 3]))
    operator = sofie.ROperator_Custom["float"](
        "Double", strings(["x"]), strings(["y"]), root.std.vector[sizes]([sizes([2, 3])]), "double_op.hxx"
    )
    root.SetOwnership(operator, False)
    rmodel.AddOperatorReference(operator)
    rmodel.AddInputTensorName("x")
    rmodel.AddOutputTensorNameList(strings(["y"]))
    rmodel.Generate()
    rmodel.OutputGenerated(str(tmp_path / "custom.hxx"))
    x = rng.normal(size=(2, 3)).astype("float32")
    np.testing.assert_array_equal(pysofie.compile(tmp_path / "custom.hxx")(x), 2 * x)


def refused(said: str):
    return pytest.raises(pysofie.SofieError, match=re.escape(said))


def test_what_is_no_registration_is_refused(tmp_path):
    header = tmp_path / "Scaled.hxx"
    with refused("Scaled.hxx of my.lab::Scaled cannot be read"):
        pysofie.register("Scaled", domain="my.lab", header=header)
    header.write_text(HEADER)
    with refused("ONNX's own operators cannot be replaced"):
        pysofie.register("Relu", domain="", header=header)
    with refused("'x(); system' is no name of a namespace in C++"):
        pysofie.register("Scaled", domain="my.lab", header=header, function="x(); system")
    with refused("my.lab::Scaled"):
        pysofie.compile(scaled())


def test_a_model_cannot_bring_code(tmp_path):
    """Name and attributes of a node are data, whatever they look like."""
    (tmp_path / "Scaled.hxx").write_text(HEADER)
    pysofie.register("Scaled", domain="my.lab", header=tmp_path / "Scaled.hxx", attributes={"factor": 2.0})
    hostile = scaled()
    hostile.graph.node[0].attribute.append(helper.make_attribute("factor", '1); system("true"); ('))
    with refused("the attribute factor is no number"):
        pysofie.compile(hostile)
