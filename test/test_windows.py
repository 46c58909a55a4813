"""Convolutions, pools and batch normalisation in the core: what they refuse and how, what they fuse, and sizes at run time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pysofie
import sliding
from pysofie import SofieError, provider
from pysofie.builder import Argument, Enum, OperatorCall, Recipe, Struct, sizes
from pysofie.graph import TensorInfo
from pysofie.session import generate

Shape = tuple[int | str, ...]


def model(shape: Shape, weights: dict[str, tuple[int, ...]], *calls: OperatorCall, dtype: str = "float32") -> Any:
    """An RModel of the operators, its last tensor the output."""
    arrays = {name: np.random.default_rng(1).normal(size=one).astype("float32") for name, one in weights.items()}
    inputs = (TensorInfo("x", np.dtype(dtype), shape),)
    built = provider.rmodel(Recipe("Windows", inputs, ("y",), arrays, calls, {}))
    built.Initialize()
    return built


def conv(
    auto_pad: str = "NOTSET",
    dilations: tuple[int, ...] = (),
    group: int = 1,
    kernel: tuple[int, ...] = (),
    pads: tuple[int, ...] = (),
    strides: tuple[int, ...] = (),
    names: tuple[str, ...] = ("x", "w", "b", "y"),
) -> OperatorCall:
    attributes: tuple[Argument, ...] = (auto_pad, sizes(dilations), group, sizes(kernel), sizes(pads), sizes(strides))
    return OperatorCall("Conv", ("float",), (*attributes, *names), "conv1")


def pool(mode: str, element: str = "float", names: tuple[str, str] = ("x", "y"), **attributes: Any) -> OperatorCall:
    members: dict[str, Argument] = {
        name: sizes(value) if isinstance(value, tuple) else value for name, value in attributes.items()
    }
    arguments = (Enum("PoolOpMode", mode), Struct("RAttributes_Pool", members), *names)
    return OperatorCall("Pool", (element,), arguments, "pool1")


def normalisation(*names: str, training: int = 0, activation: str = "UNDEFINED") -> OperatorCall:
    arguments = (1e-5, 0.9, training, *names, Enum("EActivationType", activation))
    return OperatorCall("BatchNormalization", ("float",), arguments, "bn1")


X, W = (1, 6, 8, 9), {"w": (4, 6, 3, 3), "b": (4,)}
STATISTICS = ("x", "s", "b", "m", "v", "y")

CONVOLUTIONS: list[tuple[Shape, dict[str, tuple[int, ...]], dict[str, Any], str]] = [
    ((1, 6, 8), W, {}, r"x \{ 1 , 6 , 8 \} with weights w \{ 4 , 6 , 3 , 3 \}"),
    ((1, 6), {"w": (4, 6), "b": (4,)}, {}, "the same number of dimensions"),
    ((1, 6, 2, 2, 2, 2), {"w": (4, 6, 1, 1, 1, 1), "b": (4,)}, {}, "1 to 3 spatial dimensions"),
    ((1, 5, 8, 9), W, {}, "5 channels of x in 1 groups"),
    (X, W, {"group": 2}, "6 channels of x in 2 groups"),
    (X, W, {"group": 0}, "in 0 groups"),
    (X, {"w": (4, 2, 3, 3), "b": (4,)}, {"group": 3}, "4 channels of weights w do not divide into 3 groups"),
    (X, {"w": (4, 6, 3, 3), "b": (3,)}, {}, r"bias b \{ 3 \} for 4 channels"),
    (("n", "c", 8, 9), W, {}, "number of channels c of x must be known"),
    (X, W, {"kernel": (3, 2)}, r"kernel_shape \{ 3 , 2 \} with weights w"),
    (X, W, {"pads": (1, 1)}, r"pads \{ 1 , 1 \} for 2 spatial dimensions"),
    (X, W, {"strides": (1,)}, r"strides \{ 1 \} for 2"),
    (X, W, {"strides": (1, 0)}, r"strides \{ 1 , 0 \}, each must be at least 1"),
    (X, W, {"dilations": (0, 1)}, "dilations .* at least 1"),
    (X, W, {"pads": (2**64 - 1, 0, 0, 0)}, "pads .* at least 0"),
    (X, W, {"auto_pad": "SAME"}, "auto_pad SAME is none of"),
    (X, W, {"auto_pad": "VALID", "pads": (1, 0, 0, 0)}, "auto_pad VALID and pads .* exclude each other"),
    (X, W, {"dilations": (4, 1)}, "reaches over 9 does not fit into 8, padding 0 and 0 in spatial dimension 0 of x"),
    (("n", 6, 8, "k"), W, {"auto_pad": "SAME_UPPER", "strides": (2, 4)}, "stride 4 over the named dimension k"),
    ((1, 6, 0, 9), W, {}, "empty in spatial dimension 0"),
    (X, W, {"names": ("x", "w", "missing", "y")}, "missing is not found"),
]

POOLS: list[tuple[Shape, str, dict[str, Any], str]] = [
    ((1, 2), "MaxPool", {"kernel_shape": (2,)}, "1 to 3 spatial dimensions"),
    ((1, 2, 9), "MaxPool", {}, "no kernel_shape is given"),
    ((1, 2, 9), "MaxPool", {"kernel_shape": (2, 2)}, r"kernel_shape \{ 2 , 2 \} for 1 spatial dimensions"),
    ((1, 2, 9), "MaxPool", {"kernel_shape": (10,)}, "reaches over 10 does not fit into 9"),
    ((1, 2, 9), "AveragePool", {"kernel_shape": (2,), "pads": (2, 0)}, "can lie in the padding alone"),
    ((1, 2, 9), "AveragePool", {"kernel_shape": (2,), "pads": (0, 3)}, "can lie in the padding alone"),
    ((1, 2), "GlobalAveragePool", {}, "no spatial dimensions"),
    ((1, 2, 9), "InvalidPool", {"kernel_shape": (2,)}, "none of MaxPool"),
]


@pytest.mark.parametrize(("shape", "weights", "attributes", "message"), CONVOLUTIONS)
def test_a_convolution_that_does_not_fit(
    shape: Shape, weights: dict[str, tuple[int, ...]], attributes: dict[str, Any], message: str
) -> None:
    with pytest.raises(Exception, match=message) as caught:
        model(shape, weights, conv(**attributes))
    assert "Conv at conv1: " in str(caught.value)


@pytest.mark.parametrize(("shape", "mode", "attributes", "message"), POOLS)
def test_a_pool_that_does_not_fit(shape: Shape, mode: str, attributes: dict[str, Any], message: str) -> None:
    with pytest.raises(Exception, match=message):
        model(shape, {}, pool(mode, **attributes))


def test_a_mean_of_integers() -> None:
    with pytest.raises(Exception, match="AveragePool at pool1: elements of type int8_t are not supported"):
        model((1, 2, 9), {}, pool("AveragePool", "int8_t", kernel_shape=(2,)), dtype="int8")


@pytest.mark.parametrize(
    ("shape", "call", "message"),
    [
        ((3,), normalisation(*STATISTICS), "has no channels"),
        ((2, 4), normalisation(*STATISTICS), r"s \{ 3 \} for 4 channels of x"),
        ((2, "c"), normalisation(*STATISTICS), "number of channels c of x must be known"),
        ((2, 3), normalisation(*STATISTICS, training=1), "training_mode 1"),
        ((2, 3), normalisation(*STATISTICS, activation="SOFTMAX"), "SOFTMAX cannot be fused"),
        ((2, 3), normalisation("x", "s", "b", "m", "u", "y"), "u is not found"),
    ],
)
def test_a_normalisation_that_does_not_fit(shape: Shape, call: OperatorCall, message: str) -> None:
    with pytest.raises(Exception, match=message):
        model(shape, dict.fromkeys("sbmv", (3,)), call)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path, dict[str, np.ndarray]]:
    """Convolutions, a normalisation and pools in a row, with batch and lines given at run time."""
    rng = np.random.default_rng(2)
    shapes: dict[str, tuple[int, ...]] = {"w": (4, 3, 3, 3), "b": (4,), "w2": (4, 1, 3, 2)} | dict.fromkeys(
        "stmv", (4,)
    )
    weights = {
        name: rng.uniform(0.1, 1, shape).astype("float32") - (name[0] in "wb") / 2 for name, shape in shapes.items()
    }
    weights = {name: array.astype("float32") for name, array in weights.items()}

    def relu(x: str, y: str) -> OperatorCall:
        return OperatorCall("Relu", ("float",), (x, y), "")

    calls = (
        conv(pads=(1, 1, 0, 0), names=("x", "w", "b", "h1")),
        relu("h1", "h2"),
        conv(group=4, strides=(1, 2), names=("h2", "w2", "h3")),
        normalisation("h3", "s", "t", "m", "v", "h4"),
        relu("h4", "h5"),
        pool("MaxPool", names=("h5", "h6"), kernel_shape=(2, 2), strides=(2, 1), ceil_mode=1),
        pool("GlobalAveragePool", names=("h6", "y")),
    )
    inputs = (TensorInfo("x", np.dtype("float32"), ("batch", 3, "lines", 12)),)
    path = tmp_path_factory.mktemp("windows") / "Network.hxx"
    generate(provider.rmodel(Recipe("Network", inputs, ("y",), weights, calls, {})), path)
    return pysofie.compile(path), path, weights


def test_operators_take_over_the_next_ones_function(network: tuple[Any, Path, dict[str, np.ndarray]]) -> None:
    text = network[1].read_text()
    assert "Conv + Relu" in text
    assert "BatchNormalization + Relu" in text
    assert "Kernel::Map<" not in text
    assert "batch, computed" in text, "images are independent of one another"


@pytest.mark.parametrize(("batch", "lines"), [(1, 5), (3, 9), (67, 6)])
def test_a_network_at_sizes_given_at_run_time(
    network: tuple[Any, Path, dict[str, np.ndarray]], batch: int, lines: int
) -> None:
    session, _, weights = network
    x = np.random.default_rng(3).normal(size=(batch, 3, lines, 12)).astype("float32")
    w = {name: array.astype("float64") for name, array in weights.items()}
    attributes = {"pads": [1, 1, 0, 0]}
    h = np.maximum(sliding.convolve(x, w["w"], w["b"], sliding.axes_of(x.shape[2:], (3, 3), attributes)), 0)
    h = sliding.convolve(h, w["w2"], None, sliding.axes_of(h.shape[2:], (3, 2), {"strides": [1, 2]}), 4)
    scale, shift, mean, variance = (w[name].reshape(-1, 1, 1) for name in "stmv")
    h = np.maximum((h - mean) / np.sqrt(variance + np.float32(1e-5)) * scale + shift, 0)
    attributes = {"strides": [2, 1], "ceil_mode": 1}
    h = sliding.largest(h, sliding.axes_of(h.shape[2:], (2, 2), attributes)).mean((2, 3), keepdims=True)
    np.testing.assert_allclose(session(x), h, rtol=0, atol=1e-5)


def test_a_size_at_run_time_that_is_too_small(network: tuple[Any, Path, dict[str, np.ndarray]]) -> None:
    with pytest.raises(SofieError, match="Conv at conv1: a window that reaches over 3 does not fit into lines"):
        network[0](np.ones((1, 3, 1, 12), "float32"))
