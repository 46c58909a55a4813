"""Which of onnx's node cases are sat, and which are listed apart."""

from __future__ import annotations

import functools
import re
import warnings
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

Array = np.ndarray[Any, Any]

# What a trained model holds as constants is made an initializer first, as every exporter does: operator, inputs by number.
HELD: dict[str, tuple[int, ...]] = {
    "AffineGrid": (1,),
    "BatchNormalization": (1, 2, 3, 4),
    "BlackmanWindow": (0,),
    "CausalConvWithState": (1, 2),
    "CenterCropPad": (1,),
    "Col2Im": (1, 2),
    "ConstantOfShape": (0,),
    "Conv": (1, 2),
    "ConvInteger": (1, 2, 3),
    "ConvTranspose": (1, 2),
    "CumProd": (1,),
    "CumSum": (1,),
    "DFT": (1, 2),
    "DeformConv": (1, 3),
    "DequantizeLinear": (1, 2),
    "Expand": (1,),
    "GRU": (1, 2, 3),
    "GroupNormalization": (1, 2),
    "HammingWindow": (0,),
    "HannWindow": (0,),
    "InstanceNormalization": (1, 2),
    "LSTM": (1, 2, 3, 7),
    "LayerNormalization": (1, 2),
    "MaxUnpool": (2,),
    "MelWeightMatrix": (0, 1, 2, 3, 4),
    "NonMaxSuppression": (2, 3, 4),
    "OneHot": (1, 2),
    "Pad": (1, 2, 3),
    "QLinearConv": (1, 2, 3, 4, 5, 6, 7, 8),
    "QLinearMatMul": (1, 2, 4, 5, 6, 7),
    "QuantizeLinear": (1, 2),
    "RMSNormalization": (1,),
    "RNN": (1, 2, 3),
    "Range": (0, 1, 2),
    "ReduceL1": (1,),
    "ReduceL2": (1,),
    "ReduceLogSum": (1,),
    "ReduceLogSumExp": (1,),
    "ReduceMax": (1,),
    "ReduceMean": (1,),
    "ReduceMin": (1,),
    "ReduceProd": (1,),
    "ReduceSum": (1,),
    "ReduceSumSquare": (1,),
    "Reshape": (1,),
    "Resize": (1, 2, 3),
    "STFT": (1, 2, 3),
    "Slice": (1, 2, 3, 4),
    "Split": (1,),
    "Squeeze": (1,),
    "Tile": (1,),
    "TopK": (1,),
    "Trilu": (1,),
    "Unsqueeze": (1,),
    "Upsample": (1,),
}

DTYPES = frozenset(
    getattr(TensorProto, name)
    for name in (
        "FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16", "BOOL",
        "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64",
    )
)  # fmt: skip

# Operators that no network uses at inference, or that are not deterministic.
APART: dict[str, str] = {
    "Adagrad": "training",
    "Adam": "training",
    "Bernoulli": "random",
    "ImageDecoder": "decodes image files",
    "Momentum": "training",
    "NegativeLogLikelihoodLoss": "training",
    "SoftmaxCrossEntropyLoss": "training",
    "TfIdfVectorizer": "text",
}


@dataclass(frozen=True)
class Question:
    """One case: a model, what goes in, and what must come out."""

    name: str
    operator: str
    model: bytes
    """A ModelProto."""
    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    apart: str = ""
    """Why it is not sat."""


@functools.cache
def questions() -> tuple[Question, ...]:
    """All cases of onnx's own, those listed apart included."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of the arithmetic that makes the cases
        cases = {case.name: case for case in collect_testcases(None)}
    found = []
    for case in cases.values():
        # test_gelu_default_1_expanded and test_x_expanded_ver18 are what test_gelu_default_1 and test_x stand for
        base = cases.get(re.sub(r"_expanded.*$", "", case.name), case)
        found.append(_question(case, base.model.graph.node[-1]))
    return tuple(found)


def asked(operators: Collection[str] = ()) -> list[Question]:
    """The cases that are sat, or those of some operators, by operator and name."""
    chosen = [one for one in questions() if not one.apart and (not operators or one.operator in operators)]
    return sorted(chosen, key=lambda one: (one.operator, one.name))


def _question(case: Any, node: onnx.NodeProto) -> Question:
    apart = _apart(case, node)
    inputs, outputs = case.data_sets[0]
    if apart:
        return Question(case.name, node.op_type, b"", (), (), apart)
    held = {node.input[at] for at in HELD.get(node.op_type, ()) if at < len(node.input)}
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    given = []
    for info, value in zip(case.model.graph.input, map(_array, inputs), strict=True):
        if info.name in held:
            model.graph.input.remove(info)
            model.graph.initializer.append(numpy_helper.from_array(value, info.name))
        else:
            given.append(value)
    return Question(case.name, node.op_type, model.SerializeToString(), tuple(given), tuple(map(_array, outputs)))


def _array(value: Any) -> Array:
    return numpy_helper.to_array(value) if isinstance(value, TensorProto) else np.asarray(value)


def _apart(case: Any, node: onnx.NodeProto) -> str:
    if node.op_type in APART:
        return APART[node.op_type]
    domains = {one.domain for one in case.model.opset_import} - {"", "ai.onnx"}
    if domains:
        return f"domain {', '.join(sorted(domains))}"
    for info in (*case.model.graph.input, *case.model.graph.output):
        kind = info.type.WhichOneof("value")
        if kind != "tensor_type":
            return f"{kind.removesuffix('_type')}s, not tensors"
        if info.type.tensor_type.elem_type not in DTYPES:
            return f"type {TensorProto.DataType.Name(info.type.tensor_type.elem_type).lower()}"
    if "training" in case.name or "train_mode" in case.name:
        return "training"
    return ""
