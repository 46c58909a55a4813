"""`Session.profile`: time, and share of the machine's peak, of each operator."""

from __future__ import annotations

import html
import io
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pysofie import glue, machine, toolchain
from pysofie.errors import SofieError
from pysofie.signature import evaluate, format_shape

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from pysofie.plan import Array, Result
    from pysofie.session import Session

log = logging.getLogger(__name__)

ROUNDS = 7
ROUND_SECONDS = 0.02

_HEADINGS = ("operator", "", "output", "calls", "time, us", "share", "kFLOP", "GFLOP/s", "of peak", "kB", "GB/s")
_LEFT = 3  # so many columns are text


@dataclass(frozen=True)
class Row:
    """One operator, with what was fused into it. All figures are of one inference."""

    name: str
    """Where it is in the user's model, or the tensor that it makes."""
    operator: str
    """ONNX's name of it; `Gemm + Relu` where a Relu runs inside it."""
    shape: tuple[int | str, ...]
    """Of its first output. A size that depends on data is a name."""
    calls: float
    """How often it runs: once for each block of rows, once for each step of a loop."""
    time_us: float
    flops: float
    """Floating-point operations: a multiply-add is two, a function of an element one, moving data none."""
    bytes: float
    """Of inputs, weights and outputs, each counted once a call."""
    share: float
    """Of the time of all operators."""
    peak: float | None
    """What the machine can do at most with numbers of this type, in GFLOP/s; None where that is not known."""

    @property
    def gflops(self) -> float:
        """The rate of operations, in GFLOP/s."""
        return self.flops / self.time_us / 1e3 if self.time_us else 0.0

    @property
    def gigabytes(self) -> float:
        """The rate of bytes, in GB/s."""
        return self.bytes / self.time_us / 1e3 if self.time_us else 0.0

    @property
    def of_peak(self) -> float | None:
        """The share of the machine's peak."""
        return self.gflops / self.peak if self.peak else None


@dataclass(frozen=True)
class Profile:
    """Where the time of an inference goes. Prints as a table, in a notebook too; `plot` draws it."""

    model: str
    backend: str
    rows: tuple[Row, ...]
    """The operators that have run, in their order."""
    repeats: int
    """Inferences in one round; the figures are means over the fastest of `ROUNDS` rounds."""
    result: Result
    """What the model has computed."""
    peak_gflops: float | None
    """Multiply-adds of float32 in registers, of one core; None without a compiler to measure it with."""
    cache_gbs: float | None
    """Reading from the second-level cache."""

    @property
    def time_us(self) -> float:
        """The time of all operators."""
        return sum(row.time_us for row in self.rows)

    @property
    def flops(self) -> float:
        """The operations of all operators."""
        return sum(row.flops for row in self.rows)

    def plot(self, path: str | os.PathLike[str] | None = None) -> Any:
        """Draw the time of each operator, and its share of the peak.

        Parameters
        ----------
        path
            Where to save the picture; its suffix says how (.png, .pdf, .svg).

        Returns
        -------
        matplotlib.figure.Figure
            For changes of your own.
        """
        try:
            from matplotlib.figure import Figure
        except ImportError as error:
            raise SofieError("a picture of a profile needs matplotlib: pip install matplotlib") from error
        figure = Figure(figsize=(9, 1.4 + 0.3 * len(self.rows)), layout="constrained")
        axes = figure.subplots()
        bars = axes.barh(range(len(self.rows)), [row.time_us for row in self.rows], color="tab:blue")
        axes.set_yticks(range(len(self.rows)), [f"{row.name}: {row.operator}" for row in self.rows], parse_math=False)
        axes.invert_yaxis()
        axes.bar_label(bars, [f" {_percent(row.share)}{_of_peak(row)}" for row in self.rows], fontsize="small")
        axes.margins(x=0.3)
        axes.set_xlabel("time of one inference, us")
        axes.set_title(self._title(), fontsize="medium", parse_math=False)
        axes.spines[["top", "right"]].set_visible(False)
        if path is not None:
            figure.savefig(path, dpi=150)
        return figure

    def __rich__(self) -> Table:
        """Return the table."""
        table = Table(title=escape(self._title()), caption=escape(self._caption()), show_footer=True)
        for i, (heading, cell) in enumerate(zip(_HEADINGS, self._total(), strict=True)):
            table.add_column(heading, cell, justify="left" if i < _LEFT else "right", overflow="fold")
        for cells in self._cells():
            table.add_row(*map(escape, cells))
        return table

    def __str__(self) -> str:
        console = Console(file=io.StringIO(), width=160, color_system=None)
        console.print(self)
        return str(console.file.getvalue()).rstrip()  # type: ignore[attr-defined]

    def _repr_html_(self) -> str:
        def line(tag: str, cells: Sequence[str]) -> str:
            return f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>"

        rows = [line("th", _HEADINGS), *(line("td", cells) for cells in self._cells()), line("th", self._total())]
        return f"<table><caption>{html.escape(self._title())}</caption>{''.join(rows)}</table><p>{html.escape(self._caption())}</p>"

    def _title(self) -> str:
        return f"{self.model}, {self.backend}: {self.time_us:.3g} us in {len(self.rows)} operators"

    def _caption(self) -> str:
        if self.peak_gflops is None or self.cache_gbs is None:
            return "peak: not known without a compiler"
        return (
            f"peak of one core: {self.peak_gflops:.0f} GFLOP/s (multiply-adds of float32 in registers), "
            f"{self.cache_gbs:.0f} GB/s (second-level cache)"
        )

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (row.name, row.operator, format_shape(row.shape), f"{row.calls:g}", f"{row.time_us:.3g}", *_figures(row))
            for row in self.rows
        ]

    def _total(self) -> tuple[str, ...]:
        peaks = {row.peak for row in self.rows if row.flops}
        peak = peaks.pop() if len(peaks) == 1 else None
        total = sum(row.bytes for row in self.rows)
        whole = Row("", "", (), 0, self.time_us, self.flops, total, 1.0, peak)
        return ("all", "", "", "", f"{self.time_us:.3g}", *_figures(whole))


def _figures(row: Row) -> tuple[str, ...]:
    work = (f"{row.flops / 1e3:.4g}", f"{row.gflops:.3g}") if row.flops else ("", "")
    share = "" if row.of_peak is None or not row.flops else _percent(row.of_peak)
    return (_percent(row.share), *work, share, f"{row.bytes / 1e3:.3g}", f"{row.gigabytes:.3g}")


def _percent(share: float) -> str:
    return f"{100 * share:.{1 if share < 0.1 else 0}f} %"


def _of_peak(row: Row) -> str:
    return f", {_percent(row.of_peak)} of peak" if row.of_peak and row.flops else ""


def profile(session: Session, arrays: Sequence[Array], dims: Mapping[str, int], repeats: int | None) -> Profile:
    """Compile the session's header with a clock between operators, and run it; `Session.profile` is the way to call it."""
    if repeats is not None and repeats < 1:
        raise ValueError(f"repeats={repeats}: the model runs at least once")
    program = _profiled(session)
    with type(session)(program, session.header) as measured:
        program.repeats = 1
        measured(*arrays)
        start = time.perf_counter()
        result = measured(*arrays)
        seconds = time.perf_counter() - start
        program.repeats = repeats or min(max(int(ROUND_SECONDS / max(seconds, 1e-9)), 1), 100_000)
        rounds = []
        for _ in range(ROUNDS):
            program.take_profile(measured.handle)
            result = measured(*arrays)
            rounds.append(program.take_profile(measured.handle))
    fastest = min(rounds, key=lambda figures: float(figures[:, 0].sum()))
    fma, cache = _machine()
    rows = _rows(program.operators, fastest / program.repeats, dims, fma)
    return Profile(session.name, session.backend, rows, program.repeats, result, fma, cache)


def _profiled(session: Session) -> glue.ProfiledProgram:
    text = glue.read_header(session.header)
    sources = [
        glue.wrap(text, session.name, session.vector_bytes, path=session.header, is_profiled=is_profiled)
        for is_profiled in (False, True)
    ]
    if sources[0].space != session.program.space:
        raise SofieError(f"{session.header} has changed since {session.name} was compiled")
    program = glue.load(sources[1], session.backend)
    if not isinstance(program, glue.ProfiledProgram):
        raise TypeError("a program that was asked for with a profile has none")
    return program


def _machine() -> tuple[float | None, float | None]:
    """Return the rates of multiply-adds and of the second-level cache, where there is a compiler to measure them with."""
    try:
        if compiler := toolchain.find_compiler():
            return machine.multiply_adds(compiler), machine.reading(compiler, "l2")
    except toolchain.CompilerError as error:
        log.warning("the machine's peak is not known, because %s", error)
    return None, None


def _rows(
    operators: Sequence[Mapping[str, Any]], figures: NDArray[np.float64], dims: Mapping[str, int], fma: float | None
) -> tuple[Row, ...]:
    total = float(figures[:, 0].sum())
    rows = []
    for operator, (seconds, calls, flops, size) in zip(operators, figures.tolist(), strict=True):
        width = {"float": 1, "double": 2}.get(operator["type"])
        peak = fma / width if fma and width else None
        name = operator["name"] or operator["output"]
        shape = tuple(_size(dim, dims) for dim in operator["shape"])
        if calls:
            share = seconds / total if total else 0.0
            rows.append(Row(name, operator["operator"], shape, calls, 1e6 * seconds, flops, size, share, peak))
    return tuple(rows)


def _size(dim: int | str, dims: Mapping[str, int]) -> int | str:
    try:
        return evaluate(dim, dims)
    except SofieError:
        return dim  # it depends on data
