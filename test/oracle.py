"""The independent reference of graph tests: onnx's ReferenceEvaluator, run on a Graph written back as ONNX."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

from pysofie.graph import Graph, Node, TensorInfo


def evaluate(graph: Graph, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """What a graph computes."""
    evaluator = ReferenceEvaluator(to_onnx(graph), new_ops=_FLATTENING if graph.opsets.get("", 13) < 13 else None)
    return list(evaluator.run(None, dict(zip(graph.input_names, inputs, strict=True))))


class _Flattening(OpRun):
    """Until opset 13 these are functions of all dims from the axis on, which onnx's evaluator does not know."""

    op_domain = ""

    def _run(self, x: np.ndarray, axis: int = 1) -> tuple[np.ndarray]:
        model = helper.make_graph(
            [helper.make_node(type(self).__name__, ["x"], ["y"], axis=-1)],
            "rows",
            [helper.make_tensor_value_info("x", helper.np_dtype_to_tensor_dtype(x.dtype), None)],
            [helper.make_empty_tensor_value_info("y")],
        )
        rows = x.reshape(int(np.prod(x.shape[:axis])), -1)
        (y,) = ReferenceEvaluator(helper.make_model(model)).run(None, {"x": rows})
        return (y.reshape(x.shape),)


_FLATTENING = [type(name, (_Flattening,), {}) for name in ("Softmax", "LogSoftmax", "Hardmax")]


def by_onnxruntime(graph: Graph, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The same by another evaluator, which knows all of Scan and of recurrent networks, and is fast."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    # Its optimizer is worth 1e-3 of ResNet50V2.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(
        to_onnx(graph).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return list(session.run(None, dict(zip(graph.input_names, inputs, strict=True))))


def to_onnx(graph: Graph) -> onnx.ModelProto:
    """A graph as a ModelProto."""
    opsets = [helper.make_opsetid(domain, version) for domain, version in graph.opsets.items()]
    return helper.make_model(
        _proto(graph), opset_imports=opsets, ir_version=10
    )  # of the first onnxruntime that will do


def _proto(graph: Graph) -> onnx.GraphProto:
    return helper.make_graph(
        [_node(node) for node in graph.nodes],
        graph.name,
        [_info(info) for info in graph.inputs],
        [helper.make_empty_tensor_value_info(name) for name in graph.outputs],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in graph.initializers.items()],
    )


def _node(node: Node) -> onnx.NodeProto:
    attributes = {name: _attribute(value) for name, value in node.attributes.items()}
    return helper.make_node(node.op_type, node.inputs, node.outputs, domain=node.domain, **attributes)


def _attribute(value: Any) -> Any:
    if isinstance(value, Graph):
        return _proto(value)
    return numpy_helper.from_array(value) if isinstance(value, np.ndarray) else value


def _info(info: TensorInfo) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(info.name, helper.np_dtype_to_tensor_dtype(info.dtype), info.shape)
