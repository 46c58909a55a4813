"""`compile`: from a model to a callable, and the callable."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

import pysofie
from pysofie import custom, files, glue, provider, toolchain
from pysofie.caller import Caller
from pysofie.errors import DataTypeError, ShapeError, SofieError, cpp_message
from pysofie.plan import Array, Plan, Result, make_plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from numpy.typing import ArrayLike

    from pysofie.profiling import Profile
    from pysofie.signature import Signature, TensorSpec

log = logging.getLogger(__name__)

HEADER_SUFFIXES = frozenset({".hxx", ".hpp", ".hh", ".h"})
REMEMBERED_SHAPES = 16


def compile(
    source: Any,
    input_shapes: Sequence[Sequence[int | str]] | None = None,
    *,
    name: str | None = None,
    backend: Literal["auto", "compiler", "cling"] = "auto",
    vector_bytes: Literal[16, 32, 64] | None = None,
    **options: Any,
) -> Session:
    """Make a model callable from Python.

    Parameters
    ----------
    source
        Anything that `pysofie.parse` takes, an RModel, or the path of a generated header (its weights beside it).
    input_shapes, name, **options
        As in `pysofie.parse`; for a header, `name` chooses the model where it holds several.
    backend
        `"compiler"` uses $CXX, c++, g++ or clang++ and keeps what it compiled for the next time; `"cling"` uses ROOT's
        interpreter; `"auto"` is the compiler where there is one that works, else cling.
    vector_bytes
        The width of vectors; by default $SOFIE_VECTOR_BYTES, else the widest that the CPU has. Sums of another width are made
        in another order, so that last digits change.

    Raises
    ------
    SofieError
        If the model cannot be read, translated or compiled, or its weights are not those of the header.
    """
    if backend not in ("auto", "compiler", "cling"):
        raise ValueError(f'backend={backend!r}: the choices are "auto", "compiler" and "cling"')
    header, folder = _header(source, name, {"input_shapes": input_shapes, **options})
    chosen = name if folder is None else None
    wrapped = glue.wrap(glue.read_header(header), chosen, toolchain.vector_bytes(vector_bytes), path=header)
    program = _load(wrapped, backend)
    return Session(program, header, folder)


def _header(source: Any, name: str | None, options: Mapping[str, Any]) -> tuple[Path, toolchain.PrivateFolder | None]:
    """Return a header for the source, and the folder that must live as long as the header is of use."""
    settled = "its shapes and dtypes are settled and cannot be given again"
    given = any(value is not None for value in options.values())
    if isinstance(source, str | os.PathLike) and (path := Path(source)).suffix in HEADER_SUFFIXES:
        if given:
            raise SofieError(f"{path} is a header: {settled}")
        return path, None
    if not hasattr(source, "OutputGenerated"):
        source = pysofie.parse(source, name=name, **options)
    elif given:
        raise SofieError(f"{source.GetName()} is an RModel: {settled}")
    folder = toolchain.PrivateFolder()
    header = folder.path / f"{source.GetName()}.hxx"
    generate(source, header)
    return header, folder


def generate(rmodel: Any, header: Path, options: str | None = None) -> None:
    """Write the header and the weights of an RModel.

    Parameters
    ----------
    rmodel
        The RModel.
    header
        Where to; the weights go beside it.
    options
        The name of one of RModel's options. Without it, what was generated already is written as it is, and otherwise the
        weights become a binary file where the RModel knows how.
    """
    choices = provider.namespace().Options
    try:
        if options is not None:
            rmodel.Generate(getattr(choices, options))
        elif not str(rmodel.ReturnGenerated()):
            rmodel.Generate(getattr(choices, "kBinaryWeightFile", choices.kDefault))
        rmodel.OutputGenerated(str(header))
        for name, text in custom.headers_of(str(rmodel.ReturnGenerated())).items():
            files.write_whole(header.with_name(name), text)
    except Exception as error:  # what C++ throws arrives as ROOT's own classes
        raise SofieError(f"no code can be generated for {rmodel.GetName()}: {cpp_message(error)}") from error


def _load(source: glue.Source, backend: str) -> glue.Program:
    if backend == "cling":
        return glue.load(source, "cling")
    compiler = toolchain.find_compiler()
    if backend == "auto" and compiler is None:
        log.info("no C++ compiler was found: cling is used")
        return glue.load(source, "cling")
    try:
        return glue.load(source, "compiler", compiler)
    except toolchain.CompilerError as error:
        if backend == "compiler":
            raise
        log.warning("cling is used, because %s", error)
        return glue.load(source, "cling")


class Session(Caller):
    """A model ready to run: `session(*arrays)` takes and returns numpy arrays.

    Arrays come in the model's own shapes and dtypes and nothing is converted behind the user's back: float64 given for
    float32 is refused. Python's own numbers and lists have no dtype and take the model's, integers never from floats.
    A model with one output returns one array, another a tuple.

    One Session serves one thread at a time; `clone` makes one for another thread.

    Raises
    ------
    ShapeError
        By a call, if the number of arrays or a shape is not the model's.
    DataTypeError
        By a call, if a dtype is not the model's.
    SofieError
        By a call, if the model itself fails, or another thread is using this Session.
    """

    __slots__ = ("__weakref__", "_folder", "_handle", "_header", "_plans", "_program")

    def __init__(
        self,
        program: glue.Program,
        header: Path,
        folder: toolchain.PrivateFolder | None = None,
        other: glue.Handle | None = None,
    ) -> None:
        """Use `compile` instead."""
        super().__init__()
        self._program = program
        self._header = header
        self._folder = folder  # the weights of clones to come are in it
        self._plans: dict[tuple[tuple[int, ...], ...], Plan] = {}
        self._handle = program.create(self.weights, other)

    @property
    def signature(self) -> Signature:
        """What goes in and comes out, with the named dims."""
        return self._program.signature

    @property
    def name(self) -> str:
        """The model's name."""
        return self.signature.name

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """Names, dtypes and shapes of the inputs."""
        return self.signature.inputs

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """Names, dtypes and shapes of the outputs; a dim may be an expression over the inputs' names."""
        return self.signature.outputs

    @property
    def backend(self) -> glue.Backend:
        """What compiled the model, `"compiler"` or `"cling"`."""
        return self._program.backend

    @property
    def vector_bytes(self) -> int | None:
        """The width of vectors that the model was compiled for; None where it is chosen when a Session is made."""
        return self._program.width

    @property
    def program(self) -> glue.Program:
        """The compiled code, as other parts of pysofie use it."""
        return self._program

    @property
    def header(self) -> Path:
        """The header that was compiled; where `compile` has made it itself, it goes with the last Session that needs it."""
        return self._header

    @property
    def handle(self) -> glue.Handle:
        """The C++ Session.

        Raises
        ------
        SofieError
            If it was closed.
        """
        if not self._handle.close.alive:
            raise SofieError(f"the Session of {self.name} is closed")
        return self._handle

    @property
    def weights(self) -> Path | None:
        """The file with the weights; None where they are in the code."""
        name = self.signature.weights
        return self._header.with_name(Path(name).name) if name else None

    def clone(self) -> Session:
        """Return a Session of its own with the same weights, for another thread. The memory of the weights is shared."""
        return Session(self._program, self._header, self._folder, self.handle)

    def profile(self, *arrays: ArrayLike, repeats: int | None = None) -> Profile:
        """Measure where the time of an inference goes: for each operator its time, and its share of what the machine can do.

        The same code is compiled once more, with a clock that is read between operators; this Session is as fast as before.

        Parameters
        ----------
        arrays
            As in a call.
        repeats
            Inferences in one round; by default as many as take some 20 ms. The fastest of several rounds counts.

        Returns
        -------
        Profile
            Which prints as a table, has `rows`, and is drawn by its `plot(path)`.

        Raises
        ------
        SofieError
            If the arrays do not fit the model, or its header has changed since it was compiled.
        """
        from pysofie.profiling import profile  # noqa: PLC0415 - the tables that it prints take time to import

        checked = self._check(arrays)
        return profile(self, checked, self.signature.bind([array.shape for array in checked]), repeats)

    def close(self) -> None:
        """Free the memory; the Session cannot be used any more. Deleting it does the same."""
        if self._handle.close.alive:
            if not self._acquire():
                raise self._refusal()
            self._prepare(None)
            self._plans.clear()
            self._handle.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        inputs, outputs = (", ".join(map(str, specs)) for specs in (self.inputs, self.outputs))
        return f"<pysofie.Session {self.name} by {self.backend}: ({inputs}) -> ({outputs})>"

    def _call(self, arrays: tuple[Any, ...]) -> Result:
        checked = self._check(arrays)
        plan = self._plan(tuple(array.shape for array in checked))
        self._prepare(plan)
        return plan.run(checked)

    def _refusal(self) -> SofieError:
        if not self._handle.close.alive:
            return SofieError(f"the Session of {self.name} is closed")
        return SofieError(f"the Session of {self.name} is in use by another thread: give each its own with clone()")

    def _check(self, arrays: Sequence[ArrayLike]) -> list[Array]:
        if len(arrays) != len(self.inputs):
            names = ", ".join(map(str, self.inputs))
            plural = "" if len(self.inputs) == 1 else "s"
            raise ShapeError(f"{self.name} takes {len(self.inputs)} array{plural} ({names}), got {len(arrays)}")
        return [_as_array(array, spec) for array, spec in zip(arrays, self.inputs, strict=True)]

    def _plan(self, shapes: tuple[tuple[int, ...], ...]) -> Plan:
        if (plan := self._plans.pop(shapes, None)) is None:
            plan = make_plan(self._program, self._handle, shapes)
        self._plans[shapes] = plan  # the latest at the end
        if len(self._plans) > REMEMBERED_SHAPES:
            del self._plans[next(iter(self._plans))]
        return plan


_KINDS = {"b": 0, "i": 1, "u": 1, "f": 2}  # what a number can become without losing what it is; bfloat16 is of no kind


def _as_array(value: ArrayLike, spec: TensorSpec) -> Array:
    expected = f"input {spec.label!r} expects {spec.dtype}"
    if isinstance(value, bool | int | float | list | tuple) and not isinstance(value, np.generic):
        try:
            natural = np.asarray(value)
            if _KINDS.get(natural.dtype.kind, 3) <= _KINDS.get(spec.dtype.kind, 2):
                return np.asarray(value, dtype=spec.dtype)
        except (ValueError, OverflowError) as error:
            raise DataTypeError(f"{expected}: {error}") from error
        raise DataTypeError(f"{expected}, got numbers of the kind {natural.dtype}")
    array = np.asarray(value)
    if array.dtype != spec.dtype:
        raise DataTypeError(f"{expected}, got {array.dtype}: convert it with x.astype(numpy.{spec.dtype})")
    return array if array.dtype is spec.dtype else array.view(spec.dtype)  # equal, but for its metadata
