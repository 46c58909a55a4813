"""The bounds that a header prints for outputs whose sizes depend on data: what a buffer for doInfer has to hold."""

from __future__ import annotations

import subprocess

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import pysofie
from test_generated import build

pytestmark = pytest.mark.onnx
FLOAT, INT64, BOOL = onnx.TensorProto.FLOAT, onnx.TensorProto.INT64, onnx.TensorProto.BOOL
CONSTANTS = {
    "zero": np.array(0.0, np.float32),
    "even": np.array([False, True] * 4),
    "boxes": np.arange(40, dtype=np.float32).reshape(2, 5, 4) % 11,
    "three": np.array([3]),
    "first": np.array([0]),
    "four": np.array(4),
    "true": np.array(True),
}


def _node(op, inputs, outputs="y", **attributes):
    return helper.make_node(op, inputs.split(), outputs.split(), **attributes)


def _branch(*nodes):
    return helper.make_graph(nodes, "branch", [], [helper.make_empty_tensor_value_info(nodes[-1].output[0])])


def _body():
    """Add the number of the trip, stop at the third."""
    value = helper.make_tensor_value_info
    nodes = [
        _node("Less", "i two", "on"),
        _node("Cast", "i", "f", to=FLOAT),
        _node("ReduceSum", "x", "s", keepdims=0),
        _node("Add", "f s", "slice"),
    ]
    two = [numpy_helper.from_array(np.array(2), "two")]
    return helper.make_graph(
        nodes,
        "body",
        [value("i", INT64, ()), value("c", BOOL, ())],
        [value("on", BOOL, ()), value("slice", FLOAT, ())],
        two,
    )


LAST = _node("ReduceMax", "x", "m", keepdims=0), _node("Greater", "m zero", "c")
# The nodes; the bound for n = 7 rows of 3, of which fewer may come.
ROWS = {
    "NonZero": ([_node("NonZero", "x")], 2 * 7 * 3),
    "NonZero, twice": ([_node("NonZero", "x", "a"), _node("NonZero", "a")], 2 * 2 * 7 * 3),
    "Compress": ([_node("Greater", "x zero", "c"), _node("Reshape", "c all", "d"), _node("Compress", "x d")], 7 * 3),
    "Compress an axis": ([_node("Slice", "x first three", "a"), _node("Slice", "even first three", "c"), _node("Compress", "a c", axis=0)], 3 * 3),
    "Unique": ([_node("Round", "x", "r"), _node("Unique", "r")], 7 * 3),
    "Slice": ([_node("ReduceMax", "x", "m", keepdims=0), _node("Cast", "m", "i", to=INT64), _node("Reshape", "i one", "j"), _node("Slice", "x j three")], 7 * 3),
    "If": ([*LAST, _node("If", "c", then_branch=_branch(_node("Slice", "x first three", "t")), else_branch=_branch(_node("Identity", "x", "e")))], (3 + 7) * 3),
    "Loop": ([_node("Loop", "four true", body=_body())], 4),
}  # fmt: skip


def _model(nodes):
    value = helper.make_tensor_value_info
    constants = CONSTANTS | {"all": np.array([-1]), "one": np.array([1]), "unit": np.array(1.0, np.float32)}
    initializers = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    outputs = [helper.make_empty_tensor_value_info("y")]
    graph = helper.make_graph(nodes, "model", [value("x", FLOAT, ("n", 3))], outputs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])


def _header(nodes, path):
    rmodel = pysofie.parse(_model(nodes), name=path.stem)
    rmodel.Generate()
    rmodel.OutputGenerated(str(path))
    return path.read_text()


PART = """{{
   std::size_t size = 0, most = TMVA_SOFIE_{name}::MaxLength_y(7);
   std::vector<{ctype}> y(most);
   TMVA_SOFIE_{name}::Session session("{folder}/{name}.dat");
   doInfer(session, 7, x, y.data(), size);
   std::printf("%zu %zu", most, size);
   for (auto const value : y)
      std::printf(" %.9g", double(value));
   std::puts("");
}}
"""


def test_a_buffer_of_the_bound_holds_what_comes(tmp_path):
    """All in one program, under the address sanitizer, where each buffer has exactly the bound's size."""
    x = np.random.default_rng(5).normal(size=(7, 3)).astype(np.float32)
    includes, parts, expected = [], [], []
    for number, (nodes, _) in enumerate(ROWS.values()):
        name = f"Bound{number}"
        _header(nodes, tmp_path / f"{name}.hxx")
        [y] = ReferenceEvaluator(_model(nodes)).run(None, {"x": x})
        includes.append(f'#include "{name}.hxx"\n')
        ctype = {"int64": "int64_t", "float32": "float"}[y.dtype.name]
        parts.append(PART.format(name=name, ctype=ctype, folder=tmp_path))
        expected.append(y)
    values = ", ".join(f"{value!r}f" for value in x.ravel().tolist())
    main = tmp_path / "main.cxx"
    main.write_text("".join(includes) + f"int main()\n{{\nfloat const x[] = {{{values}}};\n{''.join(parts)}}}\n")
    build(["g++"], [main], tmp_path / "main", "-O1", "-fsanitize=address")
    done = subprocess.run([tmp_path / "main"], capture_output=True, text=True, check=True)
    for (row, (_, bound)), line, y in zip(ROWS.items(), done.stdout.splitlines(), expected, strict=True):
        most, _, *found = (float(word) for word in line.split())
        assert most == bound, row
        np.testing.assert_allclose(found[: y.size], y.ravel(), rtol=1e-6, err_msg=row)


def test_what_nothing_bounds_has_no_function(tmp_path):
    text = _header([*LAST, _node("Range", "zero m unit")], tmp_path / "Endless.hxx")
    assert "MaxLength_y(" not in text
    assert "Result(size_t output)" in text
