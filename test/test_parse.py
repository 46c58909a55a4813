"""From a file to an RModel, through ROOT: as upstream's own tests do it, and as pysofie does it."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import pysofie
from pysofie import SofieError, UnsupportedOperator, builder, provider
from pysofie.builder import OperatorCall, Recipe
from pysofie.graph import Graph, Node, TensorInfo

pytestmark = pytest.mark.torch


def run_python(code: str, folder: Path) -> str:
    """What a fresh interpreter prints; an interpreter that crashes is a failed test."""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


class TransposedModule(nn.Module):
    """Upstream's second model."""

    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(6, 36), nn.Linear(36, 12)

    def forward(self, x):
        return torch.transpose(torch.sigmoid(self.fc2(torch.relu(self.fc1(x)))), 1, 0)


# Upstream's three models: module, input, steps of training.
UPSTREAM = {
    "PyTorchModelSequential": (
        lambda: nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 6), nn.SELU()),
        np.array([[-1.6207, -0.6133, 0.5058, -1.2560], [-0.7750, -1.6701, 0.8171, -0.2858]], np.float32),
        2000,
    ),
    "PyTorchModelModule": (TransposedModule, np.linspace(-1.5, 1.5, 12, dtype=np.float32).reshape(2, 6), 2000),
    "PyTorchModelConvolution": (
        lambda: nn.Sequential(nn.Conv2d(6, 5, 3, stride=2), nn.ReLU()),
        np.arange(1, 751, dtype=np.float32).reshape(5, 6, 5, 5),
        100,
    ),
}


def trained(make, shape, steps):
    """A module trained towards random targets, as upstream's generators do."""
    torch.manual_seed(11)
    module = make()
    x = torch.randn(shape)
    target = torch.randn(module(x).shape)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.01)
    for _ in range(steps):
        loss = nn.functional.mse_loss(module(x), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return module.eval()


@pytest.mark.parametrize("name", UPSTREAM)
def test_upstreams_models_in_upstreams_way(name, tmp_path):
    """Parse, Generate, OutputGenerated, Declare, Session, infer: no word of pysofie's own."""
    import ROOT

    make, x, steps = UPSTREAM[name]
    module = trained(make, x.shape, steps)
    torch.jit.save(torch.jit.script(module), str(tmp_path / f"{name}.pt"))

    SOFIE = ROOT.TMVA.Experimental.SOFIE
    model = SOFIE.PyTorch.Parse(str(tmp_path / f"{name}.pt"), [list(x.shape)])
    model.Generate(SOFIE.Options.kDefault, x.shape[0])
    model.OutputGenerated(str(tmp_path / f"{name}.hxx"))
    assert ROOT.gInterpreter.Declare(f'#include "{tmp_path / name}.hxx"')
    session = getattr(ROOT, f"TMVA_SOFIE_{name}").Session(str(tmp_path / f"{name}.dat"))
    found = np.asarray(session.infer(x))

    with torch.no_grad():
        expected = module(torch.from_numpy(x)).numpy()
    assert list(model.GetTensorShape(model.GetOutputTensorNames()[0])) == list(expected.shape)
    # Upstream's third model gets inputs up to 750, to which single precision's rounding is relative.
    np.testing.assert_allclose(found, expected.reshape(-1), rtol=0, atol=1e-6 * max(1, x.max()))


def test_shapes_and_types_as_roots_own_types(save_torch):
    import ROOT

    SOFIE = ROOT.TMVA.Experimental.SOFIE
    shapes = ROOT.std.vector["std::vector<size_t>"]()
    shapes.push_back(ROOT.std.vector["size_t"]([3, 4]))
    path = save_torch(nn.Linear(4, 2))
    model = SOFIE.PyTorch.Parse(str(path), shapes, [SOFIE.ETensorType.FLOAT])
    assert list(model.GetInputTensorNames()) == ["input1"]
    assert model.GetName() == "model"
    with pytest.raises(RuntimeError, match=r"Model file absent\.pt not found!"):
        SOFIE.PyTorch.Parse("absent.pt", shapes)


ORDERS = {
    "ROOT first": "import ROOT; import pysofie",
    "pysofie first": "import pysofie; import ROOT",
    "ROOT used first": "import ROOT; ROOT.gROOT.GetVersion(); ROOT.std.vector['int'](); import pysofie",
    "ROOT's namespace missed first": (
        "import ROOT\ntry: ROOT.TMVA\nexcept AttributeError: pass\nelse: raise SystemExit('ROOT has TMVA')\nimport pysofie"
    ),
    "a name of pysofie's": "from pysofie import parse; import ROOT",
    "torch in between": "import pysofie, torch, ROOT",
    "a name of ROOT's": "import pysofie; from ROOT.TMVA.Experimental import SOFIE; import ROOT",
}


@pytest.mark.parametrize("imports", ORDERS.values(), ids=ORDERS)
def test_the_parsers_are_there_whatever_the_order_of_imports(imports, tmp_path):
    if provider.is_native() and "SystemExit" in imports:
        pytest.skip("this ROOT has a SOFIE of its own")
    code = f"""
{imports}
SOFIE = ROOT.TMVA.Experimental.SOFIE
print(SOFIE.RModel("m.pt", "").GetName(), SOFIE.Options.kNoWeightFile is not None)
try:
    SOFIE.PyTorch.Parse("absent.pt", [[3, 4]], [SOFIE.ETensorType.FLOAT])
except RuntimeError as error:
    print(error)
"""
    assert run_python(code, tmp_path) == "m True\nModel file absent.pt not found!\n"


@pytest.mark.parametrize(
    ("file", "name", "expected"),
    [
        ("my-model.v2.pt", None, "my_modelv2"),
        ("Higgs.pt", "Signal", "Signal"),
        ("Higgs.pt", "v1.2", "v12"),
        ('a "b"; system("x").pt', None, "absystemx"),
        ("网络.pt", None, "model"),
        ("class.pt", None, "class"),
    ],
)
def test_the_models_name_is_the_files(file, name, expected, save_torch):
    assert pysofie.parse(save_torch(nn.Linear(2, 2), name=file), [["batch", 2]], name=name).GetName() == expected


NASTY = [
    "batch",
    "class",
    "x y",
    '"; system("echo ran > ran"); "',
    "line\nbreak",
    "*/",
    "é",
    "n" * 300,
    "tensor_x",
    "std",
]


@pytest.mark.parametrize("dim", NASTY, ids=range(len(NASTY)))
def test_a_dim_of_any_name(dim, save_torch, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    module = nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3)).eval()
    x = np.linspace(-1, 1, 35, dtype=np.float32).reshape(7, 5)
    with torch.no_grad(), pysofie.compile(save_torch(module), [[dim, 5]], backend="cling") as session:
        np.testing.assert_allclose(session(x), module(torch.from_numpy(x)).numpy(), atol=1e-6)
    assert not Path("ran").exists()


def test_parameters_of_any_name():
    """Names that are one in ROOT's spelling, keywords, quotes, line breaks, 300 characters."""
    names = ["conv.1", "conv1", "class", 'quote"d', "two\nlines", "*/ int x;", "\\", "é", "m" * 300, "m" * 301]
    nodes, last = [], "x.1"
    for at, name in enumerate(names):
        nodes.append(Node("Add", (last, name), (f"sum.{at}" if at % 2 else f"sum{at + 1}",)))
        last = nodes[-1].outputs[0]
    weights = {name: np.full((3,), at + 1, np.float32) for at, name in enumerate(names)}
    graph = Graph("nasty.pt", (TensorInfo("x.1", np.float32, ("batch", 3)),), (last,), tuple(nodes), weights)
    model = provider.rmodel(builder.recipe(graph.validate()))
    with pysofie.compile(model, backend="cling") as session:
        found = session(np.zeros((2, 3), np.float32))
    np.testing.assert_array_equal(found, np.full((2, 3), sum(range(1, len(names) + 1)), np.float32))


def test_what_cpp_refuses_arrives_as_an_error_of_ours():
    x = TensorInfo("x", np.float32, (2, 3))
    with pytest.raises(UnsupportedOperator, match="there is no ROperator_Nonsense"):
        provider.rmodel(Recipe("n.pt", (x,), ("y",), {}, (OperatorCall("Nonsense", ("float",), ("x", "y"), ""),), {}))
    with pytest.raises(SofieError, match="input tensor with name x already exists"):
        provider.rmodel(Recipe("n.pt", (x, x), ("y",), {}, (), {}))


def test_two_parses_of_one_file_give_the_same_text(save_torch, tmp_path):
    path = save_torch(nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2)))
    texts = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        model = pysofie.parse(path, [["batch", 4]])
        model.Generate()
        model.OutputGenerated(str(tmp_path / folder / "model.hxx"))
        texts.append([(tmp_path / folder / name).read_bytes() for name in ("model.hxx", "model.dat")])
    assert texts[0] == texts[1]
    assert all(isinstance(part, bytes) and part for part in texts[0])


def test_the_collector_is_left_as_it_was(save_torch):
    path = save_torch(nn.Linear(2, 2))
    pysofie.parse(path, [[1, 2]])
    assert gc.get_freeze_count() == 0
    gc.freeze()
    try:
        pysofie.parse(path, [[1, 2]])
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
