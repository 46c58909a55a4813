"""Weights kept as bfloat16: as PyTorch's own network whose weights are rounded, and nothing else changes."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import pysofie
from pysofie import provider, toolchain
from pysofie.errors import SofieError

pytestmark = pytest.mark.torch

torch = pytest.importorskip("torch")
nn = torch.nn


class Recurrent(nn.Module):
    """Both directions, and one state after another."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(5, 19, batch_first=True, bidirectional=True)
        self.gru = nn.GRU(38, 23, batch_first=True)
        self.rnn = nn.RNN(23, 3, batch_first=True)

    def forward(self, x: Any) -> Any:
        return self.rnn(self.gru(self.lstm(x)[0])[0])[0]


# A vector has 4, 8 or 16 columns, a panel four vectors: full panels, rests of each number of vectors, and sums along rows for few columns.
NETWORKS: dict[str, tuple[Any, tuple[int | str, ...]]] = {
    "products": (
        nn.Sequential(
            nn.Linear(7, 70), nn.Tanh(), nn.Linear(70, 93), nn.ReLU(), nn.Linear(93, 44, False), nn.Linear(44, 3)
        ),
        ("batch", 7),
    ),
    "products, of one row": (nn.Sequential(nn.Linear(67, 250), nn.ReLU(), nn.Linear(250, 1), nn.Sigmoid()), (1, 67)),
    "windows": (
        nn.Sequential(nn.Conv2d(3, 40, 3, 2), nn.ReLU(), nn.Conv2d(40, 17, 1), nn.ConvTranspose2d(17, 20, (2, 3), 2)),
        (2, 3, 11, 9),
    ),
    "images as rows": (nn.Sequential(nn.Conv2d(3, 24, 3, 2), nn.Flatten(), nn.Linear(144, 37)), (2, 3, 7, 5)),
    "images as rows, for few columns": (
        nn.Sequential(nn.Conv2d(3, 24, 3, 2), nn.Flatten(), nn.Linear(480, 3)),
        (2, 3, 11, 9),
    ),
    "recurrent": (Recurrent(), (2, 6, 5)),
}
WIDTHS = sorted({16, toolchain.vector_bytes() or 16})


def rounded(module: Any) -> Any:
    """In float64, with all but biases rounded to bfloat16."""
    result = copy.deepcopy(module)
    with torch.no_grad():
        for name, parameter in result.named_parameters():
            if "bias" not in name:
                parameter.copy_(parameter.bfloat16())
    return result.double().eval()


@pytest.mark.parametrize("name", NETWORKS)
def test_the_network_is_that_of_rounded_weights(name: str, tmp_path: Any, rng: np.random.Generator) -> None:
    torch.manual_seed(20261121)
    module, shape = NETWORKS[name]
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=(parameter.numel() / parameter.shape[0]) ** -0.5)
    model = pysofie.parse(module.eval(), [list(shape)], name="Rounded", weight_type="bfloat16")
    model.Generate()
    model.OutputGenerated(str(tmp_path / "Rounded.hxx"))
    x = rng.standard_normal([11 if isinstance(dim, str) else dim for dim in shape], np.float32)
    with torch.inference_mode():
        expected = rounded(module)(torch.from_numpy(x).double()).numpy()
        unrounded = module(torch.from_numpy(x)).numpy()
    assert np.abs(unrounded - expected).max() > 1e-4
    for width in WIDTHS:
        with pysofie.compile(tmp_path / "Rounded.hxx", vector_bytes=width) as session:
            scale = np.maximum(1, np.abs(expected))
            np.testing.assert_array_less(np.abs(session(x) - expected) / scale, 1e-6, err_msg=f"{width} bytes")


@pytest.mark.parametrize("module", [nn.Linear(2, 3).double(), nn.Tanh()])
def test_a_network_without_such_weights_is_refused(module: Any) -> None:
    dtype = next((str(p.dtype).removeprefix("torch.") for p in module.parameters()), "float32")
    model = pysofie.parse(module, [[4, 2]], input_dtypes=[dtype], weight_type="bfloat16")
    for _ in range(2):  # the reason stays what it was
        with pytest.raises(SofieError, match="no product, convolution or recurrent layer of floats"):
            pysofie.compile(model)


def test_a_model_with_its_code_is_refused() -> None:
    model = pysofie.parse(nn.Linear(2, 3), [[4, 2]])
    model.Generate()
    with pytest.raises(Exception, match="is initialized, its weights have their type"):
        model.SetWeightType(provider.namespace().ETensorType.BFLOAT16)


def test_another_type_is_refused() -> None:
    with pytest.raises(SofieError, match="weight_type is 'float16', but there are float32, bfloat16"):
        pysofie.parse(nn.Linear(2, 3), [[4, 2]], weight_type="float16")  # type: ignore[arg-type]
