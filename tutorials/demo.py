### \file
### \ingroup tutorial_ml
### \notebook -nodraw
### The whole way, on real data: a network is trained in PyTorch, becomes a C++ header, and scores every event of a sample
### inside RDataFrame on all cores; each score is compared with PyTorch's own. The same network is trained in Keras too, and
### stands beside it.
###
### Signal and background come with ROOT's tutorials (`Higgs_data.root`, a part of the UCI HIGGS sample), the network is theirs
### as well. In the folder given by `--output` it leaves the trained networks (`Higgs.pt`, `HiggsKeras.keras`), headers and weights
### (`Higgs.hxx`, `Higgs.dat` and those of `HiggsKeras`), the events (`events.root`), figures (`report.json`) and two pictures. A second call trains only where
### something has changed.
###
### \macro_code
### \macro_output
### \author The pysofie authors
"""Train a network, convert it, score events in RDataFrame and compare with PyTorch."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import matplotlib as mpl
import numpy as np
import ROOT
import torch
from matplotlib import pyplot as plt
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

import pysofie

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

mpl.use("agg")

FEATURES = ["m_jj", "m_jjj", "m_lv", "m_jlv", "m_bb", "m_wbb", "m_wwbb"]
TREES = ["sig_tree", "bkg_tree"]
STRETCH = 50
"""Events that are timed together where one event is scored a call; the median over all stretches is the time reported."""
CLUSTER = 250
"""Events in a cluster of the copy. A cluster is the least that a thread works on, and the original has one for each tree."""

console = Console(highlight=False)


@dataclass(frozen=True)
class Training:
    """What the outcome of the training depends on, the data aside."""

    seed: int = 1
    epochs: int = 40
    batch: int = 128
    rate: float = 1e-3


@dataclass(frozen=True)
class Events:
    """The sample in memory, in the order of `number`."""

    number: np.ndarray
    label: np.ndarray
    features: np.ndarray

    def __len__(self) -> int:
        return len(self.number)

    def halves(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Return where the events for training and those for tests are."""
        shuffled = np.random.default_rng(seed).permutation(len(self))
        return np.sort(shuffled[: len(self) // 2]), np.sort(shuffled[len(self) // 2 :])


# ---1. The data: a copy of many clusters, with a number for each event-----------------------------------------------------


def copy_events(data: Path, copy: Path) -> None:
    """Write both trees into one, `events`, where that has not been done yet."""
    if copy.is_file() and copy.stat().st_mtime > max(data.stat().st_mtime, Path(__file__).stat().st_mtime):
        console.print("  as they were")
        return
    chain = ROOT.TChain()
    for tree in TREES:
        if not chain.Add(f"{data}?#{tree}", 0):
            raise SystemExit(f"{data} has no tree {tree}: give ROOT's Higgs_data.root with --data")
    options = ROOT.RDF.RSnapshotOptions()
    options.fAutoFlush = CLUSTER
    df = ROOT.RDataFrame(chain).Define("event", "Long64_t(rdfentry_)")
    new = copy.with_suffix(".new.root")
    df.Snapshot("events", str(new), ["event", "Type", *FEATURES], options)
    new.replace(copy)


def read_events(copy: Path) -> Events:
    """Read them as numpy arrays."""
    columns = ROOT.RDataFrame("events", str(copy)).AsNumpy(["event", "Type", *FEATURES])
    features = np.stack([columns[name] for name in FEATURES], axis=1)
    return Events(columns["event"], columns["Type"] > 0.5, np.ascontiguousarray(features, np.float32))


# ---2. The network--------------------------------------------------------------------------------------------------------


def network() -> torch.nn.Module:
    """7-64-64-1, as in ROOT's tutorials."""
    nn = torch.nn
    return nn.Sequential(nn.Linear(7, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1), nn.Sigmoid())


def train(events: Events, settings: Training) -> torch.nn.Module:
    """Train on one half of the events, in one thread: for so small a network more of them cost more than they give."""
    torch.manual_seed(settings.seed)
    torch.set_num_threads(1)
    model = network()
    chosen, _ = events.halves(settings.seed)
    x = torch.from_numpy(events.features[chosen])
    y = torch.from_numpy(events.label[chosen].astype(np.float32)[:, None])
    optimizer, criterion = torch.optim.Adam(model.parameters(), settings.rate), torch.nn.BCELoss()
    look = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*look, console=console) as progress:
        task = progress.add_task("training", total=settings.epochs)
        for _ in range(settings.epochs):
            total = 0.0
            for rows in torch.randperm(len(x)).split(settings.batch):
                optimizer.zero_grad()
                loss = criterion(model(x[rows]), y[rows])
                loss.backward()
                optimizer.step()
                total += loss.item() * len(rows)
            progress.update(task, advance=1, description=f"training, loss {total / len(x):.4f}")
    return model.eval()


def train_in_keras(events: Events, settings: Training) -> keras.Model:
    """Train the same network in Keras, in the same way."""
    keras.utils.set_random_seed(settings.seed)
    dense = keras.layers.Dense
    model = keras.Sequential(
        [keras.Input((7,)), dense(64, "relu"), dense(64, "relu"), dense(1, "sigmoid")], name="higgs_keras"
    )
    model.compile(optimizer=keras.optimizers.Adam(settings.rate), loss="binary_crossentropy")
    chosen, _ = events.halves(settings.seed)
    x, y = events.features[chosen], events.label[chosen].astype(np.float32)
    model.fit(x, y, settings.batch, settings.epochs, verbose=0)
    return model


def save_torch(events: Events, settings: Training, path: Path) -> None:
    """Train in PyTorch and save as TorchScript."""
    torch.jit.script(train(events, settings)).save(str(path))


def save_keras(events: Events, settings: Training, path: Path) -> None:
    """Train in Keras and save."""
    train_in_keras(events, settings).save(path)


def trained(events: Events, settings: Training, path: Path, save: Callable[[Events, Training, Path], None]) -> bool:
    """Leave the trained network at `path`; return whether it was there already, from the same settings and data."""
    record = path.with_suffix(".json")
    versions = {"torch": torch.__version__, "keras": keras.__version__}
    inputs = asdict(settings) | versions | {"events": _hash(events.features, events.label)}
    if path.is_file() and record.is_file():
        text = record.read_text(encoding="utf-8")
        if text == json.dumps(inputs | {"model": _hash(path.read_bytes())}, indent=2):
            return True
    new = path.with_stem(f"{path.stem}.new")
    save(events, settings, new)
    new.replace(path)
    record.write_text(json.dumps(inputs | {"model": _hash(path.read_bytes())}, indent=2), encoding="utf-8")
    return False


def _hash(*parts: Any) -> str:
    return hashlib.sha256(b"".join(bytes(memoryview(part).cast("B")) for part in parts)).hexdigest()


# ---3. The header---------------------------------------------------------------------------------------------------------


def convert(model: Path) -> Path:
    """Translate the network: header and weights beside it. The same code serves one event and many: `batch` has any size."""
    rmodel = pysofie.parse(model, [["batch", len(FEATURES)]])
    rmodel.Generate()
    header = model.with_suffix(".hxx")
    rmodel.OutputGenerated(str(header))
    return header


# ---4. Scores, by RDataFrame, by a C++ loop and by PyTorch----------------------------------------------------------------


@dataclass(frozen=True)
class Scores:
    """What RDataFrame made of the events, in the order of their numbers."""

    score: np.ndarray
    slots: int
    ns_per_event: float
    jit_seconds: float


def score_in_rdataframe(copy: Path, session: pysofie.Session, events: Events, repeats: int = 5) -> Scores:
    """Run the event loop several times. What the first one takes longer than the others is the interpreter's work."""
    seconds, slots = [], set()
    for _ in range(repeats):
        start = time.perf_counter()
        df = pysofie.define(ROOT.RDataFrame("events", str(copy)), "score", session, FEATURES)
        result = df.AsNumpy(
            ["event", "score", "rdfslot_"], lazy=True
        )  # booked; compiled already, hence all threads start at once
        booked = time.perf_counter()
        columns = result.GetValue()
        seconds.append((time.perf_counter() - start, time.perf_counter() - booked))
        slots |= set(columns["rdfslot_"].tolist())
    order = np.argsort(columns["event"])  # each slot has its part of the events
    if not np.array_equal(columns["event"][order], events.number):
        raise SystemExit("RDataFrame has not given each event once")
    loop = statistics.median(loop for _, loop in seconds[1:])
    return Scores(columns["score"][order], len(slots), 1e9 * loop / len(events), max(0.0, seconds[0][0] - loop))


LOOP = """
#include "{header}"
#include <chrono>

double Score{name}Events(TMVA_SOFIE_{name}::Session const &session, float const *events, std::size_t n, float *scores)
{{
   auto const start = std::chrono::steady_clock::now();
   for (std::size_t i = 0; i < n; ++i)
      TMVA_SOFIE_{name}::doInfer(session, 1, events + 7 * i, scores + i);
   return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count() / n;
}}
"""


def score_in_loop(header: Path, events: Events) -> Scores:
    """Let cling read the header, and call it once for each event in a loop of one thread."""
    start = time.perf_counter()
    name = header.stem
    if not ROOT.gInterpreter.Declare(LOOP.format(header=header, name=name)):
        raise SystemExit(f"cling could not compile {header}")
    session = getattr(ROOT, f"TMVA_SOFIE_{name}").Session(str(header.with_suffix(".dat")))
    score_events = getattr(ROOT, f"Score{name}Events")
    score = np.empty(len(events), np.float32)
    score_events(session, events.features, 1, score)
    ready = time.perf_counter()
    times = [
        score_events(session, events.features[rows], len(score[rows]), score[rows])
        for rows in stretches(len(events), repeats=5)
    ]
    return Scores(score, 1, statistics.median(times), ready - start)


def score_in_pytorch(model: Path, events: Events) -> tuple[np.ndarray, float, float]:
    """Score each event in a call of its own, then all in one; return the scores, and the times of both in ns per event."""
    module = torch.jit.load(str(model))
    x = torch.from_numpy(events.features)
    single = list(x.split(1))
    torch.set_num_threads(1)
    times = []
    with torch.inference_mode():
        for row in single[:STRETCH]:  # its own compiler is at work in the first calls
            module(row)
        for rows in stretches(len(events)):
            start = time.perf_counter()
            for row in single[rows]:
                module(row)
            times.append(1e9 * (time.perf_counter() - start) / len(single[rows]))
        batch = time_batch(lambda: module(x), len(events))
        return module(x).numpy()[:, 0], statistics.median(times), batch


def score_in_keras(model: Path, events: Events) -> tuple[np.ndarray, float, float]:
    """The same in Keras; it takes its time for each call, hence few of them."""
    network = keras.saving.load_model(model, compile=False)
    x = keras.ops.convert_to_tensor(events.features)
    times = []
    for rows in stretches(10 * STRETCH):
        start = time.perf_counter()
        for at in range(rows.start, rows.stop):
            network(x[at : at + 1], training=False)
        times.append(1e9 * (time.perf_counter() - start) / STRETCH)
    batch = time_batch(lambda: network(x, training=False), len(events))
    return np.asarray(network(x, training=False))[:, 0], statistics.median(times), batch


def stretches(events: int, repeats: int = 1) -> Iterator[slice]:
    """Cut the events into stretches; short ones, so that the median leaves out those that other programs have disturbed."""
    for _ in range(repeats):
        yield from (slice(first, first + STRETCH) for first in range(0, events, STRETCH))


def time_batch(run: Callable[[], object], events: int, repeats: int = 15) -> float:
    """Return the median time of a call that scores all events, in ns per event."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1e9 * statistics.median(times) / events


# ---5. Figures and pictures-----------------------------------------------------------------------------------------------


def area_under_curve(score: np.ndarray, label: np.ndarray) -> float:
    """Return the probability that a signal event has a higher score than a background event; half of it where they are equal."""
    signal, background = score[label], np.sort(score[~label])
    below, up_to = (np.searchsorted(background, signal, side) for side in ("left", "right"))
    return float(np.mean(below + up_to) / (2 * len(background)))


def draw(output: Path, events: Events, ours: np.ndarray, theirs: np.ndarray) -> list[Path]:
    """Draw the score of signal and background, and the distribution of the differences."""
    paths = [output / "score.png", output / "differences.png"]
    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    bins = np.linspace(0, 1, 51)
    for label, name, colour in ((True, "signal", "C3"), (False, "background", "C0")):
        chosen = events.label == label
        axes.hist(ours[chosen], bins, histtype="stepfilled", alpha=0.35, color=colour, label=f"{name}, RDataFrame")
        counts, _ = np.histogram(theirs[chosen], bins)
        axes.plot((bins[1:] + bins[:-1]) / 2, counts, ".", color=colour, label=f"{name}, PyTorch")
    axes.set(xlabel="score", ylabel="events", title="Higgs_data.root: score of signal and background", xlim=(0, 1))
    axes.margins(y=0.3)
    axes.legend(ncols=2, loc="upper center")
    figure.savefig(paths[0], dpi=150)

    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    difference = 1e7 * (ours.astype(np.float64) - theirs)
    axes.hist(difference, 61, color="C2")
    axes.set(xlabel="score in RDataFrame - score of PyTorch [1e-7]", ylabel="events", yscale="log")
    axes.set_title(f"{len(events)} events, largest difference {np.abs(difference).max() * 1e-7:.2g}")
    figure.savefig(paths[1], dpi=150)
    plt.close("all")
    return paths


def print_table(report: dict[str, Any]) -> None:
    """Print what a reader wants to know."""
    other = report["keras"]
    table = Table(
        "", "pysofie", "PyTorch", "pysofie", "Keras", title="Higgs_data.root, a network 7-64-64-1, trained twice"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    table.add_row("events", *[f"{report['events']}"] * 4)
    differences = [report["max_abs_difference"], other["max_abs_difference"]]
    table.add_row("largest absolute difference of a score", f"{differences[0]:.2g}", "", f"{differences[1]:.2g}", "")
    table.add_row(
        f"AUC, {report['auc_events']} events not trained on",
        *(f"{one:.6f}" for one in (report["auc"], report["auc_pytorch"], other["auc"], other["auc_keras"])),
    )
    table.add_section()
    table.add_row(
        "one event a call, one thread, ns",
        *(f"{one:.0f}" for one in (report["ns_per_event"], report["ns_per_event_pytorch"])),
        *(f"{other[name]:.0f}" for name in ("ns_per_event", "ns_per_event_keras")),
    )
    table.add_row(
        "all events in a call, one thread, ns per event",
        *(f"{one:.0f}" for one in (report["ns_per_event_batch"], report["ns_per_event_batch_pytorch"])),
        *(f"{other[name]:.0f}" for name in ("ns_per_event_batch", "ns_per_event_batch_keras")),
    )
    table.add_row(
        f"RDataFrame on {report['slots']} slots, reading included, ns per event",
        f"{report['ns_per_event_rdataframe']:.0f}",
        "",
    )
    table.add_section()
    table.add_row("once: compiling the header, or finding it compiled, s", f"{report['compile_seconds']:.2f}", "")
    table.add_row("once: cling on the header and the loop, s", f"{report['jit_seconds']:.2f}", "")
    table.add_row("once: cling on the column of RDataFrame, s", f"{report['jit_seconds_rdataframe']:.2f}", "")
    console.print(table)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is done, and at the end how long it took."""
    start = time.perf_counter()
    console.print(what)
    yield
    console.print(f"  [dim]{time.perf_counter() - start:.1f} s[/]")


def run(output: Path, data: Path, settings: Training, threads: int) -> dict[str, Any]:
    """Do it all; return the figures."""
    output.mkdir(parents=True, exist_ok=True)
    copy, model = output / "events.root", output / "Higgs.pt"

    with step(f"Copying the events of {data.name} into clusters of {CLUSTER}"):
        copy_events(data, copy)
        events = read_events(copy)
    with step("Training a network 7-64-64-1 in PyTorch"):
        if trained(events, settings, model, save_torch):
            console.print("  as it was: same data, same settings")
    with step("Training it in Keras"):
        if trained(events, settings, model.with_name("HiggsKeras.keras"), save_keras):
            console.print("  as it was: same data, same settings")
    with step("Translating it into C++"):
        header = convert(model)
    with step("Compiling the header"):
        start = time.perf_counter()
        session = pysofie.compile(header)
        compile_seconds = time.perf_counter() - start
    with step("Scoring the events in RDataFrame, in a C++ loop and in PyTorch"):
        ROOT.EnableImplicitMT(threads)
        ours = score_in_rdataframe(copy, session, events)
        loop = score_in_loop(header, events)
        theirs, each, batch = score_in_pytorch(model, events)
        ours_batch = time_batch(lambda: session(events.features), len(events))
    with step("The same for the network of Keras"):
        other, more = beside_keras(model.with_name("HiggsKeras.keras"), events, settings)

    _, test = events.halves(settings.seed)
    pictures = draw(output, events, ours.score, theirs)
    return {
        "events": len(events),
        "max_abs_difference": _largest(ours.score, theirs),
        "max_abs_difference_loop": _largest(loop.score, theirs),
        "auc": area_under_curve(ours.score[test], events.label[test]),
        "auc_pytorch": area_under_curve(theirs[test], events.label[test]),
        "auc_events": len(test),
        "ns_per_event": loop.ns_per_event,
        "ns_per_event_pytorch": each,
        "ns_per_event_batch": ours_batch,
        "ns_per_event_batch_pytorch": batch,
        "ns_per_event_rdataframe": ours.ns_per_event,
        "compile_seconds": compile_seconds,
        "jit_seconds": loop.jit_seconds,
        "jit_seconds_rdataframe": ours.jit_seconds,
        "slots": ours.slots,
        "threads": int(ROOT.GetThreadPoolSize()),
        "cores": os.cpu_count(),
        "backend": session.backend,
        "training": asdict(settings),
        "versions": {
            "pysofie": pysofie.__version__,
            "root": str(ROOT.gROOT.GetVersion()),
            "torch": torch.__version__,
            "keras": keras.__version__,
            "numpy": np.__version__,
        },
        "keras": other,
        "files": [path.name for path in (model, header, header.with_suffix(".dat"), copy, *more, *pictures)],
    }


def beside_keras(model: Path, events: Events, settings: Training) -> tuple[dict[str, float], list[Path]]:
    """Translate and score what Keras has trained; return the figures and the files."""
    header = convert(model)
    session, loop = pysofie.compile(header), score_in_loop(header, events)
    theirs, each, batch = score_in_keras(model, events)
    _, test = events.halves(settings.seed)
    figures = {
        "max_abs_difference": _largest(loop.score, theirs),
        "auc": area_under_curve(loop.score[test], events.label[test]),
        "auc_keras": area_under_curve(theirs[test], events.label[test]),
        "ns_per_event": loop.ns_per_event,
        "ns_per_event_keras": each,
        "ns_per_event_batch": time_batch(lambda: session(events.features), len(events)),
        "ns_per_event_batch_keras": batch,
    }
    return figures, [model, header, header.with_suffix(".dat")]


def _largest(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Return the largest difference; NaN, which compares with nothing, stays one."""
    return float(np.abs(ours.astype(np.float64) - theirs).max())


def main() -> None:
    """Read the command line, run, and say where everything is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("demo"), help="folder for the results (%(default)s)")
    parser.add_argument("--data", type=Path, help="Higgs_data.root, where ROOT has come without its tutorials")
    parser.add_argument("--epochs", type=int, default=Training.epochs, help="of the training (%(default)s)")
    parser.add_argument("--seed", type=int, default=Training.seed, help="of the training (%(default)s)")
    parser.add_argument("--threads", type=int, default=0, help="of RDataFrame; 0 for as many as there are cores")
    options = parser.parse_args()
    data = options.data or Path(str(ROOT.gROOT.GetTutorialDir()), "machine_learning", "data", "Higgs_data.root")
    if not data.is_file():
        raise SystemExit(f"{data} is not there: this ROOT has come without its tutorials, give the file with --data")

    output = options.output.resolve()
    report = run(output, data.resolve(), Training(options.seed, options.epochs), options.threads)
    (output / "report.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print_table(report)
    console.print(f"In {output}:", soft_wrap=True)
    console.print("  " + "  ".join((*report["files"], "report.json")), soft_wrap=True)


if __name__ == "__main__":
    main()
