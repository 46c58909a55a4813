"""Calls from Python, by C++ and, where that was not built, by Python: what test_session.py says holds for both."""

from __future__ import annotations

import gc
import subprocess
import sys
import sysconfig
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handwritten import MIXED, SLOW, THROWING, Handwritten, affine, fixed, tensor
from pysofie import caller
from pysofie.errors import SofieError
from pysofie.session import Session
from pysofie.session import compile as compile_model

HERE = Path(__file__).parent

WITHOUT_CPP = """import sys
sys.modules["pysofie._caller"] = None
import pytest
from pysofie import caller
assert caller.Caller.__module__ == "pysofie.caller"
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "-k", "not cling and not cpp", *sys.argv[1:]]))"""


def test_calls_go_through_cpp_where_it_could_be_built() -> None:
    could = Path(sysconfig.get_path("include"), "Python.h").is_file()
    assert Session.__base__ is caller.Caller
    assert caller.Caller.__module__ == ("pysofie._caller" if could else "pysofie.caller")


def test_sessions_without_cpp(tmp_path: Path) -> None:
    files = (HERE / "test_session.py", HERE / "test_caller.py")
    command = (sys.executable, "-c", WITHOUT_CPP, f"--basetemp={tmp_path / 'base'}", *files)
    answer = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def counts(objects: list[Any]) -> list[int]:
    gc.collect()
    return [sys.getrefcount(one) for one in objects]


@pytest.mark.parametrize("model", [affine(2), MIXED], ids=["one output", "three"])
def test_nothing_is_kept(model: Handwritten, tmp_path: Path) -> None:
    session = compile_model(model.write(tmp_path), backend="compiler")
    arrays = [np.ones([2 if isinstance(n, str) else n for n in spec.shape], spec.dtype) for spec in session.inputs]
    watched = [*arrays, *(spec.dtype for spec in (*session.inputs, *session.outputs)), np.empty]
    session(*arrays)
    before = counts(watched)
    for _ in range(100):
        session(*arrays)
        for wrong in (arrays[1:], [*arrays, arrays[0]], [np.empty(0, np.int8), *arrays[1:]]):
            with pytest.raises(SofieError):
                session(*wrong)
    del wrong
    assert counts(watched) == before
    assert sys.getrefcount(session(*arrays)) == sys.getrefcount(np.empty(1))

    gone = weakref.ref(session)
    circle: list[Any] = [session]
    circle.append(circle)
    del session, circle
    gc.collect()
    assert gone() is None


def test_a_failing_model_keeps_nothing(tmp_path: Path) -> None:
    session = compile_model(THROWING.write(tmp_path), backend="compiler")
    x = np.full([1 if isinstance(n, str) else n for n in session.inputs[0].shape], -1, session.inputs[0].dtype)
    watched = [x, session.outputs[0].dtype, np.empty]
    message = "no root of a negative number"
    with pytest.raises(SofieError, match=message):
        session(x)
    before = counts(watched)
    for _ in range(50):
        with pytest.raises(SofieError, match=message):
            session(x)
    assert counts(watched) == before


class Bytes(bytearray):
    """Says that its bytes are doubles."""

    dtype = np.dtype(np.float64)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_arrays_that_are_not_copied_and_others(shape: tuple[int, ...], tmp_path: Path) -> None:
    identity = Handwritten(
        "Same",
        [tensor("x", "double", *shape)],
        [tensor("y", "double", *shape)],
        f"for (int i = 0; i < {int(np.prod(shape))}; ++i) y[i] = x[i];",
    )
    session = compile_model(identity.write(tmp_path), backend="compiler")
    x = np.arange(0.5, np.prod(shape)).reshape(shape)
    read_only = x.copy()
    read_only.flags.writeable = False
    odd = np.frombuffer(b"-" + x.tobytes(), np.uint8)[1:].view(np.float64).reshape(shape)
    strided = np.repeat(x[..., np.newaxis], 2, -1)[..., 0]
    for array in (x, read_only, odd, strided, x):
        np.testing.assert_array_equal(session(array), x)
    with pytest.raises(SofieError, match="input 'x' expects float64, got uint8"):
        session(Bytes(x.size))


AT_THE_END = """import sys, threading, time
import numpy as np
from pysofie.session import compile

class Slow:
    def __del__(self):
        self.sleep(0.5)

session, x = compile(sys.argv[1], backend="compiler"), np.full(1, 20000, np.float32)
session(x)
def work():
    while True:
        session(x)
threading.Thread(target=work, daemon=True).start()
time.sleep(0.1)
sys.modules["slow"] = slow = Slow()
Slow.sleep = staticmethod(time.sleep)
"""


def test_a_thread_that_runs_a_model_when_python_ends(tmp_path: Path) -> None:
    command = (sys.executable, "-c", AT_THE_END, SLOW.write(tmp_path))
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")


class Lying:
    """Of the right shape and dtype, as far as it says."""

    shape = (1, 3)

    def __init__(self, dtype: Any) -> None:
        self._dtype = dtype

    @property
    def dtype(self) -> Any:
        if isinstance(self._dtype, BaseException):
            raise self._dtype
        return self._dtype() if callable(self._dtype) else self._dtype


def test_what_is_no_array(tmp_path: Path) -> None:
    session = compile_model(fixed().write(tmp_path), backend="compiler")
    x = np.ones((1, 3), np.float32)
    expected = session(x).tolist()
    for lying, message in (
        (Lying(x.dtype), "expects float32, got object"),
        (Lying(RuntimeError("no dtype")), "expects float32, got object"),
        (memoryview(x)[:0], r"expects the shape \(1, 3\), got \(0, 3\)"),
    ):
        with pytest.raises(SofieError, match=message):
            session(lying)
    assert session(memoryview(x)).tolist() == expected, "what numpy understands will do"
    refusals = []

    def call_again() -> Any:
        with pytest.raises(SofieError) as refusal:
            session(x)
        refusals.append(str(refusal.value))
        return x.dtype

    with pytest.raises(SofieError, match="got object"):
        session(Lying(call_again))
    assert "in use by another" in refusals[0]
    with pytest.raises(KeyboardInterrupt):
        session(Lying(KeyboardInterrupt()))
    with pytest.raises(TypeError, match="keyword"):
        session(x=x)
    assert session(x).tolist() == expected
