"""Models with code of a backend's own, by way of the ONNX file that `model.export` writes of them."""

from __future__ import annotations

import contextlib
import io
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie.onnx import reader as onnx_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pysofie.errors import Missing
    from pysofie.graph import Graph
    from pysofie.request import Request

UNTRACED = "its call cannot be traced"


def exported(
    model: Any, missing: Sequence[Missing], request: Request, run: Callable[[Any, Sequence[Any]], Any]
) -> Graph | None:
    """The Graph of what Keras exports; None where it cannot, or where anything but the tracing of a call has failed.

    `run` calls a model on arrays, which it has to have been before.
    """
    if not all(one.reason.startswith(UNTRACED) for one in missing):
        return None
    with TemporaryDirectory() as folder, warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        path = Path(folder) / "model.onnx"
        try:
            run(model, [np.zeros([size or 2 for size in one.shape], one.dtype) for one in model.inputs])
            model.export(str(path), format="onnx", verbose=False)
            graph = onnx_reader.read(path, request)
        except Exception:  # noqa: BLE001 - the user's code, an exporter's limits, or no exporter; what was missing is told
            return None
    same = len(graph.inputs) == len(model.inputs) and len(graph.outputs) == len(model.outputs)
    return graph if same else None
