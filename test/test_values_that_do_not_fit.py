"""Values that arrive at run time and mean nothing are refused by the operator's name, and nothing is read or written beyond a tensor."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

import pysofie
from cases import Case
from cases.recurrent import recurrent

pytestmark = pytest.mark.onnx

PLANE = np.ones((1, 1, 2, 2), "float32")
CORNERS = np.array([[0, 0, 3, 3]], "float32")


def indices(*values):
    return np.array(values, "int64").reshape(1, 1, 2, 2)


# A case, what is put in the place of its last input, what is said.
REFUSED = [
    (Case("MaxUnpool", {"x": PLANE, "i": indices(0, 2, 8, 10)}, {"kernel_shape": [2, 2], "strides": [2, 2]}), indices(0, 2, 8, 16), "MaxUnpool: an index is outside the output"),
    (Case("MaxUnpool", {"x": PLANE, "i": indices(0, 2, 8, 10)}, {"kernel_shape": [2, 2], "strides": [2, 2]}), indices(0, 2, 8, -1), "MaxUnpool: an index is outside the output"),
    (Case("RoiAlign", {"x": PLANE, "rois": CORNERS, "n": np.array([0])}), np.array([1]), "RoiAlign: batch_indices has an index outside the images"),
    (Case("RoiAlign", {"x": PLANE, "rois": CORNERS, "n": np.array([0])}), np.array([-1]), "RoiAlign: batch_indices has an index outside the images"),
    (recurrent("LSTM", (7, 2, 3), 5, "lengths", at_run_time={"lengths": np.array([7, 1], "int32")}), np.array([8, 1], "int32"), "sequence_lens has a length that is not in the input"),
    (recurrent("GRU", (7, 2, 3), 5, "lengths", at_run_time={"lengths": np.array([7, 1], "int32")}), np.array([7, -1], "int32"), "sequence_lens has a length that is not in the input"),
    (Case("ScatterElements", {"x": (3, 5), "u": (1, 2), "i": np.array([[0, 2]])}, order=("x", "i", "u")), np.array([[0, 3]]), "ScatterElements.*: the index 3 is not in a dimension of size 3"),
    (Case("ScatterElements", {"x": (3, 5), "u": (1, 2), "i": np.array([[0, 2]])}, order=("x", "i", "u")), np.array([[0, -(2**63)]]), "ScatterElements.*: the index -9223372036854775808 is not in"),
    (Case("ScatterND", {"x": (3, 5), "u": (2,), "i": np.array([[0, 4], [2, 0]])}, order=("x", "i", "u")), np.array([[0, 4], [2, 5]]), "ScatterND.*: the index 5 is not in a dimension of size 5"),
    (Case("TensorScatter", {"x": (2, 5), "u": (2, 3), "i": np.array([2, 0])}, {"axis": 1}, opset=24), np.array([0, 3]), "TensorScatter.*: the index 3 is not in a dimension of size 5"),
    (Case("TensorScatter", {"x": (2, 5), "u": (2, 3), "i": np.array([2, 0])}, {"axis": 1, "mode": "circular"}, opset=24), np.array([0, -1]), "TensorScatter.*: the index -1 is not in a dimension of size 5"),
    (Case("ReverseSequence", {"x": (2, 5), "n": np.array([2, 5])}, {"batch_axis": 0, "time_axis": 1}), np.array([0, 6]), "ReverseSequence.*: the index 6 is not in a dimension of size 5"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "value", "said"), REFUSED, ids=[f"{at}-{one[0].op}" for at, one in enumerate(REFUSED)]
)
def test_values_outside_of_a_tensor_are_refused(case, value, said, tmp_path):
    path = tmp_path / "model.onnx"
    onnx.save(case.to_onnx(), path)
    session = pysofie.compile(pysofie.parse(path))
    arrays = list(case.arrays().values())
    session(*arrays)
    with pytest.raises(pysofie.SofieError, match=said):
        session(*arrays[:-1], value)


@pytest.mark.parametrize("mode", ["nearest", "linear", "cubic"])
@pytest.mark.parametrize("padding", ["zeros", "border", "reflection"])
def test_places_far_outside_are_as_padding(mode, padding, tmp_path):
    """Infinite places and places that are no numbers are read nowhere else than in the image."""
    case = Case(
        "GridSample", {"x": (1, 1, 3, 4), "grid": (1, 1, 5, 2)}, {"mode": mode, "padding_mode": padding}, opset=20
    )
    path = tmp_path / "model.onnx"
    onnx.save(case.to_onnx(), path)
    x = case.arrays()["x"]
    grid = np.array([[[[np.inf, 0], [-np.inf, np.nan], [np.nan, np.nan], [3e38, -3e38], [1e9, 0]]]], "float32")
    y = pysofie.compile(pysofie.parse(path))(x, grid)
    assert y.shape == (1, 1, 1, 5)
    if padding == "zeros":
        assert not y.any()
    elif mode != "cubic":
        assert (y >= x.min()).all()
        assert (y <= x.max()).all()
