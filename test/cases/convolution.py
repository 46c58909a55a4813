"""Convolutions, pools and batch normalisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import sliding
from pysofie.builder import Argument, Enum, Struct, sizes

from . import Array, Case, Shape, numbers
from .core import CoreCase

NAN, INF = np.nan, np.inf


def conv(
    x: Shape,
    w: tuple[int, ...],
    *,
    bias: bool = True,
    dtype: str = "float32",
    id: str = "",
    **attributes: Any,
) -> Case:
    """A convolution with random weights; `w` is their shape."""
    weights = {"w": numbers(-1, 1, *w, dtype=dtype)}
    if bias:
        weights["b"] = numbers(-1, 1, w[0], dtype=dtype)
    what = id or "_".join([*("x".join(map(str, shape)) for shape in (x, w)), *map(_brief, attributes.items())])
    terms = int(np.prod(w[1:]))
    tolerance = 1e-6 * max(2, terms / 20) if dtype == "float32" else 0
    return Case("Conv", {"x": x}, attributes, weights, dtype=dtype, id=what, tolerance=tolerance)


def pool(
    op: str, x: Shape | Array, dtype: str = "float32", *, id: str = "", exact: bool = False, **attributes: Any
) -> Case:
    """A pool; `exact` has it by its definition in place of onnx's evaluator."""
    shape = x if isinstance(x, tuple) else x.shape
    what = id or "_".join(["x".join(map(str, shape)), *map(_brief, attributes.items())])
    return Case(op, {"x": x}, attributes, dtype=dtype, id=what, reference=_pooled(op, attributes) if exact else None)


def _brief(item: tuple[str, Any]) -> str:
    name, value = item
    return f"{name}{''.join(map(str, value)) if isinstance(value, list) else value}"


def _pooled(op: str, attributes: Mapping[str, Any]) -> Any:
    def reference(x: Array) -> Array:
        axes = sliding.axes_of(x.shape[2:], attributes["kernel_shape"], attributes)
        if op == "MaxPool":
            return sliding.largest(x, axes)
        return sliding.mean(x, axes, with_padding=bool(attributes.get("count_include_pad", 0)))

    return reference


def convolutions() -> list[Case]:
    return [
        conv((2, 3, 19), (5, 3, 4)),
        conv((1, 5, 3, 7), (2, 5, 1, 1)),
        conv((2, 3, 13, 11), (5, 3, 3, 3), pads=[1, 1, 1, 1]),
        conv((1, 16, 28, 28), (32, 16, 3, 3), pads=[1, 1, 1, 1]),
        conv((2, 3, 11, 70), (7, 3, 2, 5), bias=False),
        conv((1, 2, 5, 6, 7), (3, 2, 2, 3, 4), pads=[1, 0, 2, 0, 1, 1]),
        conv((1, 3, 17, 23), (4, 3, 3, 2), strides=[2, 3], pads=[0, 1, 2, 3]),
        conv((2, 1, 29), (3, 1, 5), strides=[2], dilations=[3], pads=[4, 1]),
        conv((1, 2, 13, 15), (5, 2, 3, 4), dilations=[2, 3], pads=[2, 3, 1, 4]),
        conv((1, 6, 9, 10), (8, 3, 3, 3), group=2, pads=[1, 1, 1, 1]),
        conv((2, 5, 9, 30), (5, 1, 3, 3), group=5, pads=[1, 1, 1, 1], id="depthwise"),
        conv((1, 3, 12, 17), (6, 1, 3, 5), group=3, strides=[2, 2], dilations=[1, 2], id="depthwise_multiplied"),
        conv((1, 2, 4, 5, 6), (2, 1, 2, 3, 2), group=2, pads=[1, 1, 1, 1, 1, 1], id="depthwise_3d", bias=False),
        conv((1, 3, 7, 9), (5, 3, 5, 1), pads=[2, 0, 2, 0], id="columns"),
        conv((2, 3, 7, 9), (5, 3, 1, 1), strides=[2, 2], id="points_apart"),
        conv((1, 2, 2, 3), (3, 2, 1, 1), pads=[3, 1, 0, 2], strides=[4, 3], id="windows_in_the_padding"),
        conv((1, 3, 10, 11), (4, 3, 3, 2), auto_pad="SAME_UPPER"),
        conv((1, 3, 10, 11), (4, 3, 4, 2), auto_pad="SAME_LOWER"),
        conv((1, 3, 10, 11), (4, 3, 3, 2), auto_pad="VALID"),
        conv((1, 3, 10, 11), (4, 3, 4, 2), auto_pad="SAME_UPPER", strides=[3, 2], dilations=[1, 3]),
        conv((1, 3, 10, 11), (4, 3, 2, 4), auto_pad="SAME_LOWER", strides=[2, 3], dilations=[3, 2]),
        conv((2, 3, 9, 8), (5, 3, 3, 3), dtype="float64", pads=[1, 0, 0, 1]),
        conv((1, 3, 9, 18), (3, 1, 3, 3), dtype="float64", group=3, strides=[1, 2], id="depthwise"),
        conv(("batch", 2, 6, 7), (3, 2, 3, 3), pads=[1, 1, 1, 1]),
        conv((2, 3, "lines", "columns"), (5, 3, 3, 2), pads=[1, 1, 1, 0], strides=[2, 1]),
        conv(("batch", 2, "length"), (2, 1, 3), group=2, pads=[1, 1]),
        conv(("batch", 3, "lines", 5), (4, 3, 1, 1), id="points_of_named_size"),
        conv((2, 3, "lines", "columns"), (5, 3, 3, 4), auto_pad="SAME_UPPER", strides=[2, 3], id="same_of_named_size"),
        conv(
            (2, 2, "length"),
            (2, 1, 2),
            auto_pad="SAME_LOWER",
            strides=[3],
            dilations=[2],
            group=2,
            id="same_lower_of_named_size",
        ),
        conv((1, 2, "lines", 7), (3, 2, 1, 2), auto_pad="SAME_UPPER", strides=[3, 2], id="same_of_points"),
        Case("Conv", {"x": (2, 3, 7, 5), "w": (5, 3, 3, 2), "b": (5,)}, id="weights_at_run_time"),
    ]


def pools() -> list[Case]:
    special = np.array([[[1, NAN, 2, 3, -INF, -INF, -INF, INF, 5, NAN]]], "float32")
    return [
        pool("MaxPool", (2, 3, 19), kernel_shape=[2], strides=[2]),
        pool("MaxPool", (2, 3, 28, 27), kernel_shape=[2, 2], strides=[2, 2]),
        pool("MaxPool", (1, 3, 12, 35), kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        pool("MaxPool", (1, 2, 5, 6, 7), kernel_shape=[2, 3, 2], strides=[1, 2, 3]),
        pool("MaxPool", (1, 3, 13, 14), kernel_shape=[3, 2], dilations=[2, 3]),
        pool("MaxPool", (1, 3, 10, 11), kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
        pool("MaxPool", (1, 3, 14, 12), kernel_shape=[5, 4], strides=[5, 5], ceil_mode=1),
        # The last window would begin behind the input.
        pool("MaxPool", (1, 2, 6, 5), kernel_shape=[2, 2], strides=[3, 3], pads=[0, 1, 1, 1], ceil_mode=1),
        pool("MaxPool", (1, 3, 10, 11), kernel_shape=[3, 2], strides=[2, 3], auto_pad="SAME_UPPER"),
        pool("MaxPool", (1, 3, 10, 11), kernel_shape=[4, 2], strides=[3, 1], auto_pad="SAME_LOWER", exact=True),
        pool("MaxPool", (1, 3, 10, 11), kernel_shape=[3, 2], strides=[2, 3], auto_pad="VALID"),
        # onnx's evaluator leaves out NaN.
        pool("MaxPool", special, kernel_shape=[3], id="special", exact=True),
        pool("MaxPool", special, kernel_shape=[2], strides=[2], pads=[1, 0], id="special_strided"),
        pool("MaxPool", (1, 3, 9, 20), "float64", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
        pool("MaxPool", ("batch", 3, 9, 8), kernel_shape=[3, 2], strides=[2, 2]),
        pool("MaxPool", (2, 3, "lines", 9), kernel_shape=[4, 2], strides=[3, 2], auto_pad="SAME_UPPER", exact=True),
        pool("AveragePool", (2, 3, "lines"), kernel_shape=[3], strides=[2], auto_pad="SAME_LOWER", exact=True),
        pool("MaxPool", (2, 3, "lines", "columns"), kernel_shape=[1, 2], strides=[1, 2], pads=[0, 1, 0, 1]),
        pool("AveragePool", (2, 3, 19), kernel_shape=[3], strides=[2]),
        pool("AveragePool", (2, 3, 28, 27), kernel_shape=[2, 2], strides=[2, 2]),
        pool("AveragePool", (1, 3, 12, 35), kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        pool("AveragePool", (1, 3, 12, 35), kernel_shape=[3, 3], pads=[1, 0, 2, 1], count_include_pad=1),
        pool("AveragePool", (1, 2, 5, 6, 7), kernel_shape=[2, 3, 2], strides=[1, 2, 3]),
        pool("AveragePool", (1, 3, 10, 11), kernel_shape=[3, 4], strides=[2, 3], pads=[1, 1, 0, 2], ceil_mode=1),
        # What ceil_mode adds behind the padding is never counted.
        pool("AveragePool", (1, 3, 10, 11), kernel_shape=[3, 4], strides=[2, 3], pads=[1, 1, 0, 2], ceil_mode=1, count_include_pad=1),
        # onnx's evaluator puts half of what is beyond the padding in front of the input.
        pool("AveragePool", (1, 3, 14, 12), kernel_shape=[4, 5], strides=[3, 5], ceil_mode=1, count_include_pad=1, exact=True),
        pool("AveragePool", (1, 3, 13, 14), kernel_shape=[3, 2], dilations=[2, 3], pads=[1, 2, 3, 0]),
        pool("AveragePool", (1, 3, 10, 11), kernel_shape=[3, 2], strides=[2, 3], auto_pad="SAME_UPPER"),
        pool("AveragePool", (1, 3, 9, 20), "float64", kernel_shape=[3, 3], strides=[1, 2]),
        pool("AveragePool", (2, 3, 7, 9), kernel_shape=[7, 9], id="all_of_it"),
        pool("AveragePool", ("batch", 3, 9, 8), kernel_shape=[3, 2], strides=[2, 2]),
        pool("AveragePool", (2, 3, "lines", 7), kernel_shape=[2, 2], pads=[1, 0, 1, 1]),
        pool("GlobalAveragePool", (2, 3, 67)),
        pool("GlobalAveragePool", (2, 3, 5, 7)),
        pool("GlobalAveragePool", (1, 3, 5, 6, 7), "float64"),
        pool("GlobalAveragePool", ("batch", 3, 5, "columns")),
    ]  # fmt: skip


def normalisations() -> list[Case]:
    def case(x: Shape, dtype: str = "float32", *, id: str = "", at_run_time: bool = False, **attributes: Any) -> Case:
        channels = int(x[1])
        names = ("scale", "bias", "mean", "variance")
        statistics = {name: numbers(0.5, 2 + i, channels, dtype=dtype) for i, name in enumerate(names)}
        inputs = {"x": x} | (statistics if at_run_time else {})
        weights = {} if at_run_time else statistics
        what = id or "x".join(map(str, x))
        return Case("BatchNormalization", inputs, attributes, weights, dtype=dtype, id=what)

    return [
        case((3, 5)),
        case((2, 67)),
        case((2, 3, 19)),
        case((2, 3, 5, 7), epsilon=0.25, id="epsilon"),
        case((1, 2, 3, 4, 5)),
        case((2, 3, 17), "float64", epsilon=2.0**-10),
        case(("batch", 5)),
        case(("batch", 3, 7)),
        case((2, 3, "lines", "columns")),
        case((2, 3, 7), at_run_time=True, id="statistics_at_run_time"),
    ]


CASES: tuple[Case, ...] = (*convolutions(), *pools(), *normalisations())


def core_windows() -> list[CoreCase]:
    """What the core has and the translators do not use: its own auto_pad, attributes left out, integers."""
    x, w = (2, 3, 10, 11), numbers(-1, 1, 5, 3, 4, 2)

    def conv(id: str, auto_pad: str, **attributes: Any) -> CoreCase:
        strides, dilations = (sizes(attributes.get(name, ())) for name in ("strides", "dilations"))
        arguments = (auto_pad, dilations, 1, sizes(()), sizes(()), strides, "x", "w", "y")
        axes = sliding.axes_of(x[2:], w.shape[2:], attributes | {"auto_pad": auto_pad})
        return CoreCase(
            "Conv", ("float",), arguments, {"x": x}, lambda x, w: sliding.convolve(x, w, None, axes), {"w": w}, id=id, tolerance=2e-6,
        )  # fmt: skip

    def pool(mode: str, x: Shape | Array, element: str, dtype: str, *, id: str, **attributes: Any) -> CoreCase:
        members: dict[str, Argument] = {name: sizes(v) if isinstance(v, list) else v for name, v in attributes.items()}
        arguments = (Enum("PoolOpMode", mode), Struct("RAttributes_Pool", members), "x", "y")
        return CoreCase("Pool", (element,), arguments, {"x": x}, _pooled(mode, attributes), dtype=dtype, id=id)

    signed, unsigned = numbers(-128, 128, 1, 2, 9, 37, dtype="int8"), numbers(0, 256, 1, 2, 9, 37, dtype="uint8")
    same = {"kernel_shape": [4, 3], "strides": [3, 2], "dilations": [1, 2]}
    return [
        conv("defaults", "NOTSET"),
        conv("valid", "VALID", strides=[2, 3]),
        conv("same_upper", "SAME_UPPER", strides=[3, 2], dilations=[1, 3]),
        conv("same_lower", "SAME_LOWER", strides=[2, 3]),
        pool("MaxPool", (1, 3, 10, 11), "float", "float32", id="same_upper", auto_pad="SAME_UPPER", **same),
        pool("AveragePool", (1, 3, 10, 11), "float", "float32", id="same_lower", auto_pad="SAME_LOWER", **same),
        pool("MaxPool", signed, "int8_t", "int8", id="plain", kernel_shape=[3, 3], strides=[1, 2]),
        pool("MaxPool", unsigned, "uint8_t", "uint8", id="plain", kernel_shape=[2, 2], pads=[1, 1, 0, 0]),
        pool("MaxPool", (2, 3, 19), "int64_t", "int64", id="plain", kernel_shape=[3]),
    ]


def core_normalisations() -> list[CoreCase]:
    """Activations that the operator applies itself."""
    statistics = {name: numbers(0.5, 2 + i, 5) for i, name in enumerate(("scale", "bias", "mean", "variance"))}

    def normalised(x: Array, scale: Array, bias: Array, mean: Array, variance: Array) -> Array:
        return (x - mean) / np.sqrt(variance + np.float32(1e-3)) * scale + bias

    activations: dict[str, Any] = {
        "RELU": lambda y: np.maximum(y, 0),
        "TANH": np.tanh,
        "SIGMOID": lambda y: 1 / (1 + np.exp(-y)),
        "LEAKYRELU": lambda y: np.where(y < 0, y * np.float32(0.01), y),
        "ELU": lambda y: np.where(y < 0, np.expm1(y), y),
    }

    def case(name: str, function: Any) -> CoreCase:
        arguments = (1e-3, 0.9, 0, "x", *statistics, "y", Enum("EActivationType", name))
        return CoreCase(
            "BatchNormalization", ("float",), arguments, {"x": ("batch", 5)},
            lambda *inputs: function(normalised(*inputs)), statistics, id=name.lower(),
        )  # fmt: skip

    return [case(*one) for one in activations.items()]


CORE_CASES: tuple[CoreCase, ...] = (*core_windows(), *core_normalisations())
