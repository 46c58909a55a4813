"""Convolutions and pools by their definition, in float64: a tensor for each tap of the window, all windows at once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Axis:
    """How the window moves along one dimension."""

    size: int
    kernel: int
    stride: int = 1
    dilation: int = 1
    begin: int = 0
    end: int = 0
    ceil: bool = False

    @property
    def reach(self) -> int:
        """The elements from the window's first to its last."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def out(self) -> int:
        """The number of windows, 0 where none fits: PyTorch leaves out one that begins in the padding behind the input."""
        room = self.size + self.begin + self.end - self.reach
        if room < 0:
            return 0
        count = (-(-room // self.stride) if self.ceil else room // self.stride) + 1
        return count - (self.ceil and (count - 1) * self.stride >= self.size + self.begin)

    @classmethod
    def same(cls, size: int, kernel: int, stride: int, dilation: int, *, upper: bool) -> Axis:
        """As many windows as steps of the stride, the padding shared out evenly."""
        reach = dilation * (kernel - 1) + 1
        total = max(0, (-(-size // stride) - 1) * stride + reach - size)
        less, more = total // 2, total - total // 2
        return cls(size, kernel, stride, dilation, *((less, more) if upper else (more, less)))


def axes_of(sizes: Sequence[int], kernel: Sequence[int], attributes: Mapping[str, Any]) -> list[Axis]:
    """The axes that ONNX's attributes mean."""
    rank = len(sizes)
    strides, dilations = (attributes.get(name, [1] * rank) for name in ("strides", "dilations"))
    pads = attributes.get("pads", [0] * 2 * rank)
    auto = attributes.get("auto_pad", "NOTSET")
    if auto.startswith("SAME"):
        given = zip(sizes, kernel, strides, dilations, strict=True)
        return [Axis.same(*one, upper=auto == "SAME_UPPER") for one in given]
    ceil = [bool(attributes.get("ceil_mode", 0))] * rank
    return [Axis(*one) for one in zip(sizes, kernel, strides, dilations, pads[:rank], pads[rank:], ceil, strict=True)]


def taps(x: Array, axes: Sequence[Axis], fill: float) -> Iterator[Array]:
    """For each element of the window, what all windows have there: images x channels x windows."""
    behind = [max(0, (axis.out - 1) * axis.stride + axis.reach - axis.size - axis.begin) for axis in axes]
    margins = [(0, 0), (0, 0), *((axis.begin, end) for axis, end in zip(axes, behind, strict=True))]
    padded = np.pad(x, margins, constant_values=fill)
    for tap in itertools.product(*(range(axis.kernel) for axis in axes)):
        firsts = [at * axis.dilation for at, axis in zip(tap, axes, strict=True)]
        slices = [
            slice(first, first + (axis.out - 1) * axis.stride + 1, axis.stride)
            for first, axis in zip(firsts, axes, strict=True)
        ]
        yield padded[(slice(None), slice(None), *slices)]


def convolve(x: Array, w: Array, b: Array | None, axes: Sequence[Axis], groups: int = 1) -> Array:
    """Conv."""
    weights = w.reshape(groups, -1, *w.shape[1:2], np.prod(w.shape[2:], dtype=int)).astype(np.float64)
    y: Array | float = 0.0
    for at, tap in enumerate(taps(x.astype(np.float64), axes, 0)):
        grouped = tap.reshape(tap.shape[0], groups, -1, *tap.shape[2:])
        y = y + np.einsum("ngc...,gmc->ngm...", grouped, weights[..., at])
    result = np.asarray(y).reshape(x.shape[0], w.shape[0], *(axis.out for axis in axes))
    return result if b is None else result + b.reshape(-1, *[1] * len(axes))


def largest(x: Array, axes: Sequence[Axis]) -> Array:
    """MaxPool: NaN where the window holds one."""
    least = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    return np.max(list(taps(x.astype(np.float64), axes, least)), axis=0)


def mean(x: Array, axes: Sequence[Axis], *, with_padding: bool = False) -> Array:
    """AveragePool: what lies beyond the padding, where ceil_mode reaches, is never counted."""
    counts = np.ones(())
    for axis in axes:
        at = axis.stride * np.arange(axis.out)[:, None] + axis.dilation * np.arange(axis.kernel)
        first, last = axis.begin, axis.begin + axis.size
        counted = (at < last + axis.end) if with_padding else (at >= first) & (at < last)
        counts = np.multiply.outer(counts, counted.sum(1))
    with np.errstate(invalid="ignore"):
        return np.asarray(sum(taps(x.astype(np.float64), axes, 0)) / counts)
