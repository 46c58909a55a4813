"""`parse`: from a model, whatever it is in, to an RModel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import builder
from . import passes as graph_passes
from .doors import read
from .passes import halves
from .request import Request

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    from .graph import Graph

__all__ = ["parse", "prepare", "read"]


def parse(
    source: str | os.PathLike[str] | Any,
    input_shapes: Sequence[Sequence[int | str]] | None = None,
    *,
    input_dtypes: Sequence[Any] | None = None,
    batch_size: int | None = None,
    name: str | None = None,
    passes: Iterable[graph_passes.Pass | str] | None = None,
    **options: Any,
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
    **options
        What one kind of model takes besides.

    Returns
    -------
    ROOT.TMVA.Experimental.SOFIE.RModel
        Ready for ``Generate()`` and ``OutputGenerated()``.
    """
    from . import provider  # noqa: PLC0415 - the front-ends are of use without ROOT

    graph = read(source, Request.of(input_shapes, input_dtypes, batch_size, **options))
    return provider.rmodel(builder.recipe(prepare(graph, passes)), name)


def prepare(graph: Graph, chosen: Iterable[graph_passes.Pass | str] | None = None) -> Graph:
    """The Graph as it is translated."""
    return graph_passes.run(halves.widen(graph), chosen)
