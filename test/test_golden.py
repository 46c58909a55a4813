"""Golden headers: what is generated for two small models, for the eye of a reviewer.

The kernels' text, the same in every header, is left out. After a change that is meant:
``SOFIE_UPDATE_GOLDEN=1 python -m pytest test/test_golden.py``, and read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import pysofie

GOLDEN = Path(__file__).parent / "golden"


def mlp() -> Any:
    from torch import nn

    return nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2), nn.Softmax(dim=1))


def cnn() -> Any:
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(2, 3, (3, 2), padding=1),
        nn.BatchNorm2d(3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(18, 4),
    )


MODELS: dict[str, tuple[Callable[[], Any], list[int | str]]] = {
    "Mlp": (mlp, ["batch", 3]),
    "Cnn": (cnn, [1, 2, 4, 5]),
}


def without_kernels(header: str) -> str:
    """The header with one line in place of the kernels' text."""
    before, rest = header.split("namespace Kernel {\n", 1)
    after = rest.rsplit("} // namespace Kernel\n", 1)[1]
    return before + "// ... namespace Kernel ...\n" + after


@pytest.mark.parametrize("name", MODELS)
def test_golden(name: str, save_torch: Callable[..., Path]) -> None:
    import torch

    make, shape = MODELS[name]
    module = make().eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.arange(parameter.numel()).reshape(parameter.shape) / 64)
    model = pysofie.parse(save_torch(module, name=f"{name}.pt"), [shape])
    model.Generate()
    text = without_kernels(str(model.ReturnGenerated()))
    golden = GOLDEN / f"{name}.hxx"
    if os.environ.get("SOFIE_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()
