"""Sits the exam: generates code for each case, compiles it in groups, runs it, compares."""

from __future__ import annotations

import ctypes
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from pysofie import glue, toolchain
from pysofie.errors import SofieError
from pysofie.session import Session

from . import sheltered
from .cases import Array, Question

GROUP = 16  # cases of one program: as many as share the time that the standard library's headers take
WIDTH = 16  # bytes of a vector: other widths are the concern of test_operators.py
FLAGS = ("-O0",)
SECONDS = 600.0  # until a child counts as hung, on a busy machine too; compiling is not among what it does
# of max(1, |expected|), by the type of the output: onnx's expected values are computed in that type
TOLERANCE = {"float32": 1e-5, "float64": 1e-7, "float16": 2e-3, "bfloat16": 2e-2}
# Their expected values are written down with four decimals.
ROUNDED = frozenset(
    {
        "test_averagepool_2d_ceil_last_window_starts_on_pad",
        "test_gridsample_bicubic",
        "test_roialign_aligned_false",
        "test_roialign_aligned_true",
    }
)

PASSED, REFUSED, WRONG = "passed", "refused", "wrong"


@dataclass(frozen=True)
class Mark:
    """How one case went."""

    question: str
    operator: str
    verdict: str
    """passed, refused, wrong, crashed or hung."""
    reason: str = ""


@dataclass(frozen=True)
class Code:
    """A generated header with its glue, in a folder."""

    header: Path
    source: glue.Source


def sit(asked: Sequence[Question], folder: Path | None = None) -> list[Mark]:
    """Answer the questions."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="exam-") as made:
            return sit(asked, Path(made))
    codes = list(sheltered.each(_generate, [(one, str(folder)) for one in asked], seconds=SECONDS))
    programs = compile_all(codes)
    jobs = [
        (one, str(code.header), code.source, str(programs[code.source.space]))
        for one, code in zip(asked, codes, strict=True)
        if isinstance(code, Code) and not isinstance(programs[code.source.space], str)
    ]
    answers = dict(zip((job[0].name for job in jobs), sheltered.each(_run, jobs, seconds=SECONDS), strict=True))
    return [_mark(one, code, programs, answers) for one, code in zip(asked, codes, strict=True)]


def _mark(question: Question, code: Code | str, programs: dict[str, Path | str], answers: dict[str, str]) -> Mark:
    if isinstance(code, str):
        verdict, _, reason = code.partition(": ")
    elif isinstance(program := programs[code.source.space], str):
        verdict, reason = WRONG, program
    else:
        verdict, _, reason = answers[question.name].partition(": ")
    return Mark(question.name, question.operator, verdict, reason)


def _generate(task: tuple[Question, str]) -> Code | str:
    import pysofie
    from pysofie.session import generate

    question, folder = task
    header = Path(folder, f"{question.name}.hxx")
    try:
        generate(pysofie.parse(onnx.load_from_string(question.model), name=question.name), header)
    except SofieError as error:
        return f"{REFUSED}: {error}"
    except Exception as error:  # noqa: BLE001 - an exception that is not ours is a fault, whichever it is
        return f"{sheltered.CRASHED}: {type(error).__name__}: {error}"
    return Code(header, glue.wrap(header.read_text(), None, WIDTH))


def compile_all(codes: Sequence[Code | str]) -> dict[str, Path | str]:
    """The shared object of each model, by its namespace, or what the compiler says."""
    sources = [code.source for code in codes if isinstance(code, Code)]
    groups = [sources[at : at + GROUP] for at in range(0, len(sources), GROUP)]
    with ThreadPoolExecutor(2) as pool:
        return {space: made for found in pool.map(_compile_group, groups) for space, made in found.items()}


def _compile_group(group: Sequence[glue.Source]) -> dict[str, Path | str]:
    compiler = toolchain.find_compiler()
    if compiler is None:
        raise SofieError("the exam needs a compiler")
    try:
        shared = toolchain.build_shared("".join(one.text for one in group), compiler, FLAGS)
    except toolchain.CompilerError as error:
        if len(group) == 1:
            return {group[0].space: str(error)}
        return {space: made for one in group for space, made in _compile_group([one]).items()}
    return {one.space: shared for one in group}


def _run(job: tuple[Question, str, glue.Source, str]) -> str:
    question, header, source, shared = job
    try:
        result = session(Path(header), source, shared)(*question.inputs)
    except SofieError as error:
        return f"{WRONG}: {error}"
    results = result if isinstance(result, tuple) else (result,)
    tolerance = 1e-4 if question.name in ROUNDED else None
    found = [difference(*pair, tolerance) for pair in zip(results, question.outputs, strict=True)]
    reason = next(filter(None, found), "")
    return f"{WRONG}: {reason}" if reason else PASSED


def session(header: Path, source: glue.Source, shared: str) -> Session:
    """A Session of one of the models of a shared object."""
    table = getattr(ctypes.CDLL(shared), f"{source.space}_table")
    table.restype = ctypes.c_size_t
    return Session(glue.Program(int(table()), "compiler", source), header)


def difference(ours: Array, expected: Array, tolerance: float | None = None) -> str:
    """What is not as it should be; "" where all is."""
    if ours.dtype != expected.dtype or ours.shape != expected.shape:
        return f"{ours.dtype}{list(ours.shape)}, not {expected.dtype}{list(expected.shape)}"
    return distance(ours, expected, tolerance)


def distance(ours: Array, expected: Array, tolerance: float | None = None) -> str:
    """In what the numbers differ; what is expected may be of a finer type."""
    if ours.dtype.name not in TOLERANCE:
        return "" if np.array_equal(ours, expected) else f"{int((ours != expected).sum())} of {ours.size} differ"
    exact, got = expected.astype(np.float64), ours.astype(np.float64)
    finite = np.isfinite(exact)
    if not np.array_equal(got[~finite], exact[~finite], equal_nan=True):
        return "infinities or NaN in other places"
    error = np.abs(got - exact)[finite] / np.maximum(1, np.abs(exact[finite]))
    worst = float(error.max(initial=0))
    return "" if worst <= (tolerance or TOLERANCE[ours.dtype.name]) else f"a difference of {worst:.1e}"
