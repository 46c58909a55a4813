"""A model as a column of an RDataFrame."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handwritten import MIXED, THROWING, WEIGHTED, Handwritten, affine, fixed, tensor
from pysofie import provider
from pysofie.errors import DataTypeError, ShapeError, SofieError
from pysofie.rdataframe import define
from pysofie.session import compile as compile_model

# (2, 2): the sum of the features and the category, as one output of one value and one of two, of unlike types.
TWO_INPUTS = Handwritten(
    "TwoInputs",
    [tensor("features", "float", "batch", 2), tensor("category", "int32_t", "batch")],
    [tensor("sum", "double", "batch", 1), tensor("flags", "bool", "batch", 2)],
    """
   for (std::size_t i = 0; i < batch; ++i) {
      sum[i] = double(features[2 * i]) + features[2 * i + 1] + category[i];
      flags[2 * i] = features[2 * i] > 1;
      flags[2 * i + 1] = category[i] > 1;
   }
""",
    dims=("batch",),
)


@pytest.fixture(autouse=True, scope="module")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSOFIE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def ROOT() -> Any:
    return provider.root()


@pytest.fixture
def threads(ROOT: Any) -> Iterator[None]:
    ROOT.EnableImplicitMT(2)
    yield
    ROOT.DisableImplicitMT()


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Five events of all kinds of branches, one of which has a name that is no C++."""
    ROOT = provider.root()
    path = tmp_path_factory.mktemp("tree") / "events.root"
    df = ROOT.RDataFrame(5).Define("i", "int(rdfentry_)")
    for name, expression in {
        "f32": "i + 0.5f",
        "f64": "i + 0.25",
        "flag": "i % 2 == 0",
        "u8": "(unsigned char)(250 + i)",
        "i64": "Long64_t(i) - 3",
        "jet_pt": "ROOT::RVecF(i, 0.5f) + i",
        "jet_eta": "ROOT::RVecD(i, 0.25)",
        "jet_n": "std::vector<int>(i, i)",
        "jet_tag": "jet_eta > 0.",
        "few": "ROOT::RVecF(1, 1.f)",
        "text": 'std::string("text")',
    }.items():
        df = df.Define(name, expression)
    df.Snapshot("events", str(path))
    file = ROOT.TFile.Open(str(path), "UPDATE")
    tree = file.Get("events")
    value = np.zeros(1, np.float32)
    branch = tree.Branch("jet1_b-tag", value, "jet1_b-tag/F")
    for event in range(5):
        value[0] = 10 * event
        branch.Fill()
    tree.Write("", ROOT.TObject.kOverwrite)
    file.Close()
    return str(path)


@pytest.fixture
def tree(ROOT: Any, events: str) -> Any:
    return ROOT.RDataFrame("events", events)


def values(df: Any, column: str) -> list[Any]:
    """What is in a column, as lists and numbers."""

    def plain(value: Any) -> Any:
        return [plain(one) for one in value] if hasattr(value, "__len__") else value

    return [plain(value) for value in df.AsNumpy([column])[column]]


I = np.arange(5)


@pytest.mark.parametrize("backend", ["compiler", "cling"])
@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["f32", "f32", "f32"], 3 * (I + 0.5)),
        (["f32", "f64", "i"], 3 * I + 0.75),
        (["jet1_b-tag", "u8", "i64"], 10 * I + 250 + I + I - 3),
        (["flag", "flag", "f32"], 2 * (I % 2 == 0) + I + 0.5),
    ],
    ids=["floats", "mixed", "any name", "flags"],
)
def test_event_by_event(
    tree: Any, tmp_path: Path, columns: list[str], expected: np.ndarray[Any, Any], backend: str
) -> None:
    session = compile_model(fixed().write(tmp_path), backend=backend)
    df = define(tree, ["sum", "difference"], session, columns)
    assert [df.GetColumnType(name) for name in ("sum", "difference")] == ["float", "float"]
    np.testing.assert_allclose(values(df, "sum"), expected, rtol=1e-6)


def test_a_vector_of_values(tree: Any, tmp_path: Path) -> None:
    df = define(tree, "y", fixed().write(tmp_path), ["i", "i", "f32"])
    assert df.GetColumnType("y") == "ROOT::VecOps::RVec<float>"
    assert values(df, "y") == [[3 * i + 0.5, -0.5] for i in range(5)]


@pytest.mark.parametrize("backend", ["compiler", "cling"])
def test_object_by_object(tree: Any, tmp_path: Path, backend: str) -> None:
    session = compile_model(fixed().write(tmp_path), backend=backend)
    df = define(tree, "y", session, ["jet_pt", "jet_eta", "f32"])
    df = define(df, ["sum", "difference"], session, ["jet_n", "jet_tag", "jet_pt"])
    assert df.GetColumnType("sum") == "ROOT::VecOps::RVec<float>"
    assert values(df, "y") == [[[2 * i + 1.25, 0.0]] * i for i in range(5)]
    assert values(df, "sum") == [[2 * i + 1.5] * i for i in range(5)]
    assert values(df, "difference") == [[-0.5] * i for i in range(5)]


@pytest.mark.parametrize(
    "columns", [["f32", "f64", "i"], {"category": "i", "features": ["f32", "f64"]}], ids=["list", "dict"]
)
def test_several_inputs_and_outputs(tree: Any, tmp_path: Path, columns: Any) -> None:
    df = define(tree, ["total", "flags"], TWO_INPUTS.write(tmp_path), columns)
    assert df.GetColumnType("total") == "double"
    assert values(df, "total") == list(3 * I + 0.75)
    assert values(df, "flags") == [[i > 0, i > 1] for i in range(5)]


@pytest.mark.parametrize("batched", [False, True])
def test_several_inputs_and_outputs_of_objects(tree: Any, tmp_path: Path, batched: bool) -> None:
    columns = ["jet_pt", "f64", "jet_n"]
    jets = define(tree, ["jet_total", "jet_flags"], TWO_INPUTS.write(tmp_path), columns, batched=batched)
    assert values(jets, "jet_total") == [[3 * i + 0.75] * i for i in range(5)]
    assert values(jets, "jet_flags") == [[[i > 0, i > 1]] * i for i in range(5)]


def test_what_lies_between_is_not_shown(tree: Any, tmp_path: Path) -> None:
    df = define(tree, ["total", "flags"], TWO_INPUTS.write(tmp_path), ["f32", "f64", "i"])
    assert set(map(str, df.GetColumnNames())) - set(map(str, tree.GetColumnNames())) == {"total", "flags"}
    df.Snapshot("events", str(tmp_path / "out.root"))


@pytest.mark.usefixtures("threads")
def test_batches_of_any_size(ROOT: Any, tmp_path: Path) -> None:
    df = ROOT.RDataFrame(400).Define("x", "auto n = (rdfentry_ * 37) % 90; return ROOT::VecOps::Range(n) + rdfentry_")
    df = define(df, [f"y{i}" for i in range(7)], affine(2).write(tmp_path), ["x"] * 7, batched=True)
    got = df.AsNumpy(["x", "y0", "y6"])
    for x, y0, y6 in zip(got["x"], got["y0"], got["y6"], strict=True):
        np.testing.assert_array_equal(np.asarray(y0), 2 * np.asarray(x))
        np.testing.assert_array_equal(np.asarray(y6), 2 * np.asarray(x) + 6)


@pytest.mark.usefixtures("threads")
def test_all_slots(ROOT: Any, tmp_path: Path) -> None:
    count = 200_000
    df = (
        ROOT.RDataFrame(count)
        .Define("x", "float(rdfentry_ % 1000)")
        .Define("slot", "rdfslot_")
        .Define("entry", "rdfentry_")
    )
    for i in range(1, 7):
        df = df.Define(f"x{i}", f"x + {i}")
    df = define(df, "y", affine(2).write(tmp_path), ["x", *(f"x{i}" for i in range(1, 7))])
    df = df.Define("y6", "y[6]")
    got = df.AsNumpy(["y6", "slot", "entry"])
    assert set(got["slot"]) == {0, 1}
    np.testing.assert_array_equal(got["y6"], 2 * (got["entry"] % 1000 + 6) + 6)


def test_systematic_variations(ROOT: Any, tmp_path: Path) -> None:
    df = ROOT.RDataFrame(4).Define("x", "float(rdfentry_)").Vary("x", "ROOT::RVecF{x - 1, x + 1}", ["down", "up"])
    (tmp_path / "Weighted.dat").write_text("3")
    sums = ROOT.RDF.Experimental.VariationsFor(define(df, "y", WEIGHTED.write(tmp_path), ["x"]).Sum["float"]("y"))
    assert [sums[name] for name in ("nominal", "x:down", "x:up")] == [18, 6, 30]


def test_nothing_needs_to_be_kept(ROOT: Any, tmp_path: Path) -> None:
    def defined() -> Any:
        (tmp_path / "model").mkdir()
        (tmp_path / "model" / "Weighted.dat").write_text("3")
        with compile_model(WEIGHTED.write(tmp_path / "model")) as session:
            return define(ROOT.RDataFrame(4).Define("x", "1.f"), "y", session, ["x"])

    df = defined()
    shutil.rmtree(tmp_path / "model")
    gc.collect()
    assert values(df, "y") == [3, 3, 3, 3]


def test_retrained(ROOT: Any, tmp_path: Path) -> None:
    for weight in (3, 4):
        (tmp_path / "Weighted.dat").write_text(str(weight))
        df = define(ROOT.RDataFrame(2).Define("x", "1.f"), "y", WEIGHTED.write(tmp_path), ["x"])
        assert values(df, "y") == [weight, weight]


@pytest.mark.parametrize(
    ("names", "columns", "error", "message"),
    [
        ("y", ["f32", "f64"], ShapeError, r"takes 3 columns \(features: 2, category: 1\), got 2"),
        (
            "y",
            {"features": ["f32"], "category": ["i"]},
            ShapeError,
            r"takes the columns features: 2, category: 1; got f.*: 1",
        ),
        ("y", {"feature": ["f32", "f64"], "category": "i"}, ShapeError, "got feature: 2, category: 1"),
        ("y", ["f32", "f64", "i"], ShapeError, r"gives 2 outputs \(sum: 1, flags: 2\): 1 names do not fit"),
        (["a", "b", "c"], ["f32", "f64", "i"], ShapeError, "3 names do not fit"),
        (["a", "b"], ["f32", "nope", "i"], SofieError, "has no column 'nope'"),
        (["a", "b"], ["f32", "text", "i"], DataTypeError, "column 'text' has the type .*string: a model reads numbers"),
        (
            ["a", "b"],
            ["f32", "f64", "f64"],
            DataTypeError,
            "column 'f64' .* does not fit into input 'category' of type int32_t",
        ),
        (["a", "b"], ["f32", "f64", "i64"], DataTypeError, "column 'i64' .* does not fit into input 'category'"),
        (["a", "a"], ["f32", "f64", "i"], SofieError, "has a column 'a' already"),
        (["a", "f32"], ["f32", "f64", "i"], SofieError, "has a column 'f32' already"),
        (["a", "b-tag"], ["f32", "f64", "i"], SofieError, "only C\\+\\+ identifiers for new columns, not 'b-tag'"),
        (["a", "b;system()"], ["f32", "f64", "i"], SofieError, "only C\\+\\+ identifiers"),
    ],
)
def test_refusals(tree: Any, tmp_path: Path, names: Any, columns: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        define(tree, names, TWO_INPUTS.write(tmp_path), columns)


def test_models_and_columns_without_a_batch(tree: Any, tmp_path: Path) -> None:
    with pytest.raises(ShapeError, match="TwoInputs cannot run a batch for an event: none of the columns is a list"):
        define(tree, ["a", "b"], TWO_INPUTS.write(tmp_path), ["f32", "f64", "i"], batched=True)
    with pytest.raises(
        ShapeError, match=r"all its tensors would have to begin with one named dim \(x: float32 \(1, 3\)"
    ):
        define(tree, "y", fixed().write(tmp_path), ["jet_pt", "jet_eta", "f32"], batched=True)


def test_model_that_is_not_for_one_event(tree: Any, tmp_path: Path) -> None:
    with pytest.raises(
        ShapeError, match=r"input 'n' has the shape \(rows, columns\), and only the first dim may have a name"
    ):
        define(tree, "y", MIXED.write(tmp_path), ["f32"])


@pytest.mark.parametrize("multithreaded", [False, True])
def test_exceptions_in_the_event_loop(ROOT: Any, tmp_path: Path, multithreaded: bool) -> None:
    if multithreaded:
        ROOT.EnableImplicitMT(2)
    try:
        df = define(ROOT.RDataFrame(10).Define("x", "3.f - rdfentry_"), "y", THROWING.write(tmp_path), ["x"])
        with pytest.raises(ROOT.std.runtime_error, match="Throwing: no root of a negative number"):
            df.Sum["float"]("y").GetValue()
    finally:
        if multithreaded:
            ROOT.DisableImplicitMT()


def test_lists_of_unlike_sizes(tree: Any, tmp_path: Path, ROOT: Any) -> None:
    df = define(tree, "y", fixed().write(tmp_path), ["f32", "jet_pt", "few"])
    with pytest.raises(ROOT.std.runtime_error, match="in one event the columns jet_pt and few have 0 and 1 entries"):
        df.Count().GetValue(), df.AsNumpy(["y"])
