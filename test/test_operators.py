"""Each operator in each of its cases, by both compilers and every width of vectors, against results in double precision."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

import pysofie
from cases import CASES, ONNX_CASES, Case
from cases.core import CoreCase
from pysofie import builder, errors, glue, parsing, provider, registry, toolchain
from pysofie.builder import Enum, OperatorCall, Recipe, Vector, integers, sizes
from pysofie.graph import TensorInfo
from pysofie.request import Request
from pysofie.session import Session, generate

pytestmark = pytest.mark.onnx

INCLUDE = Path(__file__).resolve().parent.parent / "inc" / "TMVA"
GROUP = 12  # cases of one program: as many as share the time that the standard library's headers take
SIZES = (1, 3, 48, 49, 98)  # around the rows that are computed at a time


@dataclass(frozen=True)
class Header:
    """A case's generated code."""

    path: Path
    text: str


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("operators")


@functools.cache
def header(case_at: int, folder: Path) -> Header:
    """The code of a case, generated once."""
    path = folder / f"Case{case_at}.hxx"
    generate(CASES[case_at].rmodel(folder, path.stem), path)
    return Header(path, path.read_text())


class Groups:
    """Programs of several cases each, compiled while others run."""

    def __init__(self, folder: Path, chosen: tuple[int, ...], width: int | None, *flags: str) -> None:
        self.folder, self.chosen, self.width, self.flags = folder, chosen, width, flags
        self.pool = ThreadPoolExecutor(2)
        self.building: dict[int, Future[Path]] = {}
        self.sources: dict[int, glue.Source] = {}

    def session(self, case_at: int) -> Session:
        """A Session of the case, which compiles its group at the first time."""
        group = self.chosen.index(case_at) // GROUP
        self._start(group)
        self._start(group + 1)
        path = header(case_at, self.folder).path  # a case without code says so here
        library = ctypes.CDLL(str(self.building[group].result()))
        table = getattr(library, f"{self.sources[case_at].space}_table")
        table.restype = ctypes.c_size_t
        return Session(glue.Program(int(table()), "compiler", self.sources[case_at]), path)

    def _start(self, group: int) -> None:
        members = self.chosen[group * GROUP : (group + 1) * GROUP]
        if group in self.building or not members:
            return
        for at in members:
            with contextlib.suppress(pysofie.SofieError):
                self.sources[at] = glue.wrap(header(at, self.folder).text, None, self.width)
        text = "".join(self.sources[at].text for at in members if at in self.sources)
        self.building[group] = self.pool.submit(toolchain.build_shared, text, toolchain.find_compiler(), self.flags)


@contextlib.contextmanager
def groups(*arguments: Any) -> Iterator[Callable[[int], Session]]:
    made = Groups(*arguments)
    yield made.session
    made.pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session")
def compiled(folder):
    with groups(folder, tuple(range(len(CASES))), toolchain.vector_bytes()) as session:
        yield session


@pytest.fixture(scope="session")
def interpreted(folder):
    return lambda at: pysofie.compile(header(at, folder).path, backend="cling")


def check(case: Case | CoreCase, session: Session, **sizes: int) -> None:
    arrays = case.arrays(**sizes)
    result = session(*arrays.values())
    results = result if isinstance(result, tuple) else (result,)
    expected = case.expected(arrays)
    assert len(results) == len(expected)
    for ours, exact in zip(results, expected, strict=True):
        assert ours.shape == exact.shape
        if ours.dtype.kind != "f":
            np.testing.assert_array_equal(ours, exact.astype(ours.dtype))
            continue
        with np.errstate(over="ignore"):
            target = exact.astype(ours.dtype)  # infinite where the type ends
        finite = np.isfinite(target)
        np.testing.assert_array_equal(ours[~finite], target[~finite])
        tolerance = case.tolerance or (1e-6 if ours.dtype == np.float32 else 1e-13)
        error = np.abs(ours[finite] - exact[finite]) / np.maximum(1, np.abs(exact[finite]))
        assert error.max(initial=0) <= tolerance


# Case by case, so that cling runs one group while the compiler is at the next.
BACKENDS = pytest.mark.parametrize("backend", ["compiled", "interpreted"])


@BACKENDS
@pytest.mark.parametrize("at", [pytest.param(at, id=case.name) for at, case in enumerate(CASES)])
def test_the_results_are_right(at, backend, request):
    case, session = CASES[at], request.getfixturevalue(backend)(at)
    for size in SIZES if case.dims else SIZES[:1]:
        check(case, session, **{dim: size + i for i, dim in enumerate(case.dims)})


# The first case of each operator, and its first one with a named dim.
EACH = tuple({(case.kind, bool(case.dims)): at for at, case in reversed(list(enumerate(CASES)))}.values())
WARNINGS = ("-Wall", "-Wextra", "-Werror")
NATIVE = toolchain.vector_bytes() or 16
OTHERS = [(16, "-O0"), *((width, "-O2") for width in (32, 64) if width < NATIVE)]


@pytest.fixture(scope="session", params=OTHERS, ids=[f"{width}{flag}" for width, flag in OTHERS])
def otherwise(folder, request):
    width, flag = request.param
    with groups(folder, EACH, width, flag, *WARNINGS) as session:
        yield session


@pytest.mark.parametrize("at", [pytest.param(at, id=CASES[at].name) for at in EACH])
def test_the_results_are_right_at_other_widths(at, otherwise):
    case = CASES[at]
    check(case, otherwise(at), **{dim: 3 + i for i, dim in enumerate(case.dims)})


def test_clang_warns_of_nothing(folder):
    source = folder / "all.cxx"
    source.write_text("".join(f'#include "{header(at, folder).path}"\n' for at in EACH))
    command = [
        sys.executable,
        "-m",
        "ziglang",
        "c++",
        "-std=c++17",
        "-c",
        "-O0",
        "-o",
        os.devnull,
        *WARNINGS,
        source.name,
    ]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[:4000]


# ------------------------------------------------------------------------------------------------- nothing is left out


CONTROL = {"If", "Loop", "Scan"}  # in test_control.py


def test_every_operator_has_cases():
    assert {one.op_type for one in registry.operators()} - {case.op for case in ONNX_CASES} == {
        "Constant",
        *CONTROL,
    }


def test_every_class_has_cases(folder):
    used = {case.cls for case in CASES if isinstance(case, CoreCase)}
    for case in ONNX_CASES:
        path = folder / "any.onnx"
        onnx.save(case.to_onnx(), path)
        graph = parsing.prepare(parsing.read(path, Request()))
        used |= {call.cls for call in builder.recipe(graph).operators}
    assert used | CONTROL | {"Custom"} == {  # test_custom.py
        path.stem.removeprefix("ROperator_") for path in INCLUDE.glob("ROperator_*.hxx")
    }


def test_the_list_of_operators_is_the_folder():
    listed = re.findall(r'#include "TMVA/(.+)"', (INCLUDE / "OperatorList.hxx").read_text())
    assert listed == sorted(path.name for path in INCLUDE.glob("ROperator_*.hxx"))


def test_the_names_of_cases_are_unique():
    names = [case.name for case in CASES]
    assert sorted(names) == sorted(set(names))


def test_a_constant_of_a_named_shape(folder):
    """ConstantOfShape where the shape is known at run time only: beside x (batch, 3) stand two columns of 2.5."""
    infos = (TensorInfo("x", np.dtype("float32"), ("batch", 3)),)
    operators = (
        OperatorCall("Constant", ("float",), ("float", Vector("float", (2.5,)), sizes(()), "shape", "more"), ""),
        OperatorCall("Concat", (), (Vector("std::string", ("x", "more")), 1, 0, "y"), ""),
    )
    model = provider.rmodel(Recipe("named_shape", infos, ("y",), {}, operators, {}))
    dims = provider.root().std.vector[provider.namespace().Dim]()
    dims.push_back(provider.namespace().Dim("batch"))
    dims.push_back(provider.namespace().Dim(provider.root().std.size_t(2)))
    model.AddShapeTensor("shape", dims)
    generate(model, folder / "named_shape.hxx")
    session = pysofie.compile(folder / "named_shape.hxx")
    for size in SIZES:
        x = np.arange(3 * size, dtype="float32").reshape(size, 3)
        np.testing.assert_array_equal(session(x), np.hstack((x, np.full((size, 2), 2.5, "float32"))))


# -------------------------------------------------------------------------------------------------------- refusals

FLOAT = ("float",)
ADD = (*FLOAT, Enum("EBasicBinaryOperator", "Add"))
RESHAPE, SQUEEZE, UNSQUEEZE, FLATTEN = (
    Enum("ReshapeOpMode", one) for one in ("Reshape", "Squeeze", "Unsqueeze", "Flatten")
)
SUM = (*FLOAT, Enum("EReduceOpMode", "ReduceSum"))
TWO = Vector("std::string", ("x", "z"))
NONE = sizes(())
NO_FUNCTIONS = (Vector("float", ()), Vector("float", ()), Vector("std::string", ()))

# Class, template, arguments, inputs, what is said.
REFUSALS = [
    ("BasicBinary", ADD, ("x", "z", "y"), {"x": (3, 5), "z": (3,)}, "Add: the shapes do not broadcast: x { 3 , 5 }, z { 3 }"),
    ("BasicBinary", ADD, ("x", "z", "y"), {"x": ("n", 5), "z": ("m", 5)}, "Add: the shapes do not broadcast: x { n , 5 }, z { m , 5 }"),
    ("BasicBinary", ADD, ("x", "w", "y"), {"x": (3,)}, "Add: input tensor w is not found"),
    ("BasicBinary", ("double", ADD[1]), ("x", "x", "y"), {"x": (3,)}, "Add: input tensor x is of type float, not double"),
    ("BasicNary", (*FLOAT, Enum("EBasicNaryOperator", "Max")), (TWO, "y"), {"x": (3,), "z": (4,)}, "Max: the shapes do not broadcast: x { 3 }, z { 4 }"),
    ("Clip", FLOAT, ("x", "z", "", "y"), {"x": (3,), "z": (2,)}, "Clip: the bound z has the shape { 2 }, but must be one number"),
    ("Transpose", (), (integers((0, 0)), "x", "y"), {"x": (3, 5)}, "Transpose: perm { 0, 0} is no order of the dimensions of x { 3 , 5 }"),
    ("Transpose", (), (integers((1, 0)), "x", "y"), {"x": (3,)}, "Transpose: perm { 1, 0} is no order of the dimensions of x { 3 }"),
    ("Reshape", (), (RESHAPE, integers((4,)), "x", "y"), {"x": (3,)}, "Reshape: the elements of x { 3 } do not fit the target { 4 }: 3 against 4"),
    ("Reshape", (), (RESHAPE, integers((-1, 2)), "x", "y"), {"x": (3,)}, "do not fit the target { -1 , 2 }: 3 against 2"),
    ("Reshape", (), (RESHAPE, integers((-1, 4)), "x", "y"), {"x": ("n", 6)}, "do not fit the target { -1 , 4 }: 6*n against 4*"),
    ("Reshape", (), (RESHAPE, integers((-1, -1)), "x", "y"), {"x": (3,)}, "Reshape: the target has -1 more than once"),
    ("Reshape", (), (RESHAPE, integers((3, 0)), "x", "y"), {"x": (3,)}, "the target keeps dimension 1 of x { 3 }, which has none"),
    ("Reshape", (), (RESHAPE, 0, "x", "z", "y"), {"x": (3,), "z": (1,)}, "Reshape: input tensor z is of type float, not int64_t"),
    ("Reshape", (), (RESHAPE, 0, "x", "", "y"), {"x": (3,)}, "Reshape: the target shape is not given"),
    ("Reshape", (), (SQUEEZE, integers((1,)), "x", "y"), {"x": (1, 3)}, "Squeeze: dimension 1 of x { 1 , 3 } is not 1"),
    ("Reshape", (), (UNSQUEEZE, integers((0, 0)), "x", "y"), {"x": (3,)}, "Unsqueeze: the axes { 0, 0} are not different dimensions of 3"),
    ("Reshape", (), (FLATTEN, 3, "x", "", "y"), {"x": (3, 5)}, "Flatten: axis 3 of x { 3 , 5 }"),
    ("Concat", (), (TWO, 1, 0, "y"), {"x": (3, 5), "z": (4, 5)}, "Concat: z { 4 , 5 } does not fit x { 3 , 5 } along axis 1"),
    ("Concat", (), (TWO, 2, 0, "y"), {"x": (3, 5), "z": (3, 5)}, "Concat: axis 2 of x { 3 , 5 }"),
    ("Concat", (), (Vector("std::string", ()), 0, 0, "y"), {"x": (3,)}, "Concat: it has no inputs"),
    ("Softmax", (), (2, "x", "y"), {"x": (3, 5)}, "Softmax: axis 2 of x { 3 , 5 }"),
    ("Reduce", SUM, (1, integers((0, -2)), "x", "", "y"), {"x": (3, 5)}, "ReduceSum: the axes { 0, -2} are not different dimensions of x { 3 , 5 }"),
    ("Reduce", SUM, (1, integers(()), "x", "z", "y"), {"x": (3, 5), "z": (1,)}, "ReduceSum: the axes in z are computed at run time"),
    ("LayerNormalization", FLOAT, (2, 1e-5, 1, "x", "", "", "y", "", ""), {"x": (3, 5)}, "LayerNormalization: axis 2 of x { 3 , 5 }"),
    ("LayerNormalization", FLOAT, (1, 1e-5, 1, "x", "z", "", "y", "", ""), {"x": (3, 5), "z": (2, 3, 5)}, "z { 2 , 3 , 5 } does not broadcast to x { 3 , 5 }"),
    ("BasicBinary", (*FLOAT, Enum("EBasicBinaryOperator", "PRelu")), ("x", "z", "y"), {"x": (3,), "z": (2, 3)}, "PRelu: the slope z { 2 , 3 } does not broadcast to x { 3 }"),
    ("Where", FLOAT, ("x", "x", "x", "y"), {"x": (3,)}, "Where: input tensor x is of type float, not bool"),
    ("Gelu", FLOAT, ("x", "y", "erf"), {"x": (3,)}, "Gelu: the approximation erf is neither none nor tanh"),
    ("BitCast", (), ("double", "x", "y"), {"x": (3,)}, "BitCast: the bits of x of type float are no double"),
    ("QuantizeLinear", (), ("int8", 1, 0, "x", "z", "", "y"), {"x": (3, 5), "z": (3,)}, "the scale z { 3 } does not fit x { 3 , 5 } along axis 1"),
    ("QuantizeLinear", (), ("int8", 1, 2, "x", "z", "", "y"), {"x": (3, 5), "z": (3, 3)}, "x { 3 , 5 } along axis 1 in whole blocks of 2"),
    ("QuantizeLinear", (), ("int8", 2, 0, "x", "z", "", "y"), {"x": (3, 5), "z": (5,)}, "QuantizeLinear: axis 2 of x { 3 , 5 }"),
    ("DequantizeLinear", (), (1, 0, "x", "z", "w", "y"), {"x": (3, 5), "z": (5,), "w": (3,)}, "the zero point w { 3 } does not have the shape of the scale, { 5 }"),
    ("Hardmax", (), (2, "x", "y"), {"x": (3, 5)}, "Hardmax: axis 2 of x { 3 , 5 }"),
    ("Cast", (), ("string", "x", "y"), {"x": (3,)}, "are not supported"),
    ("Constant", FLOAT, ("float", Vector("float", (1.0, 2.0)), sizes((3,)), "", "y"), {"x": (3,)}, "Constant: 2 values for the shape { 3 } of y"),
    ("Gemm", FLOAT, (1.0, 0.0, 0, 0, "x", "z", "y"), {"x": (3, 5), "z": (4, 7)}, "the inner dimensions 5 of x { 3 , 5 } and 4 of z { 4 , 7 } differ"),
    ("LSTM", FLOAT, (*NO_FUNCTIONS, 0.0, "sideways", 5, 0, 0, "x", "w", "w", "", "", "", "", "", "y", "", ""), {"x": (7, 3, 2)}, "LSTM: direction sideways is none of forward, reverse and bidirectional"),
    ("GRU", FLOAT, (*NO_FUNCTIONS, 0.0, "forward", 5, 0, 0, "x", "z", "z", "", "", "", "y", ""), {"x": (7, 3, 2), "z": (1, 15, 2)}, "GRU: the weights z are computed at run time"),
    ("RNN", FLOAT, (Vector("float", ()), Vector("float", ()), Vector("std::string", ("Sine",)), 0.0, "forward", 5, 0, "x", "z", "z", "", "", "", "y", ""), {"x": (7, 3, 2), "z": (1, 5, 2)}, "RNN: the activation Sine is not supported"),
    ("ConvTranspose", FLOAT, ("NOTSET", NONE, 1, NONE, NONE, NONE, sizes((9, 9)), NONE, "x", "z", "", "y"), {"x": (1, 2, 5), "z": (2, 3, 3)}, "ConvTranspose: nothing is left of spatial dimension 0 of x but padding"),
    ("ConvTranspose", FLOAT, ("NOTSET", NONE, 2, NONE, NONE, NONE, NONE, NONE, "x", "z", "", "y"), {"x": (1, 3, 5), "z": (3, 3, 3)}, "in 2 groups do not fit weights z { 3 , 3 , 3 }"),
    ("Col2Im", (), (sizes((5, 6)), sizes((2, 2)), NONE, NONE, NONE, "x", "y"), {"x": (1, 12, 9)}, "Col2Im: input tensor x { 1 , 12 , 9 } does not have 20 windows of 4 elements"),
    ("DeformConv", (), (NONE, 1, NONE, 1, NONE, NONE, "x", "w", "z", "", "", "y"), {"x": (1, 2, 5, 5), "w": (3, 2, 3, 3), "z": (1, 18, 4, 3)}, "DeformConv: input tensor z { 1 , 18 , 4 , 3 } does not have the shape { 1 , 18 , 3 , 3 }"),
    ("MaxUnpool", (), (sizes((2, 2)), NONE, NONE, NONE, "x", "z", "y"), {"x": (1, 2, 3, 3), "z": (1, 2, 3, 3)}, "MaxUnpool: input tensor z is of type float, not int64_t"),
    ("InstanceNormalization", FLOAT, (1e-5, "x", "z", "z", "y"), {"x": (2, 3, 5), "z": (4,)}, "InstanceNormalization: scale z { 4 } for 3 channels"),
    ("GroupNormalization", FLOAT, (1e-5, 2, "x", "z", "z", "y"), {"x": (2, 3, 5), "z": (3,)}, "GroupNormalization: 3 channels of x do not divide into 2 groups"),
    ("LRN", (), (1e-4, 0.75, 1.0, 0, "x", "y"), {"x": (2, 3, 5)}, "LRN: size 0 is no number of channels"),
    ("GridSample", (), ("linear", "edge", 0, "x", "z", "y"), {"x": (1, 2, 3, 4), "z": (1, 5, 6, 2)}, "GridSample: padding_mode edge is none of zeros, border and reflection"),
    ("Einsum", FLOAT, ("ij,jk->ik", TWO, "y"), {"x": (3, 5), "z": (4, 7)}, "Einsum: the sizes 5 and 4 of the index j in ij,jk->ik"),
    ("Einsum", FLOAT, ("ij,jk->ii", TWO, "y"), {"x": (3, 5), "z": (5, 7)}, "Einsum: the index i of the output is in no input, or twice in the output"),
    ("Einsum", FLOAT, ("ij->ij", TWO, "y"), {"x": (3, 5), "z": (5, 7)}, "Einsum: the equation ij->ij for 2 inputs"),
    ("Det", (), ("x", "y"), {"x": (3, 5)}, "Det: input tensor x { 3 , 5 } is not of square matrices"),
    ("DFT", (), (1, 0, 1, 0, "x", "y"), {"x": (2, 8, 2)}, "DFT: onesided goes from real signals to complex ones"),
    ("STFT", (), (0, 4, 1, "x", "", "y"), {"x": (2, 8, 1)}, "STFT: frame_step 0 or frame_length 4"),
    ("Slice", (), ("x", integers((0,)), integers((1,)), integers((2,)), "y"), {"x": (3, 5)}, "Slice: axis 2 of x { 3 , 5 }"),
    ("Slice", (), ("x", integers((0, 0)), integers((1, 1)), integers((0, -2)), "y"), {"x": (3, 5)}, "Slice: axis -2 of x { 3 , 5 }, twice"),
    ("Slice", (), ("x", integers((0,)), integers((1, 2)), integers(()), "y"), {"x": (3, 5)}, "Slice: 1 starts, 2 ends, 1 axes and 1 steps"),
    ("Split", (), ("x", "", 2, Vector("std::string", ("y", "v"))), {"x": (3, 5)}, "Split: axis 2 of x { 3 , 5 }"),
    ("Split", (), ("x", "", 0, Vector("std::string", ())), {"x": (3, 5)}, "Split: it has no outputs"),
    ("Gather", (), (2, "x", "z", "y"), {"x": (3, 5), "z": (2,)}, "Gather: the indices z are of type float"),
    ("ScatterElements", (), ("x", "z", "x", "y", 0, "none"), {"x": (3, 5), "z": (2,)}, "ScatterElements: the indices z are of type float"),
    ("TensorScatter", (), (1, "spiral", "x", "z", "", "y"), {"x": (3, 5), "z": (3, 2)}, 'TensorScatter: the mode "spiral"; there are linear and circular'),
    ("TensorScatter", (), (1, "linear", "x", "z", "", "y"), {"x": (3, 5), "z": (3, 6)}, "TensorScatter: an update z { 3 , 6 } along axis 1 of x { 3 , 5 }"),
    ("TensorScatter", (), (0, "linear", "x", "z", "", "y"), {"x": (3, 5), "z": (2, 5)}, "TensorScatter: an update z { 2 , 5 } along axis 0 of x { 3 , 5 }"),
    ("ReverseSequence", (), (1, 1, "x", "z", "y"), {"x": (3, 5), "z": (3,)}, "ReverseSequence: batch_axis 1 and time_axis 1, of which one is 0 and the other 1"),
    ("ReverseSequence", (), (0, 1, "x", "z", "y"), {"x": (3, 5), "z": (3,)}, "ReverseSequence: input tensor z is of type float, not int64_t"),
    ("Pad", FLOAT, ("x", "z", "", "", "y", "mirror"), {"x": (3,), "z": (2,)}, 'Pad: the mode "mirror"; there are constant, edge, reflect and wrap'),
    ("Trilu", (), (1, "x", "", "y"), {"x": (3,)}, "Trilu: x { 3 } has no matrices"),
    ("Trilu", (), (1, "x", "z", "y"), {"x": (3, 5), "z": (1,)}, "Trilu: input tensor z is of type float, not int64_t"),
    ("EyeLike", (), (0, 1, "x", "y"), {"x": (3,)}, "EyeLike: x { 3 } is no matrix"),
    ("EyeLike", (), (99, 1, "x", "y"), {"x": (3, 5)}, "EyeLike: the type 99"),
    ("ArgExtreme", (*FLOAT, Enum("EArgExtremeMode", "ArgMax")), (2, 1, 0, "x", "y"), {"x": (3, 5)}, "ArgMax: axis 2 of x { 3 , 5 }"),
    ("ArgExtreme", (*FLOAT, Enum("EArgExtremeMode", "ArgMin")), (1, 1, 0, "x", "y"), {"x": (3, 0)}, "ArgMin: it chooses from nothing: x { 3 , 0 }"),
    ("TopK", FLOAT, (-1, 1, 1, "z", "x", "y", ""), {"x": (3, 5), "z": (1,)}, "TopK: the number z is computed at run time"),
    ("Cumulate", (*FLOAT, Enum("ECumulateMode", "CumSum")), (0, 0, "x", "z", "y"), {"x": (3, 5), "z": (1,)}, "CumSum: the axis z is computed at run time"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("cls", "template", "arguments", "inputs", "said"),
    REFUSALS,
    ids=[f"{at}-{one[0]}" for at, one in enumerate(REFUSALS)],
)
def test_what_does_not_fit_is_refused(cls, template, arguments, inputs, said):
    infos = tuple(TensorInfo(name, np.dtype("float32"), shape) for name, shape in inputs.items())
    recipe = Recipe("refused", infos, ("y",), {}, (OperatorCall(cls, template, arguments, ""),), {})
    with pytest.raises(Exception, match=re.escape(said)):
        provider.rmodel(recipe).Initialize()


# The same with constants: class, template, arguments, inputs, constants, what is said.
CONSTANTS = [
    ("Slice", (), ("x", Vector("std::string", ("a", "b", "c", "d")), "y"), {"x": (3, 5)}, {"a": [0], "b": [2], "c": [1], "d": [0]}, "Slice: a step of 0"),
    ("Split", (), ("x", "s", 1, Vector("std::string", ("y", "v"))), {"x": (3, 5)}, {"s": [2, 2]}, "Split: the lengths { 2 , 2 } of x { 3 , 5 } along axis 1"),
    ("Split", (), ("x", "s", 1, Vector("std::string", ("y", "v"))), {"x": (3, 5)}, {"s": [6, -1]}, "Split: a length below 0 among { 6 , -1 } of x { 3 , 5 } along axis 1"),
    ("Split", (), ("x", "s", 1, Vector("std::string", ("y", "v"))), {"x": (3, 5)}, {"s": [5]}, "Split: 2 outputs for the lengths { 5 }"),
    ("Gather", (), (1, "x", "i", "y"), {"x": (3, 5)}, {"i": [4, 5]}, "Gather: the index 5 is not in a dimension of size 5"),
    ("Gather", (), (2, "x", "i", "y"), {"x": (3, 5)}, {"i": [0]}, "Gather: axis 2 of x { 3 , 5 }"),
    ("GatherElements", (), (1, "x", "i", "y"), {"x": (3, 5)}, {"i": [[0], [1], [2], [3]]}, "GatherElements: x { 3 , 5 } by the indices i { 4 , 1 } along axis 1"),
    ("GatherElements", (), (1, "x", "i", "y"), {"x": (3, 5)}, {"i": [[0, -6]]}, "GatherElements: the index -6 is not in a dimension of size 5"),
    ("GatherND", (), (2, "x", "i", "y"), {"x": (3, 5)}, {"i": [[0]]}, "GatherND: batch_dims 2 of x { 3 , 5 } by the indices i { 1 , 1 }"),
    ("GatherND", (), (0, "x", "i", "y"), {"x": (3, 5)}, {"i": [[0, 0, 0]]}, "GatherND: x { 3 , 5 } by the indices i { 1 , 3 }: tuples of 3"),
    ("ScatterElements", (), ("x", "i", "x", "y", 0, "none"), {"x": (3, 5)}, {"i": [[0]]}, "ScatterElements: indices i { 1 , 1 } for the updates x { 3 , 5 }"),
    ("ScatterElements", (), ("x", "i", "u", "y", 0, "mean"), {"x": (3, 5), "u": (1, 1)}, {"i": [[0]]}, 'ScatterElements: the reduction "mean"; there are none, add, mul, max and min'),
    ("ScatterND", (), ("x", "i", "u", "y", "none"), {"x": (3, 5), "u": (2, 4)}, {"i": [[0], [1]]}, "takes updates { 2 , 5 }, not u { 2 , 4 }"),
    ("OneHot", (), (1, "i", "d", "x", "y"), {"x": (2,)}, {"i": [0, 1], "d": [-3]}, "OneHot: the depth { -3 }"),
    ("OneHot", (), (1, "i", "d", "x", "y"), {"x": (3,)}, {"i": [0, 1], "d": [3]}, "OneHot: the values x { 3 }, not two"),
    ("OneHot", (), (2, "i", "d", "x", "y"), {"x": (2,)}, {"i": [0, 1], "d": [3]}, "OneHot: axis 2 beside i { 2 }"),
    ("Expand", FLOAT, ("x", "s", "y"), {"x": (3, 5)}, {"s": [4, 5]}, "Expand: the shapes do not broadcast: x { 3 , 5 }, s { 4 , 5 }"),
    ("Tile", FLOAT, ("s", "x", "y"), {"x": (3, 5)}, {"s": [2]}, "Tile: repeats { 2 } for x { 3 , 5 }"),
    ("Pad", FLOAT, ("x", "p", "", "", "y", "constant"), {"x": (3, 5)}, {"p": [1, 2]}, "Pad: 2 pads for 2 dimensions"),
    ("Pad", FLOAT, ("x", "p", "", "a", "y", "constant"), {"x": (3, 5)}, {"p": [1, 2, 3, 4], "a": [0, -2]}, "Pad: the axis -2 of 2 dimensions"),
    ("Pad", FLOAT, ("x", "p", "", "", "y", "constant"), {"x": (3, 5)}, {"p": [-2, 0, -2, 0]}, "Pad: nothing is left of a dimension of size 3"),
    ("Pad", FLOAT, ("x", "p", "", "", "y", "reflect"), {"x": (3, 5)}, {"p": [-3, 0, 2, 0]}, "Pad: a margin of nothing in the mode Reflect"),
    ("TopK", FLOAT, (-1, 1, 1, "k", "x", "y", ""), {"x": (3, 5)}, {"k": [6]}, "TopK: the first 6 of 5 elements"),
    ("TopK", FLOAT, (-1, 1, 1, "k", "x", "y", ""), {"x": (3, 5)}, {"k": [-1]}, "TopK: the number { -1 } in k"),
    ("Cumulate", (*FLOAT, Enum("ECumulateMode", "CumProd")), (0, 0, "x", "a", "y"), {"x": (3, 5)}, {"a": [2]}, "CumProd: axis 2 of x { 3 , 5 }"),
    ("Range", ("int64_t",), ("a", "b", "c", "y"), {"x": (3,)}, {"a": [0], "b": [3], "c": [0]}, "Range: a step of 0"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("cls", "template", "arguments", "inputs", "constants", "said"),
    CONSTANTS,
    ids=[f"{at}-{one[0]}" for at, one in enumerate(CONSTANTS)],
)
def test_constants_that_do_not_fit_are_refused(cls, template, arguments, inputs, constants, said):
    infos = tuple(TensorInfo(name, np.dtype("float32"), shape) for name, shape in inputs.items())
    weights = {name: np.array(value, "int64") for name, value in constants.items()}
    recipe = Recipe("refused", infos, ("y",), weights, (OperatorCall(cls, template, arguments, ""),), {})
    with pytest.raises(Exception, match=re.escape(said)):
        provider.rmodel(recipe).Initialize()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "f(int) =>\n    runtime_error: TMVA-SOFIE: A: x\n  f(const F&) =>\n    TypeError: takes 1",
            "TMVA-SOFIE: A: x",
        ),
        (
            "f(int) =>\n    TypeError: no\n  g(int) =>\n    runtime_error: TMVA-SOFIE: A: x => y",
            "TMVA-SOFIE: A: x => y",
        ),
        ("f(int) =>\n    runtime_error: something else", "something else"),
        (
            "f(int) =>\n    runtime_error: TMVA-SOFIE: A:\n  - x => y\nz",
            "TMVA-SOFIE: A:\n  - x => y\nz",
        ),
        (
            "f(int) =>\n    TypeError: no\n  g(int) =>\n    runtime_error: TMVA-SOFIE: A:\n\nx\n  h(int) =>\n    TypeError: no",
            "TMVA-SOFIE: A:\n\nx",
        ),
    ],
)
def test_of_several_overloads_the_one_that_fits_says_why(text, said):
    assert errors.cpp_message(Exception(text)) == said
