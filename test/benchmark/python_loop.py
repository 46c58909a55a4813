"""The timing programs in Python, one process for each contestant: ``python_loop.py how case argument...``.

They talk with bench.py as the C++ ones do (loops/loop.hxx).
"""

from __future__ import annotations

import os
import sys
from functools import partial
from itertools import repeat
from pathlib import Path
from time import process_time_ns
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np
import torch
from networks import arranged, find, in_torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from networks import Case

    Call = Callable[[], Any]
    Timer = Callable[[int], int]
    Output = Callable[[], Any]


def time(call: Call, calls: int) -> int:
    """Return the nanoseconds of CPU time that so many calls take."""
    start = process_time_ns()
    for _ in repeat(None, calls):
        call()
    return process_time_ns() - start


def eager(case: Case) -> tuple[Timer, Output]:
    """PyTorch's module."""
    own = in_torch(case)
    call = partial(own.module, torch.from_numpy(own.input))
    return partial(time, call), call


def identity(case: Case) -> tuple[Timer, Output]:
    """A module of PyTorch's that returns its input."""
    call = partial(torch.nn.Identity(), torch.from_numpy(case.input))
    return partial(time, call), call


def onnxruntime_session(model: str) -> Any:
    """Return a session of one thread with every optimisation."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def onnxruntime_run(case: Case, model: str) -> tuple[Timer, Output]:
    """``run`` on a numpy array, the way of most users."""
    session = onnxruntime_session(model)
    source = session.get_inputs()[0]
    call = partial(session.run, None, {source.name: arranged(case, source.shape)})
    return partial(time, call), lambda: call()[0]


def onnxruntime_binding(case: Case, model: str) -> tuple[Timer, Output]:
    """``run_with_iobinding`` on an input and an output that are allocated once."""
    import onnxruntime

    session = onnxruntime_session(model)
    binding = session.io_binding()
    source, target = session.get_inputs()[0], session.get_outputs()[0]
    inputs = onnxruntime.OrtValue.ortvalue_from_numpy(arranged(case, source.shape))
    outputs = onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros(target.shape, np.float32))
    binding.bind_ortvalue_input(source.name, inputs)
    binding.bind_ortvalue_output(target.name, outputs)
    call = partial(session.run_with_iobinding, binding)
    return partial(time, call), outputs.numpy


def litert(case: Case, model: str) -> tuple[Timer, Output]:
    """LiteRT's interpreter on tensors that are set once."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model, num_threads=1)
    interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    interpreter.set_tensor(source["index"], arranged(case, source["shape"]))
    return partial(time, interpreter.invoke), partial(interpreter.get_tensor, target["index"])


def pysofie(case: Case, header: str) -> tuple[Timer, Output]:
    """Our session on a numpy array."""
    import pysofie as package

    call = partial(package.compile(header), case.input)
    return partial(time, call), call


def cling(case: Case, header: str, weights: str, inputs: str, arguments: str) -> tuple[Timer, Output]:
    """Our header in the C++ loop, compiled by cling, which starts with these arguments."""
    os.environ["EXTRA_CLING_ARGS"] = arguments
    import ROOT

    loop = Path(__file__).parent / "loops" / "session_loop.hxx"
    macros = f'#define MODEL_HEADER "{header}"\n#define MODEL TMVA_SOFIE_{case.identifier}\n'
    if not ROOT.gInterpreter.Declare(f'{macros}#include "{loop}"\n'):
        raise RuntimeError(f"cling does not compile {header}")
    model = ROOT.benchmark.ModelLoop(weights, inputs, case.reference.size)
    return model.TimeDoInfer, lambda: np.array(list(model.Output()))


LOOPS = {
    loop.__name__: loop for loop in (eager, identity, onnxruntime_run, onnxruntime_binding, litert, pysofie, cling)
}


def serve(timer: Timer, output: Output, answers: TextIO) -> None:
    """Answer bench.py until it closes the pipe."""
    for line in sys.stdin:
        if line.strip() == "output":
            timer(1)
            answer = " ".join(f"{value:.9g}" for value in np.ravel(output()))
        else:
            answer = str(timer(int(line)))
        answers.write(answer + "\n")
        answers.flush()


def main(how: str, name: str, *arguments: str) -> None:
    """Prepare one contestant and serve it; what libraries print does not get between the answers."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    torch.set_num_threads(1)
    case = find(name)
    with torch.inference_mode():
        serve(*LOOPS[how](case, *arguments), answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
