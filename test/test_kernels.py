"""The kernels by themselves, at every width of the machine, against numpy in float64, under AddressSanitizer and UBSan."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from toolchain import INCLUDE, compile_program

SOURCE = Path(__file__).parent / "kernels" / "kernels.cxx"


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kernels' driver."""
    return compile_program(SOURCE, tmp_path_factory.mktemp("kernels") / "kernels", "-O1")


@pytest.fixture(scope="session")
def sanitized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kernels' driver with sanitizers, for the narrowest vectors: their loops take the most steps."""
    folder = tmp_path_factory.mktemp("kernels")
    return compile_program(SOURCE, folder / "kernels", "-DTMVA_SOFIE_VECTOR_BYTES=16", sanitize=True)


def run(program: Path, width: int, kernel: str, *arrays: np.ndarray, sizes: tuple[int, ...] = ()) -> np.ndarray:
    """What the kernel makes of the arrays."""
    command = [str(program), str(width), kernel, *map(str, sizes)]
    dtype = arrays[0].dtype
    data = b"".join(array.tobytes() for array in arrays)
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return np.frombuffer(done.stdout, dtype)


def widths(program: Path) -> list[int]:
    """The widths that this machine has."""
    widest = int(subprocess.run([str(program), "widest"], capture_output=True, check=True, text=True).stdout)
    return [width for width in (16, 32, 64) if width <= widest]


def every_exponent() -> np.ndarray:
    """Numbers of each sign and exponent, both zeros, infinities, NaN and sub-normals, and a length that fills no vector."""
    rng = np.random.default_rng(7)
    bits = (np.arange(256, dtype=np.uint32)[:, None] << 23) | rng.integers(0, 1 << 23, (256, 40), dtype=np.uint32)
    special = np.array([0, 0x7F800000, 0x7FC00000, 1, 0x007FFFFF], dtype=np.uint32)
    positive = np.concatenate([bits.ravel(), special])
    near = np.concatenate([rng.uniform(-110, 110, 100_001), rng.uniform(-4, 4, 100_000)]).astype(np.float32)
    return np.concatenate([positive, positive | 0x80000000, near.view(np.uint32)]).astype(np.uint32).view(np.float32)


def sigmoid(x: np.ndarray) -> np.ndarray:
    z = np.exp(-np.abs(x))
    return np.where(x < 0, z, 1) / (1 + z)


erf = np.vectorize(math.erf)
erfc = np.vectorize(math.erfc)

FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "exp": np.exp,
    "expm1": np.expm1,
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "erf": erf,
    "softplus": lambda x: np.logaddexp(0, x),
    "sin": np.sin,
    "cos": np.cos,
}
# The largest error of max(1, |result|).
OTHERS: dict[str, tuple[Callable[[np.ndarray], np.ndarray], float]] = {
    "gelu": (lambda x: x / 2 * erfc(-x / math.sqrt(2)), 5e-7),
    "round": (np.rint, 0),
    "floor": (np.floor, 0),
    "ceil": (np.ceil, 0),
}


@pytest.mark.parametrize("kernel", OTHERS)
def test_other_functions_are_near(program: Path, sanitized: Path, kernel: str) -> None:
    function, tolerance = OTHERS[kernel]
    x = every_exponent()
    halves = np.arange(-9, 9, 0.5, dtype=np.float32)
    x = np.concatenate([x, halves, np.linspace(-12, 12, 20_001).astype(np.float32), 1e5 * x[-50:]])
    with np.errstate(all="ignore"):
        expected = function(x.astype(np.float64))
        rounded = expected.astype(np.float32)
    runs = [(program, width) for width in widths(program)]
    for which, width in (*runs, (sanitized, 16)):
        y = run(which, width, kernel, x)
        finite = np.isfinite(rounded)
        np.testing.assert_array_equal(y[~finite], rounded[~finite])
        error = np.abs(y[finite] - expected[finite]) / np.maximum(1, np.abs(expected[finite]))
        assert error.max() <= tolerance


# As fractions, whose parts are rounded too.
FRACTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"sigmoid_fraction": sigmoid, "tanh_fraction": np.tanh}


@pytest.mark.parametrize("kernel", FRACTIONS)
def test_fractions_are_within_3_ulp_and_closed_gates_are_0(program: Path, kernel: str) -> None:
    x = every_exponent()
    with np.errstate(all="ignore"):
        expected = FRACTIONS[kernel](x.astype(np.float64))
    if kernel == "sigmoid_fraction":
        expected[x < -87] = 0  # where it is less than 2e-38
    ulp = np.spacing(np.abs(expected).astype(np.float32)).astype(np.float64)
    for width in widths(program):
        y = run(program, width, kernel, x)
        np.testing.assert_array_equal(np.isnan(y), np.isnan(expected))
        known = ~np.isnan(expected)
        assert np.all(np.abs(y[known].astype(np.float64) - expected[known]) <= 3 * ulp[known])
        np.testing.assert_array_equal(np.signbit(y[known]), np.signbit(expected[known]))


@pytest.mark.parametrize("kernel", FUNCTIONS)
def test_functions_are_within_2_ulp(program: Path, kernel: str) -> None:
    x = every_exponent()
    with np.errstate(all="ignore"):
        expected = FUNCTIONS[kernel](x.astype(np.float64))
        rounded = expected.astype(np.float32)
        ulp = np.spacing(np.abs(rounded)).astype(np.float64)
    for width in widths(program):
        y = run(program, width, kernel, x)
        np.testing.assert_array_equal(np.isnan(y), np.isnan(rounded))
        np.testing.assert_array_equal(np.isinf(y), np.isinf(rounded))
        finite = np.isfinite(rounded)
        error = np.abs(y[finite].astype(np.float64) - expected[finite]) / ulp[finite]
        worst = np.argmax(error)
        assert error[worst] <= 2, f"{kernel}({x[finite][worst]!r}) at {width} bytes is {error[worst]:.2f} ulp off"


@dataclass(frozen=True)
class Product:
    """A product of matrices: the kernel, and rows, depth and columns."""

    kernel: str
    rows: int
    depth: int
    columns: int
    stack: tuple[int, int] = (1, 1)


DENSE = [
    *(Product("dense_7_64", rows, 7, 64) for rows in (1, 2, 3, 11)),
    *(Product("dense_67_5", rows, 67, 5) for rows in (1, 9)),
    *(Product("dense_100_1", rows, 100, 1) for rows in (1, 16, 37)),
    *(Product("dense_13_150", rows, 13, 150) for rows in (1, 6)),
    *(Product("dense_3_2", rows, 3, 2) for rows in (1, 23)),
    Product("event_100_1", 1, 100, 1),
    Product("event_70_33", 1, 70, 33),
    Product("event_70_200", 1, 70, 200),
    Product("event_50_128", 1, 50, 128),
]


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", DENSE, ids=lambda case: f"{case.kernel}-{case.rows}")
def test_dense(program: Path, case: Product, dtype: type, transposed: bool) -> None:
    rng = np.random.default_rng(3)
    a = rng.normal(size=(case.rows, case.depth)).astype(dtype)
    b = rng.normal(size=(case.depth, case.columns)).astype(dtype)
    bias = rng.normal(size=case.columns).astype(dtype)
    expected = np.maximum(2 * a.astype(np.float64) @ b + 3 * bias.astype(np.float64), 0)
    suffix = "_double" if dtype is np.float64 else ""
    for width in widths(program):
        weights = np.ascontiguousarray(b.T) if transposed else b
        y = run(program, width, case.kernel + suffix, a, weights, bias, sizes=(case.rows, int(transposed)))
        scale = 2 * np.abs(a) @ np.abs(b) + 3 * np.abs(bias)
        error = np.abs(y.reshape(expected.shape) - expected) / np.maximum(1, scale)
        assert error.max() < 4 * np.finfo(dtype).eps * np.sqrt(case.depth)


@pytest.mark.parametrize(("kernel", "rows"), [("event_100_1", 1), ("dense_100_1", 19)])
def test_lanes_of_a_dot_product_are_added_up_in_double(program: Path, kernel: str, rows: int) -> None:
    """One beside 2**24 is lost in float32, where lanes are added two by two."""
    for width in widths(program):
        lanes = width // 4
        a = np.zeros((rows, 100), np.float32)
        a[:, 0], a[:, 1:lanes] = 2**23, 0.5
        y = run(program, width, kernel, a, np.ones((100, 1), np.float32), np.zeros(1, np.float32), sizes=(rows, 0))
        np.testing.assert_array_equal(y, np.float32(2**24 + lanes - 1))


@pytest.mark.parametrize("case", DENSE, ids=lambda case: f"{case.kernel}-{case.rows}")
def test_dense_stays_in_its_memory(sanitized: Path, case: Product) -> None:
    rng = np.random.default_rng(3)
    numbers = rng.normal(size=case.rows * case.depth + case.depth * case.columns + case.columns).astype(np.float32)
    assert np.isfinite(run(sanitized, 16, case.kernel, numbers, sizes=(case.rows, 1))).all()


@pytest.mark.parametrize("kernel", FUNCTIONS)
def test_functions_stay_in_their_memory(sanitized: Path, kernel: str) -> None:
    for length in (1, 2, 3, 5, 8, 17):
        x = np.linspace(-90, 80, length, dtype=np.float32)
        assert np.isfinite(run(sanitized, 16, kernel, x)).all()


STACKS = [
    Product("matmul", 3, 5, 7, (2, 4)),
    Product("matmul", 6, 33, 130, (1, 2)),
    Product("matmul", 1, 17, 64, (2, 3)),
    Product("matmul", 9, 1, 16, (2, 1)),
    Product("matmul", 5, 0, 3, (1, 2)),
    Product("matmul", 4, 6, 90, (0, 2)),
]


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "int64"])
@pytest.mark.parametrize("case", STACKS, ids=lambda case: f"{case.stack}-{case.rows}x{case.depth}x{case.columns}")
def test_matmul(program: Path, case: Product, dtype: str) -> None:
    rng = np.random.default_rng(5)
    a = (10 * rng.normal(size=(*case.stack, case.rows, case.depth))).astype(dtype)
    b = (10 * rng.normal(size=(case.stack[1], case.depth, case.columns))).astype(dtype)
    expected = a.astype(np.float64) @ b.astype(np.float64)
    suffix = {"float32": "", "float64": "_double"}.get(dtype, "_" + dtype)
    sizes = (*case.stack, case.rows, case.depth, case.columns)
    for width in widths(program):
        y = run(program, width, case.kernel + suffix, a, b, sizes=sizes).reshape(expected.shape)
        tolerance = 0 if dtype.startswith("int") else 4 * np.finfo(dtype).eps * np.sqrt(max(case.depth, 1))
        scale = np.maximum(1, np.abs(a.astype(np.float64)) @ np.abs(b.astype(np.float64)))
        assert np.all(np.abs(y - expected) <= tolerance * scale)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int8", "int64"])
@pytest.mark.parametrize("shape", [(2, 3, 5), (1, 16, 64), (3, 20, 16), (1, 45, 61)], ids=str)
def test_transpose(program: Path, sanitized: Path, shape: tuple[int, int, int], dtype: str) -> None:
    stack, rows, columns = shape
    x = np.arange(math.prod(shape)).astype(dtype).reshape(stack, columns, rows)
    suffix = {"float32": "", "float64": "_double"}.get(dtype, "_" + dtype)
    which = [(program, width) for width in widths(program)]
    if dtype != "float64":
        which.append((sanitized, 16))
    for runner, width in which:
        y = run(runner, width, "transpose" + suffix, x, sizes=shape)
        np.testing.assert_array_equal(y.reshape(shape), x.swapaxes(1, 2))


def test_kernels_compile_alone() -> None:
    """Each kernel header stands by itself, without a warning."""
    for header in sorted((INCLUDE / "TMVA/SOFIE/kernels").glob("*.hxx")):
        command = ["g++", "-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{INCLUDE}", "-xc++", "-"]
        source = f'#include "{header.relative_to(INCLUDE)}"\n'
        done = subprocess.run(command, input=source, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{header.name}: {done.stderr}"
