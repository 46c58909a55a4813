"""What all tests share: seeded numbers, and PyTorch modules saved as a user saves them."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

# Hundreds of models are compiled: -O3, for speed that no test measures, takes half as long again.
os.environ.setdefault("CXXFLAGS", "-O2")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261120)


@pytest.fixture
def save_torch(tmp_path: Path) -> Callable[..., Path]:
    """Save a module as TorchScript, by script, or by trace where examples are given; returns the path."""

    def save(module: Any, *examples: Any, name: str = "model.pt") -> Path:
        import torch

        path = tmp_path / name
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scripted = torch.jit.trace(module.eval(), examples) if examples else torch.jit.script(module)
            scripted.save(str(path))
        return path

    return save
