"""`parse`: from a model, whatever it is in, to an RModel."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import builder
from . import passes as graph_passes
from .doors import read
from .passes import halves
from .request import Request
from .tmva import apply, beside, weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .graph import Graph
    from .provider import WeightType

__all__ = ["parse", "prepare", "read"]


def parse(
    source: str | os.PathLike[str] | Any,
    input_shapes: Sequence[Sequence[int | str]] | None = None,
    *,
    input_dtypes: Sequence[Any] | None = None,
    batch_size: int | None = None,
    name: str | None = None,
    tmva_weights: str | os.PathLike[str] | None = None,
    passes: Iterable[graph_passes.Pass | str] | None = None,
    weight_type: WeightType = "float32",
    **options: Any,
) -> Any:
    """Make an RModel of a trained network.

    Parameters
    ----------
    source
        A file: TorchScript (``.pt``), a program of torch.export (``.pt2``), Keras (``.keras``, ``.h5``), ONNX. Or a model in
        memory: a torch.nn.Module, an ExportedProgram, a keras.Model, a ModelProto. A Module is captured as it is in eval mode, and left as it was.
    input_shapes
        A shape for each input, in the order of ``forward``; a dim is an integer, or a name such as ``"batch"`` that takes
        any size at run time. ONNX files and Keras models know their own.
    input_dtypes
        A type for each input: ETensorType values, numpy or torch dtypes, or their names; float32 where not given.
    batch_size
        What a named first dim is fixed to.
    name
        The model's name; the file's where not given.
    tmva_weights
        The file ``....weights.xml`` that TMVA wrote beside the model: its transformations of the variables (VarTransform) become
        part of the RModel, which then takes the variables themselves. What cannot be translated is refused.
    passes
        Names of the passes over the graph; all of them where not given.
    weight_type
        What the weights of products, convolutions and recurrent layers of float32 are kept as in memory. ``"bfloat16"`` rounds them to 8
        significant bits, and halves what is read of them; biases, other numbers and the arithmetic stay float32 (docs/numbers.md).
    **options
        What one kind of model takes besides. PyTorch: `example_inputs`, the arguments of ``forward``: a tensor, a tuple of
        them by position or a dict by name, in which tuples, dicts and None are nested as ``forward`` takes them; they tell
        the shapes and types where these are not given. `state_dict`, weights for a Module: a dict, or a file, which is read
        without unpickling code. Keras: `custom_objects`, classes and functions of your own that the file needs, by name.

    Returns
    -------
    ROOT.TMVA.Experimental.SOFIE.RModel
        Ready for ``Generate()`` and ``OutputGenerated()``.
    """
    from . import provider  # noqa: PLC0415 - the front-ends are of use without ROOT

    graph = read(source, Request.of(input_shapes, input_dtypes, batch_size, **options))
    if tmva_weights is not None:
        found = weights.read(Path(tmva_weights))
        graph = apply.transformed(graph, found)
        beside.tell(source, found)
    elif isinstance(source, (str, os.PathLike)):
        beside.warn(Path(source))
    return provider.rmodel(builder.recipe(prepare(graph, passes)), name, weight_type)


def prepare(graph: Graph, chosen: Iterable[graph_passes.Pass | str] | None = None) -> Graph:
    """The Graph as it is translated."""
    return graph_passes.run(halves.widen(graph), chosen)
