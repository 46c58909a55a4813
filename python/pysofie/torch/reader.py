"""A `.pt` file to a Graph: what kind of file it is, what its inputs are, whether the shapes fit, then the capture."""

from __future__ import annotations

import math
import re
import warnings
from typing import TYPE_CHECKING, Any

from pysofie import files
from pysofie.errors import CaptureError, DataTypeError, ModelFileError, ShapeError
from pysofie.graph import Graph, TensorInfo
from pysofie.torch import capture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pysofie.request import Request

_LARGEST = 2**28  # values of an input that the model is run on
_SAVE = "torch.jit.script(model.eval()).save(path), or torch.jit.trace(model.eval(), example).save(path)"


def read(path: Path, request: Request) -> Graph:
    """Read a TorchScript file."""
    return graph_of(load(path), path.name, request)


def load(path: Path) -> Any:
    """The ScriptModule in a file, on the CPU and in eval mode; anything else is refused without running its code."""
    _check_kind(path)
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.jit.load(str(path), map_location="cpu").eval()
    except Exception as error:  # torch raises RuntimeError, but a damaged file can make its unpickler raise anything
        raise ModelFileError(
            f"{path} cannot be loaded by PyTorch {torch.__version__}: {files.first_line(error)}"
        ) from error


def graph_of(module: Any, name: str, request: Request) -> Graph:
    """The Graph of a loaded ScriptModule."""
    if not hasattr(module, "forward") or not hasattr(module, "graph"):
        raise CaptureError(
            f"{name} has no forward of its own (nn.LSTM and nn.GRU alone have several); wrap it in a module"
        )
    inputs = _inputs(module, name, request)
    _check_outputs(module, name)
    return capture.capture(module, capture.Signature(name, inputs, _examples(module, name, inputs)))


def _check_kind(path: Path) -> None:
    found = files.inspect_torch(path)
    match found.kind:
        case "torchscript":
            return
        case "state_dict":
            reason = f"holds a state_dict: weights without the network. Save the module itself: {_SAVE}"
        case "module":
            reason = (
                f"is a pickled module ({found.detail}). It is not loaded, because unpickling runs whatever code the file names. "
                f"Where you trust it, load it yourself and save it as TorchScript: {_SAVE}"
            )
        case "program":
            reason = f"is a program of torch.export, which is not read yet. Save the module as TorchScript: {_SAVE}"
        case _:
            reason = f"is a Python pickle without a network. Save the module as TorchScript: {_SAVE}"
    raise ModelFileError(f"{path} {reason}")


def _inputs(module: Any, name: str, request: Request) -> tuple[TensorInfo, ...]:
    """Names from TorchScript's graph as ROOT's parser used them (``x.1``), shapes and types from the caller."""
    values = list(module.graph.inputs())[1:]
    others = [f"'{_plain(value)}' is {value.type()}" for value in values if str(value.type()) != "Tensor"]
    if others:
        raise CaptureError(
            f"{name}: only tensors can be inputs, but {', '.join(others)}; save a module whose forward fixes them"
        )
    wanted = ", ".join(_plain(value) for value in values)
    if request.shapes is None:
        raise ShapeError(
            f"{name}: TorchScript does not say the shapes of its inputs; give input_shapes (--shape in the command line), "
            f"one each for {wanted}"
        )
    if len(request.shapes) != len(values):
        raise ShapeError(
            f"{name} has {_count(len(values), 'input')} ({wanted}), {_count(len(request.shapes), 'shape')} given"
        )
    return tuple(
        TensorInfo(value.debugName(), request.dtype(at), shape)
        for at, (value, shape) in enumerate(zip(values, request.shapes, strict=True))
    )


def _plain(value: Any) -> str:
    """The user's name of an input: TorchScript adds a number."""
    return str(value.debugName()).rsplit(".", 1)[0]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _check_outputs(module: Any, name: str) -> None:
    for value in module.graph.outputs():
        kind = str(value.type())
        if re.sub(r"Tuple|List|Tensor|[\[\](), ]", "", kind):
            raise CaptureError(f"{name} returns {kind}; only tensors, in tuples and lists, are supported")


def _examples(module: Any, name: str, inputs: tuple[TensorInfo, ...]) -> tuple[Any, ...]:
    """Inputs that the module runs on; named dims get sizes that differ from one another."""
    import torch

    for info in inputs:
        if math.prod(dim for dim in info.shape if isinstance(dim, int)) > _LARGEST:
            raise ShapeError(
                f"{name}: the input {info} is too large to be tried; name the dim that is large, such as 'batch'"
            )
    first: Exception | None = None
    for sizes in _candidate_sizes(inputs):
        arguments = tuple(_example(info, sizes) for info in inputs)
        try:
            with torch.no_grad(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                module(*arguments)
        except Exception as error:  # noqa: BLE001 - what the user's own code raises
            first = first or error
        else:
            return arguments
    raise _misfit(name, inputs, first)


def _candidate_sizes(inputs: tuple[TensorInfo, ...]) -> Iterator[dict[str, int]]:
    names = tuple(dict.fromkeys(dim for info in inputs for dim in info.shape if isinstance(dim, str)))
    yield {name: 2 + at for at, name in enumerate(names)}
    if names:
        yield {name: 12 * (2 + at) for at, name in enumerate(names)}
        yield dict.fromkeys(names, 64)


def _example(info: TensorInfo, sizes: dict[str, int]) -> Any:
    import torch

    shape = [sizes[dim] if isinstance(dim, str) else dim for dim in info.shape]
    dtype = getattr(torch, info.dtype.name)
    return torch.ones(shape, dtype=dtype) if info.dtype.kind == "f" else torch.zeros(shape, dtype=dtype)


def _misfit(name: str, inputs: tuple[TensorInfo, ...], error: Exception | None) -> ShapeError | DataTypeError:
    given = "; ".join(str(info) for info in inputs)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    reason = next((line for line in reversed(lines) if "Error:" in line), lines[-1] if lines else "it raised an error")
    kind = DataTypeError if "dtype" in reason or "scalar type" in reason else ShapeError
    return kind(f"{name} cannot be run on the inputs {given}: {reason.removeprefix('RuntimeError: ')}")
