"""What ROOT's own SOFIE gets wrong is refused where it is the provider: judged from the recipe, which needs no such ROOT."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pysofie import UnsupportedOperator, builder, native, provider
from pysofie.graph import Graph, Node, TensorInfo


def recipe(op: str, *inputs: tuple[int | str, ...], **attributes: Any) -> builder.Recipe:
    """One operator over float inputs, all but the first of them constants."""
    names = [f"x{at}" for at in range(len(inputs))]
    constants = {name: np.ones(shape, np.float32) for name, shape in list(zip(names, inputs, strict=True))[1:]}
    results = ("y",)
    return builder.recipe(
        Graph(
            name="n.onnx",
            inputs=(TensorInfo("x0", np.dtype(np.float32), inputs[0]),),
            outputs=results,
            nodes=(Node(op, tuple(names), results, attributes, origin="encoder.layer"),),
            initializers=constants,
            opsets={"": 17},
        )
    )


IMAGE, KERNEL, SIDE = (1, 2, 8, 8), (3, 2, 3, 3), {"kernel_shape": [2, 2]}
GRU = ((5, 1, 3), (1, 12, 3), (1, 12, 4))
BOTH = ((5, 1, 3), (2, 16, 3), (2, 16, 4))

WRONG = [
    ("Conv", (IMAGE, KERNEL), {"dilations": [2, 1]}, r"dilations \[2, 1\]"),
    ("Conv", (IMAGE, KERNEL), {"pads": [0, 1, 1, 1]}, r"pads \[0, 1, 1, 1\] that differ"),
    ("Conv", (IMAGE, (3, 2, 2, 2)), {"auto_pad": "SAME_UPPER"}, "that differ"),
    ("MaxPool", (IMAGE,), SIDE | {"ceil_mode": 1}, "ceil_mode"),
    ("AveragePool", (IMAGE,), SIDE | {"pads": [1, 0, 0, 0]}, "that differ"),
    ("MatMul", ((2, 3, 4), (4, 5)), {}, "a product of matrices in 3 dimensions"),
    ("MatMul", ((3, 4), (2, 2, 4, 5)), {}, "in 4 dimensions"),
    ("LayerNormalization", ((2, 3, 4), (4,)), {}, "axis 2 of 3 dimensions"),
    ("GRU", GRU, {"hidden_size": 4}, "linear_before_reset=0"),
    ("LSTM", BOTH, {"hidden_size": 4, "direction": "bidirectional"}, "both directions"),
    ("Relu", (("n", 3),), {}, "a named dim"),
]
RIGHT = [
    ("Conv", (IMAGE, KERNEL), {"pads": [1, 1, 1, 1]}),
    ("MaxPool", (IMAGE,), SIDE),
    ("MatMul", ((3, 4), (4, 5)), {}),
    ("Gemm", ((3, 4), (4, 5)), {}),
    ("LayerNormalization", ((2, 3, 4), (3, 4)), {"axis": 1}),
    ("LayerNormalization", ((3, 4), (4,)), {}),
    ("GRU", GRU, {"hidden_size": 4, "linear_before_reset": 1}),
]


@pytest.mark.parametrize(("op", "inputs", "attributes", "reason"), WRONG)
def test_what_is_wrong_is_named(op: str, inputs: Any, attributes: dict[str, Any], reason: str) -> None:
    (found,) = native.refusals(recipe(op, *inputs, **attributes))
    with pytest.raises(UnsupportedOperator, match=f"{reason}.*, which ROOT's own SOFIE gets wrong without a word"):
        raise UnsupportedOperator("n.onnx", (found,))
    assert found.where == ("encoder.layer" if op != "Relu" else "")
    assert found.advice


@pytest.mark.parametrize(("op", "inputs", "attributes"), RIGHT)
def test_what_is_right_passes(op: str, inputs: Any, attributes: dict[str, Any]) -> None:
    assert native.refusals(recipe(op, *inputs, **attributes)) == ()


def test_the_last_axis_of_top_k() -> None:
    call = builder.OperatorCall("TopK", ("float",), (1, 1, 1, "k", "x", "v", "i"), "")
    for axis_count, refused in ((2, 1), (3, 0)):
        model = builder.Recipe("n", (), (), {}, (call,), {}, ranks={"x": axis_count})
        assert len(native.refusals(model)) == refused
        around = builder.OperatorCall("If", (), ("c", model, model), "")
        assert len(native.refusals(builder.Recipe("n", (), (), {}, (around,), {}))) == refused


def test_the_provider_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "is_native", lambda: True)
    with pytest.raises(UnsupportedOperator, match=r"Gemm at encoder\.layer: a product of matrices in 3 dimensions"):
        provider.rmodel(recipe("MatMul", (2, 3, 4), (4, 5)))
