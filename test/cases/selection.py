"""Elements chosen by their values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
from onnx import helper

from . import Array, Case, numbers

SPARSE = numbers(-2, 3, 3, 5, 2, dtype="int64")  # of few values, 0 among them
FEW = numbers(0, 3, 2, 7, 2, dtype="int64")
BOXES = np.sort(numbers(0, 1, 2, 11, 2, 2), axis=2).reshape(2, 11, 4)
SIZED = np.abs(numbers(0.05, 0.9, 2, 11, 4))
SCORES = numbers(0, 1, 2, 3, 11)
LIMITS = {"most": np.array(4), "overlap": np.array(0.2, "float32"), "least": np.array(0.3, "float32")}


def by_onnxruntime(op: str, outputs: int = 1, **attributes: Any) -> Callable[..., tuple[Array, ...]]:
    """What onnxruntime says, where onnx's own evaluator fails."""

    def reference(*arrays: Array) -> tuple[Array, ...]:
        inputs = [one.astype("float32") if one.dtype == np.float64 else one for one in map(np.asarray, arrays)]
        names = [f"x{at}" for at in range(len(inputs))]
        infos = [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(one.dtype), one.shape)
            for name, one in zip(names, inputs, strict=True)
        ]
        results = [helper.make_empty_tensor_value_info(f"y{at}") for at in range(outputs)]
        node = helper.make_node(op, names, [one.name for one in results], **attributes)
        graph = helper.make_graph([node], "reference", infos, results)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
        session = onnxruntime.InferenceSession(model.SerializeToString())
        return tuple(session.run(None, dict(zip(names, inputs, strict=True))))

    return reference


SUPPRESSED = by_onnxruntime("NonMaxSuppression")

CASES = (
    Case("NonZero", {"x": SPARSE}),
    Case("NonZero", {"x": SPARSE.astype("float32")}, id="float"),
    Case("NonZero", {"x": SPARSE > 0}, id="bool"),
    Case("NonZero", {"x": ("batch", 4)}, dtype="int32"),
    Case("Compress", {"x": (3, 5, 2), "condition": np.array([True, False, True, True])}, {"axis": 1}, id="axis"),
    Case("Compress", {"x": (3, 5), "condition": numbers(0, 2, 15, dtype="int64") > 0}, id="flat"),
    Case("Compress", {"x": (3, 5), "condition": np.array([False, False])}, {"axis": -2}, id="nothing"),
    Case("Compress", {"x": ("batch", 5), "condition": np.array([True])}, {"axis": 0}, dtype="float64", id="named"),
    Case("Unique", {"x": FEW}, outputs=4, id="flat"),
    Case("Unique", {"x": FEW}, {"sorted": 0}, outputs=4, reference=by_onnxruntime("Unique", 4, sorted=0), id="flat-unsorted"),
    Case("Unique", {"x": FEW}, {"axis": 1}, outputs=4, id="axis"),
    Case("Unique", {"x": FEW.astype("float32")}, {"axis": 1, "sorted": 0}, outputs=4, reference=by_onnxruntime("Unique", 4, axis=1, sorted=0), id="axis-unsorted"),
    Case("Unique", {"x": ("batch",)}, outputs=4, dtype="int32", id="named"),
    Case("NonMaxSuppression", {"boxes": BOXES, "scores": SCORES}, weights=LIMITS, reference=SUPPRESSED),
    Case("NonMaxSuppression", {"boxes": SIZED, "scores": SCORES}, {"center_point_box": 1}, LIMITS, reference=by_onnxruntime("NonMaxSuppression", center_point_box=1), id="by-center"),
    Case("NonMaxSuppression", {"boxes": BOXES, "scores": SCORES, **LIMITS}, reference=SUPPRESSED, id="limits-at-run-time"),
)  # fmt: skip
