"""What PyTorch made to a Graph: what its inputs are, whether the shapes fit, then the capture."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pysofie import dtypes
from pysofie.errors import CaptureError, DataTypeError, ShapeError, SofieError
from pysofie.names import Names
from pysofie.torch import capture, loading, originals, structure
from pysofie.torch.structure import Structure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pysofie.graph import Array, Graph, TensorInfo
    from pysofie.request import Request

_LARGEST = 2**28  # values of an input that the model is run on


def read(path: Path, request: Request) -> Graph:
    """Read a file of TorchScript, or of torch.export."""
    return graph_of(_original(loading.load(path), path.name, request), request)


def of_live(model: Any, request: Request) -> Graph:
    """The Graph of a module, or of an exported program."""
    return graph_of(_live(model, request), request)


def runner(source: Any, request: Request) -> Callable[[Sequence[Array]], list[Array]]:
    """What runs a model, on arrays in the order of its inputs."""
    is_file = isinstance(source, (str, os.PathLike))
    original = _original(loading.load(Path(source)), str(source), request) if is_file else _live(source, request)

    def run(arrays: Sequence[Array]) -> list[Array]:
        arguments = original.arguments(request.options.get("example_inputs"), len(arrays))
        tensors = [_of_array(array).to(original.device) for array in arrays]
        return [_to_array(one.cpu()) for one in Structure.of(original.run(arguments, tensors)).tensors]

    return run


def _of_array(array: Array) -> Any:
    """A tensor with a copy of the numbers; numpy has bfloat16 from elsewhere, and PyTorch takes its bits alone."""
    import torch

    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.view(np.int16).copy()).view(torch.bfloat16)
    return torch.from_numpy(array.copy())


def _to_array(tensor: Any) -> Array:
    import torch

    if tensor.dtype is torch.bfloat16:
        found: Array = tensor.view(torch.int16).numpy().view(dtypes.named("bfloat16"))
        return found
    return np.asarray(tensor.numpy())


def graph_of(original: originals.Original, request: Request) -> Graph:
    """The Graph of a network, for the shapes and types asked for."""
    arguments = original.arguments(
        request.options.get("example_inputs"), None if request.shapes is None else len(request.shapes)
    )
    inputs = original.inputs(arguments, request)
    tensors, results = _tried(original, arguments, inputs)
    flat = original.flat(arguments, results)
    signature = capture.Signature(
        original.name,
        inputs,
        tensors,
        _output_names(results, inputs),
        prefix="" if flat is original.module else originals.INNER,
    )
    with original.evaluating():
        return capture.capture(flat, signature, original.strategies(arguments, tensors))


def _live(model: Any, request: Request) -> originals.Original:
    return _original(model, getattr(model, "original_name", type(model).__name__), request)


def _original(model: Any, name: str, request: Request) -> originals.Original:
    import torch

    weights = request.options.get("state_dict")
    if isinstance(model, torch.export.ExportedProgram):
        kind: type[originals.Original] = originals.Program
    else:
        kind = originals.Script if isinstance(model, torch.jit.ScriptModule) else originals.Live
    if weights is not None:
        if kind is not originals.Live:
            raise SofieError(f"{name} has its weights; a state_dict goes with a module in memory")
        model = loading.with_weights(model, weights, name)
    return kind(model, name)


def _output_names(results: Structure, inputs: Sequence[TensorInfo]) -> tuple[str, ...]:
    """Names from keys and fields; none where positions are all that there is."""
    if not all(slot.is_named for slot in results.slots):
        return ()
    names = Names()
    names.reserve(info.name for info in inputs)
    found = []
    for slot in results.slots:
        found.append(names.fresh(slot.name))
        names.reserve(found[-1:])
    return tuple(found)


def _tried(
    original: originals.Original, arguments: Structure, inputs: tuple[TensorInfo, ...]
) -> tuple[tuple[Any, ...], Structure]:
    """Tensors that the module has run on, and what it gave; named dims get sizes that differ from one another."""
    name = original.name
    for info in inputs:
        if math.prod(dim for dim in info.shape if isinstance(dim, int)) > _LARGEST:
            raise ShapeError(
                f"{name}: the input {info} is too large to be tried; name the dim that is large, such as 'batch'"
            )
    first: Exception | None = None
    for sizes in _candidate_sizes(inputs, arguments.tensors):
        tensors = _tensors(original, arguments, inputs, sizes)
        try:
            with capture.quiet():
                result = original.run(arguments, tensors)
        except Exception as error:  # noqa: BLE001 - what the user's own code raises
            first = first or error
        else:
            return tensors, _results(name, result)
    raise _misfit(name, inputs, first)


def _results(name: str, result: Any) -> Structure:
    results = Structure.of(result)
    foreign = next(structure.constants(results.template), None)
    if foreign is not None or not results.slots:
        raise CaptureError(
            f"{name} returns {type(foreign).__name__}; only tensors, in tuples, lists and dicts, are supported"
        )
    return results


def _candidate_sizes(inputs: tuple[TensorInfo, ...], examples: Sequence[Any]) -> Iterator[dict[str, int]]:
    """Sizes of named dims: the examples' own, but 1, which torch.export takes for fixed; else small ones, then larger ones."""
    names = tuple(dict.fromkeys(dim for info in inputs for dim in info.shape if isinstance(dim, str)))
    own = {
        dim: int(size)
        for info, example in zip(inputs, examples, strict=False)
        for dim, size in zip(info.shape, example.shape, strict=True)
        if isinstance(dim, str)
    }
    if own and min(own.values()) > 1:
        yield own
    yield {name: 2 + at for at, name in enumerate(names)}
    if names:
        yield {name: 12 * (2 + at) for at, name in enumerate(names)}
        yield dict.fromkeys(names, 64)


def _tensors(
    original: originals.Original, arguments: Structure, inputs: Sequence[TensorInfo], sizes: dict[str, int]
) -> tuple[Any, ...]:
    import torch

    random = torch.Generator().manual_seed(0)
    given = arguments.tensors or (None,) * len(inputs)
    return tuple(_tensor(info, one, sizes, random).to(original.device) for info, one in zip(inputs, given, strict=True))


def _tensor(info: TensorInfo, given: Any, sizes: dict[str, int], random: Any) -> Any:
    """What the user gave, brought to these sizes; else random numbers, and zeros for integers, which are often indices."""
    import torch

    shape = [sizes[dim] if isinstance(dim, str) else dim for dim in info.shape]
    dtype = getattr(torch, info.dtype.name)
    if given is not None and 0 not in given.shape:
        tensor = torch.as_tensor(given).detach().to(dtype)
        for axis, size in enumerate(shape):
            tensor = tensor.index_select(axis, torch.arange(size, device=tensor.device) % tensor.shape[axis])
        return tensor
    if dtype.is_floating_point:
        return torch.randn(shape, generator=random, dtype=torch.float32).to(dtype)
    return torch.zeros(shape, dtype=dtype)


def _misfit(name: str, inputs: tuple[TensorInfo, ...], error: Exception | None) -> ShapeError | DataTypeError:
    given = "; ".join(str(info) for info in inputs)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = next((line for line in reversed(lines) if "Error:" in line), lines[-1] if lines else "it raised an error")
    kind = DataTypeError if "dtype" in reason or "scalar type" in reason else ShapeError
    return kind(f"{name} cannot be run on the inputs {given}: {reason.removeprefix('RuntimeError: ')}")
