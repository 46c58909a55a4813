"""The original of a model, to compare with: what runs it, by the kind of its source."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pysofie import files
from pysofie.errors import SofieError
from pysofie.plan import Array

Runner = Callable[[Sequence[Array]], list[Array]]
"""Arrays in, arrays out, in the order of the model."""

_makers: dict[str, Callable[[Path], tuple[str, Runner]]] = {}


def reference(source: Any) -> tuple[str, Runner]:
    """Return what runs the original, its name first.

    Raises
    ------
    SofieError
        If the source is of a kind that nothing else runs.
    """
    suffix = Path(source).suffix.lower() if isinstance(source, str | os.PathLike) else ""
    if suffix not in _makers:
        kinds = ", ".join(sorted(_makers))
        raise SofieError(f"there is no original of {source} to compare with: it is none of {kinds}")
    files.check_readable(Path(source))
    return _makers[suffix](Path(source))


def _runs(*suffixes: str) -> Callable[[Callable[[Path], tuple[str, Runner]]], Callable[[Path], tuple[str, Runner]]]:
    def register(maker: Callable[[Path], tuple[str, Runner]]) -> Callable[[Path], tuple[str, Runner]]:
        for suffix in suffixes:
            if suffix in _makers:
                raise ValueError(f"{suffix} is run by {_makers[suffix].__name__} already")
            _makers[suffix] = maker
        return maker

    return register


@_runs(".pt", ".pth", ".jit", ".ts")
def _torchscript(path: Path) -> tuple[str, Runner]:
    import torch

    files.inspect_torch(path)
    module = torch.jit.load(str(path), map_location="cpu").eval()

    def run(arrays: Sequence[Array]) -> list[Array]:
        with torch.no_grad():
            result = module(*(torch.from_numpy(array.copy()) for array in arrays))
        return [tensor.numpy() for tensor in _leaves(result, torch.Tensor)]

    return f"PyTorch {torch.__version__}", run


@_runs(".onnx")
def _onnx(path: Path) -> tuple[str, Runner]:
    if importlib.util.find_spec("onnxruntime"):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        names = [value.name for value in session.get_inputs()]
        title = f"onnxruntime {onnxruntime.__version__}"
    else:
        import onnx
        import onnx.reference

        session = onnx.reference.ReferenceEvaluator(str(path))
        names = session.input_names
        title = f"onnx {onnx.__version__}, reference evaluator"

    def run(arrays: Sequence[Array]) -> list[Array]:
        return [np.asarray(value) for value in session.run(None, dict(zip(names, arrays, strict=True)))]

    return title, run


def _leaves(value: Any, kind: type) -> Iterable[Any]:
    """Return the tensors of a nested result in their order."""
    if isinstance(value, kind):
        yield value
    elif isinstance(value, dict):
        yield from _leaves(list(value.values()), kind)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _leaves(one, kind)
    else:
        raise SofieError(f"the original returns a {type(value).__name__}, which is no tensor")
