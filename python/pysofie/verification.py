"""`verify`: the original and its translation on the same numbers."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pysofie.errors import SofieError
from pysofie.reference import Runner, check_original, reference
from pysofie.session import Session
from pysofie.session import compile as compile_model
from pysofie.tmva import reference as tmva

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from pysofie.plan import Array
    from pysofie.signature import TensorSpec

SIZES = (1, 2, 5, 67)
"""What named dims are, one after the other; the second name of a model is one larger than the first, and so on."""

TOLERANCES = {"float32": (1e-6, 1e-5), "float64": (1e-14, 1e-13)}
"""Absolute and relative; what is no floating-point number must be equal."""


class VerificationError(SofieError):
    """The translation does not give what the original gives."""


@dataclass(frozen=True)
class Difference:
    """How far one output is from the original's, over all numbers that were tried."""

    name: str
    max_absolute: float
    max_relative: float
    tolerance: tuple[float, float]
    ok: bool
    values: int


@dataclass(frozen=True)
class Report:
    """The outcome of `verify`: `ok` and, for each output, how far it is from the original's. Prints as a table."""

    model: str
    original: str
    backend: str
    outputs: tuple[Difference, ...]
    dims: tuple[Mapping[str, int], ...]

    @property
    def ok(self) -> bool:
        """Whether all outputs are within their tolerances."""
        return all(output.ok for output in self.outputs)

    def check(self) -> Report:
        """Return this report, or raise VerificationError with it."""
        if not self.ok:
            raise VerificationError(f"{self.model} differs from its original:\n{self}")
        return self

    def __rich__(self) -> Table:
        """Return the table."""
        title = escape(f"{self.model}: pysofie ({self.backend}) and {self.original}")
        table = Table("output", "values", "largest absolute", "largest relative", "allowed", "", title=title)
        for output in self.outputs:
            absolute, relative = output.tolerance
            table.add_row(
                escape(output.name),
                str(output.values),
                f"{output.max_absolute:.3g}",
                f"{output.max_relative:.3g}",
                f"{absolute:.0e} + {relative:.0e} of the largest value" if absolute or relative else "none",
                "[green]equal[/]" if output.ok else "[bold red]different[/]",
            )
        return table

    def __str__(self) -> str:
        console = Console(file=io.StringIO(), width=120, color_system=None)
        console.print(self)
        return str(console.file.getvalue()).rstrip()  # type: ignore[attr-defined]


def verify(
    source: Any,
    input_shapes: Sequence[Sequence[int | str]] | None = None,
    *,
    session: Session | None = None,
    tmva_weights: str | os.PathLike[str] | None = None,
    atol: float | None = None,
    rtol: float | None = None,
    seed: int = 0,
    samples: int = 4,
    **options: Any,
) -> Report:
    """Run a model and its translation on the same seeded random numbers.

    Floating-point inputs are normally distributed, integers are small and not negative. Named dims take several sizes.
    An output is right where every difference is at most `atol + rtol * m`, `m` being the largest value of the output: an
    error of rounding is as large as the numbers that went into a sum, however small the sum is.

    Parameters
    ----------
    source
        A model that `pysofie.compile` takes, and that something else than pysofie runs.
    input_shapes, **options
        As in `pysofie.compile`.
    session
        What to compare with the original, where it is there already.
    tmva_weights
        As in `pysofie.parse`; the original gets the variables as numpy transforms them.
    atol, rtol
        Tolerances; by default those of the output's dtype in `TOLERANCES`.
    seed
        Of the random numbers.
    samples
        How often each size is tried.

    Returns
    -------
    Report
        Which has `ok`, prints as a table and raises an error only by its `check`.
    """
    check_original(source)
    if samples < 1:
        raise ValueError(f"samples={samples}: each size is tried at least once")
    if session is None:
        with compile_model(source, input_shapes, tmva_weights=tmva_weights, **options) as ours:
            return verify(
                source,
                session=ours,
                tmva_weights=tmva_weights,
                atol=atol,
                rtol=rtol,
                seed=seed,
                samples=samples,
                **options,
            )
    title, run = reference(source, options)
    if tmva_weights is not None:
        title, run = f"{title} after TMVA's transformations", tmva.around(run, Path(tmva_weights))
    return _compare((title, run), session, (atol, rtol), seed, samples)


def _compare(
    original: tuple[str, Runner],
    ours: Session,
    tolerance: tuple[float | None, float | None],
    seed: int,
    samples: int,
) -> Report:
    title, run = original
    random = np.random.default_rng(seed)
    dims = _sizes(ours)
    pairs: list[tuple[list[Array], list[Array]]] = []
    tried: list[Mapping[str, int]] = []
    refusal: Exception | None = None
    for sizes in dims:
        for _ in range(samples):
            arrays = random_inputs(ours, sizes, random)
            try:
                expected = run(arrays)
            except Exception as error:  # noqa: BLE001 - whatever the original raises for a size, it is not tried then
                refusal = error
                break
            result = ours(*arrays)
            pairs.append((expected, list(result) if isinstance(result, tuple) else [result]))
        else:
            tried.append(sizes)
    if not pairs:
        raise VerificationError(f"the original does not run: {refusal}") from refusal
    if len(pairs[0][0]) != len(ours.outputs):
        raise VerificationError(f"the original has {len(pairs[0][0])} outputs, its translation {len(ours.outputs)}")
    outputs = tuple(
        _difference(spec, [(expected[i], got[i]) for expected, got in pairs], *tolerance)
        for i, spec in enumerate(ours.outputs)
    )
    return Report(ours.name, title, ours.backend, outputs, tuple(tried))


def _sizes(session: Session) -> list[dict[str, int]]:
    names = session.signature.dims
    if not names:
        return [{}]
    return [{name: size + i if size > 1 else 1 for i, name in enumerate(names)} for size in SIZES]


def random_inputs(session: Session, sizes: Mapping[str, int], seed: int | np.random.Generator) -> list[Array]:
    """Return random numbers for a model with named dims of these sizes: normally distributed, or small integers."""
    random = np.random.default_rng(seed)
    return [_random(random, spec, sizes) for spec in session.inputs]


def _random(random: np.random.Generator, spec: TensorSpec, sizes: Mapping[str, int]) -> Array:
    shape = spec.sizes(sizes)
    if spec.dtype.kind == "f":
        return random.standard_normal(shape).astype(spec.dtype)
    return random.integers(0, 2 if spec.dtype.kind == "b" else 8, shape).astype(spec.dtype)


def _difference(
    spec: TensorSpec, pairs: Sequence[tuple[Array, Array]], atol: float | None, rtol: float | None
) -> Difference:
    default = TOLERANCES.get(str(spec.dtype), (0.0, 0.0))
    tolerance = (default[0] if atol is None else atol, default[1] if rtol is None else rtol)
    absolute = relative = 0.0
    ok = True
    for expected, got in pairs:
        if expected.shape != got.shape or expected.dtype != got.dtype:
            raise VerificationError(
                f"output {spec.label!r} is {got.dtype}{list(got.shape)}, and {expected.dtype}{list(expected.shape)} in the original"
            )
        one, other = (array.astype(np.float64) for array in (expected, got))
        same = (one == other) | (np.isnan(one) & np.isnan(other))  # equal infinities too, whose difference is none
        with np.errstate(invalid="ignore", divide="ignore"):
            distance = np.where(same, 0.0, np.abs(other - one))
            distance[np.isnan(distance)] = np.inf
            ratio = np.where(same, 0.0, distance / np.abs(one))
        scale = np.max(np.abs(one), where=np.isfinite(one), initial=0.0)
        ok &= bool(np.all(distance <= tolerance[0] + tolerance[1] * scale))
        absolute = max(absolute, float(distance.max(initial=0.0)))
        relative = max(relative, float(ratio.max(initial=0.0)))
    return Difference(spec.label, absolute, relative, tolerance, ok, sum(got.size for _, got in pairs))
