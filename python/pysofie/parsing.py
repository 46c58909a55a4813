"""`parse`: from a model, whatever it is in, to an RModel."""

from __future__ import annotations

import importlib
import importlib.util
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import builder, files
from . import passes as graph_passes
from .errors import ModelFileError, SofieError
from .passes import halves
from .request import Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .graph import Graph

# Front-ends by the suffix of a file: the module with `read(path, request)`, and the package that it needs.
_BY_SUFFIX = {
    ".pt": ("pysofie.torch.reader", "torch"),
    ".pth": ("pysofie.torch.reader", "torch"),
    ".jit": ("pysofie.torch.reader", "torch"),
    ".ts": ("pysofie.torch.reader", "torch"),
    ".onnx": ("pysofie.onnx.reader", "onnx"),
}


def parse(
    source: str | os.PathLike[str] | Any,
    input_shapes: Sequence[Sequence[int | str]] | None = None,
    *,
    input_dtypes: Sequence[Any] | None = None,
    batch_size: int | None = None,
    name: str | None = None,
    passes: Iterable[graph_passes.Pass | str] | None = None,
) -> Any:
    """Make an RModel of a trained network.

    Parameters
    ----------
    source
        A TorchScript file (``.pt``), an ONNX one, or a ModelProto.
    input_shapes
        A shape for each input, in the order of ``forward``; a dim is an integer, or a name such as ``"batch"`` that takes
        any size at run time. ONNX files know their own.
    input_dtypes
        A type for each input: ETensorType values, numpy or torch dtypes, or their names; float32 where not given.
    batch_size
        What a named first dim is fixed to.
    name
        The model's name; the file's where not given.
    passes
        Names of the passes over the graph; all of them where not given.

    Returns
    -------
    ROOT.TMVA.Experimental.SOFIE.RModel
        Ready for ``Generate()`` and ``OutputGenerated()``.
    """
    from . import provider  # noqa: PLC0415 - the front-ends are of use without ROOT

    graph = read(source, Request.of(input_shapes, input_dtypes, batch_size))
    return provider.rmodel(builder.recipe(prepare(graph, passes)), name)


def read(source: Any, request: Request) -> Graph:
    """The Graph of a model as its front-end makes it."""
    if not isinstance(source, (str, os.PathLike)):
        return _read_live(source, request)
    path = Path(source)
    files.check_readable(path)
    suffix = path.suffix.lower()
    if suffix not in _BY_SUFFIX:
        raise ModelFileError(
            f"{path}: models with the suffix '{suffix}' are not read, those with {', '.join(_BY_SUFFIX)} are"
        )
    module, package = _BY_SUFFIX[suffix]
    if importlib.util.find_spec(package) is None:
        raise SofieError(f"{path} needs the package {package}: pip install 'pysofie[{package}]'")
    graph: Graph = importlib.import_module(module).read(path, request)
    return graph


def _read_live(source: Any, request: Request) -> Graph:
    """A model that is in memory."""
    # By name: a package that nobody has imported has made no object.
    if type(source).__name__ == "ModelProto":
        from .onnx import reader  # noqa: PLC0415 - only where onnx is

        return reader.of_proto(source, request)
    raise SofieError(
        f"a model of type {type(source).__name__} is not read; save it to a file ({', '.join(_BY_SUFFIX)})"
    )


def prepare(graph: Graph, chosen: Iterable[graph_passes.Pass | str] | None = None) -> Graph:
    """The Graph as it is translated."""
    return graph_passes.run(halves.widen(graph), chosen)
