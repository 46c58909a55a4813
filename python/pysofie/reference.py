"""The original of a model, to compare with: what runs it, by the kind of its source."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pysofie import doors, files
from pysofie.errors import SofieError
from pysofie.keras import reader as keras_reader
from pysofie.onnx import reader as onnx_reader
from pysofie.plan import Array
from pysofie.request import Request
from pysofie.session import HEADER_SUFFIXES, Session
from pysofie.tables import entry
from pysofie.torch import reader as torch_reader

Runner = Callable[[Sequence[Array]], list[Array]]
"""Arrays in, arrays out, in the order of the model."""

Maker = Callable[[Any, Mapping[str, Any]], tuple[str, Runner]]
"""A model and the options that `parse` takes for it, to what runs it, its name first."""

_makers: dict[str, Maker] = {}


def reference(source: Any, options: Mapping[str, Any] | None = None) -> tuple[str, Runner]:
    """Return what runs the original, its name first; raises SofieError as `check_original` does."""
    return _makers[check_original(source)](source, options or {})


def check_original(source: Any) -> str:
    """Return the kind of a source: a file's suffix, or the name of its class.

    Raises
    ------
    SofieError
        If nothing else than pysofie runs it, or it is not there.
    """
    kind = doors.kind_of(source)
    if isinstance(source, str | os.PathLike):
        if kind in HEADER_SUFFIXES:
            raise SofieError(f"{source} is a header and {_NOT_THERE}")
        if kind in _makers:
            files.check_readable(Path(source))
    elif hasattr(source, "OutputGenerated"):
        raise SofieError(f"an RModel {_NOT_THERE}")
    elif isinstance(source, Session):
        raise SofieError(f"a Session {_NOT_THERE}")
    if kind not in _makers:
        is_file = isinstance(source, str | os.PathLike)
        what = f"{source}: an original with the suffix '{kind}'" if is_file else f"an original of type {kind}"
        known = ", ".join(sorted(suffix for suffix in _makers if suffix.startswith(".")))
        raise SofieError(f"{what} cannot be run, to compare with; files with {known} can")
    return kind


_NOT_THERE = (
    "does not hold the original: give the model's file to verify, and what is compared with it as session=, which pysofie.compile "
    "makes of a header or an RModel (--header in the command line)"
)


@entry(_makers, ".pt", ".pth", ".jit", ".ts", ".pt2", "Module", "ExportedProgram")
def _torch(source: Any, options: Mapping[str, Any]) -> tuple[str, Runner]:
    import torch

    return f"PyTorch {torch.__version__}", torch_reader.runner(source, Request.of(**options))


@entry(_makers, ".onnx", "ModelProto")
def _onnx(source: Any, _: Mapping[str, Any]) -> tuple[str, Runner]:
    import onnx
    import onnx.reference

    is_file = isinstance(source, str | os.PathLike)
    model = onnx_reader.load(Path(source)) if is_file else source
    if importlib.util.find_spec("onnxruntime"):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(
            str(source) if is_file else model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        names = [value.name for value in session.get_inputs()]
        title = f"onnxruntime {onnxruntime.__version__}"
    else:
        session = onnx.reference.ReferenceEvaluator(model)
        names = session.input_names
        title = f"onnx {onnx.__version__}, reference evaluator"

    def run(arrays: Sequence[Array]) -> list[Array]:
        return [np.asarray(value) for value in session.run(None, dict(zip(names, arrays, strict=True)))]

    return title, run


@entry(_makers, ".keras", ".h5", ".hdf5", "Model")
def _keras(source: Any, options: Mapping[str, Any]) -> tuple[str, Runner]:
    import keras

    is_file = isinstance(source, str | os.PathLike)
    model = keras_reader.load(Path(source), options.get("custom_objects")) if is_file else source

    def run(arrays: Sequence[Array]) -> list[Array]:
        return [np.asarray(one) for one in keras_reader.run(model, arrays)]

    return f"Keras {keras.__version__} on {keras.backend.backend()}", run
