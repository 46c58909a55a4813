"""PyTorch's own operators in ONNX files: taken apart, or refused by name and with the reason."""

from __future__ import annotations

import io
import warnings

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from oracle import evaluate
from pysofie import analysis, builder, parsing
from pysofie.errors import CaptureError, UnsupportedOperator
from pysofie.graph import Graph, Node, TensorInfo
from pysofie.request import Request
from pysofie.torch import capture
from pysofie.torch.aten import known

pytestmark = [pytest.mark.torch, pytest.mark.onnx]


def model(op, inputs, constants=(), shape=(2, 6, 5), domain="org.pytorch.aten", **attributes):
    """A file's model of one node, whose constants are initializers."""
    graph = helper.make_graph(
        [helper.make_node(op, inputs, ["y"], domain=domain, name="/part/node", **attributes)],
        "atens",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_empty_tensor_value_info("y")],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in dict(constants).items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(domain, 1)]
    return helper.make_model(graph, opset_imports=opsets)


SOFTPLUS = {"beta": 2.5, "threshold": 3.0}
CASES = [
    (model("softplus", ["x", "beta", "threshold"], SOFTPLUS), lambda x: torch.nn.functional.softplus(x, 2.5, 3.0)),
    (model("softplus", ["x"], beta=2.5, threshold=3.0), lambda x: torch.nn.functional.softplus(x, 2.5, 3.0)),
    (model("ATen", ["x", "beta", "threshold"], SOFTPLUS, operator="softplus", overload_name=""), lambda x: torch.nn.functional.softplus(x, 2.5, 3.0)),
    (model("channel_shuffle", ["x"], groups=3), lambda x: torch.nn.functional.channel_shuffle(x, 3)),
    (model("adaptive_avg_pool1d", ["x", "size"], {"size": np.array([3])}), lambda x: torch.nn.functional.adaptive_avg_pool1d(x, 3)),
    (model("rms_norm", ["x", "shape", "", "eps"], {"shape": np.array([5]), "eps": 0.1}), lambda x: torch.nn.functional.rms_norm(x, (5,), eps=0.1)),
]  # fmt: skip


@pytest.mark.parametrize(("proto", "reference"), CASES, ids=range(len(CASES)))
def test_an_operator_is_taken_apart(proto, reference, rng):
    x = rng.normal(size=(2, 6, 5)).astype("float32") * 3
    expected = reference(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(evaluate(parsing.read(proto, Request()), [x])[0], expected, rtol=1e-5, atol=1e-6)


def refused(proto):
    with pytest.raises(UnsupportedOperator) as caught:
        builder.recipe(parsing.prepare(parsing.read(proto, Request())))
    (missing,) = caught.value.missing
    return missing


def test_an_unknown_operator_is_refused_by_name():
    missing = refused(model("special_bessel_j0", ["x"]))
    assert (missing.operator, missing.reason) == (
        "org.pytorch.aten::special_bessel_j0",
        "there is no translator for it",
    )
    assert refused(model("ATen", ["x"], operator="fft_rfft")).operator == "org.pytorch.aten::fft_rfft"


def test_what_is_not_known_before_run_time_is_refused_with_the_reason():
    proto = model("softplus", ["x", "x"])
    assert refused(proto).reason == "its argument beta is not known before run time"
    assert refused(model("threshold", ["x"])).reason == "its argument threshold is absent"
    dims = model("adaptive_max_pool1d", ["x", "size"], {"size": np.array([3])}, shape=(2, 6, "length"))
    assert "length" in refused(dims).reason


def test_every_function_is_one_of_pytorchs_operators():
    # F.interpolate is a function of TorchScript's, and the fused ones have no overload that Python calls.
    ours = set(known()) - {"__interpolate", "__contains_"}
    assert {name for name in ours if not hasattr(torch.ops.aten, name)} == set()


def test_a_named_size_is_no_negative_number():
    """What an exporter writes for expand(n, -1): where the target is -1, the size stays."""
    nodes = (
        Node("Shape", ("x",), ("shape",)),
        Node("Equal", ("shape", "minus"), ("stays",)),
        Node("Where", ("stays", "ones", "shape"), ("target",)),
        Node("Expand", ("weight", "target"), ("y",)),
    )
    constants = {"minus": np.array(-1), "ones": np.array([1, 1]), "weight": np.ones((1, 3), np.float32)}
    info = TensorInfo("x", np.dtype("float32"), ("n", 3))
    values = analysis.analyse(Graph("expand", (info,), ("y",), nodes, constants))
    assert [str(size) for size in values["y"].shape] == ["n", "3"]


@pytest.mark.parametrize("how", ["live", "script", "trace"])
def test_weights_that_change_at_each_call_are_refused(how, tmp_path):
    module = torch.nn.Embedding(9, 4, max_norm=0.5).eval()
    source = module
    if how != "live":
        with torch.no_grad():
            saved = torch.jit.script(module) if how == "script" else torch.jit.trace(module, torch.arange(3))
        source = tmp_path / "model.pt"
        saved.save(str(source))
    with pytest.raises(CaptureError, match="Embedding with max_norm"):
        parsing.read(source, Request.of([["n"]], ["int64"]))


class Shifted(nn.Module):
    """With an operator that PyTorch's exporter does not know."""

    def forward(self, x):
        return torch.nn.functional.channel_shuffle(x, 2)


def exported(**options):
    """A user's own export of it."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), capture.quiet():
        torch.onnx.export(Shifted(), (torch.zeros(1, 4, 3),), buffer, dynamo=False, **options)
    return [node.op_type for node in onnx.load_from_string(buffer.getvalue()).graph.node]


def test_a_users_own_exports_are_as_before_ours():
    """An operator that is unknown stays unknown, a symbolic function of the user's stays theirs, and is asked."""
    request = Request.of([[2, 4, 3]])
    assert "org.pytorch" not in str(parsing.read(torch.jit.trace(Shifted(), torch.zeros(2, 4, 3)), request))
    with pytest.raises(torch.onnx.errors.UnsupportedOperatorError, match="channel_shuffle"):
        exported(opset_version=20)
    through = torch.onnx.OperatorExportTypes.ONNX_FALLTHROUGH
    assert "channel_shuffle" in exported(opset_version=20, operator_export_type=through)
    for version in (18, capture.OPSET):
        torch.onnx.register_custom_op_symbolic(
            "aten::channel_shuffle", lambda g, x, groups: g.op("mylab::Shuffle", x, groups), version
        )
        try:
            assert "Shuffle" in exported(opset_version=20)
            graph = parsing.read(torch.jit.trace(Shifted(), torch.zeros(2, 4, 3)), request)
            assert any(node.op_type == "Shuffle" for node in graph.nodes) == (version == capture.OPSET)
            assert "Shuffle" in exported(opset_version=20)
        finally:
            torch.onnx.unregister_custom_op_symbolic("aten::channel_shuffle", version)
