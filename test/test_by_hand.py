"""ROOT's own operator classes, each in a macro as a user of ROOT writes it, against onnx's evaluator."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pysofie
from cases import Case, numbers
from pysofie import provider
from pysofie.builder import CPP_TYPES

pytestmark = pytest.mark.onnx

Array = np.ndarray[Any, Any]
IDS = np.array([[2, 0], [1, 3]])
MASK = numbers(0, 2, 3, 5, dtype="int64") > 0


@dataclass(frozen=True)
class Macro:
    """A class with its arguments, and the node that it stands for; `x`, `y` are tensors."""

    made: str
    node: Case


def w(*shape: int) -> Array:
    return numbers(-1, 1, *shape)


def ints(*values: int) -> Array:
    return np.array(values, "int64")


POOL = "[] { RAttributes_Pool a; a.kernel_shape = {2, 2}; a.strides = {2, 1}; a.pads = {0, 0, 0, 0}; a.dilations = {1, 1}; return a; }()"
RECURRENT = {"x": (5, 2, 3)}


def recurrent(gates: int) -> dict[str, Array]:
    return {"w": w(1, gates * 4, 3), "r": w(1, gates * 4, 4), "b": w(1, gates * 8)}


MACROS = [
    Macro('ROperator_BasicBinary<float, EBasicBinaryOperator::Mul>("x", "z", "y")', Case("Mul", {"x": (3, 5), "z": (5,)})),
    Macro('ROperator_BasicNary<float, EBasicNaryOperator::Max>({"x", "z"}, "y")', Case("Max", {"x": (3, 5), "z": (3, 1)})),
    Macro('ROperator_BasicUnary<float, EBasicUnaryOperator::kExp>("x", "y")', Case("Exp", {"x": (3, 5)})),
    Macro(
        'ROperator_BatchNormalization<float>(1e-3f, 0.9f, 0, "x", "s", "b", "m", "v", "y")',
        Case("BatchNormalization", {"x": (3, 5, 2)}, {"epsilon": 1e-3}, {"s": w(5), "b": w(5), "m": w(5), "v": np.abs(w(5))}),
    ),
    Macro('ROperator_Cast("double", "x", "y")', Case("Cast", {"x": (3, 5)}, {"to": 11})),
    Macro('ROperator_Comparision<float, Less>("x", "z", "y")', Case("Less", {"x": (3, 5), "z": (5,)})),
    Macro('ROperator_Concat({"x", "z"}, 1, 0, "y")', Case("Concat", {"x": (3, 5), "z": (3, 2)}, {"axis": 1})),
    Macro(
        'ROperator_Conv<float>("NOTSET", {1, 1}, 1, {3, 2}, {1, 0, 1, 0}, {1, 2}, "x", "w", "b", "y")',
        Case("Conv", {"x": (2, 3, 5, 7)}, {"pads": [1, 0, 1, 0], "strides": [1, 2]}, {"w": w(4, 3, 3, 2), "b": w(4)}),
    ),
    Macro(
        'ROperator_ConvTranspose<float>("NOTSET", {1, 1}, 1, {3, 2}, {0, 0}, {}, {0, 0, 0, 0}, {1, 2}, "x", "w", "b", "y")',
        Case("ConvTranspose", {"x": (2, 3, 5, 7)}, {"strides": [1, 2]}, {"w": w(3, 4, 3, 2), "b": w(4)}),
    ),
    Macro('ROperator_Einsum<float>("bij,jk->bik", {"x", "z"}, "y")', Case("Einsum", {"x": (2, 3, 5), "z": (5, 4)}, {"equation": "bij,jk->bik"})),
    Macro('ROperator_Elu<float>(0.5f, "x", "y")', Case("Elu", {"x": (3, 5)}, {"alpha": 0.5})),
    Macro('ROperator_Erf<float>("x", "y")', Case("Erf", {"x": (3, 5)})),
    Macro('ROperator_Expand<float>("x", "shape", "y")', Case("Expand", {"x": (3, 1)}, weights={"shape": ints(2, 3, 5)})),
    Macro('ROperator_EyeLike(1, 1, "x", "y")', Case("EyeLike", {"x": (3, 5)}, {"dtype": 1, "k": 1})),
    Macro('ROperator_Gather(1, "x", "i", "y")', Case("Gather", {"x": (3, 5), "i": IDS}, {"axis": 1})),
    Macro('ROperator_GatherND(0, "x", "i", "y")', Case("GatherND", {"x": (3, 5), "i": np.array([[2, 4], [0, 1]])})),
    Macro('ROperator_Gelu<float>("x", "y")', Case("Gelu", {"x": (3, 5)})),
    Macro('ROperator_Gemm<float>(0.5f, 2.f, 0, 1, "x", "w", "b", "y")', Case("Gemm", {"x": (3, 5)}, {"alpha": 0.5, "beta": 2.0, "transB": 1}, {"w": w(4, 5), "b": w(4)})),
    Macro('ROperator_Gemm<float>(1.f, 0.f, 0, 0, "x", "z", "y")', Case("MatMul", {"x": (3, 5), "z": (5, 2)})),
    Macro(
        'ROperator_GRU<float>({}, {}, {"Sigmoid", "Tanh"}, 0.f, "forward", 4, 0, 0, "x", "w", "r", "b", "", "", "y", "")',
        Case("GRU", RECURRENT, {"hidden_size": 4}, recurrent(3)),
    ),
    Macro('ROperator_HardSigmoid<float>(0.3f, 0.4f, "x", "y")', Case("HardSigmoid", {"x": (3, 5)}, {"alpha": 0.3, "beta": 0.4})),
    Macro('ROperator_HardSwish<float>("x", "y")', Case("HardSwish", {"x": (3, 5)})),
    Macro('ROperator_Identity<float>("x", "y")', Case("Identity", {"x": (3, 5)})),
    Macro('ROperator_InstanceNormalization<float>(1e-4f, "x", "s", "b", "y")', Case("InstanceNormalization", {"x": (2, 3, 5)}, {"epsilon": 1e-4}, {"s": w(3), "b": w(3)})),
    Macro(
        'ROperator_LayerNormalization<float>(1, 1e-4f, 1, "x", "s", "b", "y", "", "")',
        Case("LayerNormalization", {"x": (3, 5)}, {"axis": 1, "epsilon": 1e-4}, {"s": w(5), "b": w(5)}),
    ),
    Macro('ROperator_LeakyRelu<float>(0.2f, "x", "y")', Case("LeakyRelu", {"x": (3, 5)}, {"alpha": 0.2})),
    Macro(
        'ROperator_LSTM<float>({}, {}, {"Sigmoid", "Tanh", "Tanh"}, 0.f, "forward", 4, 0, 0, "x", "w", "r", "b", "", "", "", "", "y", "", "")',
        Case("LSTM", RECURRENT, {"hidden_size": 4}, recurrent(4)),
    ),
    Macro('ROperator_NonZero<float>("x", "y")', Case("NonZero", {"x": np.round(w(3, 5))})),
    Macro('ROperator_Not("x", "y")', Case("Not", {"x": MASK})),
    Macro('ROperator_Pad<float>("x", "pads", "value", "", "y", "constant")', Case("Pad", {"x": (3, 5)}, {"mode": "constant"}, {"pads": ints(1, 0, 2, 3), "value": np.array(0.5, "float32")})),
    Macro(f'ROperator_Pool<float>(MaxPool, {POOL}, "x", "y")', Case("MaxPool", {"x": (2, 3, 5, 7)}, {"kernel_shape": [2, 2], "strides": [2, 1]})),
    Macro('ROperator_Range<float>("start", "limit", "delta", "y")', Case("Range", {"start": np.array(1, "float32"), "limit": np.array(4, "float32"), "delta": np.array(0.5, "float32")})),
    Macro('ROperator_Reduce<float, ReduceMean>(0, {1}, "x", "", "y")', Case("ReduceMean", {"x": (3, 5, 2)}, {"keepdims": 0}, {"axes": ints(1)})),
    Macro('ROperator_Relu<float>("x", "y")', Case("Relu", {"x": (3, 5)})),
    Macro('ROperator_Reshape(Reshape, 0, "x", "shape", "y")', Case("Reshape", {"x": (3, 4)}, weights={"shape": ints(2, -1)})),
    Macro(
        'ROperator_RNN<float>({}, {}, {"Tanh"}, 0.f, "forward", 4, 0, "x", "w", "r", "b", "", "", "y", "")',
        Case("RNN", RECURRENT, {"hidden_size": 4}, recurrent(1)),
    ),
    Macro('ROperator_ScatterElements("x", "i", "u", "y", 0, "add")', Case("ScatterElements", {"x": (3, 5), "i": np.array([[0, 2]]), "u": (1, 2)}, {"axis": 0, "reduction": "add"})),
    Macro('ROperator_ScatterND("x", "i", "u", "y", "none")', Case("ScatterND", {"x": (3, 5), "i": np.array([[2], [0]]), "u": (2, 5)})),
    Macro('ROperator_Selu<float>("x", "y")', Case("Selu", {"x": (3, 5)})),
    Macro('ROperator_Shape(0, 2, "x", "y")', Case("Shape", {"x": (3, 5, 2)}, {"end": 2})),
    Macro('ROperator_Sigmoid<float>("x", "y")', Case("Sigmoid", {"x": (3, 5)})),
    Macro(
        'ROperator_Slice("x", {"starts", "ends", "axes", "steps"}, "y")',
        Case("Slice", {"x": (3, 5)}, weights={"starts": ints(4), "ends": ints(0), "axes": ints(1), "steps": ints(-2)}),
    ),
    Macro('ROperator_Softmax(1, "x", "y")', Case("Softmax", {"x": (3, 5)}, {"axis": 1})),
    Macro('ROperator_Split("x", "split", 1, {"y0", "y1"})', Case("Split", {"x": (3, 5)}, {"axis": 1}, {"split": ints(2, 3)}, outputs=2)),
    Macro('ROperator_Swish<float>("x", "y")', Case("Swish", {"x": (3, 5)}, reference=lambda x: x / (1 + np.exp(-x)))),
    Macro('ROperator_Tanh<float>("x", "y")', Case("Tanh", {"x": (3, 5)})),
    Macro('ROperator_Tile<float>("repeat", "x", "y")', Case("Tile", {"x": (3, 5)}, weights={"repeat": ints(2, 3)})),
    Macro('ROperator_TopK<float>(1, 1, 1, "k", "x", "y0", "y1")', Case("TopK", {"x": (3, 5)}, {"axis": 1}, {"k": ints(2)}, outputs=2)),
    Macro('ROperator_Transpose({1, 0}, "x", "y")', Case("Transpose", {"x": (3, 5)}, {"perm": [1, 0]})),
    # if true, if false, condition
    Macro('ROperator_Where<float>("x", "z", "c", "y")', Case("Where", {"c": MASK, "x": (3, 5), "z": (5,)})),
]  # fmt: skip


def cpp_array(array: Array) -> str:
    items = (repr(float(one)) if array.dtype.kind == "f" else str(int(one)) for one in array.ravel())
    return "{" + ", ".join(items) + "}"


def macro(at: int, one: Macro, folder: Path) -> str:
    """A function that makes the model and writes its header."""
    node = one.node
    lines = [f'RModel model("Macro{at}");']
    for name in node.inputs:
        array = node.arrays()[name]
        element = CPP_TYPES[array.dtype.name]
        shape = ", ".join(map(str, array.shape))
        lines += [
            f'model.AddInputTensorInfo("{name}", GetTemplatedType<{element}>(), std::vector<size_t>{{{shape}}});',
            f'model.AddInputTensorName("{name}");',
        ]
    for name, array in node.weights.items():
        element = CPP_TYPES[array.dtype.name]
        shape = ", ".join(map(str, array.shape))
        lines += [
            f"{element} const data_{name}[] = {cpp_array(array)};",
            f'model.AddInitializedTensor<{element}>("{name}", {{{shape}}}, data_{name});',
        ]
    outputs = ['"y"'] if node.outputs == 1 else [f'"y{i}"' for i in range(node.outputs)]
    cls, bracket, arguments = one.made.partition("(")
    lines += [
        f"model.AddOperator(std::unique_ptr<ROperator>(new {cls}{bracket}{arguments}));",
        f"model.AddOutputTensorNameList({{{', '.join(outputs)}}});",
        "model.Generate(Options::kNoWeightFile);",
        f'model.OutputGenerated("{folder}/Macro{at}.hxx");',
    ]
    includes = "".join(f"#include <TMVA/{name}.hxx>\n" for name in ("OperatorList", "RModel"))
    return (
        includes
        + f"void Macro{at}()\n{{\n   using namespace TMVA::Experimental::SOFIE;\n   "
        + "\n   ".join(lines)
        + "\n}\n"
    )


@pytest.mark.parametrize("at", range(len(MACROS)), ids=lambda at: f"{at}-{MACROS[at].made.partition(chr(40))[0]}")
def test_a_class_in_a_macro(at, tmp_path):
    one = MACROS[at]
    provider.load_core()
    root = provider.root()
    assert root.gInterpreter.Declare(macro(at, one, tmp_path))
    getattr(root, f"Macro{at}")()
    session = pysofie.compile(tmp_path / f"Macro{at}.hxx", backend="cling")
    arrays = one.node.arrays()
    result = session(*arrays.values())
    results = result if isinstance(result, tuple) else (result,)
    for ours, exact in zip(results, one.node.expected(arrays), strict=True):
        assert ours.shape == exact.shape
        np.testing.assert_allclose(ours, exact, rtol=1e-6, atol=1e-6)
