"""How fast our code is beside its peers: ``python test/benchmark/bench.py --output build/bench`` (``make bench``).

Every contestant (ours.py, peers.py) is a child process that has prepared a case (networks.py) and times calls of it when
told to, one thread, in CPU time. Its output is compared with that of the network's own framework first. Then all take turns,
round after round, the order reversed in every second one, and the figure of each is the median over the rounds; ratios are
ratios of medians. Tables are printed, and `results.json`, `results.md` and `results.png` are written (report.py says
what they hold).
"""

from __future__ import annotations

import argparse
import sys
import warnings
from contextlib import ExitStack
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import report
import sections
import torch
from machine import facts, rates
from networks import CASES
from ours import CLING, INFER, NATIVE, PLAIN_CLING, PORTABLE, PYTHON
from peers import PEERS
from program import Program, ProgramError
from report import Measurement
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sections import SECTIONS
from tools import HERE, digest, package_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from networks import Case
    from tools import Contestant

TOLERANCE = 3e-5
OURS: tuple[Contestant, ...] = (NATIVE, PORTABLE, CLING, PLAIN_CLING, PYTHON, INFER)
FULL, QUICK = (21, 0.03), (5, 0.01)
LEAST_CALLS = 10  # in a round, behind one that warms up: an event loop does not find what other contestants have left in the caches


def measure(
    case: Case, contestants: Iterable[Contestant], folder: Path, rounds: int, seconds: float, progress: Progress
) -> list[Measurement]:
    """Prepare, check and time the contestants in one case."""
    measurements = [Measurement(contestant) for contestant in contestants]
    bar = progress.add_task(case.title, total=len(measurements) + rounds)
    running: list[tuple[Measurement, Program, int]] = []
    with ExitStack() as programs:
        for measurement in measurements:
            who = measurement.contestant
            progress.update(bar, description=f"{case.title}: {who.title}")
            try:
                program = programs.enter_context(who.prepare(case, folder))
                measurement.difference = difference(program, case, who)
                running.append((measurement, program, calls_for(seconds, program)))
            except Exception as error:  # noqa: BLE001 - a contestant that fails in whatever way is a line of the report
                measurement.failure = f"{type(error).__name__}: {error}"
            progress.advance(bar)
        progress.update(bar, description=case.title)
        for number in range(rounds):
            for measurement, program, calls in running if number % 2 == 0 else reversed(running):
                program(1)
                measurement.rounds_us.append(program(calls) / calls * 1e6)
            progress.advance(bar)
    return measurements


def difference(program: Program, case: Case, who: Contestant) -> float:
    """Return how far the program's output is from the framework's, relative to its largest value; too far is an error."""
    reference = (case.input if who.empty else case.reference).ravel()
    output = program.output()
    if output.shape != reference.shape:
        raise ProgramError(f"{output.size} values instead of {reference.size}")
    largest = float(np.max(np.abs(output - reference)) / np.max(np.abs(reference)))
    if not largest <= TOLERANCE:
        raise ProgramError(f"the output differs from the framework's by {largest:.2g}")
    return largest


def calls_for(seconds: float, program: Program) -> int:
    """Return how many calls take about that time, once the program is warm, and at least LEAST_CALLS."""
    calls = 1
    while (taken := program(calls)) < seconds:
        calls = 8 * calls if taken < seconds / 10 else int(1.2 * calls * seconds / taken) + 1
    return max(calls, LEAST_CALLS)


def case_folder(case: Case, output: Path) -> Path:
    """Return the folder of what is compiled for a case; other weights, libraries or CPUs mean another one."""
    weights = [(name, digest(value.numpy().tobytes())) for name, value in case.module.state_dict().items()]
    about = facts()
    written_by = [HERE / name for name in ("exports.py", "torch_twins.py", "twins.py")]
    described = about["cpu"], about["vector_extensions"], about["packages"]
    key = digest(str(case.module), case.shape, weights, described, *written_by)
    folder = output / "work" / f"{case.identifier}-{key}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what the command line asks for, with `cases` and `contestants` chosen."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path("build/bench"), help="folder of the results")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK[0]} short rounds, few settings")
    parser.add_argument("--rounds", type=int, help=f"rounds, each with every contestant once: {FULL[0]}")
    parser.add_argument("--seconds", type=float, help=f"least time of one contestant in a round: {FULL[1]}")
    names = ", ".join(case.name for case in CASES)
    parser.add_argument(
        "--only", type=_words, metavar="CASES", help=f"cases, by names or patterns such as mlp*: of {names}"
    )
    families = ", ".join(dict.fromkeys(who.family for who in PEERS))
    parser.add_argument("--peers", type=_words, metavar="LIBRARIES", help=f"of {families}; none for ours alone")
    parser.add_argument(
        "--sections",
        type=_words,
        metavar="SECTIONS",
        help=f"of {', '.join(SECTIONS)}; all of them, or speed alone in a quick look",
    )
    parser.add_argument("--no-ours", action="store_true", help="leave our own code out")
    wanted = parser.parse_args(words)
    rounds, seconds = QUICK if wanted.quick else FULL
    wanted.rounds, wanted.seconds = wanted.rounds or rounds, wanted.seconds or seconds
    wanted.cases = [case for case in CASES if not wanted.only or any(fnmatch(case.name, one) for one in wanted.only)]
    if not wanted.cases:
        parser.error(f"no case of that name: choose from {names}")
    wanted.sections = wanted.sections or (["speed"] if wanted.quick else list(SECTIONS))
    if unknown := set(wanted.sections) - SECTIONS.keys():
        parser.error(f"no section of the name {', '.join(sorted(unknown))}: choose from {', '.join(SECTIONS)}")
    known = {"none", *(word for who in PEERS for word in who.family.lower().split())}
    if unknown := set(wanted.peers or ()) - known:
        parser.error(f"no peer of the name {', '.join(sorted(unknown))}: choose from {families}")
    chosen = [who for who in PEERS if wanted.peers is None or set(who.family.lower().split()) & set(wanted.peers)]
    chosen = [*(() if wanted.no_ours else OURS), *chosen]
    wanted.contestants = [who for who in chosen if who.brief or not wanted.quick]
    return wanted


def _words(text: str) -> list[str]:
    return [word.strip().lower() for word in text.split(",") if word.strip()]


def installed(contestants: Iterable[Contestant], console: Console) -> list[Contestant]:
    """Return the contestants whose package is there, and tell which are not."""
    needed = {package: who.family for who in contestants for package in who.packages}
    absent = {package for package in needed if not package_folder(package)}
    for package in sorted(absent):
        console.print(f"{needed[package]} is left out: {package} is not installed")
    return [who for who in contestants if not absent & set(who.packages)]


def main() -> int:
    """Measure what is asked for and report it; the status is 1 if one of our own modes has no figure in some case."""
    wanted = arguments()
    output = wanted.output.resolve()
    torch.set_num_threads(1)
    console = Console(width=None if sys.stdout.isatty() else 120)
    warnings.filterwarnings("ignore", "`torch[.]jit", DeprecationWarning)
    output.mkdir(parents=True, exist_ok=True)
    about = facts() | {"rates": rates()}
    console.print(report.rates(about["rates"]))
    settings = {"rounds": wanted.rounds, "seconds": wanted.seconds, "tolerance": TOLERANCE}
    results: report.Row = {"machine": about, "settings": settings, "rows": []}
    if "speed" in wanted.sections:
        speed(wanted, output, results, console)
    for name in wanted.sections:
        if name != "speed":
            cases = [(case, case_folder(case, output)) for case in wanted.cases]
            try:
                results[name], table = sections.run(name, cases, output)
            except ProgramError as error:
                results[name], table = {"failure": str(error)}, f"{name}: {error}"
            console.print(table)
    report.write(results, output)
    console.print(
        f"Written: {', '.join(str(path) for path in sorted(output.glob('*.*')) if path.suffix in ('.json', '.md', '.png'))}"
    )
    failures = (found for row in results["rows"] for found in row["contestants"] if found["failure"])
    return int(any(found["family"] == report.OURS for found in failures))


def speed(wanted: argparse.Namespace, output: Path, results: report.Row, console: Console) -> None:
    """Measure the contestants in each case, and add a row to the results."""
    contestants = installed(wanted.contestants, console)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        for case in wanted.cases:
            folder = case_folder(case, output)
            measurements = measure(case, contestants, folder, wanted.rounds, wanted.seconds, progress)
            progress.console.print(report.table(case, measurements))
            results["rows"].append(report.row(case, measurements, results["machine"]["rates"]))
            report.write(results, output)
    results["geometric_mean"] = report.geometric_mean(results["rows"])
    console.print(report.summary(results["rows"]))
    if any("cling" in row["ours_by_mode"] or "python" in row["ours_by_mode"] for row in results["rows"]):
        console.print(sections.calls(results["rows"]))


if __name__ == "__main__":
    sys.exit(main())
