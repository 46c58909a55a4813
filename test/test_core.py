"""The core's classes as a ROOT user drives them by hand: construction, refusals, the plan of the memory, printing."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from pysofie import provider


@pytest.fixture(scope="module")
def ROOT() -> Any:
    provider.load_core()
    module = provider.root()
    module.gInterpreter.Declare(
        '#include "TMVA/RModel.hxx"\n#include "TMVA/SOFIE/RMemoryPlanner.hxx"\n#include "TMVA/SOFIE/RCodeWriter.hxx"\n'
        '#include "TMVA/ROperator_Gemm.hxx"\n#include "TMVA/ROperator_Relu.hxx"\n'
    )
    return module


@pytest.fixture
def sofie(ROOT: Any) -> Any:
    return ROOT.TMVA.Experimental.SOFIE


def lives(rng: np.random.Generator, count: int) -> list[tuple[int, int, int]]:
    """Random tensors: first and last operator, bytes."""
    begins = rng.integers(0, 30, count)
    return [(int(b), int(b + rng.integers(0, 8)), int(rng.integers(0, 5000))) for b in begins]


def as_infos(sofie: Any, ROOT: Any, tensors: list[tuple[int, int, int]]) -> Any:
    infos = ROOT.std.vector[sofie.TensorLifeInfo]()
    for begin, end, size in tensors:
        info = sofie.TensorLifeInfo()
        info.begin, info.end, info.size = begin, end, size
        infos.push_back(info)
    return infos


@pytest.mark.parametrize("seed", range(5))
def test_tensors_in_use_at_one_time_never_overlap(sofie: Any, ROOT: Any, seed: int) -> None:
    tensors = lives(np.random.default_rng(seed), 60)
    infos = as_infos(sofie, ROOT, tensors)
    plan = sofie.OrganizeMemory(infos)
    offsets = list(plan.offsets)
    slots = list(sofie.AssignSlots(infos))
    for (i, a), (j, b) in itertools.combinations(enumerate(tensors), 2):
        if a[0] <= b[1] and b[0] <= a[1]:
            assert offsets[i] + a[2] <= offsets[j] or offsets[j] + b[2] <= offsets[i]
            assert slots[i] != slots[j]
    assert all(offset % 64 == 0 for offset in offsets)
    assert plan.total_bytes >= max(offset + size for offset, (_, _, size) in zip(offsets, tensors, strict=True))
    assert plan.live_bytes == max(sum(s for b, e, s in tensors if b <= at <= e) for at in range(40))
    padded = [(b, e, (s + 63) // 64 * 64) for b, e, s in tensors]
    most = max(sum(s for b, e, s in padded if b <= at <= e) for at in range(40))
    assert plan.total_bytes <= 1.3 * most, "far from the most that is alive at once"


def test_a_chain_of_equal_tensors_needs_two_of_them(sofie: Any, ROOT: Any) -> None:
    chain = [(at, at + 1, 640) for at in np.random.default_rng(0).permutation(20).tolist()]
    assert sofie.OrganizeMemory(as_infos(sofie, ROOT, chain)).total_bytes == 2 * 640


NAMES = [
    ('"; system("x', r"\"; system(\"x"),
    ("line\nbreak", r"line\u000abreak"),
    ("back\\", r"back\\"),
    ("\u00e9", r"\u00c3\u00a9"),
    ("??/", r"\u003f\u003f/"),
]


@pytest.mark.parametrize(("text", "escaped"), NAMES)
def test_untrusted_text_stays_text(sofie: Any, text: str, escaped: str) -> None:
    assert str(sofie.EscapeText(text)) == escaped


@pytest.mark.parametrize("name", ["class", "size_t", "session", "tensor_x", "a b", "1x", "", "a__b", "x;", "_X"])
def test_a_dimension_has_a_name_that_can_be_a_parameter(sofie: Any, ROOT: Any, name: str) -> None:
    model = sofie.RModel("m", "now")
    with pytest.raises(Exception, match="cannot name a dimension"):
        model.AddInputTensorInfo(
            "x", sofie.ETensorType.FLOAT, ROOT.std.vector[sofie.Dim]([sofie.Dim(name), sofie.Dim(2)])
        )


def gemm_model(sofie: Any, ROOT: Any, *, inner: int = 3) -> Any:
    model = sofie.RModel("m.pt", "now")
    model.AddInputTensorInfo("x", sofie.ETensorType.FLOAT, ROOT.std.vector["size_t"]([2, 3]))
    model.AddInputTensorName("x")
    model.AddInitializedTensor["float"]("w", ROOT.std.vector["size_t"]([inner, 5]), np.ones((inner, 5), np.float32))
    gemm = sofie.ROperator_Gemm["float"]
    model.AddOperator(ROOT.std.make_unique[gemm](1.0, 1.0, 0, 0, "x", "w", "y"))
    model.AddOutputTensorNameList(ROOT.std.vector["string"](["y"]))
    return model


def without_outputs(sofie: Any, ROOT: Any) -> Any:
    model = gemm_model(sofie, ROOT)
    model.AddOutputTensorNameList(ROOT.std.vector["string"]())
    return model


REFUSALS = {
    "an input twice": (
        lambda sofie, ROOT: gemm_model(sofie, ROOT).AddInputTensorInfo(
            "x", sofie.ETensorType.FLOAT, ROOT.std.vector["size_t"]([1])
        ),
        "input tensor with name x already exists",
    ),
    "a weight twice": (
        lambda sofie, ROOT: gemm_model(sofie, ROOT).AddInitializedTensor["float"](
            "w", ROOT.std.vector["size_t"]([1]), np.ones(1, np.float32)
        ),
        "initialized tensor with name w already exists",
    ),
    "an unknown tensor's shape": (
        lambda sofie, ROOT: gemm_model(sofie, ROOT).GetTensorShape("z"),
        r"TMVA SOFIE tensor \[z\] for which the shape is requested is not found",
    ),
    "unlike inner dimensions": (
        lambda sofie, ROOT: gemm_model(sofie, ROOT, inner=4).Initialize(),
        "MatMul: the inner dimensions 3 of x .* and 4 of w .* differ",
    ),
    "no outputs": (lambda sofie, ROOT: without_outputs(sofie, ROOT).Generate(), "output size=0 are not supported"),
    "weights without a Session": (
        lambda sofie, ROOT: gemm_model(sofie, ROOT).Generate(sofie.Options.kNoSession),
        "cannot use a separate weight file without generating a Session class",
    ),
    "weights in a ROOT file": (
        lambda sofie, ROOT: gemm_model(sofie, ROOT).Generate(sofie.Options.kRootBinaryWeightFile),
        "kRootBinaryWeightFile is not supported: use kBinaryWeightFile",
    ),
    "output before generation": (
        lambda sofie, ROOT: gemm_model(sofie, ROOT).OutputGenerated("never.hxx"),
        "nothing is generated yet, call Generate first",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals(sofie: Any, ROOT: Any, case: str) -> None:
    action, message = REFUSALS[case]
    with pytest.raises(Exception, match=message):
        action(sofie, ROOT)


def test_a_failure_stays_the_same(sofie: Any, ROOT: Any) -> None:
    """Python tries each overload of Generate, the second of them on operators that the first has half settled."""
    model = sofie.RModel("m.pt", "now")
    shape = ROOT.std.vector["size_t"]([2, 3])
    for name in "ab":
        model.AddInputTensorInfo(name, sofie.ETensorType.FLOAT, shape)
        model.AddInputTensorName(name)
    model.AddOperator(ROOT.std.make_unique[sofie.ROperator_Relu["float"]]("a", "r"))
    model.AddOperator(ROOT.std.make_unique[sofie.ROperator_Gemm["float"]](1.0, 1.0, 0, 0, "r", "b", "y"))
    model.AddOutputTensorNameList(ROOT.std.vector["string"](["y"]))
    for _ in range(2):
        with pytest.raises(Exception, match="the inner dimensions 3 of r") as caught:
            model.Generate(sofie.Options.kDefault, 2)
        assert "already exists" not in str(caught.value)


def test_batch_size_by_name(sofie: Any, ROOT: Any) -> None:
    model = sofie.RModel("m.pt", "now")
    dims = ROOT.std.vector[sofie.Dim]([sofie.Dim("bs"), sofie.Dim(3)])
    model.AddInputTensorInfo("x", sofie.ETensorType.FLOAT, dims)
    model.AddInputTensorName("x")
    relu = sofie.ROperator_Relu["float"]
    model.AddOperator(ROOT.std.make_unique[relu]("x", "y"))
    model.AddOutputTensorNameList(ROOT.std.vector["string"](["y"]))
    assert model.IsDimInputTensor("x")
    model.Generate(sofie.Options.kDefault, 4)
    assert list(model.GetTensorShape("y")) == [4, 3]
    assert "infer(float const *tensor_x)" in str(model.ReturnGenerated())


@pytest.mark.parametrize(
    ("features", "hidden", "rows"), [(3, 5, 48), (3, 20_000, 6), (50, 20_000, 24), (1, 150_000, 1)]
)
def test_rows_of_a_batch_at_a_time(sofie: Any, ROOT: Any, features: int, hidden: int, rows: int) -> None:
    """As many as keep the intermediate tensor in a cache, or small beside the weights."""
    model = sofie.RModel("m.pt", "now")
    dims = ROOT.std.vector[sofie.Dim]([sofie.Dim("batch"), sofie.Dim(features)])
    model.AddInputTensorInfo("x", sofie.ETensorType.FLOAT, dims)
    model.AddInputTensorName("x")
    gemm = sofie.ROperator_Gemm["float"]
    for weight, shape, x, y in (("v", (features, hidden), "x", "h"), ("w", (hidden, features), "h", "y")):
        model.AddInitializedTensor["float"](weight, ROOT.std.vector["size_t"](shape), np.ones(shape, np.float32))
        model.AddOperator(ROOT.std.make_unique[gemm](1.0, 1.0, 0, 0, x, weight, y))
    model.AddOutputTensorNameList(ROOT.std.vector["string"](["y"]))
    model.Generate()
    header = str(model.ReturnGenerated())
    assert f"// batch      batch, computed {rows} rows at a time\n" in header
    assert f"// memory     {-(-rows * hidden * 4 // 64) * 64} bytes" in header


def test_rows_where_other_dims_have_names(sofie: Any, ROOT: Any) -> None:
    """Where sizes are guessed, the cache alone says how many: large weights allow no more."""
    model = sofie.RModel("m.pt", "now")
    for name, sizes in (("x", ("batch", 50)), ("s", ("batch", "steps"))):
        dims = ROOT.std.vector[sofie.Dim]([sofie.Dim(size) for size in sizes])
        model.AddInputTensorInfo(name, sofie.ETensorType.FLOAT, dims)
        model.AddInputTensorName(name)
    weights = np.ones((50, 20_000), np.float32)
    model.AddInitializedTensor["float"]("w", ROOT.std.vector["size_t"](weights.shape), weights)
    model.AddOperator(ROOT.std.make_unique[sofie.ROperator_Gemm["float"]](1.0, 1.0, 0, 0, "x", "w", "y"))
    for x, y in (("s", "t"), ("t", "u"), ("u", "v")):
        model.AddOperator(ROOT.std.make_unique[sofie.ROperator_Softmax](-1, x, y))
    model.AddOutputTensorNameList(ROOT.std.vector["string"](["y", "v"]))
    model.Generate()
    assert "// batch      batch, computed 6 rows at a time\n" in str(model.ReturnGenerated())


def test_names_in_capitals_and_without_letters(sofie: Any, ROOT: Any) -> None:
    """The include guard must not be the namespace's name."""
    model = gemm_model(sofie, ROOT)
    assert str(model.GetName()) == "m"
    loud = sofie.RModel("MODEL", "now")
    assert str(loud.GetName()) == "MODEL"
    guard = ROOT.std.string()
    loud.GenerateHeaderInfo(guard)
    assert str(guard) != "TMVA_SOFIE_MODEL"


def test_printing(sofie: Any, ROOT: Any, capfd: pytest.CaptureFixture[str]) -> None:
    model = gemm_model(sofie, ROOT)
    model.Initialize()
    for name in (
        "RequiredInputTensors",
        "InitializedTensors",
        "IntermediateTensors",
        "DynamicTensors",
        "OutputTensors",
    ):
        getattr(model, f"Print{name}")()
    model.PrintSummary()
    model.HeadInitializedTensors("w", 2)
    ROOT.std.cout.flush()
    out = capfd.readouterr().out
    for text in (
        "x\ttype: float\tshape: { 2 , 3 }",
        "w\ttype: float\tshape: { 3 , 5 }",
        "0\tMatMul\t( x w ) -> ( y )",
        "...",
    ):
        assert text in out
    assert (model.GetWeightsTensorSize(), model.GetConstantTensorSize()) == (60, 0)
