"""Sums over indices, Fourier transforms and what goes with them: shapes, and the constants that they are made of."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from . import dims, shapes
from .dims import Expression, Size
from .errors import ShapeError
from .values import TensorType, Value

if TYPE_CHECKING:
    from numpy.typing import NDArray


def einsum(*inputs: Value, equation: str) -> TensorType:
    """Einsum."""
    left, arrow, right = equation.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(inputs):
        raise ShapeError(f"the equation '{equation}' for {len(inputs)} inputs")
    sizes: dict[str, Size] = {}
    uses = Counter[str]()
    for term, x in zip(terms, inputs, strict=True):
        for label, size in zip(_labels(term, x.rank), x.shape, strict=True):
            uses[label] += 1
            known = sizes.get(label, 1)
            if known not in (1, size) and size != 1:
                raise ShapeError(f"the sizes {known} and {size} of the index {label} in '{equation}'")
            sizes[label] = known if size == 1 else size
    dots = sorted((label for label in sizes if label.isdigit()), key=int, reverse=True)
    if arrow:
        before, found, after = right.partition("...")
        wanted = [*before, *(dots if found else ()), *after]
    else:
        wanted = [*dots, *sorted(label for label in sizes if uses[label] == 1 and not label.isdigit())]
    if len(set(wanted)) != len(wanted) or any(label not in sizes for label in wanted):
        raise ShapeError(f"the output of '{equation}' has an index twice, or one that no input has")
    return TensorType(inputs[0].dtype, tuple(sizes[label] for label in wanted))


def _labels(term: str, rank: int) -> list[str]:
    """The labels of a term's dimensions; those of the dots are numbered from the back."""
    before, dots, after = term.partition("...")
    missing = rank - len(before) - len(after)
    letters = [*before, *after]
    if missing < 0 or (missing and not dots) or not all(one.isascii() and one.isalpha() for one in letters):
        raise ShapeError(f"the term '{term}' for a tensor of {rank} dimensions")
    return [*before, *(str(n) for n in reversed(range(missing))), *after]


def det(x: Value) -> TensorType:
    """Det: square matrices."""
    if x.rank < 2 or x.shape[-1] != x.shape[-2]:
        raise ShapeError(f"{dims.text(x.shape)} is not of square matrices")
    return TensorType(x.dtype, x.shape[:-2])


def number(what: str, value: Value | None, default: int = 0) -> int:
    """A constant of one number."""
    if value is None:
        return default
    if value.constant is None or value.constant.size != 1:
        raise ShapeError(f"{what} that is computed at run time")
    return int(value.constant.reshape(-1)[0])


def dft_axis(x: Value, axis: int) -> int:
    """The dimension that is transformed; the last one is of the parts of a number."""
    at = shapes.axis_of(axis, x.rank)
    if x.rank < 2 or at == x.rank - 1 or x.shape[-1] not in (1, 2):
        raise ShapeError(f"axis {axis} of {dims.text(x.shape)}, whose last dimension must be of 1 or 2 parts")
    return at


def dft(x: Value, at: int, length: int, *, inverse: int = 0, onesided: int = 0) -> TensorType:
    """DFT along one dimension; a length of 0 is that of the signal."""
    half = bool(onesided and inverse)
    size = length or ((x.shape[at] - 1) * 2 if half else x.shape[at])
    out = size // 2 + 1 if onesided and not inverse else size
    if not isinstance(size, Expression) and size < 1:
        raise ShapeError(f"a transform of {size} elements")
    return TensorType(x.dtype, (*x.shape[:at], out, *x.shape[at + 1 : -1], 1 if half else 2))


def dft_20(x: Value, length: Value | None = None, axis: Value | None = None, **attributes: int) -> TensorType:
    """DFT with its axis as an input."""
    return dft(x, dft_axis(x, number("axis", axis, -2)), number("dft_length", length), **attributes)


def dft_17(x: Value, length: Value | None = None, *, axis: int = 1, **attributes: int) -> TensorType:
    """DFT with its axis as an attribute."""
    return dft(x, dft_axis(x, axis), number("dft_length", length), **attributes)


def frame_length(x: Value, window: Value | None, length: Value | None) -> int:
    """The samples of a frame of STFT."""
    if length is not None:
        return number("frame_length", length)
    size = x.shape[1] if window is None else window.shape[0]
    if isinstance(size, Expression):
        raise ShapeError(f"frames of the named size {size}")
    return size


def stft(
    x: Value, step: Value, window: Value | None = None, length: Value | None = None, *, onesided: int = 1
) -> TensorType:
    """STFT."""
    if x.rank != 3 or x.shape[2] not in (1, 2):
        raise ShapeError(f"{dims.text(x.shape)} is not of signals, samples and 1 or 2 parts")
    frame, every = frame_length(x, window, length), number("frame_step", step)
    samples = x.shape[1]
    if every < 1 or frame < 1 or (not isinstance(samples, Expression) and samples < frame):
        raise ShapeError(f"frames of {frame} every {every} samples of {samples}")
    if window is not None and window.shape != (frame,):
        raise ShapeError(f"a window {dims.text(window.shape)} for frames of {frame}")
    frames = (samples + -frame) // every + 1
    return TensorType(x.dtype, (x.shape[0], frames, frame // 2 + 1 if onesided else frame, 2))


def mel_weight_matrix(
    bins: NDArray[Any],
    length: NDArray[Any],
    rate: NDArray[Any],
    lower: NDArray[Any],
    upper: NDArray[Any],
    output_datatype: int = 1,
) -> NDArray[Any]:
    """MelWeightMatrix of constants: triangles over the frequencies of a transform, evenly apart on the mel scale."""
    count, size = int(bins), int(length)
    low, high = (2595 * np.log10(1 + np.float64(edge) / 700) for edge in (lower, upper))
    mels = np.arange(count + 2) * ((high - low) / (count + 2)) + low
    hertz = 700 * (10 ** (mels / 2595) - 1)
    at = np.floor((size + 1) * hertz / np.float64(rate)).astype(np.int64)
    weights = np.zeros((size // 2 + 1, count))
    rows = np.arange(size // 2 + 1)
    for i, (left, middle, right) in enumerate(zip(at[:-2], at[1:-1], at[2:], strict=True)):
        if middle == left:
            weights[middle, i] = 1
        else:
            rising = (rows >= left) & (rows <= middle)
            weights[rising, i] = (rows[rising] - left) / (middle - left)
        falling = (rows >= middle) & (rows < right)
        weights[falling, i] = (right - rows[falling]) / max(right - middle, 1)
    return weights.astype(shapes.ONNX_TYPES[output_datatype])
