"""Networks of high-energy physics, scripted and traced, at several sizes of a batch, against PyTorch in double precision."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch

import hep_networks as hep
import pysofie

pytestmark = pytest.mark.torch
SIZES = (3, 1, 67)

# Shapes of the inputs; a name ending in "mask" says which particles are there, the first ones of each jet.
NETWORKS: list[tuple[type, Mapping[str, list[int | str]]]] = [
    (hep.ParticleFlow, {"particles": ["n", 9, 4], "mask": ["n", 9]}),
    (hep.ParticleFlow, {"particles": ["n", "length", 4], "mask": ["n", "length"]}),
    (hep.EnergyFlow, {"energies": ["n", 9], "directions": ["n", 9, 2]}),
    (hep.ParticleNet, {"points": ["n", 2, 9], "features": ["n", 4, 9], "mask": ["n", 1, 9]}),
    (hep.ParticleTransformer, {"features": ["n", 7, 5], "momenta": ["n", 4, 7], "mask": ["n", 7]}),
    (hep.GravNet, {"x": ["n", 9, 5]}),
    (hep.CalorimeterUNet, {"image": ["n", 1, 12, 8]}),
    (hep.VariationalAutoencoder, {"x": ["n", 7]}),
    (hep.AffineCoupling, {"x": ["n", 6]}),
    (hep.LstmTagger, {"tracks": ["n", 7, 6], "jet": ["n", 4]}),
]
NAMES = [f"{make.__name__}-{at}" for at, (make, _) in enumerate(NETWORKS)]

WAYS = [
    (how, at)
    for at, (make, _) in enumerate(NETWORKS)
    for how in ("script", "trace")
    # A scripted MultiheadAttention asks whether tensors are nested, for which PyTorch's exporter has no ONNX.
    if not (make is hep.ParticleTransformer and how == "script")
]


def arrays(shapes: Mapping[str, list[int | str]], size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Random inputs that mean something: positive energies, four-momenta of light particles, padding at the end."""
    found = []
    for name, shape in shapes.items():
        own = [dim if isinstance(dim, int) else {"n": size, "length": 8}[dim] for dim in shape]
        values = rng.normal(size=own)
        if name == "mask":
            values = np.broadcast_to(
                np.arange(own[-1]) < 5 + np.arange(own[0]).reshape(-1, *[1] * (len(own) - 1)) % 3, own
            )
        if name == "energies":
            values = np.exp(values)
        if name == "momenta":
            values[:, 3] = np.sqrt((values[:, :3] ** 2).sum(1) + 0.01)
        found.append(values.astype(np.float32))
    return found


def saved(module: torch.nn.Module, how: str, examples: list[np.ndarray], path: Path) -> Path:
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        tensors = tuple(map(torch.from_numpy, examples))
        script = torch.jit.script(module) if how == "script" else torch.jit.trace(module, tensors, check_trace=False)
    script.save(str(path))
    return path


@pytest.mark.parametrize(("how", "at"), WAYS, ids=[f"{NAMES[at]}-{how}" for how, at in WAYS])
def test_network(tmp_path: Path, rng: np.random.Generator, how: str, at: int) -> None:
    make, shapes = NETWORKS[at]
    torch.manual_seed(11)
    module = make()
    for name, buffer in module.named_buffers():
        if name.endswith("running_var"):
            buffer.uniform_(0.5, 2)
    exact = copy.deepcopy(module.eval()).double()
    path = saved(module, how, arrays(shapes, 2, rng), tmp_path / "model.pt")
    with pysofie.compile(path, list(shapes.values())) as session:
        for size in SIZES:
            given = arrays(shapes, size, rng)
            result = session(*given)
            with torch.no_grad():
                expected = exact(*(torch.from_numpy(one).double() for one in given))
            results = result if isinstance(result, tuple) else (result,)
            references = expected if isinstance(expected, tuple) else (expected,)
            for ours, reference in zip(results, references, strict=True):
                target = reference.numpy()
                assert ours.shape == target.shape
                assert np.max(np.abs(ours - target) / np.maximum(1, np.abs(target)), initial=0) <= 1e-5
