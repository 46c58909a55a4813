"""PyTorch's doors: a file, a live module, a program; arguments and results of any structure; what each refuses, and says."""

from __future__ import annotations

import dataclasses
import io
import json
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch
from torch import nn

import pysofie
from oracle import evaluate
from pysofie import CaptureError, ModelFileError, ShapeError, SofieError, UnsupportedOperator, parsing, reference
from pysofie.errors import CaptureWarning
from pysofie.request import Request

pytestmark = pytest.mark.torch
BATCH = torch.export.Dim("batch")


class Point(NamedTuple):
    """A result with fields."""

    near: torch.Tensor
    far: torch.Tensor


class Structured(nn.Module):
    """Arguments in a dict and a tuple, an absent one, a number; a dict for a result."""

    def __init__(self) -> None:
        super().__init__()
        self.net, self.drop = nn.Linear(3, 4), nn.Dropout(0.5)

    def forward(
        self,
        event: dict[str, torch.Tensor],
        pair: tuple[torch.Tensor, torch.Tensor | None],
        scale: float = 2.0,
        mask: torch.Tensor | None = None,
    ):
        first, second = pair
        out = self.drop(self.net(event["jets"])) * scale + first
        if second is not None:
            out = out - second
        if mask is not None:
            out = out * mask
        return {"score": out, "met": event["missing E"] + 1}


class Fields(nn.Module):
    """Named fields for a result, one of them an input's own name."""

    def forward(self, near, weight):
        return Point(near * weight, near - weight)


class Branch(nn.Module):
    """What Python decides on data."""

    def forward(self, x):
        return x * 3 if bool(x.sum() > 0) else x - 1


class Recurrent(nn.Module):
    """A recurrent net whose length has a name."""

    def __init__(self) -> None:
        super().__init__()
        self.net, self.out = nn.GRU(3, 5, batch_first=True), nn.Linear(5, 2)

    def forward(self, x):
        return self.out(self.net(x)[0][:, -1])


class KeywordOnly(nn.Module):
    """An argument that has no position."""

    def forward(self, x, *, shift, power=2):
        return x**power + shift


class Many(nn.Module):
    """Any number of arguments."""

    def forward(self, *xs):
        return torch.cat(xs, 1)


def example(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


STRUCTURED = ({"jets": example(2, 3), "missing E": example(5)}, (example(4), None))
WITH_ALL = {
    "event": STRUCTURED[0],
    "pair": (example(4), example(2, 4)),
    "scale": 3.0,
    "mask": example(2, 1),
}


@dataclasses.dataclass
class Case:
    """A module, how it is parsed, and what its inputs and outputs are called; the output `*` stands for any name."""

    module: nn.Module
    inputs: str
    outputs: str
    shapes: list | None = None
    options: dict = dataclasses.field(default_factory=dict)
    script: bool = True


CASES = {
    "plain": Case(nn.Sequential(nn.Linear(7, 3), nn.Tanh()), "input", "*", [["batch", 7]]),
    "fixed": Case(nn.Sequential(nn.Linear(7, 3), nn.Tanh()), "input", "*", [[2, 7]]),
    "an example": Case(nn.Linear(7, 3), "input", "*", None, {"example_inputs": example(2, 7)}),
    "structured": Case(
        Structured(),
        "event_jets event_missingE pair_0",
        "score met",
        [["n", 3], [5], [4]],
        {"example_inputs": STRUCTURED},
    ),
    "all arguments, by name": Case(
        Structured(), "event_jets event_missingE pair_0 pair_1 mask", "score met", None, {"example_inputs": WITH_ALL}
    ),
    "fields": Case(Fields(), "near weight", "near_2 far", [["batch", 4], [4]], script=False),
    "branch": Case(Branch(), "x", "*", [["batch", 4]]),
    "recurrent": Case(Recurrent(), "x", "*", [["batch", "time", 3]]),
    "keywords": Case(
        KeywordOnly(),
        "x shift",
        "*",
        [["n", 3], [3]],
        {"example_inputs": {"x": example(2, 3), "shift": example(3), "power": 3}},
        script=False,
    ),
    "many": Case(Many(), "xs_0 xs_1 xs_2", "*", [["n", 1], ["n", 2], ["n", 3]], script=False),
    "double": Case(nn.Linear(3, 2).double(), "input", "*", [["batch", 3]], {"input_dtypes": ["float64"]}),
    "embedding": Case(nn.Embedding(5, 3), "input", "*", [["batch", 4]], {"input_dtypes": ["int64"]}),
    "attention": Case(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), "src", "*", [[3, 5, 8]]),
    "attention of any length": Case(
        nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), "src", "*", [["batch", "len", 8]], script=False
    ),
}
DOORS = [(name, door) for name, case in CASES.items() for door in ("live", "script") if door == "live" or case.script]


def names_of(names) -> list[str]:
    return [name.rpartition(".")[0] or name for name in names]


@pytest.mark.parametrize(("name", "door"), DOORS)
def test_the_graph_computes_what_the_module_computes(name, door, rng):
    """At sizes that it was not captured at; the module stays in training mode, its gradients as they were."""
    case = CASES[name]
    torch.manual_seed(1)
    module = (torch.jit.script(case.module) if door == "script" else case.module).train()
    options = {"input_shapes": case.shapes, **case.options}
    request = Request.of(options.pop("input_shapes"), options.pop("input_dtypes", None), **options)
    raw = parsing.read(module, request)
    assert module.training
    assert all(one.requires_grad and one.grad is None for one in module.parameters())
    _, run = reference.reference(module, case.options)
    for graph in (raw, parsing.prepare(raw)):
        plain = [name.replace(" ", "") for name in names_of(info.name for info in graph.inputs)]
        assert plain == case.inputs.split()
        assert case.outputs == "*" or list(graph.outputs) == case.outputs.split()
        for size in (1, 2, 6):
            sizes = {dim: size + at for at, dim in enumerate(graph.dims)}
            arrays = [
                rng.integers(0, 5, shape) if info.dtype.kind == "i" else rng.standard_normal(shape).astype(info.dtype)
                for info in graph.inputs
                for shape in [[sizes.get(dim, dim) for dim in info.shape]]
            ]
            for wanted, got in zip(run(arrays), evaluate(graph, arrays), strict=True):
                assert wanted.shape == got.shape
                np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)


class Masked(nn.Module):
    """Integers and booleans, in and out."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding, self.net = nn.Embedding(9, 4), nn.Linear(4, 3)

    def forward(self, ids, mask):
        x = self.embedding(ids).masked_fill(~mask.unsqueeze(-1), 0.0)
        return self.net(x).sum(1), mask.any(1), ids.max(1)[0]


@pytest.mark.parametrize(
    ("module", "shapes", "options"),
    [
        pytest.param(
            Masked(),
            [["batch", "len"], ["batch", "len"]],
            {"input_dtypes": ["int64", "bool"], "atol": 1e-5},
            id="masked",
        ),
        # Computed in float32, and rounded once; PyTorch rounds after each layer.
        pytest.param(
            nn.Sequential(nn.Linear(4, 3), nn.Tanh()).half(),
            [["batch", 4]],
            {"input_dtypes": ["float16"], "atol": 2e-3},
            id="float16",
        ),
        pytest.param(
            nn.Sequential(nn.Linear(4, 3), nn.Tanh()).bfloat16(),
            [["batch", 4]],
            {"input_dtypes": ["bfloat16"], "atol": 2e-2},
            id="bfloat16",
        ),
    ],
)
@pytest.mark.parametrize("door", ["live", "script"])
def test_types(module, shapes, options, door):
    assert pysofie.verify(torch.jit.script(module) if door == "script" else module, shapes, **options).ok


def test_a_live_module_in_cpp():
    case = CASES["structured"]
    report = pysofie.verify(case.module, case.shapes, **case.options)
    assert report.ok
    assert [output.name for output in report.outputs] == ["score", "met"]


def program(path, **options):
    exported = torch.export.export(
        Structured().eval(),
        STRUCTURED,
        dynamic_shapes={"event": {"jets": {0: BATCH}, "missing E": {}}, "pair": ({}, None)},
    )
    torch.export.save(exported, path, **options)
    return exported


@pytest.mark.parametrize("in_memory", [True, False])
def test_a_program(tmp_path, in_memory):
    """Its dims that take any size have no names in the file, and the user may give some, or fix them."""
    path = tmp_path / "model.pt2"
    exported = program(path)
    source = exported if in_memory else path
    graph = parsing.read(source, Request())
    assert [info.shape for info in graph.inputs] == [("dim0", 3), (5,), (4,)]
    assert graph.outputs == ("score", "met")
    assert any(node.origin == "net (Linear)" for node in graph.nodes)
    report = pysofie.verify(source, [["batch", 3], [5], [4]])
    assert report.ok
    assert pysofie.compile(source, batch_size=4).inputs[0].shape == (4, 3)
    with pytest.raises(ShapeError, match=r"float32\[5\] was given the shape \[n\]"):
        parsing.read(source, Request.of([["batch", 3], ["n"], [4]]))
    with pytest.raises(ShapeError, match="knows its inputs"):
        parsing.read(source, Request.of(example_inputs=STRUCTURED))


def test_a_truncated_program_is_refused(tmp_path):
    path = tmp_path / "model.pt2"
    program(path)
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(ModelFileError, match="truncated or damaged"):
        parsing.read(path, Request())


@pytest.mark.parametrize(
    "wrap", [lambda state: state, lambda state: {"epoch": 3, "state_dict": state}], ids=["state_dict", "checkpoint"]
)
def test_weights_from_a_state_dict(tmp_path, rng, wrap):
    """In a dict or a file; the module keeps its own."""
    module, trained = nn.Linear(3, 2), nn.Linear(3, 2)
    before = module.weight.detach().clone()
    path = tmp_path / "weights.pth"
    torch.save(wrap(trained.state_dict()), path)
    x = rng.standard_normal((2, 3)).astype(np.float32)
    wanted = trained(torch.from_numpy(x)).detach().numpy()
    for weights in (trained.state_dict(), path, str(path)):
        graph = parsing.read(module, Request.of([["batch", 3]], state_dict=weights))
        np.testing.assert_allclose(evaluate(graph, [x])[0], wanted, rtol=1e-6, atol=1e-6)
    assert torch.equal(module.weight, before)


def test_weights_that_do_not_fit_are_refused(tmp_path, save_torch):
    module = nn.Linear(3, 2)
    with pytest.raises(ShapeError, match=r"state_dict does not fit Linear: .*size mismatch for weight"):
        parsing.read(module, Request.of([[1, 3]], state_dict=nn.Linear(4, 2).state_dict()))
    with pytest.raises(ShapeError, match=r'Missing key\(s\) in state_dict: "weight"'):
        parsing.read(module, Request.of([[1, 3]], state_dict={}))
    torch.save(module, tmp_path / "module.pt")
    with pytest.raises(ModelFileError, match="holds no state_dict, but a module"):
        parsing.read(module, Request.of([[1, 3]], state_dict=tmp_path / "module.pt"))
    with pytest.raises(FileNotFoundError):
        parsing.read(module, Request.of([[1, 3]], state_dict=tmp_path / "absent.pth"))
    with pytest.raises(SofieError, match="has its weights"):
        parsing.read(save_torch(module), Request.of([[1, 3]], state_dict=module.state_dict()))


def test_a_branch_that_tracing_freezes_is_told():
    """PyTorch can neither export nor script it."""

    class Frozen(nn.Module):
        def forward(self, x):
            return x * {True: 2.0, False: -1.0}[bool(x.sum() > 0)] * len(f"{x.dim()}")

    with pytest.warns(
        CaptureWarning, match=r"Frozen: PyTorch warns of the trace: Converting a tensor to a Python boolean"
    ):
        parsing.read(Frozen(), Request.of([["batch", 4]]))


def test_examples_that_do_not_fit():
    module = Structured()
    with pytest.raises(
        ShapeError, match=r"example_inputs do not fit forward: missing .*'event'; a dict gives arguments"
    ):
        parsing.read(module, Request.of(example_inputs=STRUCTURED[0]))
    with pytest.raises(ShapeError, match=r"1 shape given for 3 tensors in example_inputs"):
        parsing.read(module, Request.of([["n", 3]], example_inputs=STRUCTURED))
    with pytest.raises(ShapeError, match=r"the example of pair_0 has the shape \(4,\), \(6,\) was asked for"):
        parsing.read(module, Request.of([["n", 3], [5], [6]], example_inputs=STRUCTURED))
    with pytest.raises(ShapeError, match=r"2 shapes given, but forward takes \(input"):
        parsing.read(nn.Linear(3, 2), Request.of([[1, 3], [2]]))
    with pytest.raises(ShapeError, match="give input_shapes, or example_inputs"):
        parsing.read(nn.Linear(3, 2), Request.of())
    scripted = torch.jit.script(module)
    with pytest.raises(ShapeError, match="takes event, pair, scale, mask; example_inputs give event"):
        parsing.read(scripted, Request.of(example_inputs={"event": STRUCTURED[0]}))
    with pytest.raises(CaptureError, match=r"without example_inputs, but 'event' is Dict\[str, Tensor\]"):
        parsing.read(scripted, Request.of([["n", 3], [5], [4]]))


def test_a_result_that_torchscript_does_not_take_apart():
    class Mixed(nn.Module):
        def forward(self, x):
            return {"a": x * 2, "list": [x + 1, (x - 1,)]}

    scripted = torch.jit.script(Mixed())
    with pytest.raises(CaptureError, match=r"types that TorchScript does not take apart: 'Union"):
        parsing.read(scripted, Request.of([["n", 3]]))
    assert parsing.read(Mixed(), Request.of([["n", 3]])).outputs == ("a", "list_0", "list_1_0")


class Unknown(nn.Module):
    """What ONNX does not have, where data say so."""

    def forward(self, x):
        if bool(x.sum() > 0):
            x = torch.special.bessel_j0(x)
        return x


def test_all_ways_are_told_where_none_works(save_torch):
    with pytest.raises(UnsupportedOperator, match=r"aten::special_bessel_j0") as caught:
        parsing.read(save_torch(Unknown()), Request.of([["batch", 5]]))
    ways = re.findall(r"another way failed, (.*?): ", str(caught.value))
    assert ways == ["torch.export of its graph", "make_fx and torch.export"]


class Asked(nn.Module):
    """What Python decides on sizes, lists and weights, which PyTorch's exporter of TorchScript takes for tensors, or does not know."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.TransformerDecoderLayer(6, 2, 8, batch_first=True)
        self.register_buffer("mask", torch.triu(torch.full((4, 4), float("-inf")), 1))
        self.register_buffer("scale", torch.tensor(3.0))

    def forward(self, x, memory, weights: torch.Tensor | None = None):
        if x.shape != memory.shape and list(x.shape)[1:] == [4, 6]:
            x = x * 2
        if bool(self.scale > 2.0):
            x = x + 1
        names = {"first": x, "second": memory}
        for name, one in names.items():
            if name == "first" and one is not memory:
                x = one / self.scale
        if weights is not None:
            x = x * weights
        return self.net(x, memory, tgt_mask=self.mask)


@pytest.mark.parametrize("shape", [(2, 5, 6), (2, 4, 6)])
def test_what_the_exporter_cannot_is_gone_through_node_by_node(save_torch, shape):
    module = Asked().eval()
    graph = parsing.read(save_torch(module), Request.of([["n", 4, 6], ["n", *shape[1:]]]))
    for count in (1, 3):
        tensors = [example(count, 4, 6), example(count, *shape[1:])]
        with torch.no_grad():
            expected = module(*tensors).numpy()
        found = evaluate(graph, [one.numpy() for one in tensors])[0]
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


class Runs:
    """What unpickling would run."""

    def __reduce__(self):
        return (Path.touch, (Path("ran"),))


def _changed(path: Path, change: Callable[[str, bytes], bytes], **more: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, change(name, content))
        for name, content in more.items():
            archive.writestr(name, content)


def _saved(value: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def _saved_as(pickled: bytes) -> bytes:
    """What torch.save would write of a pickle."""
    source, target = io.BytesIO(_saved({})), io.BytesIO()
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w") as after:
        for name in before.namelist():
            after.writestr(name, pickled if name.endswith("/data.pkl") else before.read(name))
    return target.getvalue()


def _is_example(name: str) -> bool:
    """Where the example inputs are, in files of PyTorch 2.13 and 2.6."""
    return name.endswith(("inputs/model.pt", "serialized_example_inputs.pt"))


def _pickled_weights(name: str, content: bytes) -> bytes:
    if name.endswith("weights_config.json"):
        record = json.loads(content)
        for one in record["config"].values():
            one["use_pickle"] = True
        return json.dumps(record).encode()
    is_pickle = name.endswith(("weight_0", "serialized_state_dict.pt"))
    return pickle.dumps(Runs(), protocol=0) if is_pickle else content


def _guarded(name: str, content: bytes) -> bytes:
    if not name.endswith(("models/model.json", "serialized_exported_program.json")):
        return content
    return json.dumps({**json.loads(content), "guards_code": ["__import__('os')"]}).encode()


HOSTILE = {
    "an example": (
        lambda name, content: _saved(Runs()) if _is_example(name) else content,
        {},
        "holds an object of",
    ),
    "a bare pickle": (
        lambda name, content: pickle.dumps(Runs()) if _is_example(name) else content,
        {},
        "holds an object of pathlib",
    ),
    "pickled weights": (_pickled_weights, {}, "holds an object of"),
    "a function that finds others": (
        lambda name, content: (
            _saved_as(b"ctorch._utils\n_import_dotted_name\n(S'os.getcwd'\ntR(tR.") if _is_example(name) else content
        ),
        {},
        r"something that is no tensor \(",
    ),
    "an old pickle in an archive": (
        lambda name, content: _saved_as(b"cposix\ngetcwd\n(tR.") if _is_example(name) else content,
        {},
        r"something that is no tensor \(",
    ),
    "two files of one name": (
        lambda _, content: content,
        {"VERSION": b"8.2", "model/archive_VERSION": b"0"},
        "two files of one name",
    ),
    "compiled code": (
        lambda _, content: content,
        {"model/data/aotinductor/model/model.so": b""},
        r"compiled code \(model.so",
    ),
    "an object": (
        lambda _, content: content,
        {"model/data/constants/opaque_obj_0": b"c"},
        r"holds an object that is no tensor \(opaque_obj_0\)",
    ),
    "a size": (
        lambda _, content: content.replace(b"Symbol('s", b"Symbol(__import__('os').getcwd()) + Symbol('s"),
        {},
        r"holds the size .*__import__",
    ),
    "a size that calls": (lambda _, content: content.replace(b"Symbol('s", b"eval('s"), {}, "holds the size"),
    "a guard": (_guarded, {}, "holds the guard .*__import__"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_program_that_would_run_code_is_not_loaded(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    change, more, said = HOSTILE[name]
    path = tmp_path / "model.pt2"
    program(path)
    _changed(path, change, **more)
    with pytest.raises(ModelFileError, match=said):
        parsing.read(path, Request())
    assert not Path("ran").exists()


def test_guards_and_sizes_of_real_programs_are_let_through(tmp_path):
    class Sizes(nn.Module):
        def forward(self, x, y):
            if x.shape[0] > 3:
                x = x + 1
            return torch.cat([x.reshape(-1), y.repeat(2, 1).flatten()])[: x.shape[0] * 2 + y.shape[0] // 2]

    dims = torch.export.Dim("a", min=4, max=40), torch.export.Dim("b", min=2, max=30)
    exported = torch.export.export(
        Sizes(), (example(6, 3), example(4, 5)), dynamic_shapes={"x": {0: dims[0]}, "y": {0: dims[1]}}
    )
    torch.export.save(exported, tmp_path / "model.pt2")
    with pytest.warns(CaptureWarning) as told:
        graph = parsing.read(tmp_path / "model.pt2", Request())
    assert [str(one.message) for one in told if one.category is CaptureWarning] == [
        "model.pt2 was exported for dim0 from 4 to 40",
        "model.pt2 was exported for dim1 from 2 to 30",
    ]
    assert [info.shape for info in graph.inputs] == [("dim0", 3), ("dim1", 5)]
