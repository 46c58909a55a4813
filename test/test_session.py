"""From a header to a callable, by either backend."""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handwritten import MIXED, SLOW, THROWING, TRANSPOSE, WEIGHTED, Handwritten, affine, fixed, tensor
from pysofie.errors import DataTypeError, ModelFileNotFoundError, ShapeError, SofieError
from pysofie.session import Session
from pysofie.session import compile as compile_model
from pysofie.signature import evaluate

Compile = Callable[..., Session]


@pytest.fixture(autouse=True, scope="module")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSOFIE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(params=["compiler", "cling"])
def compiled(request: pytest.FixtureRequest, tmp_path: Path) -> Compile:
    return lambda model: compile_model(model.write(tmp_path), backend=request.param)


@pytest.fixture
def quick(tmp_path: Path) -> Compile:
    """For what does not depend on the backend."""
    return lambda model: compile_model(model.write(tmp_path), backend="compiler")


def uniform(*shape: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(17).uniform(-2, 2, shape).astype(np.float32)


@pytest.mark.parametrize("batch", [1, 2, 33, 20000])
def test_named_batch(compiled: Compile, batch: int) -> None:
    x = uniform(batch, 7)
    y = compiled(affine(2.5))(x)
    assert isinstance(y, np.ndarray)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, np.float32(2.5) * x + np.arange(7, dtype=np.float32))


@pytest.mark.parametrize("rows", [1, 5, 3000])
def test_several_outputs_of_several_types(compiled: Compile, rows: int) -> None:
    x, n = uniform(rows, 3), np.arange(rows * 4).reshape(rows, 4) ** 2 // 3
    session = compiled(MIXED)
    total, odd, longer = session(x, n)
    np.testing.assert_allclose(total, x.sum(1, dtype=np.float64), rtol=1e-12)
    np.testing.assert_array_equal(odd, (n % 2 == 1).T)
    np.testing.assert_array_equal(longer, np.arange(2 * rows + 3))
    assert [out.dtype for out in (total, odd, longer)] == [spec.dtype for spec in session.outputs]


def test_retrained_model_of_the_same_name(compiled: Compile) -> None:
    x = np.ones((1, 7), np.float32)
    sessions = [compiled(affine(factor)) for factor in (2, 3, 4)]
    for session, factor in zip(sessions, (2, 3, 4), strict=True):
        np.testing.assert_array_equal(session(x), factor + np.arange(7)[np.newaxis])


def test_name_in_upper_case(compiled: Compile) -> None:
    """Its guard is spelt as its namespace."""
    x = np.ones((1, 7), np.float32)
    for factor in (2, 3):
        assert compiled(affine(factor, name="HIGGS"))(x)[0, 0] == factor


def test_weights_beside_the_header(compiled: Compile, tmp_path: Path) -> None:
    x = np.ones((1, 1), np.float32)
    (tmp_path / "Weighted.dat").write_text("5\n")
    session = compiled(WEIGHTED)
    (tmp_path / "Weighted.dat").write_text("6\n")
    retrained = compiled(WEIGHTED)
    assert (session(x), retrained(x)) == (5, 6)
    (tmp_path / "Weighted.dat").unlink()
    with pytest.raises(SofieError, match=r"no weights in .*Weighted\.dat"):
        compiled(WEIGHTED)


def test_exceptions_of_the_model(compiled: Compile) -> None:
    session = compiled(THROWING)
    with pytest.raises(SofieError, match="Throwing: no root of a negative number"):
        session(np.float32([-1]))
    with pytest.raises(SofieError, match="not a std::exception"):
        session(np.float32([10]))
    assert session(np.float32([4])) == 4


@pytest.mark.parametrize("type_", ["float", "double", "int8_t", "int32_t", "int64_t", "uint8_t", "uint64_t"])
def test_types(quick: Compile, type_: str) -> None:
    session = quick(fixed(type_))
    x = np.array([[9, 5, 2]], session.inputs[0].dtype)
    y = session(x)
    assert isinstance(y, np.ndarray)
    assert y.dtype == x.dtype
    np.testing.assert_array_equal(y, [[16, 7]])


def test_results_are_the_callers(quick: Compile) -> None:
    session = quick(affine(1))
    first = session(np.zeros((1, 7), np.float32))
    session(np.ones((1, 7), np.float32))
    np.testing.assert_array_equal(first, np.arange(7)[np.newaxis])


@pytest.mark.parametrize("rows", [5, 2000])
def test_any_memory_layout(quick: Compile, rows: int) -> None:
    session = quick(TRANSPOSE)
    base = uniform(rows, 120, 2)
    packed = np.frombuffer(b"x" + uniform(rows, 9).tobytes(), dtype=np.uint8)[1:].view(np.float32).reshape(rows, 9)
    read_only = uniform(rows, 40)
    read_only.flags.writeable = False
    for x in (base[..., 0], base[::-1, ::2, 1], uniform(120, rows).T, packed, read_only):
        y = session(x)
        assert isinstance(y, np.ndarray)
        np.testing.assert_array_equal(y, x.T)
        assert y.flags.c_contiguous


def test_empty_batch(quick: Compile) -> None:
    y = quick(affine(1))(np.empty((0, 7), np.float32))
    assert isinstance(y, np.ndarray)
    assert (y.shape, y.dtype) == ((0, 7), np.float32)
    with pytest.raises(ShapeError, match=r"cannot be run on nothing: .* \(0, 3\), \(0, 2\)"):
        quick(MIXED)(np.empty((0, 3), np.float32), np.empty((0, 2), np.int64))


X, N = np.ones((2, 3), np.float32), np.ones((2, 4), np.int64)


@pytest.mark.parametrize(
    ("arrays", "error", "message"),
    [
        ((), ShapeError, r'Mixed takes 2 arrays \(jet "pt": float32 \(rows, 3\), n: int64 \(rows, columns\)\), got 0'),
        ((X,), ShapeError, "takes 2 arrays .* got 1"),
        ((X, N, N), ShapeError, "takes 2 arrays .* got 3"),
        ((X[:, :2], N), ShapeError, r"""input 'jet "pt"' expects the shape \(rows, 3\), got \(2, 2\)"""),
        ((X[0], N), ShapeError, r"expects the shape \(rows, 3\), got \(3,\): add the batch dimension"),
        ((X, N[:1]), ShapeError, r"""\(rows, columns\), got \(1, 4\): rows is 2 in input 'jet "pt"'"""),
        (
            (X.astype(np.float64), N),
            DataTypeError,
            r"expects float32, got float64: convert it with x\.astype\(numpy\.f",
        ),
        ((X.astype(">f4"), N), DataTypeError, "expects float32, got >f4"),
        ((X, N.astype(np.int32)), DataTypeError, "input 'n' expects int64, got int32"),
        ((X, X), DataTypeError, "expects int64, got float32"),
        ((X, [[0.5] * 4] * 2), DataTypeError, "expects int64, got numbers of the kind float64"),
        (([["a"] * 3] * 2, N), DataTypeError, "expects float32, got numbers of the kind <U1"),
        (([[1, 2, 3], [4]], N), DataTypeError, "expects float32: .*inhomogeneous"),
        ((X, [[2**63] * 4] * 2), DataTypeError, "expects int64: .*too large"),
        ((X, None), DataTypeError, "expects int64, got object"),
    ],
)
def test_refused_arrays(quick: Compile, arrays: tuple[Any, ...], error: type[Exception], message: str) -> None:
    session = quick(MIXED)
    session(X, N)
    with pytest.raises(error, match=message):
        session(*arrays)
    assert session(X, N)[0].tolist() == [3, 3], "a refusal leaves the Session usable"


@pytest.mark.parametrize("x", [[[1, 2, 3]], [[1.0, 2.0, 3]], ((1, 2, 3),), [[True, 2, 3]]])
def test_numbers_of_python(quick: Compile, x: Any) -> None:
    assert quick(fixed())(x).tolist() == [[sum(x[0]), x[0][0] - x[0][2]]]


def test_equal_dtypes_that_are_not_the_same(quick: Compile) -> None:
    x = np.ones((1, 7), np.dtype(np.float32, metadata={"unit": "GeV"}))
    assert x.dtype is not np.dtype(np.float32)
    session = quick(affine(2))
    for _ in range(2):
        np.testing.assert_array_equal(session(x), 2 + np.arange(7, dtype=np.float32)[np.newaxis])


def test_many_shapes_in_turn(quick: Compile) -> None:
    session = quick(affine(2))
    for batch in [*range(1, 60), *range(60, 0, -1), 1, 2, 1, 2]:
        x = uniform(batch, 7)
        np.testing.assert_array_equal(session(x), 2 * x + np.arange(7, dtype=np.float32))


def test_clones_in_threads(quick: Compile) -> None:
    session = quick(TRANSPOSE)
    arrays = [uniform(50 + i, 60) + i for i in range(8)]

    def work(x: np.ndarray[Any, Any]) -> bool:
        own = session.clone()
        return all(np.array_equal(own(x), x.T) for _ in range(50))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, arrays))


def test_one_session_in_two_threads_is_refused(tmp_path: Path) -> None:
    session = compile_model(SLOW.write(tmp_path), backend="compiler")
    refusals: list[SofieError] = []

    def work() -> None:
        while True:
            with contextlib.suppress(SofieError):
                session(np.float32([3e8]))
                return

    long = threading.Thread(target=work)
    long.start()
    while long.is_alive() and not refusals:
        try:
            session(np.float32([1]))
        except SofieError as error:
            refusals.append(error)
    long.join()
    assert "in use by another thread: give each its own with clone()" in str(refusals[0])
    assert session(np.float32([1])) == 1


def test_close(tmp_path: Path) -> None:
    counted = Handwritten(
        "Counted",
        [tensor("x", "int32_t", 1)],
        [tensor("alive", "int32_t", 1)],
        "(void)x; alive[0] = Session::sAlive;",
        constructor="++sAlive;",
        members="static inline int sAlive = 0; ~Session() { --sAlive; }",
    )
    one = compile_model(counted.write(tmp_path))
    with compile_model(counted.write(tmp_path)) as two:
        assert two([0]) == 2
        three = two.clone()
        assert three([0]) == 3
    assert one([0]) == 2
    with pytest.raises(SofieError, match="the Session of Counted is closed"):
        two([0])
    two.close()
    del three
    gc.collect()
    assert one([0]) == 1


def test_what_a_session_says(quick: Compile) -> None:
    session = quick(MIXED)
    assert (session.name, session.backend, session.header.name) == ("Mixed", "compiler", "Mixed.hxx")
    assert [spec.origin for spec in session.inputs] == ['jet "pt"', "n"]
    assert [spec.shape for spec in session.outputs] == [("rows",), ("columns", "rows"), ("2*rows+3",)]
    assert repr(session).startswith("<pysofie.Session Mixed by compiler: (jet")


def test_header_of_several_models(tmp_path: Path) -> None:
    path = tmp_path / "Both.hxx"
    path.write_text(affine(2, "One").text + affine(3, "Two").text)
    x = np.ones((1, 7), np.float32)
    assert compile_model(path, name="One", backend="compiler")(x)[0, 0] == 2
    assert compile_model(path, name="Two", backend="compiler")(x)[0, 0] == 3
    with pytest.raises(SofieError, match="holds the models One, Two: say which one with name="):
        compile_model(path)
    with pytest.raises(SofieError, match="holds no model 'Three', but One, Two"):
        compile_model(path, name="Three")


@pytest.mark.parametrize(
    "name", ["a b.hxx", "';touch owned;'.hxx", '"; system("touch owned"); ".hxx', "-o.hxx", "$(x).hxx"]
)
@pytest.mark.parametrize("backend", ["compiler", "cling"])
def test_names_are_data(name: str, backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Weighted.dat").write_text("5\n")
    Path(name).write_text(WEIGHTED.text)
    assert compile_model(name, backend=backend)(np.ones((1, 1), np.float32)) == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "Weighted.dat"])


def test_refused_headers(tmp_path: Path) -> None:
    path = tmp_path / "model.hxx"
    with pytest.raises(ModelFileNotFoundError, match="there is no header"):
        compile_model(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SofieError, match="cannot be read"):
        compile_model(path)
    path.write_text("int main() {}")
    with pytest.raises(SofieError, match=r"model\.hxx is not a header that pysofie's core has generated"):
        compile_model(path)
    with pytest.raises(SofieError, match="settled and cannot be given again"):
        compile_model(path, [[1, 7]])
    with pytest.raises(ValueError, match="the choices are"):
        compile_model(path, backend="gcc")  # type: ignore[arg-type]


def test_broken_header(compiled: Compile) -> None:
    with pytest.raises(SofieError, match="could not compile the model"):
        compiled(Handwritten("Broken", [tensor("x", "float", 1)], [tensor("y", "float", 1)], "nonsense;"))


def test_auto_without_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CXX", raising=False)
    path = affine(2, "Auto").write(tmp_path)
    assert compile_model(path).backend == "compiler"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert compile_model(affine(3, "Auto").write(tmp_path)).backend == "cling"
    with pytest.raises(SofieError, match="no C\\+\\+ compiler was found"):
        compile_model(affine(4, "Auto").write(tmp_path), backend="compiler")


@pytest.mark.parametrize(
    ("dim", "value"),
    [
        (7, 7),
        ("batch", 5),
        ("2*batch+3", 13),
        ("(batch+lambda)/2*3", 12),
        ("batch/2", 2),
        ("-1*batch+7", 2),
        ("-batch+6", 1),
    ],
)
def test_expressions(dim: int | str, value: int) -> None:
    assert evaluate(dim, {"batch": 5, "lambda": 4}) == value


@pytest.mark.parametrize(
    "dim", ["other", "batch**9", "__import__('os')", "batch.real", "1.5", "batch/0", "(" * 999, "f(batch)", ""]
)
def test_expressions_that_are_none(dim: str) -> None:
    with pytest.raises(SofieError, match="the size"):
        evaluate(dim, {"batch": 5})


def test_negative_size() -> None:
    with pytest.raises(ShapeError, match="would have the size batch-7 = -2 with batch=5"):
        evaluate("batch-7", {"batch": 5})


def test_quoted_text_is_left_alone(quick: Compile) -> None:
    origin = "TMVA_SOFIE_Quoted"
    session = quick(
        Handwritten("Quoted", [tensor("x", "float", 1, origin=origin)], [tensor("y", "float", 1)], "y[0] = x[0];")
    )
    assert session.inputs[0].origin == origin
