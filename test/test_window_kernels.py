"""The kernels of convolutions, pools and batch normalisation by themselves, at every width, against their definition in numpy."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

import sliding
from sliding import Axis
from toolchain import compile_program

SOURCE = Path(__file__).parent / "kernels" / "windows.cxx"
TYPES = ("float32", "float64", "int8", "uint8")  # as the driver numbers them
DEPTHWISE = (1, 3, 9, 12, 18)  # the taps for which the driver has the kernel
TRANSPOSED = (3, 12)  # elements of the window that the driver has a kernel for
FIXED = (4, 13, 25)  # windows in a row for which the driver has a convolution that knows their number
COUNT = 60  # requests of each kind for each seed


@dataclass(frozen=True)
class Request:
    """One call of a kernel."""

    what: int
    arrays: tuple[np.ndarray, ...]
    sizes: tuple[int, ...]
    axes: tuple[Axis, ...]
    expected: np.ndarray
    taps: int = 0
    has_bias: bool = False
    terms: int = 1
    """Of the sums."""

    def bytes(self) -> bytes:
        """As the driver reads it: 32 numbers, and the arrays."""
        idle = Axis(1, 1)
        axes = [idle] * (3 - len(self.axes)) + list(self.axes)
        fields = ("size", "out", "kernel", "stride", "dilation", "begin", "end")
        window = [getattr(axis, field) for field in fields for axis in axes]
        sizes = (*self.sizes, 0, 0, 0)[:4]
        type_at = TYPES.index(self.arrays[0].dtype.name)
        head = [self.what, type_at, self.taps, int(self.has_bias), *sizes, *window, 0, 0, 0]
        return np.array(head, np.uint64).tobytes() + b"".join(array.tobytes() for array in self.arrays)


def random_axes(rng: np.random.Generator, *, pool: bool) -> tuple[Axis, ...]:
    """A window that fits; that of a pool never lies in the padding alone."""
    rank = int(rng.integers(1, 4))
    found: list[Axis] = []
    while len(found) < rank:
        kernel, dilation = int(rng.integers(1, (8, 5, 4)[rank - 1])), int(rng.choice([1, 1, 2, 3]))
        begin, end = (int(pad) for pad in rng.integers(0, 5, 2) * rng.integers(0, 2))
        if pool:
            begin, end = (min(pad, dilation * (kernel - 1)) for pad in (begin, end))
        size, stride = int(rng.integers(1, (150, 36, 10)[rank - 1])), int(rng.choice([1, 1, 2, 2, 3, 5]))
        axis = Axis(size, kernel, stride, dilation, begin, end, pool and bool(rng.integers(2)))
        if axis.out > 0:
            found.append(axis)
    return tuple(found)


def numbers(rng: np.random.Generator, dtype: str, *shape: int) -> np.ndarray:
    if dtype.startswith("float"):
        return rng.normal(size=shape).astype(dtype)
    return rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max + 1, shape).astype(dtype)


def convolution(rng: np.random.Generator) -> Request:
    axes, dtype = random_axes(rng, pool=False), str(rng.choice(TYPES[:2]))
    images, groups, channels, rows = (int(rng.integers(1, most)) for most in (4, 4, 6, 20))
    kernel = [axis.kernel for axis in axes]
    taps = int(np.prod(kernel))
    depthwise = taps in DEPTHWISE and rng.random() < 0.6
    if depthwise:
        channels, rows = 1, int(rng.integers(1, 3))
    x = numbers(rng, dtype, images, groups * channels, *(axis.size for axis in axes))
    w, b = numbers(rng, dtype, groups * rows, channels, *kernel), numbers(rng, dtype, groups * rows)
    bias = b if rng.random() < 0.7 else None
    expected = np.maximum(sliding.convolve(x, w, bias, axes, groups), 0)
    arrays = (x, w) if bias is None else (x, w, bias)
    return Request(
        0, arrays, (images, groups, channels, rows), axes, expected, taps * depthwise, bias is not None, channels * taps
    )


def channels_last(request: Request, what: int, x: np.ndarray, sizes: tuple[int, ...]) -> Request:
    """The same request for a kernel whose images have their channels last."""
    moved = np.ascontiguousarray(np.moveaxis(x, 1, -1))
    expected = np.moveaxis(request.expected, 1, -1)
    return replace(request, what=what, arrays=(moved, *request.arrays[1:]), sizes=sizes, expected=expected)


def convolution_last(rng: np.random.Generator, *, is_fixed: bool = False) -> Request:
    axes, dtype = random_axes(rng, pool=False), str(rng.choice(TYPES[:2]))
    images, channels, rows = int(rng.integers(1, 4)), int(rng.integers(1, 9)), int(rng.choice([8, 20, 70]))
    if is_fixed:
        axes, rows = (Axis(int(rng.choice(FIXED)), kernel=3, begin=1, end=1),), 70
    kernel = [axis.kernel for axis in axes]
    terms = channels * int(np.prod(kernel))
    x = numbers(rng, dtype, images, channels, *(axis.size for axis in axes))
    w, b = numbers(rng, dtype, rows, channels, *kernel), numbers(rng, dtype, rows)
    bias = b if rng.random() < 0.7 else None
    expected = np.maximum(sliding.convolve(x, w, bias, axes, 1), 0)
    arrays = (x, w) if bias is None else (x, w, bias)
    what = 12 if is_fixed else 6
    request = Request(what, arrays, (), axes, expected, 0, bias is not None, terms)
    return channels_last(request, what, x, (images, 1, channels, rows))


def depthwise_last(rng: np.random.Generator) -> Request:
    axes = random_axes(rng, pool=False)
    while (taps := int(np.prod([axis.kernel for axis in axes]))) not in DEPTHWISE:
        axes = random_axes(rng, pool=False)
    dtype, images = str(rng.choice(TYPES[:2])), int(rng.integers(1, 4))
    channels = int(rng.integers(1, rng.choice([50, 50, 900])))  # many are computed in parts
    x = numbers(rng, dtype, images, channels, *(axis.size for axis in axes))
    w, b = numbers(rng, dtype, channels, 1, *(axis.kernel for axis in axes)), numbers(rng, dtype, channels)
    expected = np.maximum(sliding.convolve(x, w, b, axes, channels), 0)
    return channels_last(Request(7, (x, w, b), (), axes, expected, taps, True, taps), 7, x, (images, channels, 1, 1))


def pool_last(rng: np.random.Generator, what: int) -> Request:
    axes, dtype = random_axes(rng, pool=True), str(rng.choice(TYPES[:2]))
    images, channels = int(rng.integers(1, 4)), int(rng.integers(1, 40))
    x = numbers(rng, dtype, images, channels, *(axis.size for axis in axes))
    if what == 8:
        x[rng.random(x.shape) < 0.1 * rng.integers(2)] = np.nan
        expected = sliding.largest(x, axes).astype(dtype)
    else:
        expected = sliding.mean(x, axes, with_padding=what == 10)
    return channels_last(Request(what, (x,), (), axes, expected), what, x, (images, 1, channels, 1))


def transposed_last(rng: np.random.Generator) -> Request:
    axes = random_axes(rng, pool=False)
    while (taps := int(np.prod([axis.kernel for axis in axes]))) not in TRANSPOSED:
        axes = random_axes(rng, pool=False)
    dtype, images, rows = str(rng.choice(TYPES[:2])), int(rng.integers(1, 4)), int(rng.choice([1, 20]))
    x = numbers(rng, dtype, images, 5, *(axis.out for axis in axes))
    w, b = numbers(rng, dtype, 5, rows, *(axis.kernel for axis in axes)), numbers(rng, dtype, rows)
    expected = np.maximum(sliding.transposed(x, w, axes) + b.reshape(-1, *[1] * len(axes)), 0)
    return channels_last(Request(11, (x, w, b), (), axes, expected, taps, True, 5 * taps), 11, x, (images, 1, 5, rows))


def max_pool(rng: np.random.Generator) -> Request:
    axes, dtype, planes = random_axes(rng, pool=True), str(rng.choice(TYPES)), int(rng.integers(1, 6))
    x = numbers(rng, dtype, 1, planes, *(axis.size for axis in axes))
    if dtype.startswith("float"):
        x[rng.random(x.shape) < 0.3 * rng.integers(2)] = -np.inf
        x[rng.random(x.shape) < 0.1 * rng.integers(2)] = np.nan
    return Request(1, (x,), (planes,), axes, sliding.largest(x, axes))


def average_pool(rng: np.random.Generator, *, with_padding: bool) -> Request:
    axes, dtype, planes = random_axes(rng, pool=True), str(rng.choice(TYPES[:2])), int(rng.integers(1, 6))
    x = numbers(rng, dtype, 1, planes, *(axis.size for axis in axes))
    return Request(2 + with_padding, (x,), (planes,), axes, sliding.mean(x, axes, with_padding=with_padding))


def global_average(rng: np.random.Generator) -> Request:
    dtype, planes, size = str(rng.choice(TYPES[:2])), int(rng.integers(1, 9)), int(rng.integers(1, 900))
    x = numbers(rng, dtype, planes, size)
    return Request(4, (x,), (planes,), (Axis(size, size),), x.mean(1, dtype=np.float64))


def normalisation(rng: np.random.Generator) -> Request:
    dtype, images = str(rng.choice(TYPES[:2])), int(rng.integers(1, 4))
    channels, inner = int(rng.integers(1, 70)), int(rng.choice([1, 1, 2, 9, 33, 100]))
    x, statistics = numbers(rng, dtype, images, channels, inner), numbers(rng, dtype, 4, channels)
    statistics[3] = np.abs(statistics[3]) + 1
    scale, bias, mean, variance = statistics.astype(np.float64)[:, :, None]
    expected = np.maximum((x - mean) / np.sqrt(variance + 1e-3) * scale + bias, 0)
    return Request(5, (x, statistics), (images, channels, inner), (), expected)


KINDS: dict[str, Callable[[np.random.Generator], Request]] = {
    "conv": convolution,
    "max_pool": max_pool,
    "average_pool": lambda rng: average_pool(rng, with_padding=False),
    "average_pool_with_padding": lambda rng: average_pool(rng, with_padding=True),
    "global_average_pool": global_average,
    "conv_last": convolution_last,
    "conv_last_fixed": lambda rng: convolution_last(rng, is_fixed=True),
    "depthwise_conv_last": depthwise_last,
    "max_pool_last": lambda rng: pool_last(rng, 8),
    "average_pool_last": lambda rng: pool_last(rng, 9),
    "average_pool_with_padding_last": lambda rng: pool_last(rng, 10),
    "conv_transpose_last": transposed_last,
    "batch_normalization": normalisation,
}


def check(program: Path, width: int, requests: Sequence[Request]) -> None:
    data = b"".join(request.bytes() for request in requests)
    done = subprocess.run([str(program), str(width)], input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    at = 0
    for request in requests:
        dtype, expected = request.arrays[0].dtype, request.expected
        y = np.frombuffer(done.stdout, dtype, expected.size, at).reshape(expected.shape)
        at += y.nbytes
        if request.what == 1:
            np.testing.assert_array_equal(y, expected.astype(dtype))
        else:
            atol = 30 * np.sqrt(request.terms) * np.finfo(dtype).eps
            np.testing.assert_allclose(y, expected, rtol=0, atol=atol, err_msg=str(request.axes))
    assert at == len(done.stdout)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kernels' driver."""
    return compile_program(SOURCE, tmp_path_factory.mktemp("windows") / "windows", "-O1")


@pytest.fixture(scope="module")
def sanitized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kernels' driver with sanitizers, for the narrowest vectors."""
    folder = tmp_path_factory.mktemp("windows")
    return compile_program(SOURCE, folder / "windows", "-DTMVA_SOFIE_VECTOR_BYTES=16", sanitize=True)


@pytest.mark.parametrize("kind", KINDS)
def test_kernels_at_every_width(program: Path, kind: str) -> None:
    rng = np.random.default_rng(20261120)
    requests = [KINDS[kind](rng) for _ in range(COUNT)]
    widest = int(subprocess.run([str(program), "widest"], capture_output=True, check=True, text=True).stdout)
    for width in (16, 32, 64):
        if width <= widest:
            check(program, width, requests)


@pytest.mark.parametrize("kind", KINDS)
def test_kernels_touch_no_memory_but_their_own(sanitized: Path, kind: str) -> None:
    rng = np.random.default_rng(5)
    check(sanitized, 16, [KINDS[kind](rng) for _ in range(COUNT)])
