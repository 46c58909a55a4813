"""What it costs to get to an inference, each asked of a process of its own: ``probe.py question argument...`` prints JSON.

Times are CPU seconds, which a busy machine does not lengthen, but for what waits for a compiler.
"""

from __future__ import annotations

import json
import sys
import tempfile
from itertools import count
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

serial = count()


def rss() -> float:
    """The megabytes that this process has in memory."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def make_model(widths: Sequence[int], folder: str) -> tuple[float, Path]:
    """Save an MLP of these widths, and return the time of parsing it and of writing its header, and the header."""
    import torch
    from architectures import mlp

    import pysofie
    from pysofie.session import generate

    path = Path(folder) / f"model{next(serial)}.pt"
    torch.jit.trace(mlp(*widths).eval(), torch.zeros(1, widths[0])).save(path)
    start = process_time()
    model = pysofie.parse(path, [[1, widths[0]]])
    generate(model, path.with_suffix(".hxx"))
    return process_time() - start, path.with_suffix(".hxx")


def parse(*widths: str) -> dict[str, float]:
    """The start of ROOT with our library; the first MLP in a process, imports apart, and the median of further ones."""
    import onnx  # noqa: F401
    import onnxscript  # noqa: F401
    import torch.onnx  # noqa: F401

    from pysofie import provider

    start = process_time()
    provider.namespace()
    root = process_time() - start
    sizes = [int(width) for width in widths]
    with tempfile.TemporaryDirectory() as folder:
        first, *further = (make_model(sizes, folder)[0] for _ in range(4))
    return {"root_s": root, "first_s": first, "further_s": float(np.median(further))}


def growth(most_layers: str, most_width: str) -> dict[str, list[tuple[int, float]]]:
    """How the time grows with the number of layers, 16 wide each, and with the weights of two layers."""
    layers, weights = [], []
    with tempfile.TemporaryDirectory() as folder:
        make_model([16, 16], folder)
        number = int(most_layers) // 8
        while number <= int(most_layers):
            layers.append((number, min(make_model([16] * (number + 1), folder)[0] for _ in range(2))))
            number *= 2
        width = int(most_width) // 4
        while width <= int(most_width):
            weights.append((2 * width**2, min(make_model([width] * 3, folder)[0] for _ in range(2))))
            width *= 2
    return {"layers": layers, "weights": weights}


def compiled(cache: str) -> dict[str, float]:
    """An MLP through the compiler, for the first time and when it is in the cache; through cling; seconds of a clock."""
    import os

    os.environ["PYSOFIE_CACHE_DIR"] = cache
    import pysofie
    from pysofie import provider

    event = np.zeros((1, 7), np.float32)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        header = make_model([7, 64, 64, 1], folder)[1]
        provider.namespace()
        for name, backend in (("compiler_s", "compiler"), ("cached_s", "compiler"), ("cling_s", "cling")):
            start = perf_counter()
            pysofie.compile(header, backend=backend)(event)
            found[name] = perf_counter() - start
    return found


def session(width: str) -> dict[str, float]:
    """A Session on the weights of six square layers: the size of its binary file, and what another Session takes."""
    import pysofie

    wide = int(width)
    with tempfile.TemporaryDirectory() as folder:
        generated, header = make_model([wide] * 7, folder)
        program = pysofie.compile(header, backend="compiler")
        program(np.zeros((1, wide), np.float32))
        times = []
        for _ in range(3):
            start = process_time()
            pysofie.compile(header, backend="compiler")
            times.append(process_time() - start)
        size = header.with_suffix(".sofie").stat().st_size
    return {"weights": 6 * wide**2, "generate_s": generated, "megabytes": size / 1e6, "session_s": min(times)}


def memory_onnxruntime(model: str, inputs: str) -> dict[str, float]:
    """Megabytes that a session of onnxruntime's takes, once it has run."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    before = rss()
    one = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    source = one.get_inputs()[0]
    one.run(None, {source.name: np.fromfile(inputs, np.float32).reshape(source.shape)})
    return {"process_mb": rss(), "session_mb": rss() - before}


def dataframe(identifier: str, header: str, weights: str, inputs: str) -> dict[str, float]:
    """Microseconds that a model adds to an event of an RDataFrame, one thread, where its columns are read anyhow.

    By `define`, by a C++ function that somebody wrote by hand for these columns, and by one that only adds them up. Cling is told to
    optimise these, as `define` tells it.
    """
    import ROOT

    import pysofie

    values = np.fromfile(inputs, np.float32)
    names = [f"x{i}" for i in range(values.size)]
    one = pysofie.compile(header, backend="compiler")
    lambda_ = f"({', '.join(f'float const &{name}' for name in names)})"
    written = f"""#pragma cling optimize(2)
    #include "{header}"
    using Names = std::vector<std::string>;
    __attribute__((used)) inline ROOT::RDF::RNode AddUp(ROOT::RDF::RNode node, Names const &names)
    {{
       return node.Define("score", []{lambda_} {{ return {" + ".join(names)}; }}, names);
    }}
    __attribute__((used)) inline ROOT::RDF::RNode ByHand(ROOT::RDF::RNode node, Names const &names)
    {{
       auto const session = std::make_shared<TMVA_SOFIE_{identifier}::Session>("{weights}");
       return node.Define("score", [session]{lambda_} {{
          float const event[] = {{{", ".join(names)}}};
          float result;
          TMVA_SOFIE_{identifier}::doInfer(*session, event, &result);
          return result;
       }}, names);
    }}"""
    if not ROOT.gInterpreter.Declare(written):
        raise RuntimeError(f"cling does not compile {header}")

    def seconds(events: int, kind: str) -> float:
        data = {name: np.full(events, value, np.float32) for name, value in zip(names, values, strict=True)}
        df = ROOT.RDF.FromNumpy(data).Define("sum", "+".join(names))
        result = [df.Sum["float"]("sum")]
        if kind == "define":
            result.append(pysofie.define(df, "score", one, names).Sum("score"))
        if kind in ("ByHand", "AddUp"):
            node = getattr(ROOT, kind)(ROOT.RDF.AsRNode(df), ROOT.std.vector["std::string"](names))
            result.append(node.Sum["float"]("score"))
        start = process_time()
        for sum_ in result:
            sum_.GetValue()
        return process_time() - start

    few, many = 1_000, 1_001_000
    slopes = {
        kind: float(np.median([seconds(many, kind) - seconds(few, kind) for _ in range(3)]))
        for kind in ("nothing", "AddUp", "ByHand", "define")
    }
    return {
        "define_us": slopes["define"] - slopes["nothing"],
        "hand_us": slopes["ByHand"] - slopes["nothing"],
        "floor_us": slopes["AddUp"] - slopes["nothing"],
        "loop_us": slopes["nothing"],
    }


QUESTIONS: dict[str, Any] = {
    one.__name__: one for one in (parse, growth, compiled, session, memory_onnxruntime, dataframe)
}

if __name__ == "__main__":
    question, *arguments = sys.argv[1:]
    sys.stdout.write("\n" + json.dumps(QUESTIONS[question](*arguments)) + "\n")
