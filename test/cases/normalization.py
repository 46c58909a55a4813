"""Normalisations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import Array, Case, Shape, numbers


def parameters(count: int, dtype: str = "float32") -> dict[str, Array]:
    return {"scale": numbers(0.5, 2, count, dtype=dtype), "bias": numbers(-1, 1, count, dtype=dtype)}


def channels(op: str, x: Shape, groups: int, id: str, *, each: int = 0, dtype: str = "float32", **more: Any) -> Case:
    """InstanceNormalization or GroupNormalization; `each` is the length of the parameters where it is not the channels'."""
    count = x[1]
    assert isinstance(count, int)
    attributes = dict(more) if op == "InstanceNormalization" else {"num_groups": groups, **more}

    def reference(x: Array, scale: Array, bias: Array) -> Array:
        grouped = x.reshape(x.shape[0], groups, -1)
        mean, variance = grouped.mean(-1, keepdims=True), grouped.var(-1, keepdims=True)
        y = ((grouped - mean) / np.sqrt(variance + attributes.get("epsilon", 1e-5))).reshape(x.shape)
        scale, bias = (np.repeat(one, count // len(one)).reshape(-1, *[1] * (x.ndim - 2)) for one in (scale, bias))
        return y * scale + bias

    opset = 18 if each and op == "GroupNormalization" else 21
    weights = parameters(each or count, dtype)
    return Case(
        op,
        {"x": x},
        attributes,
        weights,
        dtype=dtype,
        id=id,
        reference=reference,
        opset=opset,
        tolerance=0 if dtype == "float64" else 2e-6,
    )


def rms(x: Shape, axis: int, id: str, scale: tuple[int, ...], dtype: str = "float32", **more: Any) -> Case:
    def reference(x: Array, scale: Array) -> Array:
        axes = tuple(range(axis % x.ndim, x.ndim))
        return x / np.sqrt((x * x).mean(axes, keepdims=True) + more.get("epsilon", 1e-5)) * scale

    weights = {"scale": numbers(0.5, 2, *scale, dtype=dtype)}
    return Case(
        "RMSNormalization", {"x": x}, {"axis": axis, **more}, weights, dtype=dtype, id=id, reference=reference, opset=23
    )


def layer(x: Shape, axis: int, id: str, dtype: str = "float32") -> Case:
    """All outputs; the moments are float32 whatever the input is."""

    def reference(x: Array, scale: Array, bias: Array) -> tuple[Array, ...]:
        axes = tuple(range(axis, x.ndim))
        mean, inverse = x.mean(axes, keepdims=True), 1 / np.sqrt(x.var(axes, keepdims=True) + 2.0**-17)
        return (x - mean) * inverse * scale + bias, mean, inverse

    inner = tuple(size for size in x[axis:] if isinstance(size, int))
    weights = {"scale": numbers(0.5, 2, *inner, dtype=dtype), "bias": numbers(-1, 1, *inner, dtype=dtype)}
    attributes = {"axis": axis, "epsilon": 2.0**-17}
    return Case("LayerNormalization", {"x": x}, attributes, weights, 3, dtype, id, reference=reference, tolerance=2e-6)


def lrn(x: Shape, size: int, id: str, dtype: str = "float32", **more: float) -> Case:
    def reference(x: Array) -> Array:
        total = np.zeros_like(x)
        for c in range(x.shape[1]):
            first, last = max(0, c - (size - 1) // 2), min(x.shape[1], c + size // 2 + 1)
            total[:, c] = (x[:, first:last] ** 2).sum(1)
        return x / (more.get("bias", 1.0) + more.get("alpha", 0.5) / size * total) ** more.get("beta", 0.75)

    return Case("LRN", {"x": x}, {"size": size, "alpha": 0.5, **more}, dtype=dtype, id=id, reference=reference)


def lp(x: Shape | Array, axis: int, p: int, id: str, dtype: str = "float32") -> Case:
    def reference(x: Array) -> Array:
        norm = np.linalg.norm(x, p, axis, keepdims=True)
        return np.where(norm == 0, 0, x / np.where(norm == 0, 1, norm))

    return Case("LpNormalization", {"x": x}, {"axis": axis, "p": p}, dtype=dtype, id=id, reference=reference)


def mean_variance(x: Shape, axes: Sequence[int], id: str, dtype: str = "float32") -> Case:
    def reference(x: Array) -> Array:
        return (x - x.mean(tuple(axes), keepdims=True)) / (x.std(tuple(axes), keepdims=True) + 1e-9)

    return Case(
        "MeanVarianceNormalization",
        {"x": x},
        {"axes": list(axes)},
        dtype=dtype,
        id=id,
        reference=reference,
        tolerance=3e-6 if dtype == "float32" else 0,
    )


INSTANCE, GROUP = "InstanceNormalization", "GroupNormalization"
zeros = numbers(-1, 1, 3, 5)
zeros[1], zeros[:, 3] = 0, 0

CASES = (
    channels(INSTANCE, (2, 3, 19), 3, "line"),
    channels(INSTANCE, (2, 5, 6, 7), 5, "plane", epsilon=0.25),
    channels(INSTANCE, (1, 2, 3, 4, 5), 2, "volume", dtype="float64", epsilon=2.0**-10),
    channels(INSTANCE, ("batch", 3, 5, 7), 3, "batch"),
    channels(INSTANCE, (2, 3, "lines", 7), 3, "named"),
    channels(GROUP, (2, 6, 5, 7), 3, "plane"),
    channels(GROUP, (2, 6, 5, 7), 3, "parameters_of_groups", each=3),
    channels(GROUP, (2, 6, 67), 2, "line", dtype="float64", epsilon=0.5),
    channels(GROUP, (3, 6), 2, "matrix"),
    channels(GROUP, ("batch", 6, 5, 7), 2, "batch"),
    rms((3, 19), -1, "rows", (19,)),
    rms((2, 3, 5, 7), 2, "axis_2", (5, 7)),
    rms((2, 3, 5), 0, "axis_0", (5,), epsilon=0.5),
    rms((3, 5, 67), 1, "double", (1, 67), "float64", epsilon=2.0**-10),
    rms(("batch", 5, 7), -1, "batch", (7,)),
    layer((3, 19), 1, "all_outputs"),
    layer((3, 5, 7), 1, "all_outputs_double", "float64"),
    layer(("batch", 3, 5), 2, "all_outputs_batch"),
    lrn((2, 7, 5, 6), 3, "odd"),
    lrn((2, 7, 19), 4, "even", beta=0.5, bias=2.0),
    lrn((1, 3, 5, 6), 9, "wider_than_the_channels", "float64"),
    lrn(("batch", 5, 6, 7), 5, "batch"),
    lp((3, 19), -1, 2, "rows"),
    lp((3, 5, 7), 1, 1, "p_1"),
    lp(zeros, 0, 2, "zeros"),
    lp(zeros, 1, 1, "zeros_p_1"),
    lp(("batch", 5, 7), 1, 2, "batch", "float64"),
    mean_variance((2, 3, 5, 7), (0, 2, 3), "channels"),
    mean_variance((3, 5, 7), (1, -1), "rows", "float64"),
    mean_variance(("batch", 3, 5), (2,), "batch"),
    Case(
        "BatchNormalization",
        {"x": (2, 3, 5)},
        {"epsilon": 0.25},
        {**parameters(3), "mean": numbers(-1, 1, 3), "variance": numbers(0.5, 2, 3)},
        id="opset_7",
        opset=7,
        reference=lambda x, s, b, m, v: (x - m[:, None]) / np.sqrt(v[:, None] + 0.25) * s[:, None] + b[:, None],
    ),
)  # fmt: skip
