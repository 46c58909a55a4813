"""What counts besides the speed of a call: each section gives figures for results.json and a table."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accuracy import error_ratio, rounding
from ours import CLING, NATIVE, PLAIN_CLING, PORTABLE, generated_header, parsed, weight_file
from peers import onnx_file
from program import Program, output_of
from rich.table import Table
from tools import HERE, input_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from networks import Case
    from report import Row

Figures = dict[str, Any]


def probe(question: str, *arguments: str | Path) -> Figures:
    """Ask one question in a process of its own."""
    said = output_of([sys.executable, HERE / "probe.py", question, *map(str, arguments)])
    answer: Figures = json.loads(said.splitlines()[-1])
    return answer


def calls(rows: Sequence[Row]) -> Table:
    """Return how our ways to compile and to call differ, from the rows of the cases."""
    result = Table(
        title="Ours: three compilations (within 1.25 of each other), and called from Python", title_justify="left"
    )
    result.add_column("network")
    settings = (NATIVE.setting, PORTABLE.setting, CLING.setting)
    for heading in (*settings, "slowest / fastest", PLAIN_CLING.setting, "python", "above the loop, us"):
        result.add_column(heading, justify="right")
    for found in rows:
        modes = found["ours_by_mode"]
        three = [modes.get(setting) for setting in settings]
        known = [figure for figure in three if figure]
        spread = max(known) / min(known) if len(known) == 3 else None
        plain, python = modes.get(PLAIN_CLING.setting), modes.get("python")
        above = python - found["ours_us"] if python and found["ours_us"] else None
        figures = (
            *(_text(figure, 3) for figure in three),
            _text(spread, 2),
            _text(plain, 3),
            _text(python, 3),
            _text(above, 2),
        )
        result.add_row(found["title"], *figures)
    return result


def memory(cases: Sequence[tuple[Case, Path]]) -> tuple[Figures, Table]:
    """How much memory a process has, ours and onnxruntime's, and how the plan compares with what is in use at one time."""
    table = Table(title="Memory, MB; the arena's plan, kB", title_justify="left")
    table.add_column("network")
    for heading in ("weights", "our program", "onnxruntime", "its session", "arena", "in use at once", "ratio"):
        table.add_column(heading, justify="right")
    figures = {}
    for case, folder in cases:
        model = parsed(case, folder)
        with NATIVE.prepare(case, folder) as program:
            program.output()
            ours = program.rss_mb()
        theirs = probe("memory_onnxruntime", onnx_file(case, folder), input_file(case, folder))
        arena, live = model.GetIntermediateTensorSize(), model.GetLiveTensorSize()
        weights = model.GetWeightsTensorSize() / 1e6
        figures[case.name] = {"weights_mb": weights, "ours_mb": ours, "arena_bytes": arena, "live_bytes": live} | {
            f"onnxruntime_{name}": value for name, value in theirs.items()
        }
        ratio = arena / live if live else None
        row = (f"{weights:.2f}", f"{ours:.1f}", f"{theirs['process_mb']:.1f}", f"{theirs['session_mb']:.1f}")
        table.add_row(case.title, *row, f"{arena / 1e3:.1f}", f"{live / 1e3:.1f}", _text(ratio, 3))
    return figures, table


def cost(output: Path) -> tuple[Figures, Table]:
    """What it costs to get to the first inference."""
    with tempfile.TemporaryDirectory(dir=output) as cache:
        compiled = probe("compiled", cache)
        large = probe("session", "2048")
    small = probe("parse", "7", "64", "64", "1")
    wanted = (
        ("start ROOT with our library", small["root_s"], None),
        ("parse and generate the first MLP of a process, after that", small["first_s"], 0.3),
        ("parse and generate a further MLP", small["further_s"], 0.05),
        (f"parse and generate {large['weights'] / 1e6:.0f} million weights", large["generate_s"], 3.0),
        ("first inference of an MLP through cling", compiled["cling_s"], 0.5),
        ("first inference of an MLP through the compiler", compiled["compiler_s"], None),
        ("the same, compiled before", compiled["cached_s"], None),
        (f"Session of a weight file of {large['megabytes']:.0f} MB", large["session_s"], 0.2),
    )
    table = Table(title="The cost of getting there", title_justify="left")
    for heading in ("", "seconds", "to reach"):
        table.add_column(heading, justify="right" if heading else "left")
    for what, seconds, goal in wanted:
        style = "yellow" if goal and seconds > goal else None
        table.add_row(what, f"{seconds:.3f}", _text(goal, 2), style=style)
    return {what: {"seconds": seconds, "goal": goal} for what, seconds, goal in wanted}, table


def growth(output: Path) -> tuple[Figures, Table]:
    """How parsing and generating grow: with layers, with weights; and the picture of it."""
    figures = probe("growth", "256", "2048")
    table = Table(title="Parse and generate, as networks grow", title_justify="left")
    for heading in ("", "seconds", "time / size"):
        table.add_column(heading, justify="right" if heading else "left")
    for what, points in figures.items():
        least, first = points[0]
        for amount, seconds in points:
            table.add_row(f"{amount:,} {what}", f"{seconds:.3f}", f"{seconds / first / (amount / least):.2f}")
        table.add_section()
    _draw_growth(figures, output / "growth.png")
    return figures, table


def _draw_growth(figures: Figures, path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, len(figures), figsize=(5 * len(figures), 4), layout="constrained")
    for axis, (what, points) in zip(axes, figures.items(), strict=True):
        amounts, seconds = zip(*points, strict=True)
        axis.plot(amounts, seconds, "o-")
        axis.set(xlabel=what, ylabel="parse and generate, s", xlim=(0, None), ylim=(0, None))
    figure.savefig(path, dpi=110)
    plt.close(figure)


def dataframe(cases: Sequence[tuple[Case, Path]]) -> tuple[Figures, Table]:
    """What a model adds to an event of an RDataFrame, beside a call in a C++ loop."""
    table = Table(title="In an RDataFrame, us an event, one thread", title_justify="left")
    table.add_column("network")
    for heading in (
        "C++ loop",
        "a Define that adds up",
        "one by hand",
        "pysofie.define",
        "the event loop without them",
    ):
        table.add_column(heading, justify="right")
    figures = {}
    for case, folder in cases:
        if case.batch != 1 or case.input.size > 32 or case.reference.size > 1:
            continue
        header = generated_header(case, folder)
        added = probe("dataframe", case.identifier, header, weight_file(header), input_file(case, folder))
        with NATIVE.prepare(case, folder) as program:
            loop = min(_us(program) for _ in range(5))
        figures[case.name] = added | {"cpp_us": loop}
        table.add_row(
            case.title,
            *(f"{figures[case.name][f'{name}_us']:.3f}" for name in ("cpp", "floor", "hand", "define", "loop")),
        )
    return figures, table


def accuracy(cases: Sequence[tuple[Case, Path]]) -> tuple[Figures, Table]:
    """How large our errors are; Keras's networks have no such reference here."""
    table = Table(
        title="Errors, root mean squares: ours over PyTorch's; of weights in bfloat16 over the results",
        title_justify="left",
    )
    table.add_column("network")
    for heading in ("ours / PyTorch's", "bfloat16", "a call with it, us", "in float32"):
        table.add_column(heading, justify="right")
    figures = {}
    for case, _ in cases:
        if case.is_keras:
            continue
        ratio, rounded = error_ratio(case), rounding(case)
        figures[case.name] = {"error_ratio": ratio, "bfloat16": asdict(rounded)}
        times = (_text(rounded.bfloat16_us, 2), _text(rounded.float32_us, 2))
        table.add_row(case.title, _text(ratio, 2), f"{rounded.error:.1e}", *times)
    return figures, table


def _us(program: Program, calls_: int = 100_000) -> float:
    return program(calls_) / calls_ * 1e6


def _text(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


SECTIONS: dict[str, str] = {
    "speed": "ours and peers, by case",
    "memory": "beside onnxruntime's, and the plan",
    "cost": "parsing, generating, compiling, loading",
    "growth": "of that with layers and weights",
    "dataframe": "an event of an RDataFrame beside one of a C++ loop",
    "accuracy": "errors beside PyTorch's, and of weights in bfloat16",
}


def run(name: str, cases: Sequence[tuple[Case, Path]], output: Path) -> tuple[Figures, Table]:
    """Measure one section other than `speed`."""
    of_cases: dict[str, Callable[[Sequence[tuple[Case, Path]]], tuple[Figures, Table]]] = {
        "memory": memory,
        "dataframe": dataframe,
        "accuracy": accuracy,
    }
    if name in of_cases:
        return of_cases[name](cases)
    return {"cost": cost, "growth": growth}[name](output)
