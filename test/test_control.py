"""Control flow and sizes that depend on data, against onnxruntime."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

import pysofie
from pysofie import provider
from pysofie.session import generate

pytestmark = pytest.mark.onnx

node = helper.make_node
FLOAT, BOOL, INT64 = TensorProto.FLOAT, TensorProto.BOOL, TensorProto.INT64


def info(name: str, element: int = FLOAT, shape: Sequence[int | str] | None = None) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, element, shape)


def graph(
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
    constants: Mapping[str, Any] | None = None,
) -> onnx.GraphProto:
    initializers = [numpy_helper.from_array(np.asarray(value), name) for name, value in (constants or {}).items()]
    return helper.make_graph(nodes, "graph", inputs, outputs, initializers)


def branch(*nodes: onnx.NodeProto, **constants: Any) -> onnx.GraphProto:
    """A branch whose last node makes its output."""
    return graph(nodes, [], [info(nodes[-1].output[0])], constants)


def body(
    *nodes: onnx.NodeProto, states: Mapping[str, Any], outputs: Sequence[str], **constants: Any
) -> onnx.GraphProto:
    """A body of a Loop; unless a node makes it, the condition stays as it is."""
    inputs = [
        info("run", INT64, []),
        info("go", BOOL, []),
        *(info(name, FLOAT, shape) for name, shape in states.items()),
    ]
    made = {*constants, *(name for one in nodes for name in one.output)}
    own = [*nodes] if "goes" in made else [*nodes, node("Identity", ["go"], ["goes"])]
    return graph(own, inputs, [info("goes", BOOL, []), *map(info, outputs)], constants)


@dataclass(frozen=True)
class Case:
    """A graph, and the arrays that it is run on, one after the other in one Session."""

    nodes: Sequence[onnx.NodeProto]
    inputs: Sequence[onnx.ValueInfoProto]
    outputs: Sequence[onnx.ValueInfoProto]
    runs: Sequence[Mapping[str, Any]]
    constants: Mapping[str, Any] | None = None

    def model(self) -> onnx.ModelProto:
        made = graph(self.nodes, self.inputs, self.outputs, self.constants)
        return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def numbers(*shape: int) -> Any:
    return np.random.default_rng(len(shape) + sum(shape)).normal(size=shape).astype("float32")


X = info("x", FLOAT, [3, 4])
N = info("n", INT64, [])
C = info("c", BOOL, [])
TRIPS = [{"n": np.array(trips), "x": numbers(3, 4)} for trips in (2, 0, 5, 1)]
BRANCHES = [{"c": np.array(choice), "x": numbers(3, 4)} for choice in (True, False, True)]

CASES = {
    "if-same-shape": Case(
        [node("If", ["c"], ["y"], then_branch=branch(node("Mul", ["x", "two"], ["a"]), two=np.float32(2)), else_branch=branch(node("Tanh", ["x"], ["b"])))],
        [C, X], [info("y")], BRANCHES,
    ),
    "if-of-unlike-sizes": Case(
        [
            node("If", ["c"], ["y"], then_branch=branch(node("Relu", ["x"], ["t"])), else_branch=branch(node("Concat", ["x", "x"], ["t"], axis=0))),
            node("Neg", ["y"], ["z"]),
        ],
        [C, X], [info("z")], BRANCHES,
    ),
    "if-branches-without-nodes": Case(
        [node("If", ["c"], ["y"], then_branch=branch(node("Identity", ["x"], ["a"])), else_branch=branch(node("Identity", ["w"], ["b"])))],
        [C, X], [info("y")], BRANCHES, {"w": numbers(3, 4)},
    ),
    "if-in-if": Case(
        [
            node("If", ["c"], ["y"],
                 then_branch=branch(node("ReduceSum", ["x"], ["s"], keepdims=0), node("Greater", ["s", "zero"], ["g"]),
                                    node("If", ["g"], ["o"], then_branch=branch(node("Exp", ["x"], ["p"])), else_branch=branch(node("Abs", ["x"], ["p"]))),
                                    zero=np.float32(0)),
                 else_branch=branch(node("Sqrt", ["x2"], ["o"]))),
        ],
        [C, X, info("x2", FLOAT, [3, 4])], [info("y")],
        [{"c": np.array(c), "x": sign * np.abs(numbers(3, 4)), "x2": np.abs(numbers(3, 4))} for c in (True, False) for sign in (1, -1)],
    ),
    "loop-with-scanned-output": Case(
        [node("Loop", ["n", "", "x"], ["y", "w"], body=body(node("Add", ["s", "x"], ["t"]), node("Relu", ["t"], ["o"]), states={"s": [3, 4]}, outputs=["t", "o"]))],
        [N, X], [info("y"), info("w")], TRIPS,
    ),
    "loop-of-known-length": Case(
        [node("Loop", ["five", "true", "x"], ["y", "w"], body=body(node("Add", ["s", "x"], ["t"]), node("Relu", ["t"], ["o"]), states={"s": [3, 4]}, outputs=["t", "o"], goes=np.array(True)))],
        [X], [info("y"), info("w")], [{"x": numbers(3, 4)}], {"five": np.array(5), "true": np.array(True)},
    ),
    "loop-whose-state-grows": Case(
        [node("Loop", ["n", "", "x"], ["y"], body=body(node("Concat", ["s", "x"], ["t"], axis=0), states={"s": None}, outputs=["t"])), node("Neg", ["y"], ["z"])],
        [N, X], [info("z")], TRIPS,
    ),
    "loop-whose-states-change-places": Case(
        [node("Loop", ["n", "", "x", "v"], ["y", "w"], body=body(node("Add", ["a", "b"], ["t"]), node("Identity", ["b"], ["u"]), states={"a": [3, 4], "b": [3, 4]}, outputs=["u", "t"]))],
        [N, X, info("v", FLOAT, [3, 4])], [info("y"), info("w")], [run | {"v": numbers(3, 4) + 1} for run in TRIPS],
    ),
    "loop-until-a-condition": Case(
        [node("Loop", ["", "c", "x"], ["y"],
              body=body(node("Mul", ["s", "half"], ["t"]), node("ReduceMax", ["t"], ["m"], keepdims=0), node("Greater", ["m", "limit"], ["goes"]),
                        states={"s": [3, 4]}, outputs=["t"], half=np.float32(0.5), limit=np.float32(0.01)))],
        [C, X], [info("y")], BRANCHES,
    ),
    "loop-in-loop": Case(
        [node("Loop", ["n", "", "x"], ["y"],
              body=body(node("Loop", ["run", "", "s"], ["t"],
                             body=graph([node("Add", ["q", "x"], ["r"]), node("Identity", ["go2"], ["goes2"])],
                                        [info("run2", INT64, []), info("go2", BOOL, []), info("q", FLOAT, [3, 4])], [info("goes2", BOOL, []), info("r")])),
                        states={"s": [3, 4]}, outputs=["t"]))],
        [N, X], [info("y")], TRIPS,
    ),
    "loop-over-a-named-dim": Case(
        [node("Loop", ["n", "", "x"], ["y", "w"], body=body(node("Add", ["s", "x"], ["t"]), node("Relu", ["t"], ["o"]), states={"s": ["batch", 4]}, outputs=["t", "o"]))],
        [N, info("x", FLOAT, ["batch", 4])], [info("y"), info("w")], [{"n": np.array(n), "x": numbers(b, 4)} for n, b in ((2, 3), (4, 1), (1, 7))],
    ),
    "scan": Case(
        [node("Scan", ["s", "x", "v"], ["y", "w"], num_scan_inputs=2, scan_input_directions=[0, 1], scan_output_directions=[1],
              body=graph([node("Add", ["a", "b"], ["p"]), node("Mul", ["p", "d"], ["q"]), node("Tanh", ["q"], ["r"])],
                         [info("a", FLOAT, [4]), info("b", FLOAT, [4]), info("d", FLOAT, [])], [info("p"), info("r")]))],
        [info("s", FLOAT, [4]), X, info("v", FLOAT, [3])], [info("y"), info("w")], [{"s": numbers(4), "x": numbers(3, 4), "v": numbers(3)}],
    ),
    "scan-along-a-named-axis": Case(
        [node("Scan", ["s", "x"], ["y", "w"], num_scan_inputs=1, scan_input_axes=[1],
              body=graph([node("Add", ["a", "b"], ["p"]), node("Tanh", ["p"], ["r"])], [info("a", FLOAT, [4]), info("b", FLOAT, [4])], [info("p"), info("r")]))],
        [info("s", FLOAT, [4]), info("x", FLOAT, [4, "length"])], [info("y"), info("w")], [{"s": numbers(4), "x": numbers(4, length)} for length in (3, 9, 1)],
    ),
    "a target of a reshape": Case(
        [node("Reshape", ["x", "t"], ["a"]), node("Neg", ["a"], ["y"])],
        [X, info("t", INT64, [3])], [info("y")],
        [{"x": numbers(3, 4), "t": np.array(t)} for t in ((2, 3, 2), (0, -1, 2), (1, 1, 12), (3, 4, 1))],
    ),
    "a reshape of a named dim": Case(
        [node("Relu", ["x"], ["r"]), node("Reshape", ["r", "t"], ["y"])],
        [info("x", FLOAT, ["batch", 4]), info("t", INT64, [2])], [info("y")],
        [{"x": numbers(b, 4), "t": np.array(t)} for b, t in ((3, (2, -1)), (5, (-1, 10)), (2, (8, 1)))],
    ),
    "a shape of a constant": Case(
        [node("ConstantOfShape", ["t"], ["a"], value=numpy_helper.from_array(np.array([1.5], "float32"))), node("Add", ["a", "s"], ["y"])],
        [info("t", INT64, [2]), info("s", FLOAT, [])], [info("y")],
        [{"t": np.array(t), "s": np.array(0.25, "float32")} for t in ((2, 3), (0, 4), (5, 1))],
    ),
    "bounds of a slice": Case(
        [node("Slice", ["x", "s", "e", "axes", "steps"], ["a"]), node("Neg", ["a"], ["y"])],
        [info("x", FLOAT, [5, 7]), info("s", INT64, [2]), info("e", INT64, [2])], [info("y")],
        [{"x": numbers(5, 7), "s": np.array(s), "e": np.array(e)} for s, e in (((1, 6), (4, 0)), ((-9, -1), (99, -99)), ((3, 0), (1, 5)), ((0, 3), (-1, 1)))],
        {"axes": np.array([0, 1]), "steps": np.array([1, -2])},
    ),
    "the shape of an expansion": Case(
        [node("Expand", ["x", "t"], ["a"]), node("Neg", ["a"], ["y"])],
        [info("x", FLOAT, [3, 1]), info("t", INT64, [3])], [info("y")],
        [{"x": numbers(3, 1), "t": np.array(t)} for t in ((2, 3, 5), (1, 1, 1), (4, 1, 2))],
    ),
    "repeats": Case(
        [node("Tile", ["x", "t"], ["y"])],
        [X, info("t", INT64, [2])], [info("y")],
        [{"x": numbers(3, 4), "t": np.array(t)} for t in ((2, 3), (1, 1), (0, 2))],
    ),
    "a range": Case(
        [node("Range", ["n", "m", "d"], ["r"]), node("Cast", ["r"], ["y"], to=FLOAT)],
        [N, info("m", INT64, []), info("d", INT64, [])], [info("y")],
        [{name: np.array(one) for name, one in zip("nmd", given, strict=True)} for given in ((1, 9, 3), (5, -4, -2), (3, 3, 1), (4, 1, 1))],
    ),
    "a loop over slices": Case(
        [node("Loop", ["n", "", "x"], ["y"],
              body=body(node("Unsqueeze", ["run", "zero"], ["from"]), node("Add", ["from", "one"], ["to"]), node("Slice", ["x", "from", "to", "zero"], ["row"]),
                        node("ReduceSum", ["row", "zero"], ["flat"], keepdims=0), node("Add", ["s", "flat"], ["t"]), states={"s": [3, 4]}, outputs=["t"],
                        zero=np.array([0]), one=np.array([1])))],
        [N, X], [info("y")], [{"n": np.array(n), "x": numbers(3, 4)} for n in (0, 1, 3)],
    ),
    "how many are not zero": Case(
        [node("NonZero", ["x"], ["i"]), node("Cast", ["i"], ["f"], to=FLOAT), node("Neg", ["f"], ["g"]), node("Transpose", ["g"], ["y"], perm=[1, 0])],
        [X], [info("y")], [{"x": np.round(scale * numbers(3, 4))} for scale in (1, 0.3, 0, 5)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("backend", ["compiler", "cling"])
@pytest.mark.parametrize("name", CASES)
def test_the_results_are_right(name, backend):
    case = CASES[name]
    model = case.model()
    session = pysofie.compile(model, backend=backend)
    reference = onnxruntime.InferenceSession(model.SerializeToString())
    for arrays in case.runs:
        result = session(*arrays.values())
        results = result if isinstance(result, tuple) else (result,)
        for ours, expected in zip(results, reference.run(None, dict(arrays)), strict=True):
            assert ours.shape == expected.shape
            np.testing.assert_allclose(ours, expected, rtol=1e-6, atol=1e-6)


REFUSALS = {
    "a state of another type": (
        Case([node("Loop", ["n", "", "x"], ["y"], body=body(node("Cast", ["s"], ["t"], to=TensorProto.DOUBLE), states={"s": [3, 4]}, outputs=["t"]))], [N, X], [info("y")], []),
        "Loop: it cannot hand on t double",
    ),
    "a state of another rank": (
        Case([node("Loop", ["n", "", "x"], ["y"], body=body(node("ReduceSum", ["s"], ["t"], keepdims=0), states={"s": [3, 4]}, outputs=["t"]))], [N, X], [info("y")], []),
        "Loop: the state 's' changes its number of dimensions",
    ),
    "branches of unlike ranks": (
        Case([node("If", ["c"], ["y"], then_branch=branch(node("ReduceSum", ["x"], ["a"], keepdims=0)), else_branch=branch(node("Neg", ["x"], ["b"])))], [C, X], [info("y")], []),
        "If: one branch gives float32[], the other float32[3, 4]",
    ),
    "an operator in a branch that nobody knows": (
        Case([node("If", ["c"], ["y"], then_branch=branch(node("Strange", ["x"], ["a"])), else_branch=branch(node("Neg", ["x"], ["b"])))], [C, X], [info("y")], []),
        "Strange",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_run_is_refused(name):
    case, said = REFUSALS[name]
    with pytest.raises(pysofie.SofieError, match=re.escape(said)):
        pysofie.compile(case.model())


def test_a_size_that_depends_on_data_is_no_column():
    session = pysofie.compile(CASES["how many are not zero"].model())
    frame = provider.root().RDataFrame(3).Define("x", "1.f")
    with pytest.raises(pysofie.SofieError, match="cannot be a column: sizes of its outputs depend on data"):
        pysofie.define(frame, "y", session, ["x"] * 12)


def test_infer_and_do_infer(tmp_path):
    """The generated functions themselves: vectors of the actual size, or sizes by reference."""
    header = tmp_path / "found.hxx"
    generate(pysofie.parse(CASES["how many are not zero"].model(), name="found"), header)
    root = provider.root()
    assert root.gInterpreter.Declare(header.read_text())
    session = root.TMVA_SOFIE_found.Session()
    x = np.array([[0, 2, 0, 1], [0, 0, 0, 0], [3, 0, 0, 4]], "float32")
    expected = -np.argwhere(x).astype("float32")
    np.testing.assert_array_equal(np.array(session.infer(x)).reshape(-1, 2), expected)
    buffer, size = np.full(24, 7, "float32"), ctypes.c_size_t()
    root.TMVA_SOFIE_found.doInfer(session, x, buffer, size)
    assert size.value == len(expected)
    np.testing.assert_array_equal(buffer, [*expected.ravel(), *[7] * (24 - expected.size)])
