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

from handwritten import MIXED, THROWING, Handwritten, affine, fixed
from pysofie import caller
from pysofie.errors import SofieError
from pysofie.session import Session
from pysofie.session import compile as compile_model

HERE = Path(__file__).parent

WITHOUT_CPP = """import sys
sys.modules["pysofie._caller"] = None
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "-k", "not cling", *sys.argv[1:]]))"""


needs_headers = pytest.mark.skipif(
    not Path(sysconfig.get_path("include"), "Python.h").is_file(), reason="Python's headers are not installed"
)


@needs_headers
def test_calls_go_through_cpp() -> None:
    assert Session.__base__ is caller.Caller
    assert caller.Caller.__module__ == "pysofie._caller"


def test_sessions_without_cpp(tmp_path: Path) -> None:
    command = (sys.executable, "-c", WITHOUT_CPP, f"--basetemp={tmp_path / 'base'}", HERE / "test_session.py")
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
    result = session(*arrays)
    assert sys.getrefcount(result) == 2

    gone = weakref.ref(session)
    circle: list[Any] = [session]
    circle.append(circle)
    del session, circle
    gc.collect()
    assert gone() is None


def test_a_failing_model_keeps_nothing(tmp_path: Path) -> None:
    session = compile_model(THROWING.write(tmp_path), backend="compiler")
    x = np.full([1 if isinstance(n, str) else n for n in session.inputs[0].shape], -1, session.inputs[0].dtype)
    before = counts([x])
    for _ in range(50):
        with pytest.raises(SofieError):
            session(x)
    assert counts([x]) == before


class Lying:
    """Of the right dtype, as far as it says."""

    def __init__(self, dtype: Any) -> None:
        self._dtype = dtype

    @property
    def dtype(self) -> Any:
        if isinstance(self._dtype, BaseException):
            raise self._dtype
        return self._dtype() if callable(self._dtype) else self._dtype


@needs_headers
def test_what_is_no_array(tmp_path: Path) -> None:
    session = compile_model(fixed().write(tmp_path), backend="compiler")
    x = np.ones((1, 3), np.float32)
    expected = session(x).tolist()
    for lying in (Lying(x.dtype), Lying(RuntimeError("no dtype")), memoryview(x)[:0]):
        with pytest.raises(SofieError):
            session(lying)
    assert session(memoryview(x)).tolist() == expected, "what numpy understands will do"
    with pytest.raises(SofieError):
        session(Lying(lambda: session(x)))
    with pytest.raises(KeyboardInterrupt):
        session(Lying(KeyboardInterrupt()))
    with pytest.raises(TypeError, match="keyword"):
        session(x=x)
    assert session(x).tolist() == expected
