"""TMVA's door: the transformations in a weights file become part of the code; what cannot is refused; files may be anything."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from typer.testing import CliRunner

import pysofie
from pysofie.cli import main
from tmva_file import File, decorrelation, gauss, normalize, numbers, pca, pdf, tag, transform, writer

pytestmark = [pytest.mark.onnx, pytest.mark.torch]

Array = np.ndarray[Any, Any]
Write = Callable[..., Path]
Save = Callable[..., Path]

FOUR = File(("pt", "eta", "m<j>", "n&b"))
FIVE = File(("a", "b", "c", "d", "e"), spectators=("event",))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    return writer(tmp_path)


def straight(columns: int, op_type: str = "Identity") -> onnx.ModelProto:
    """A network that shows what it gets."""
    row = ["batch", columns]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, row)]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, row)]
    graph = helper.make_graph([helper.make_node(op_type, ["x"], ["y"])], "straight", inputs, outputs)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def check(path: Path, x: Array, expected: Array, tolerance: float = 2e-6) -> None:
    session = pysofie.compile(straight(x.shape[1]), tmva_weights=path)
    assert [spec.label for spec in session.inputs] == ["x"]
    y = session(x)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, expected, rtol=tolerance, atol=tolerance)
    pysofie.verify(straight(x.shape[1]), session=session, tmva_weights=path).check()


# What TMVA's transformations are, in double precision.


def normalized(x: Array, low: Array, high: Array) -> Array:
    return (2 * x.astype(float) - low - high) / (high - low)


def turned(x: Array, matrix: Array) -> Array:
    return np.einsum("ij,bj->bi", matrix, x.astype(float))


def principal(x: Array, mean: Array, vectors: Array) -> Array:
    return np.einsum("bj,ji->bi", x.astype(float) - mean, vectors)


def on_lines(x: float, xs: list[float], ys: list[float]) -> float:
    """Straight lines through points, which go on beyond both ends."""
    left = 0
    while left < len(xs) - 2 and x > xs[left + 1]:
        left += 1
    return ys[left] + (x - xs[left]) * (ys[left + 1] - ys[left]) / (xs[left + 1] - xs[left])


def flattened(x: Array, edges: Array, contents: Array) -> Array:
    centres = [(a + b) / 2 for a, b in itertools.pairwise(edges)]
    step = (edges[-1] - edges[0]) / 10000
    fine = [edges[0] + (at + 0.5) * step for at in range(10000)]
    samples = []
    for at in fine:
        y = on_lines(at, centres, list(contents))
        if y <= 1e-12:
            y = contents[[bool(a <= at < b) for a, b in itertools.pairwise(edges)].index(True)]
        samples.append(float(np.float32(max(y, 1e-12))))
    return np.array([min(max(on_lines(float(one), fine, samples), 1e-9), 1 - 1e-9) for one in x])


def gaussian(flat: Array) -> Array:
    import torch

    arguments = torch.from_numpy(np.clip(2 * flat - 1, -0.99999999, 0.99999999))
    return 1.414213562 * np.asarray(torch.erfinv(arguments))


def distribution(rng: np.random.Generator, bins: int) -> tuple[Array, Array]:
    """Edges and contents of a cumulative distribution as TMVA makes it: uneven bins, a narrow one first."""
    edges = np.sort(rng.normal(10, 4, bins))
    edges = np.concatenate([[edges[0] - 1e-4], edges])
    contents = np.cumsum(rng.uniform(0.01, 1, bins))
    return edges, (contents / contents[-1]).astype(np.float32).astype(float)


def wrong(*shape: int) -> Array:
    """Parameters of a class that must not be taken."""
    return np.full(shape, 77.0)


def test_normalize(write: Write, rng: np.random.Generator) -> None:
    low, high = rng.uniform(-90, 0, 4), rng.uniform(1, 300, 4)
    sets = [(wrong(4), wrong(4) + 1), (wrong(4) + 3, wrong(4) + 9), (low, high)]
    x = rng.uniform(-100, 400, (7, 4)).astype("float32")
    check(write(FOUR.text(normalize(FOUR.columns(), sets))), x, normalized(x, low, high))


def test_decorrelation(write: Write, rng: np.random.Generator) -> None:
    matrix = rng.normal(size=(5, 5))
    x = rng.normal(size=(6, 5)).astype("float32")
    path = write(FIVE.text(decorrelation(FIVE.columns(), [wrong(5, 5), wrong(5, 5), matrix])))
    check(path, x, turned(x, matrix))


def test_pca(write: Write, rng: np.random.Generator) -> None:
    mean, vectors = rng.normal(1e5, 10, 5), rng.normal(size=(5, 5))
    x = rng.normal(1e5, 50, (6, 5)).astype("float32")
    sets = [(wrong(5), wrong(5, 5)), (wrong(5), wrong(5, 5)), (mean, vectors)]
    check(write(FIVE.text(pca(FIVE.columns(), sets))), x, principal(x, mean, vectors))


@pytest.mark.parametrize("flat", [False, True], ids=["Gauss", "Uniform"])
def test_gauss_and_uniform(write: Write, rng: np.random.Generator, flat: bool) -> None:
    file = dataclasses.replace(FOUR, variables=("p", "q", "r"))
    tables = [distribution(rng, bins) for bins in (23, 41, 57)]
    unused = pdf(*distribution(rng, 12))
    path = write(file.text(gauss(file.columns(), [[unused, unused, pdf(*one)] for one in tables], flat=flat)))
    x = rng.normal(10, 5, (90, 3)).astype("float32")
    x[:4] = [[-1e6] * 3, [1e6] * 3, [edges[0] for edges, _ in tables], [edges[-1] for edges, _ in tables]]
    expected = np.stack([flattened(x[:, at], *one) for at, one in enumerate(tables)], axis=1)
    check(path, x, expected if flat else gaussian(expected), 3e-6)
    nothing = np.array([[np.nan, np.inf, -np.inf]], "float32")
    y = pysofie.compile(straight(3), tmva_weights=path)(nothing)[0]
    least, most = (1e-9, 1 - 1e-9) if flat else gaussian(np.array([1e-9, 1 - 1e-9]))
    np.testing.assert_allclose(y, [least, most, least], rtol=1e-6)


def test_a_distribution_of_equal_bins_and_one_that_begins_at_nothing(write: Write, rng: np.random.Generator) -> None:
    file = dataclasses.replace(FOUR, variables=("p", "q"), classes=1)
    edges = np.linspace(-2, 6, 17)
    contents = np.cumsum(np.r_[0, 0, 0, rng.uniform(0, 1, 13)])
    contents = (contents / contents[-1]).astype("float32").astype(float)
    path = write(file.text(gauss(file.columns(), [[pdf(edges, contents, equidistant=True)]] * 2, flat=True)))
    x = rng.uniform(-3, 7, (60, 2)).astype("float32")
    check(path, x, np.stack([flattened(column, edges, contents) for column in x.T], axis=1), 3e-6)


def test_a_chain(write: Write, rng: np.random.Generator) -> None:
    """D, G, P, N, one after the other, on classes as TMVA's Reader takes them."""
    matrix, mean, vectors = rng.normal(size=(4, 4)), rng.normal(size=4), rng.normal(size=(4, 4))
    low, high = rng.uniform(-3, -1, 4), rng.uniform(1, 3, 4)
    x = rng.normal(size=(30, 4)).astype("float32")
    y = turned(x, matrix).astype("float32")
    tables = [
        (np.quantile(column, np.linspace(0, 1, 12)), np.linspace(0.04, 1, 11).astype("float32").astype(float))
        for column in y.T
    ]
    y = gaussian(np.stack([flattened(y[:, at], *one) for at, one in enumerate(tables)], axis=1)).astype("float32")
    y = normalized(principal(y, mean, vectors).astype("float32"), low, high)
    columns = FOUR.columns()
    path = write(
        FOUR.text(
            decorrelation(columns, [matrix] * 3),
            gauss(columns, [[pdf(*one)] * 3 for one in tables]),
            pca(columns, [(mean, vectors)] * 3),
            normalize(columns, [(low, high)] * 3),
        )
    )
    check(path, x, y, 1e-5)


def test_some_variables_in_another_order(write: Write, rng: np.random.Generator) -> None:
    """A selection reads c, a, e and writes a, c, e; the others stay."""
    matrix = rng.normal(size=(3, 3))
    reads, writes = FIVE.columns(("c", "a", "e")), FIVE.columns(("a", "c", "e"))
    x = rng.normal(size=(6, 5)).astype("float32")
    expected = x.astype(float)
    expected[:, [0, 2, 4]] = turned(x[:, [2, 0, 4]], matrix)
    low, high = np.array([-4.0]), np.array([2.5])
    partial = normalize(FIVE.columns(("b",)), [(low, high)] * 3)
    path = write(FIVE.text(decorrelation(reads, [matrix] * 3, writes=writes), partial))
    expected[:, 1] = normalized(x[:, 1], low[0], high[0])
    check(path, x, expected)


def test_no_transformation_and_the_identity(write: Write, rng: np.random.Generator) -> None:
    x = rng.normal(size=(3, 4)).astype("float32")
    check(write(FOUR.text()), x, x)
    check(write(dataclasses.replace(FOUR, transform="I").text(count=1)), x, x)


def test_targets_of_a_regression_are_brought_back(write: Write, rng: np.random.Generator) -> None:
    """N takes variables and targets; what the network says is brought back to the targets' own ranges."""
    file = File(("a", "b", "c"), ("t", "u", "v"), classes=1)
    low, high = rng.uniform(-9, 0, 6), rng.uniform(1, 30, 6)
    path = write(file.text(normalize(file.columns(("a", "b", "c", "t", "u", "v")), [(low, high)])))
    x = rng.uniform(-9, 30, (6, 3)).astype("float32")
    network = np.tanh(normalized(x, low[:3], high[:3]))
    session = pysofie.compile(straight(3, "Tanh"), tmva_weights=path)
    assert [spec.label for spec in session.outputs] == ["y"]
    np.testing.assert_allclose(session(x), low[3:] + (network + 1) / 2 * (high[3:] - low[3:]), rtol=1e-5, atol=1e-5)
    pysofie.verify(straight(3, "Tanh"), session=session, tmva_weights=path).check()


# TMVA's own examples of PyTorch.


def example(*layers: Any) -> Any:
    import torch

    torch.manual_seed(4)
    return torch.nn.Sequential(*layers)


def examples() -> dict[str, Any]:
    from torch import nn

    return {
        "classification": example(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 2), nn.Softmax(dim=1)),
        "multiclass": example(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 4), nn.Softmax(dim=1)),
        "regression": example(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 1)),
    }


@pytest.mark.parametrize("kind", ["classification", "multiclass", "regression"])
def test_the_models_of_tmvas_examples(kind: str, save_torch: Save, rng: np.random.Generator) -> None:
    import torch

    model = examples()[kind]
    model.train()  # as a training that ends there leaves it
    path = save_torch(model, name="TrainedModel_PyTorch.pt")
    variables = model[0].in_features
    for shape in ([1, variables], ["batch", variables]):
        session = pysofie.compile(path, [shape])
        x = rng.normal(size=(1, variables)).astype("float32")
        with torch.no_grad():
            expected = model(torch.from_numpy(x)).numpy()
        np.testing.assert_allclose(session(x), expected, rtol=1e-5, atol=1e-6)


def test_a_model_that_was_saved_while_it_was_trained(save_torch: Save, rng: np.random.Generator) -> None:
    import torch
    from torch import nn

    model = example(
        nn.Linear(4, 64), nn.BatchNorm1d(64), nn.Dropout(0.5), nn.Tanh(), nn.Linear(64, 2), nn.Softmax(dim=1)
    )
    model(torch.randn(100, 4))  # means and variances
    path = save_torch(model.train(), name="TrainedModel_PyTorch.pt")
    assert torch.jit.load(str(path)).training
    x = rng.normal(size=(5, 4)).astype("float32")
    with torch.no_grad():
        expected = model.eval()(torch.from_numpy(x)).numpy()
    np.testing.assert_allclose(pysofie.compile(path, [["n", 4]])(x), expected, rtol=1e-5, atol=1e-6)


def test_a_trained_model_with_its_weights_file(save_torch: Save, tmp_path: Path, rng: np.random.Generator) -> None:
    import torch

    model = examples()["classification"]
    path = save_torch(model, name="TrainedModel_PyTorch.pt")
    matrix = rng.normal(size=(4, 4))
    xml = writer(tmp_path)(FOUR.text(decorrelation(FOUR.columns(), [matrix] * 3)))
    x = rng.normal(size=(3, 4)).astype("float32")
    with torch.no_grad():
        expected = model.double()(torch.from_numpy(turned(x, matrix))).numpy()
    session = pysofie.compile(path, [["batch", 4]], tmva_weights=xml)
    np.testing.assert_allclose(session(x), expected, rtol=1e-5, atol=1e-6)


def test_the_command(save_torch: Save, tmp_path: Path, rng: np.random.Generator) -> None:
    path = save_torch(examples()["classification"], name="TrainedModel_PyTorch.pt")
    xml = writer(tmp_path)(FOUR.text(decorrelation(FOUR.columns(), [rng.normal(size=(4, 4))] * 3)))
    arguments = [str(path), "--shape", "batch,4", "--tmva-weights", str(xml)]
    result = CliRunner().invoke(main, ["parse", *arguments, "--output", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    header = next((tmp_path / "out").glob("*.hxx"))
    assert CliRunner().invoke(main, ["verify", *arguments]).exit_code == 0
    without = CliRunner().invoke(main, ["verify", str(path), "--header", str(header)])
    assert without.exit_code == 1  # the original by itself is another function


# A model's file beside a weights file.


@pytest.mark.parametrize("place", ["", "weights", "dataset/weights"])
def test_a_network_without_its_weights_file_is_warned_of(
    place: str, save_torch: Save, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / place).mkdir(parents=True, exist_ok=True)
    xml = writer(tmp_path / place)(FOUR.text(decorrelation(FOUR.columns(), [np.eye(4)] * 3)))
    path = save_torch(examples()["classification"], name="TrainedModel_PyTorch.pt")
    pysofie.parse(path, [[1, 4]])
    (record,) = (one for one in caplog.records if one.levelno == logging.WARNING)
    assert str(xml) in record.message
    assert "(Decorrelation)" in record.message
    assert "tmva_weights" in record.message
    caplog.clear()
    pysofie.parse(path, [[1, 4]], tmva_weights=xml)
    assert not [one for one in caplog.records if one.levelno == logging.WARNING]


@pytest.mark.parametrize(
    ("file", "transformed", "name"),
    [
        (FOUR, False, "TrainedModel_PyTorch.pt"),
        (FOUR, True, "another.pt"),
        (dataclasses.replace(FOUR, trained="", method="PyTorch::Other"), True, "TrainedModel_PyTorch.pt"),
        (None, True, "TrainedModel_PyTorch.pt"),
    ],
    ids=["no transformation", "of another model", "of another method", "damaged"],
)
def test_there_is_no_warning_without_reason(
    file: File | None, transformed: bool, name: str, save_torch: Save, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one = decorrelation(FOUR.columns(), [np.eye(4)] * 3)
    writer(tmp_path)(file.text(*[one] * transformed) if file else "<MethodSetup><Trans")
    pysofie.parse(save_torch(examples()["classification"], name=name), [[1, 4]])
    assert not [one for one in caplog.records if one.levelno == logging.WARNING]


def test_the_convention_without_an_option(save_torch: Save, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = dataclasses.replace(FOUR, trained="", method="PyTorch::My net")
    writer(tmp_path)(file.text(decorrelation(FOUR.columns(), [np.eye(4)] * 3)))
    pysofie.parse(save_torch(examples()["classification"], name="TrainedModel_My net.pt"), [[1, 4]])
    assert "TMVA transformed the variables" in caplog.text


def test_training_on_one_class_and_a_file_of_another_model_are_told(
    write: Write, caplog: pytest.LogCaptureFixture, save_torch: Save
) -> None:
    """TMVA's Reader does not know the class, and takes all of them together; so does the code."""
    file = dataclasses.replace(FOUR, transform="D_AllClasses,D_Signal(_V0_)")
    xml = write(file.text(*[decorrelation(FOUR.columns(), [wrong(4, 4), wrong(4, 4), np.eye(4)])] * 2))
    path = save_torch(examples()["classification"], name="other.pt")
    pysofie.parse(path, [[1, 4]], tmva_weights=xml)
    assert "D_Signal" in caplog.text
    assert "D_AllClasses" not in caplog.text
    assert "TrainedModel_PyTorch.pt" in caplog.text


def test_roots_own_names_warn_too(save_torch: Save, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    import ROOT

    writer(tmp_path)(FOUR.text(decorrelation(FOUR.columns(), [np.eye(4)] * 3)))
    path = save_torch(examples()["classification"], name="TrainedModel_PyTorch.pt")
    ROOT.TMVA.Experimental.SOFIE.PyTorch.Parse(str(path), [[1, 4]])
    assert "TMVA transformed the variables" in caplog.text


@pytest.mark.keras
def test_keras_files_of_tmvas(tmp_path: Path, rng: np.random.Generator, caplog: pytest.LogCaptureFixture) -> None:
    keras = pytest.importorskip("keras")
    import ROOT

    layers = keras.layers
    model = keras.Sequential([layers.Input((4,)), layers.Dense(6, "relu"), layers.Dense(2, "softmax")])
    path = tmp_path / "TrainedModel_PyKeras.h5"
    model.save(path)
    low, high = rng.uniform(-9, 0, 4), rng.uniform(1, 9, 4)
    file = dataclasses.replace(FOUR, method="PyKeras::PyKeras", trained=f"dataset/weights/{path.name}")
    xml = writer(tmp_path)(file.text(normalize(file.columns(), [(low, high)] * 3)))
    ROOT.TMVA.Experimental.SOFIE.PyKeras.Parse(str(path))
    assert "TMVA transformed the variables" in caplog.text
    x = rng.uniform(-9, 9, (5, 4)).astype("float32")
    expected = np.asarray(model(normalized(x, low, high).astype("float32")))
    session = pysofie.compile(path, tmva_weights=xml)
    np.testing.assert_allclose(session(x), expected, rtol=1e-5, atol=1e-6)
    pysofie.verify(path, session=session, tmva_weights=xml).check()


# What is refused, and what a file may be.


def refused(said: str, kind: type[Exception] = pysofie.UnsupportedOperator) -> Any:
    return pytest.raises(kind, match=re.escape(said))


UNSUPPORTED = {
    "unknown": (FOUR, transform("Rearrange", FOUR.columns()), "TMVA's Rearrange at transformation 1 of"),
    "old": (FOUR, tag("Transform", tag("Class", ClassIndex=0), Name="Normalize", NVariables=4, NTargets=0), "before 4.1"),
    "spectator": (FIVE, decorrelation(FIVE.columns(("a", "event")), [np.eye(2)] * 3), "it takes spectators"),
    "constant": (FOUR, normalize(FOUR.columns(), [([0, 1, 2, 3], [1, 2, 2, 4])] * 3), "column 3 is not above"),
    "curves": (FOUR, gauss(FOUR.columns(), [[pdf([0, 1, 2], [0.5, 1], InterpolMethod=2)] * 3] * 4), "joined by curves"),
    "smoothed": (FOUR, gauss(FOUR.columns(), [[pdf([0, 1, 2], [0.5, 1], MaxNSmooth=3)] * 3] * 4), "are smoothed"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNSUPPORTED)
def test_what_is_not_supported_is_named(case: str, write: Write) -> None:
    file, one, said = UNSUPPORTED[case]
    with refused(said) as caught:
        pysofie.parse(straight(len(file.variables)), tmva_weights=write(file.text(one)))
    assert "TMVA's " in str(caught.value)


def test_all_that_is_not_supported_is_named_at_once(write: Write) -> None:
    with refused("2 things are not supported") as caught:
        pysofie.parse(straight(4), tmva_weights=write(FOUR.text(*[transform("Magic", FOUR.columns())] * 2)))
    assert "transformation 1 of" in str(caught.value)
    assert "transformation 2 of" in str(caught.value)


REGRESSION = File(("a", "b", "c"), ("t", "u"), classes=1)
EVERYTHING = REGRESSION.columns(("a", "b", "c", "t", "u"))
BOUNDS = [(-np.ones(5), np.ones(5) * 2)]
TARGETS = {
    "Uniform of targets": ([gauss(EVERYTHING, [[pdf([0, 1, 2], [0.5, 1])]] * 5, flat=True)], "it takes targets"),
    "two of targets": ([normalize(EVERYTHING, BOUNDS)] * 2, "inverts only the first"),
    "some of the targets": (
        [normalize(EVERYTHING[:-1], [(BOUNDS[0][0][:4], BOUNDS[0][1][:4])])],
        "some of the targets only",
    ),
    "targets in another order": ([normalize(EVERYTHING, BOUNDS, writes=EVERYTHING[::-1])], "in another order"),
}


@pytest.mark.parametrize("case", TARGETS)
def test_targets_that_cannot_be_brought_back_are_refused(case: str, write: Write) -> None:
    transformations, said = TARGETS[case]
    with refused(said):
        pysofie.parse(straight(3), tmva_weights=write(REGRESSION.text(*transformations)))


def test_a_network_that_does_not_fit_is_refused(write: Write) -> None:
    path = write(FOUR.text(decorrelation(FOUR.columns(), [np.eye(4)] * 3)))
    with refused("is about 4 variables (pt, eta, m<j>, n&b)", pysofie.ShapeError):
        pysofie.parse(straight(5), tmva_weights=path)
    path = write(REGRESSION.text(normalize(EVERYTHING, BOUNDS)))
    with refused("is about 2 targets", pysofie.ShapeError):
        pysofie.parse(straight(3), tmva_weights=path)
    add = helper.make_node("Add", ["x", "z"], ["y"])
    both = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2, 4]) for name in "xz"]
    graph = helper.make_graph([add], "two", both, [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 4])])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    with refused("has 2 inputs", pysofie.ShapeError):
        pysofie.parse(model, tmva_weights=write(FOUR.text()))


GOOD = FOUR.text(decorrelation(FOUR.columns(), [np.eye(4)] * 3))
NORM = FOUR.text(normalize(FOUR.columns(), [(np.zeros(4), np.ones(4))] * 3))
PCA = FOUR.text(pca(FOUR.columns(), [(np.zeros(4), np.eye(4))] * 3))
GAUSS = FOUR.text(gauss(FOUR.columns(), [[pdf([0, 1, 2], [0.5, 1])] * 3] * 4))
LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
DAMAGED = {
    "empty": ("", "is empty"),
    "no XML": ("I am no XML", "is no XML"),
    "truncated": (GOOD[: len(GOOD) // 2], "is no XML, or a truncated one"),
    "another root": ("<root/>", "begins with <root>"),
    "another method": (GOOD.replace("PyTorch::PyTorch", "BDT::BDT"), "it is of the method 'BDT'"),
    "no method": (GOOD.replace(' Method="PyTorch::PyTorch"', ""), "no attribute Method"),
    "entities": (GOOD.replace("<MethodSetup", f"{LAUGHS}<MethodSetup", 1), "document type"),
    "external entity": (GOOD.replace("<MethodSetup", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><MethodSetup', 1), "document type"),
    "deep": (GOOD.replace("<MVAPdfs>", "<MVAPdfs>" + "<a>" * 5000 + "</a>" * 5000), "nested deeper"),
    "an encoding that is not": ('<?xml version="1.0" encoding="zz-9"?><MethodSetup/>', "is no XML"),
    "no transformations": (re.sub("<Transformations.*</Transformations>", "", GOOD), "0 <Transformations>"),
    "a transformation is gone": (GOOD.replace('NTransformations="1"', 'NTransformations="2"'), "is truncated"),
    "a variable is gone": (GOOD.replace('NVar="4"', 'NVar="5"'), "is truncated"),
    "no variables": (re.sub("<Variables.*</Variables>", "", GOOD), "names no variables"),
    "an unknown variable": (GOOD.replace('Label="pt" Expression', 'Label="qt" Expression').replace('Label="qt" Expression="pt*1"', 'Label="qt" Expression="?"'), "does not declare"),
    "a column twice": (GOOD.replace('Type="Variable" Label="eta" Expression="eta*1"', 'Type="Variable" Label="pt" Expression="pt*1"'), "a column twice"),
    "a class is gone": (FOUR.text(decorrelation(FOUR.columns(), [np.eye(4)] * 2)), "parameters of 2 classes, where there are 3"),
    "no matrix": (FOUR.text(decorrelation(FOUR.columns(), [])), "has no matrix"),
    "a number too few": (GOOD.replace(numbers(np.eye(4)), numbers(np.eye(4)[:3])), "holds 12 numbers, not 4 times 4"),
    "a huge matrix": (GOOD.replace('Rows="4"', 'Rows="400000000"'), "no matrix of 4 rows"),
    "no count": (GOOD.replace('Rows="4"', 'Rows="-4"'), "is no count"),
    "nan": (GOOD.replace("1.000000000000000e+00", "nan", 16), "'nan' in <Matrix> is no finite number"),
    "inf": (GOOD.replace("1.000000000000000e+00", "1e999", 16), "is no finite number"),
    "an underscore": (GOOD.replace("1.000000000000000e+00", "1_0", 16), "is no finite number"),
    "a range is gone": (re.sub('<Range Index="3".*?</Range>', "", NORM), "3 ranges, and 4 columns"),
    "ranges in disorder": (NORM.replace('Index="3"', 'Index="2"'), "is truncated or damaged"),
    "a range beyond floats": (NORM.replace('Max="1.000000000000000e+00"', 'Max="1e300"'), "too large for 32-bit floats"),
    "classes in disorder": (NORM.replace('<Class ClassIndex="1"', '<Class ClassIndex="0"'), "not numbered from 0"),
    "means are gone": (re.sub('<Statistics.*?</Statistics>', "", PCA, count=1), "not numbered from 0"),
    "means of other columns": (PCA.replace('NRows="4"', 'NRows="3"'), "3 means, and 4 columns"),
    "a distribution is gone": (re.sub('<Variable VarIndex="3">.*?</Variable>', "", GAUSS), "3 columns, and 4 columns"),
    "a class of one variable is gone": (re.sub("<CumulativePDF_cls2>.*?</CumulativePDF_cls2>", "", GAUSS, count=1), "unlike numbers of classes"),
    "classes of distributions in disorder": (GAUSS.replace("CumulativePDF_cls1", "CumulativePDF_cls7"), "not in order"),
    "edges in disorder": (GAUSS.replace(numbers([0, 1, 2]), numbers([0, 2, 1])), "do not follow one another"),
    "edges too few": (GAUSS.replace(numbers([0, 1, 2]), numbers([0, 1])), "holds 2 numbers, not 3"),
    "a great many bins": (GAUSS.replace('NBins="2"', 'NBins="99999999"'), "has 99999999 bins"),
    "neither yes nor no": (GAUSS.replace('HasEquidistantBins="0"', 'HasEquidistantBins="2"'), "neither 0 nor 1"),
    "a long option": (dataclasses.replace(FOUR, transform="(" * 20000).text(), "longer than anybody types"),
}  # fmt: skip


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_or_hostile_file_is_refused(case: str, write: Write) -> None:
    text, said = DAMAGED[case]
    with refused(said, pysofie.ModelFileError) as caught:
        pysofie.parse(straight(4), tmva_weights=write(text))
    assert "TMVAClassification_PyTorch.weights.xml" in str(caught.value)
    assert len(str(caught.value)) < 400


def test_entities_in_another_encoding_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "utf16.weights.xml"
    text = GOOD.replace('"1.0"', '"1.0" encoding="utf-16"').replace("<MethodSetup", f"{LAUGHS}<MethodSetup", 1)
    path.write_bytes(text.encode("utf-16"))
    with refused("document type", pysofie.ModelFileError):
        pysofie.parse(straight(4), tmva_weights=path)


def test_a_file_that_is_missing_a_folder_or_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(FileNotFoundError):
        pysofie.parse(straight(4), tmva_weights=tmp_path / "none.weights.xml")
    with refused("is a folder", pysofie.ModelFileError):
        pysofie.parse(straight(4), tmva_weights=tmp_path)
    monkeypatch.setattr("pysofie.tmva.xml.LARGEST", 1000)
    with refused("is larger than", pysofie.ModelFileError):
        pysofie.parse(straight(4), tmva_weights=writer(tmp_path)(GOOD))


def test_random_damage_never_surfaces_as_anything_else(write: Write, rng: np.random.Generator) -> None:
    """Bytes exchanged or cut out anywhere: read, or refused by an error of ours."""
    from pysofie.tmva import weights

    for text in (GOOD, NORM, PCA, GAUSS):
        for _ in range(150):
            damaged = bytearray(text.encode())
            start = int(rng.integers(len(damaged)))
            if rng.random() < 0.5:
                del damaged[start : start + int(rng.integers(1, 40))]
            else:
                damaged[start] = int(rng.integers(256))
            path = write("")
            path.write_bytes(damaged)
            with contextlib.suppress(pysofie.ModelFileError):
                weights.read(path)
