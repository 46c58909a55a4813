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


def transposed(x: Array, w: Array, axes: Sequence[Axis]) -> Array:
    """ConvTranspose in one group; the axes are those of the convolution that it turns around."""
    reached = [max(axis.begin + axis.size, (axis.out - 1) * axis.stride + axis.reach) for axis in axes]
    y = np.zeros((x.shape[0], w.shape[1], *reached))
    for tap in itertools.product(*(range(axis.kernel) for axis in axes)):
        ends = [at * axis.dilation + (axis.out - 1) * axis.stride + 1 for at, axis in zip(tap, axes, strict=True)]
        where = [slice(at * axis.dilation, end, axis.stride) for at, axis, end in zip(tap, axes, ends, strict=True)]
        y[(slice(None), slice(None), *where)] += np.einsum("nc...,cm->nm...", x, w[(..., *tap)].astype(np.float64))
    return y[(..., *(slice(axis.begin, axis.begin + axis.size) for axis in axes))]


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


def norm(x: Array, axes: Sequence[Axis], power: int = 2) -> Array:
    """LpPool."""
    total = sum(np.abs(tap) ** power for tap in taps(x.astype(np.float64), axes, 0))
    return np.asarray(np.asarray(total) ** (1 / power))


def largest_at(x: Array, axes: Sequence[Axis], order: str = "C") -> tuple[Array, Array]:
    """MaxPool with Indices, the first one of equals."""
    least = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    values = np.array(list(taps(x.astype(np.float64), axes, least)))
    count = int(np.prod(x.shape[2:]))
    within = np.arange(count).reshape(x.shape[2:], order="F" if order == "F" else "C")
    numbers = within + count * np.arange(x.shape[0] * x.shape[1]).reshape(*x.shape[:2], *[1] * within.ndim)
    places = np.array(list(taps(numbers, axes, -1)))
    first = np.where(values == values.max(axis=0), places, -1)
    # Taps come in the order of the input; by columns the first of equals is still the first by rows.
    at = np.argmax(first >= 0, axis=0)
    return values.max(axis=0), np.take_along_axis(first, at[None], 0)[0]


def spread(x: Array, w: Array, b: Array | None, axes: Sequence[Axis], groups: int = 1) -> Array:
    """ConvTranspose: `axes` are those of the windows over the output."""
    images, channels = x.shape[:2]
    grouped = x.reshape(images, groups, channels // groups, *x.shape[2:]).astype(np.float64)
    weights = w.reshape(groups, channels // groups, w.shape[1], -1)
    columns = np.einsum("ngc...,gcmt->ngmt...", grouped, weights)
    columns = columns.reshape(images, groups * w.shape[1], -1, *x.shape[2:])
    result = fold(columns, axes)
    return result if b is None else result + b.reshape(-1, *[1] * len(axes))


def fold(columns: Array, axes: Sequence[Axis]) -> Array:
    """The sum of what windows hold: images x channels x taps x windows."""
    reached = [(axis.out - 1) * axis.stride + axis.reach for axis in axes]
    margin = [max(reach, axis.begin + axis.size) for reach, axis in zip(reached, axes, strict=True)]
    y = np.zeros((*columns.shape[:2], *margin))
    for number, tap in enumerate(itertools.product(*(range(axis.kernel) for axis in axes))):
        slices = tuple(
            slice(at * axis.dilation, at * axis.dilation + (axis.out - 1) * axis.stride + 1, axis.stride)
            for at, axis in zip(tap, axes, strict=True)
        )
        y[(slice(None), slice(None), *slices)] += columns[:, :, number]
    return y[(slice(None), slice(None), *(slice(axis.begin, axis.begin + axis.size) for axis in axes))]


@dataclass(frozen=True)
class Transposed(Axis):
    """The window over an output of this size, with as many windows as the input has elements."""

    count: int = 0

    @property
    def out(self) -> int:
        return self.count


def transposed_axes(sizes: Sequence[int], kernel: Sequence[int], attributes: Mapping[str, Any]) -> list[Transposed]:
    """The axes that the attributes of ConvTranspose mean, for an input of these sizes."""
    rank = len(sizes)
    strides, dilations = (attributes.get(name, [1] * rank) for name in ("strides", "dilations"))
    pads, extra = attributes.get("pads", [0] * 2 * rank), attributes.get("output_padding", [0] * rank)
    auto, wanted = attributes.get("auto_pad", "NOTSET"), attributes.get("output_shape")
    found = []
    for at, size in enumerate(sizes):
        reach = dilations[at] * (kernel[at] - 1) + 1
        whole = (size - 1) * strides[at] + reach + extra[at]
        begin, end = pads[at], pads[at + rank]
        if wanted or auto.startswith("SAME"):
            total = max(0, whole - (wanted[at] if wanted else size * strides[at]))
            less, more = total // 2, total - total // 2
            begin, end = (less, more) if auto == "SAME_UPPER" else (more, less)
        out = wanted[at] if wanted else whole - begin - end
        found.append(Transposed(out, kernel[at], strides[at], dilations[at], begin, end, count=size))
    return found
