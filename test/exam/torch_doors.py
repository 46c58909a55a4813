"""Takes the rows of torch_cases through every door of PyTorch's, and compares the compiled C++ with PyTorch in eval mode.

What two doors make of a module is often the same graph but for its names: such a graph is generated, compiled and run once.
"""

from __future__ import annotations

import copy
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from pysofie import glue
from pysofie.graph import Graph
from pysofie.request import Request
from torch_cases import CASES, FIXED, SIZES, Array, Case

from . import sheltered, sitting
from .sitting import PASSED, REFUSED, SECONDS, WRONG

NOT_CAPTURABLE = "not capturable"
DYNAMIC, STATIC = "dynamic", "fixed"


@dataclass(frozen=True)
class Mark:
    """How a row went through a door."""

    case: str
    about: str
    door: str
    sizes: str
    """dynamic or fixed."""
    verdict: str
    reason: str = ""


@dataclass(frozen=True)
class _Entry:
    """What a door made of a row: the number of a code, or a verdict."""

    door: str
    sizes: str
    code: int | None
    verdict: str = ""


@dataclass(frozen=True)
class _Codes:
    """All that the doors made of a row; equal graphs have one code."""

    entries: tuple[_Entry, ...]
    codes: tuple[sitting.Code, ...]
    sizes: tuple[str, ...]


# ---------------------------------------------------------------------------------------------------------- the doors


def _script(case: Case, folder: Path, _: str) -> Path:
    return _saved(torch.jit.script(case.module()), folder)


def _trace(case: Case, folder: Path, _: str) -> Path:
    return _saved(torch.jit.trace(case.module(), _tensors(case, FIXED), check_trace=False), folder)


def _saved(scripted: Any, folder: Path) -> Path:
    path = folder / "model.pt"
    scripted.save(str(path))
    return path


def _export(case: Case, _: Path, sizes: str) -> Any:
    dims = {name: torch.export.Dim(name) for name in case.dims}
    shapes = tuple(
        {axis: dims[dim] for axis, dim in enumerate(given.shape) if isinstance(dim, str)} if sizes == DYNAMIC else None
        for given in case.inputs.values()
    )
    return torch.export.export(case.module(), _tensors(case, FIXED), dynamic_shapes=shapes)


DOORS: dict[str, Callable[[Case, Path, str], Any]] = {
    "script": _script,
    "trace": _trace,
    "export": _export,
}
"""What makes of a row that which `pysofie.parse` is given."""
KNOWS_SIZES = ("export",)
"""Doors whose models are made for fixed sizes or for named ones."""


def _tensors(case: Case, sizes: Mapping[str, int]) -> tuple[Any, ...]:
    return tuple(torch.from_numpy(array) for array in case.arrays(sizes))


def _request(case: Case, sizes: str) -> Request:
    shapes = [
        [FIXED[dim] if sizes == STATIC and isinstance(dim, str) else dim for dim in given.shape]
        for given in case.inputs.values()
    ]
    return Request.of(shapes, [given.dtype for given in case.inputs.values()])


def _line(error: BaseException) -> str:
    """What an error says, in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


# ------------------------------------------------------------------------------------------------------- the sitting


def sit(cases: Sequence[Case] = CASES, doors: Iterable[str] = tuple(DOORS), folder: Path | None = None) -> list[Mark]:
    """Take rows through doors."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="doors-") as made:
            return sit(cases, doors, Path(made))
    numbers = [CASES.index(case) for case in cases]
    tasks = [(at, tuple(doors), str(folder)) for at in numbers]
    made = list(sheltered.each(_generate, tasks, seconds=SECONDS))
    programs = sitting.compile_all([code for one in made if isinstance(one, _Codes) for code in one.codes])
    jobs = [
        (at, which, str(code.header), code.source, str(programs[code.source.space]), found.sizes[which])
        for at, found in zip(numbers, made, strict=True)
        if isinstance(found, _Codes)
        for which, code in enumerate(found.codes)
        if isinstance(programs[code.source.space], Path)
    ]
    answers = dict(zip((job[:2] for job in jobs), sheltered.each(_run, jobs, seconds=SECONDS), strict=True))
    marks = []
    for at, found in zip(numbers, made, strict=True):
        case = CASES[at]
        if not isinstance(found, _Codes):
            marks += [Mark(case.name, case.about, door, STATIC, str(found)) for door in doors]
            continue
        for entry in found.entries:
            verdict = entry.verdict
            if entry.code is not None:
                space = found.codes[entry.code].source.space
                verdict = answers.get((at, entry.code), f"{WRONG}: {programs[space]}")
            kind, _, reason = verdict.partition(": ")
            marks.append(Mark(case.name, case.about, entry.door, entry.sizes, kind, reason))
    return marks


def _generate(task: tuple[int, tuple[str, ...], str]) -> _Codes:
    at, doors, folder = task
    own = Path(folder, str(at))
    own.mkdir()
    row = _Row(CASES[at], f"case{at}", own)
    first = next(one for one in CASES if one.about == CASES[at].about)
    for door in doors:
        if door not in CASES[at].without and (door not in first.slow or CASES[at] is first):
            row.take(door)
    return row.codes()


class _Row:
    """What the doors make of a row."""

    def __init__(self, case: Case, name: str, folder: Path) -> None:
        self._case, self._name, self._folder = case, name, folder
        self._entries: list[_Entry] = []
        self._codes: list[sitting.Code] = []
        self._sizes: list[str] = []
        self._seen: dict[str, int | str] = {}

    def take(self, door: str) -> None:
        """Through a door, with fixed sizes and named ones; with one model for both where it can be."""
        if door not in KNOWS_SIZES:
            source = self._source(door, STATIC)
            for sizes in (STATIC, DYNAMIC)[: 1 + bool(self._case.dims)]:
                self._enter(door, sizes, source)
        elif not self._case.dims or not self._enter(door, DYNAMIC, self._source(door, DYNAMIC)):
            self._enter(door, STATIC, self._source(door, STATIC))

    def codes(self) -> _Codes:
        """All of it."""
        return _Codes(tuple(self._entries), tuple(self._codes), tuple(self._sizes))

    def _source(self, door: str, sizes: str) -> Any:
        return _quietly(lambda: DOORS[door](self._case, self._folder, sizes), otherwise=NOT_CAPTURABLE)

    def _enter(self, door: str, sizes: str, source: Any) -> bool:
        """Generate code where it is new; whether there is some."""
        graph = source if _is_verdict(source) else _quietly(lambda: _graph(source, self._case, sizes))
        if _is_verdict(graph):
            self._entries.append(_Entry(door, sizes, None, graph))
            return False
        key = canonical(graph)
        if key not in self._seen:
            code = _quietly(lambda: _code(graph, f"{self._name}_{len(self._seen)}", self._folder))
            self._seen[key] = code if _is_verdict(code) else len(self._codes)
            if not _is_verdict(code):
                self._codes.append(code)
                self._sizes.append(sizes)
        found = self._seen[key]
        self._entries.append(_Entry(door, sizes, *((None, found) if isinstance(found, str) else (found,))))
        return not isinstance(found, str)


def _graph(source: Any, case: Case, sizes: str) -> Graph:
    from pysofie import parsing

    return parsing.prepare(parsing.read(source, _request(case, sizes)))


def _code(graph: Graph, name: str, folder: Path) -> sitting.Code:
    from pysofie import builder, provider
    from pysofie.session import generate

    header = folder / f"{name}.hxx"
    generate(provider.rmodel(builder.recipe(graph), name), header)
    return sitting.Code(header, glue.wrap(header.read_text(), None, sitting.WIDTH))


def _quietly(make: Callable[[], Any], otherwise: str = sheltered.CRASHED) -> Any:
    """What is made, or the verdict; an exception that is not ours is a fault, unless it is PyTorch's turn."""
    from pysofie.errors import SofieError

    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            return make()
    except SofieError as error:
        return f"{REFUSED}: {error}"
    except Exception as error:  # noqa: BLE001 - whichever it is
        return f"{otherwise}: {_line(error)}" if otherwise == NOT_CAPTURABLE else f"{otherwise}: {error!r}"


def _is_verdict(made: Any) -> bool:
    return isinstance(made, str)


def _run(job: tuple[int, int, str, glue.Source, str, str]) -> str:
    at, _, header, source, shared, sizes = job
    case = CASES[at]
    session = sitting.session(Path(header), source, shared)
    found = (_compared(case, session, one) for one in ((FIXED,) if sizes == STATIC else SIZES))
    reason = next(filter(None, found), "")
    return f"{WRONG}: {reason}" if reason else PASSED


def _compared(case: Case, session: Any, sizes: Mapping[str, int]) -> str:
    from pysofie.errors import SofieError

    try:
        result = session(*case.arrays(sizes))
    except SofieError as error:
        return _line(error)
    results = result if isinstance(result, tuple) else (result,)
    expected, exact = references(case, sizes)
    if len(results) != len(expected):
        return f"{len(results)} outputs, not {len(expected)}"
    return next(filter(None, map(_difference, results, expected, exact, [case.tolerance] * len(results))), "")


def _difference(ours: Array, expected: Array, exact: Array, tolerance: float) -> str:
    """What is not as it should be; "" where all is."""
    if ours.dtype != expected.dtype or ours.shape != expected.shape:
        return f"{ours.dtype}{list(ours.shape)}, not {expected.dtype}{list(expected.shape)}"
    return sitting.distance(ours, exact if ours.dtype.kind == "f" else expected, tolerance)


def references(case: Case, sizes: Mapping[str, int]) -> tuple[list[Array], list[Array]]:
    """PyTorch's results, and those of the same module in double precision where it computes in that."""
    module, tensors = case.module(), _tensors(case, sizes)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = [one.numpy() for one in flat(module(*copy.deepcopy(tensors)))]
        try:
            doubled = [one.double() if one.dtype == torch.float32 else one for one in tensors]
            exact = [one.numpy() for one in flat(copy.deepcopy(module).double()(*doubled))]
        except RuntimeError:  # a constant in single precision is part of the code
            exact = expected
    return expected, exact


def flat(value: Any) -> Iterator[Any]:
    """The tensors of nested tuples, lists and dicts."""
    if isinstance(value, torch.Tensor):
        yield value
    elif value is not None:
        for one in value.values() if isinstance(value, dict) else value:
            yield from flat(one)


# ------------------------------------------------------------------------------------------------------ equal graphs


def canonical(graph: Graph) -> str:
    """A text that two graphs share if they are the same but for the names of their tensors and where nodes come from."""
    names: dict[str, str] = {"": ""}
    return _canonical(graph, names)


def _canonical(graph: Graph, names: dict[str, str]) -> str:
    def name(one: str) -> str:
        if one in graph.initializers and one not in names:
            array = graph.initializers[one]
            names[one] = f"{array.dtype}{array.shape}{hash(array.tobytes())}"
        return names.setdefault(one, f"t{len(names)}")

    lines = [" ".join(f"{name(info.name)}:{info.dtype}{info.shape}" for info in graph.inputs)]
    for node in graph.nodes:
        attributes = {
            key: _canonical(value, names) if isinstance(value, Graph) else _text(value)
            for key, value in sorted(node.attributes.items())
        }
        lines.append(f"{[*map(name, node.outputs)]} = {node.kind} {[*map(name, node.inputs)]} {attributes}")
    lines.append(f"{[*map(name, graph.outputs)]} {dict(graph.opsets)}")
    return "\n".join(lines)


def _text(value: Any) -> str:
    return f"{value.dtype}{value.shape}{hash(value.tobytes())}" if isinstance(value, np.ndarray) else repr(value)
