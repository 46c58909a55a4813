"""SofieFunctor: a generated Session as a function for RDataFrame."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pysofie import provider
from small_model import expected, write_dense

ROOT_DIR = Path(__file__).resolve().parent.parent


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")
def test_sessions_slots_and_threads(tmp_path: Path) -> None:
    program = tmp_path / "functor"
    flags = ["-std=c++17", "-O1", "-g1", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsanitize=thread", "-pthread"]
    source = ROOT_DIR / "test" / "functor" / "functor.cxx"
    subprocess.run(["g++", *flags, f"-I{ROOT_DIR / 'inc'}", str(source), "-o", str(program)], check=True)
    # the sanitizer cannot run where addresses are randomised over more bits than it knows
    command = [*(["setarch", "-R"] if shutil.which("setarch") else []), str(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture(scope="module")
def ROOT(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """ROOT, with a generated header and the functor known to it."""
    folder = tmp_path_factory.mktemp("functor")
    root = provider.root()
    for name, batch in [("FunctorFixed", 1), ("FunctorNamed", "batch")]:
        header = write_dense(folder, name, batch=batch)
        assert root.gInterpreter.Declare(f'#include "{header}"\n#include "TMVA/SOFIEHelpers.hxx"')
    root.functor_folder = str(folder)
    return root


@pytest.fixture(params=[False, True], ids=["one thread", "two threads"])
def slots(ROOT: Any, request: pytest.FixtureRequest) -> Iterator[int]:
    if not request.param:
        yield 1
        return
    ROOT.EnableImplicitMT(2)
    yield 2
    ROOT.DisableImplicitMT()


COLUMNS = {"a": "float(0.5f * rdfentry_)", "b": "float(1.f - rdfentry_)", "c": "2.f"}


def _frame(ROOT: Any, n: int) -> Any:
    frame = ROOT.RDataFrame(n)
    for name, text in COLUMNS.items():
        frame = frame.Define(name, text)
    return frame


def _expected(n: int) -> np.ndarray:
    entry = np.arange(n)
    return expected(np.stack([0.5 * entry, 1.0 - entry, 2.0 + 0 * entry], axis=1), seed=1)


@pytest.mark.parametrize("name", ["FunctorFixed", "FunctorNamed"])
def test_from_python(ROOT: Any, slots: int, name: str) -> None:
    session = getattr(ROOT, f"TMVA_SOFIE_{name}").Session
    functor = ROOT.TMVA.Experimental.SofieFunctor[3, session](slots, f"{ROOT.functor_folder}/{name}.dat")
    scored = _frame(ROOT, 1000).DefineSlot("score", functor, ["a", "b", "c"])
    columns = scored.Define("entry", "rdfentry_").AsNumpy(["score", "entry"])
    np.testing.assert_allclose(columns["score"][np.argsort(columns["entry"])], _expected(1000), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("how", ["DefineSlot", "expression"])
def test_from_cpp_as_the_tutorials_do(ROOT: Any, slots: int, how: str) -> None:
    function = f"score_{how}_{slots}"
    file = f"{ROOT.functor_folder}/FunctorNamed.dat"
    defines = "".join(f'.Define("{name}", "{text}")' for name, text in COLUMNS.items())
    # Apart: where one text has an object to construct and code of RDataFrame, the wheel's cling may not find that code's symbols.
    assert ROOT.gInterpreter.Declare(
        f'auto {function} = TMVA::Experimental::SofieFunctor<3, TMVA_SOFIE_FunctorNamed::Session>(0, "{file}");'
    )
    assert ROOT.gInterpreter.Declare(f"""
    ROOT::RDF::RNode {function}_frame()
    {{
       return ROOT::RDataFrame(500){defines};
    }}
    ROOT::RDF::RNode {function}_define()
    {{
       return {function}_frame().DefineSlot("score", {function}, {{"a", "b", "c"}});
    }}
    """)
    if how == "DefineSlot":
        scored = getattr(ROOT, f"{function}_define")()
    else:
        scored = getattr(ROOT, f"{function}_frame")().Define("score", f"{function}(rdfslot_, a, b, c)")
    assert scored.Sum("score").GetValue() == pytest.approx(_expected(500).sum(), rel=1e-5)


def test_a_slot_too_many(ROOT: Any) -> None:
    session = ROOT.TMVA_SOFIE_FunctorFixed.Session
    functor = ROOT.TMVA.Experimental.SofieFunctor[3, session](2, f"{ROOT.functor_folder}/FunctorFixed.dat")
    with pytest.raises(Exception, match="was made for 2 slots and was called for slot 2"):
        functor(2, 1.0, 2.0, 3.0)


def test_bad_weights_are_refused_at_once(ROOT: Any) -> None:
    session = ROOT.TMVA_SOFIE_FunctorFixed.Session
    with pytest.raises(Exception, match=r"failed to open file missing\.dat for input weights"):
        ROOT.TMVA.Experimental.SofieFunctor[3, session](1, "missing.dat")
