"""From PyTorch modules to numpy arrays and RDataFrame columns, through all that lies between."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pysofie
from pysofie import glue, provider
from pysofie.session import generate

pytestmark = pytest.mark.torch
Save = Callable[..., Path]


@pytest.fixture(autouse=True, scope="module")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSOFIE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


def perceptron(seed: int, inputs: int = 7, hidden: int = 19, outputs: int = 1) -> Any:
    import torch
    from torch import nn

    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Linear(inputs, hidden),
        nn.ReLU(),
        nn.Linear(hidden, hidden),
        nn.Tanh(),
        nn.Linear(hidden, outputs),
        nn.Sigmoid(),
    )


def torch_values(module: Any, *arrays: np.ndarray[Any, Any]) -> Any:
    import torch

    with torch.no_grad():
        result = module.eval()(*map(torch.from_numpy, arrays))
    return tuple(one.numpy() for one in result) if isinstance(result, tuple) else result.numpy()


def events(rng: np.random.Generator, count: int, width: int = 7) -> np.ndarray[Any, Any]:
    return rng.normal(size=(count, width)).astype(np.float32)


@pytest.mark.parametrize("backend", ["compiler", "cling"])
def test_retrained(save_torch: Save, rng: np.random.Generator, backend: Any) -> None:
    """A notebook's cell run again: the same file and the same name, other weights."""
    x = events(rng, 5)
    earlier: list[tuple[pysofie.Session, Any]] = []
    for seed in (1, 2, 3):
        module = perceptron(seed)
        session = pysofie.compile(save_torch(module), [["batch", 7]], backend=backend)
        assert session.backend == backend
        earlier.append((session, torch_values(module, x)))
        for one, expected in earlier:
            np.testing.assert_allclose(one(x), expected, rtol=0, atol=1e-6)


def test_the_librarys_reader_of_weights(save_torch: Save, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "Ours.hxx", tmp_path / "Theirs.hxx"
    for seed, header in enumerate((ours, theirs)):
        generate(pysofie.parse(save_torch(perceptron(seed)), [[1, 7]], name=header.stem), header)
    assert all(f"#if defined({macro})" in ours.read_text() for macro in glue.IN_LIBRARY)
    shutil.copy(theirs.with_suffix(".sofie"), ours.with_suffix(".sofie"))
    with pytest.raises(pysofie.SofieError, match="the weights of another model or training than the header"):
        pysofie.compile(ours, backend="cling")


@pytest.mark.parametrize("shape", [["batch", 7], [3, 7]], ids=str)
@pytest.mark.parametrize("options", [None, "kDefault", "kNoWeightFile", "kBinaryWeightFile"])
def test_rmodel(save_torch: Save, rng: np.random.Generator, shape: list[int | str], options: str | None) -> None:
    module = perceptron(4)
    rmodel = pysofie.parse(save_torch(module), [shape], name="Mine")
    if options is not None:
        rmodel.Generate(getattr(provider.namespace().Options, options))
    session = pysofie.compile(rmodel)
    assert session.name == "Mine"
    assert session.inputs[0].shape == tuple(shape)
    x = events(rng, 3)
    np.testing.assert_allclose(session(x), torch_values(module, x), rtol=0, atol=1e-6)


def test_several_inputs_and_outputs(save_torch: Save, rng: np.random.Generator) -> None:
    import torch

    class Two(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.left, self.right = perceptron(5, 3), perceptron(6, 4)

        def forward(self, a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return self.left(a) + self.right(b), self.left(a) * 2

    module = Two()
    session = pysofie.compile(save_torch(module), [["events", 3], ["events", 4]])
    a, b = events(rng, 6, 3), events(rng, 6, 4)
    for ours, expected in zip(session(a, b), torch_values(module, a, b), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=0, atol=1e-6)
    with pytest.raises(pysofie.ShapeError, match="events is 6 in input"):
        session(a, b[:5])


def test_clones_share_the_weights(save_torch: Save, rng: np.random.Generator) -> None:
    module, x = perceptron(7), events(rng, 70)
    session = pysofie.compile(save_torch(module), [["batch", 7]])
    assert session.weights is not None
    session.weights.unlink()
    clone = session.clone()
    session.close()
    np.testing.assert_allclose(clone(x), torch_values(module, x), rtol=0, atol=1e-6)


def test_what_is_private_is_deleted(save_torch: Save) -> None:
    session = pysofie.compile(save_torch(perceptron(8)), [["batch", 7]])
    clone, folder = session.clone(), session.header.parent
    del session
    assert folder.exists()
    del clone
    assert not folder.exists()


def test_weights_of_another_training_are_refused(save_torch: Save, tmp_path: Path) -> None:
    for seed, name in ((9, "one"), (10, "other")):
        rmodel = pysofie.parse(save_torch(perceptron(seed)), [["batch", 7]], name="Same")
        rmodel.Generate()
        (tmp_path / name).mkdir()
        rmodel.OutputGenerated(str(tmp_path / name / "Same.hxx"))
    pysofie.compile(tmp_path / "one" / "Same.hxx")
    shutil.copy(tmp_path / "other" / "Same.dat", tmp_path / "one")
    with pytest.raises(pysofie.SofieError, match=r"Same\.dat"):
        pysofie.compile(tmp_path / "one" / "Same.hxx")


def test_verify(save_torch: Save) -> None:
    report = pysofie.verify(save_torch(perceptron(11)), [["batch", 7]])
    assert report.ok
    assert 0 < report.outputs[0].max_absolute < 1e-6


@pytest.mark.parametrize("backend", ["compiler", "cling"])
def test_rdataframe_on_all_slots(save_torch: Save, backend: Any) -> None:
    ROOT = provider.root()
    ROOT.EnableImplicitMT(2)
    try:
        df = ROOT.RDataFrame(100_000).Define("slot", "rdfslot_").Define("entry", "rdfentry_")
        for i in range(7):
            df = df.Define(f"x{i}", f"{'float' if i % 2 else 'double'}(std::sin({i + 1.0} * rdfentry_))")
        for seed in (12, 13):
            module = perceptron(seed)
            session = pysofie.compile(save_torch(module), [["batch", 7]], backend=backend)
            df = pysofie.define(df, f"y{seed}", session, [f"x{i}" for i in range(7)])
            got = df.AsNumpy([f"y{seed}", "slot", "entry"])
            assert set(got["slot"]) == {0, 1}
            x = np.sin(np.arange(1, 8) * got["entry"][:, np.newaxis].astype(np.float64)).astype(np.float32)
            np.testing.assert_allclose(got[f"y{seed}"], torch_values(module, x)[:, 0], rtol=0, atol=1e-6)
    finally:
        ROOT.DisableImplicitMT()


def test_jets(save_torch: Save) -> None:
    """One inference a jet, several values each."""
    module = perceptron(14, inputs=3, outputs=4)
    df = provider.root().RDataFrame(6).Define("pt", "ROOT::RVecF(rdfentry_, 0.5f * rdfentry_)")
    df = df.Define("eta", "ROOT::RVecD(rdfentry_, -0.25)").Define("rho", "0.75f + rdfentry_")
    df = pysofie.define(df, "flavour", save_torch(module), ["pt", "eta", "rho"], [["jets", 3]])
    assert df.GetColumnType("flavour") == "ROOT::VecOps::RVec<ROOT::VecOps::RVec<float> >"
    for entry, got in enumerate(df.AsNumpy(["flavour"])["flavour"]):
        x = np.full((entry, 3), [0.5 * entry, -0.25, 0.75 + entry], np.float32)
        np.testing.assert_allclose(
            np.reshape([list(jet) for jet in got], (entry, 4)), torch_values(module, x), atol=1e-6
        )
