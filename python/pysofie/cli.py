"""The command `pysofie`."""

from __future__ import annotations

import contextlib
import logging
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.markup import escape
from rich.table import Table

import pysofie
from pysofie import config
from pysofie.errors import SofieError
from pysofie.session import generate
from pysofie.verification import random_inputs

if TYPE_CHECKING:
    from collections.abc import Iterator

out, err = Console(highlight=False), Console(stderr=True, highlight=False)

main = typer.Typer(
    name="pysofie",
    help="Turn a trained network into C++ that scores events, and check that it gives what the network gave.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class Weights(StrEnum):
    """Where the weights go, and what RModel's option for it is called."""

    text = "text"
    binary = "binary"
    inline = "inline"


class WeightType(StrEnum):
    """What weights are kept as."""

    float32 = "float32"
    bfloat16 = "bfloat16"


_OPTIONS = {Weights.text: "kDefault", Weights.binary: "kBinaryWeightFile", Weights.inline: "kNoWeightFile"}

Model = Annotated[
    Path, typer.Argument(help="The model: TorchScript (.pt), Keras (.keras, .h5) or ONNX (.onnx).", show_default=False)
]
Shapes = Annotated[
    list[str] | None,
    typer.Option(
        "--shape", "-s", help='Shape of an input, such as "1,7" or "batch,7"; once for each input.', show_default=False
    ),
]
Dtypes = Annotated[
    list[str] | None,
    typer.Option("--dtype", "-t", help="Type of an input, such as float32; once for each.", show_default=False),
]
TmvaWeights = Annotated[
    Path | None,
    typer.Option(help="TMVA's weights.xml, whose VarTransform becomes part of the code.", show_default=False),
]
Name = Annotated[str | None, typer.Option(help="The model's name; the file's by default.", show_default=False)]
BatchSize = Annotated[int | None, typer.Option(help="What a named first dim is fixed to.", show_default=False)]
Seed = Annotated[int, typer.Option(help="Seed of the random numbers for the comparison.")]
Tolerance = Annotated[float | None, typer.Option(help="Overrides the one for the output's type.", show_default=False)]


@main.callback()
def _main(verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say what is done.")] = False) -> None:
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=err, show_time=False, show_path=False)],
    )


@main.command("convert", hidden=True)
@main.command("parse")
def parse(
    model: Model,
    shape: Shapes = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write to.")] = Path(),
    name: Name = None,
    dtype: Dtypes = None,
    batch_size: BatchSize = None,
    tmva_weights: TmvaWeights = None,
    weights: Annotated[Weights, typer.Option(help="A text file, a binary one, or inside the header.")] = Weights.text,
    weight_type: Annotated[
        WeightType, typer.Option(help="What weights are kept as; differences due to bfloat16 are shown, not judged.")
    ] = WeightType.float32,
    verify: Annotated[bool, typer.Option(help="Compare with the original before anything is written.")] = True,
    seed: Seed = 0,
) -> None:
    """Write a C++ header and its weights, verified against the original. Also called convert."""
    with _errors():
        rmodel = pysofie.parse(
            model,
            _shapes(shape),
            input_dtypes=dtype or None,
            batch_size=batch_size,
            name=name,
            tmva_weights=tmva_weights,
            weight_type=weight_type.value,
        )
        with _new_files(output) as folder:
            header = folder / f"{rmodel.GetName()}.hxx"
            generate(rmodel, header, _OPTIONS[weights])
            if verify:
                report = pysofie.verify(model, session=pysofie.compile(header), tmva_weights=tmva_weights, seed=seed)
                out.print(report)
                if weight_type is WeightType.float32:
                    report.check()
            written = sorted(path.name for path in folder.iterdir())
        for file in written:
            out.print(f"wrote {escape(str(output / file))}")


@main.command()
def verify(
    model: Model,
    shape: Shapes = None,
    header: Annotated[
        Path | None, typer.Option(help="A header that was written before, to compare with.", show_default=False)
    ] = None,
    dtype: Dtypes = None,
    batch_size: BatchSize = None,
    tmva_weights: TmvaWeights = None,
    seed: Seed = 0,
    atol: Tolerance = None,
    rtol: Tolerance = None,
) -> None:
    """Run a model and its translation on the same numbers and print how far they are apart."""
    with _errors():
        session = pysofie.compile(header) if header else None
        options: dict[str, Any] = {} if header else {"input_dtypes": dtype or None, "batch_size": batch_size}
        options |= {"tmva_weights": tmva_weights, "seed": seed, "atol": atol, "rtol": rtol}
        report = pysofie.verify(model, _shapes(shape), session=session, **options)
        out.print(report)
    raise typer.Exit(0 if report.ok else 1)


@main.command()
def profile(
    model: Model,
    shape: Shapes = None,
    dtype: Dtypes = None,
    batch: Annotated[int, typer.Option(help="What named dims are in the run.", min=1)] = 1,
    plot: Annotated[
        Path | None, typer.Option(help="Where to save a picture (.png, .pdf, .svg).", show_default=False)
    ] = None,
    tmva_weights: TmvaWeights = None,
    seed: Seed = 0,
) -> None:
    """Measure the time of each operator, on random numbers. The model may also be a header that was written before."""
    with _errors():
        session = pysofie.compile(model, _shapes(shape), input_dtypes=dtype or None, tmva_weights=tmva_weights)
        found = session.profile(*random_inputs(session, dict.fromkeys(session.signature.dims, batch), seed))
        typer.echo(str(found))
        if plot:
            found.plot(plot)


@main.command()
def supported() -> None:
    """List the operators that can be translated."""
    with _errors():
        table = Table("operator", "opset", "types", "restrictions")
        for row in pysofie.supported():
            table.add_row(escape(row.operator), f"{row.since}+", " ".join(row.types), escape(row.restrictions))
        out.print(table)


@main.command()
def env() -> None:
    """Print what sets up a shell for ROOT macros and CMake: eval "$(pysofie env)"."""
    with _errors():
        typer.echo(config.shell_setup(), nl=False)


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    """Print what a user can do something about as a message, without a traceback."""
    try:
        yield
    except SofieError as error:
        _fail(str(error), error)
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), error)


def _fail(message: str, error: Exception) -> NoReturn:
    err.print(f"[bold red]error:[/] {escape(message)}", soft_wrap=True)
    raise typer.Exit(1) from error


@contextlib.contextmanager
def _new_files(output: Path) -> Iterator[Path]:
    """Give a folder whose files appear in `output` at the end, each whole, or not at all after an error."""
    is_new = not output.exists()
    try:
        output.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix=".pysofie-", dir=output)
    except OSError as error:
        reason = "it is a file" if output.is_file() else error.strerror
        raise SofieError(f"cannot write into the folder {output}: {reason}") from error
    try:
        with folder:
            yield Path(folder.name)
            for path in sorted(Path(folder.name).iterdir(), key=lambda path: path.suffix == ".hxx"):  # the header last
                path.replace(output / path.name)
    except BaseException:
        if is_new:
            output.rmdir()
        raise


def _shapes(texts: list[str] | None) -> list[list[int | str]] | None:
    if not texts:
        return None
    shapes = [[dim.strip() for dim in text.strip("()[] ").split(",") if dim.strip()] for text in texts]
    return [[int(dim) if dim.lstrip("+-").isdigit() else dim for dim in shape] for shape in shapes]
