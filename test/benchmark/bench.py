"""How fast our code is beside its peers: ``python test/benchmark/bench.py --output build/bench`` (``make bench``).

Every contestant (contestants.py) is a child process that has prepared a network (networks.py) and times calls of it when
told to, one thread, in CPU time. Its output is compared with PyTorch's first. Then all take turns, round after round, the
order reversed in every second one, and the figure of each is the median over the rounds; ratios are ratios of medians.
Tables are printed, and `results.json` and `results.png` are written (report.py says what they hold).
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import warnings
from contextlib import ExitStack
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import report
import torch
from contestants import CONTESTANTS, EMPTY_CALL, compiler_version, digest
from networks import NETWORKS, Case
from program import Program, ProgramError
from report import Measurement
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contestants import Contestant

TOLERANCE = 1e-5
PACKAGES = ("pysofie", "ROOT", "torch", "onnxruntime", "numpy")


def measure(
    case: Case, contestants: Iterable[Contestant], folder: Path, rounds: int, seconds: float, progress: Progress
) -> list[Measurement]:
    """Prepare, check and time the contestants in one case."""
    measurements = [Measurement(contestant) for contestant in contestants]
    title = f"{case.network.name}, batch {case.batch}"
    bar = progress.add_task(title, total=len(measurements) + rounds)
    running: list[tuple[Measurement, Program, int]] = []
    with ExitStack() as programs:
        for measurement in measurements:
            who = measurement.contestant
            progress.update(bar, description=f"{title}: {who.family}, {who.setting}")
            try:
                program = programs.enter_context(who.prepare(case, folder))
                measurement.difference = difference(program, case, who)
                running.append((measurement, program, calls_for(seconds, program)))
            except Exception as error:  # noqa: BLE001 - a contestant that fails in whatever way is a line of the report
                measurement.failure = f"{type(error).__name__}: {error}"
            progress.advance(bar)
        progress.update(bar, description=title)
        for number in range(rounds):
            for measurement, program, calls in running if number % 2 == 0 else reversed(running):
                measurement.rounds_us.append(program(calls) / calls * 1e6)
            progress.advance(bar)
    return measurements


def difference(program: Program, case: Case, who: Contestant) -> float:
    """Return how far the program's output is from PyTorch's, relative to 1 or to the value; too far is an error."""
    reference = (case.input if who.family.endswith(EMPTY_CALL) else case.reference).ravel()
    output = program.output()
    if output.shape != reference.shape:
        raise ProgramError(f"{output.size} values instead of {reference.size}")
    largest = float(np.max(np.abs(output - reference) / np.maximum(1, np.abs(reference))))
    if not largest <= TOLERANCE:
        raise ProgramError(f"the output differs from PyTorch's by {largest:.2g}")
    return largest


def calls_for(seconds: float, program: Program) -> int:
    """Return how many calls take about that time, once the program is warm."""
    calls = 1
    while (taken := program(calls)) < seconds:
        calls = 8 * calls if taken < seconds / 10 else int(1.2 * calls * seconds / taken) + 1
    return calls


def machine() -> dict[str, object]:
    """Return what the figures depend on."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.exists() else []
    values = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    flags = values.get("flags", "").split()
    return {
        "cpu": values.get("model name", platform.processor()),
        "cores": os.cpu_count(),
        "vector_extensions": [flag for flag in ("sse4_2", "avx2", "fma", "avx512f") if flag in flags],
        "system": platform.platform(),
        "compiler": compiler_version(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "load_average": os.getloadavg()[0],
    }


def version(package: str) -> str | None:
    """Return the version of an installed package, or nothing."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def family(who: Contestant) -> str:
    """Return the library that a contestant is of."""
    return who.family.removesuffix(EMPTY_CALL).strip()


def case_folder(case: Case, output: Path) -> Path:
    """Return the folder of what is compiled for a case; other weights, libraries or CPUs mean another one."""
    weights = [(name, digest(value.numpy().tobytes())) for name, value in case.module.state_dict().items()]
    described = machine()
    key = digest(str(case.module), weights, described["cpu"], described["vector_extensions"], version("torch"))
    folder = output / "work" / f"{case.identifier}-{key}"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def arguments(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--output", type=Path, default=Path("build/bench"), help="folder of the results")
    parser.add_argument("--rounds", type=int, default=21, help="rounds, each with every contestant once")
    parser.add_argument("--seconds", type=float, default=0.03, help="least time of one contestant in a round")
    families = sorted({family(contestant) for contestant in CONTESTANTS})
    parser.add_argument("--only", action="append", metavar="FAMILY", choices=families, help=f"of {', '.join(families)}")
    names = [network.name for network in NETWORKS]
    parser.add_argument("--network", action="append", metavar="NETWORK", choices=names, help=f"of {', '.join(names)}")
    parser.add_argument("--batch", action="append", type=int, help="batch size, of those that the network has")
    return parser.parse_args(words)


def main() -> int:
    """Measure what is asked for and report it; the status is 1 if a whole family has no figure in some case."""
    wanted = arguments()
    output = wanted.output.resolve()
    chosen = [who for who in CONTESTANTS if not wanted.only or family(who) in wanted.only]
    cases = [
        Case(network, batch)
        for network in NETWORKS
        if not wanted.network or network.name in wanted.network
        for batch in network.batches
        if not wanted.batch or batch in wanted.batch
    ]
    torch.set_num_threads(1)
    console = Console(width=None if sys.stdout.isatty() else 120)
    warnings.filterwarnings("ignore", "`torch[.]jit", DeprecationWarning)
    about = machine()
    rows = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        for case in cases:
            measurements = measure(case, chosen, case_folder(case, output), wanted.rounds, wanted.seconds, progress)
            progress.console.print(report.table(case, measurements))
            rows.append(report.row(case, measurements))
    settings = {"rounds": wanted.rounds, "seconds": wanted.seconds, "tolerance": TOLERANCE}
    report.write({"machine": about, "settings": settings, "rows": rows}, output)
    console.print(report.summary(rows))
    console.print(f"Written: {output / 'results.json'}, {output / 'results.png'}")
    return int(any(row["missing"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
