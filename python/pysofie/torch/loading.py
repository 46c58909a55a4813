"""PyTorch's files: what kind each is, found out without running it, and what is in it."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pysofie import files
from pysofie.errors import ModelFileError, ShapeError
from pysofie.torch import programs

if TYPE_CHECKING:
    import os

_SAVE = "torch.jit.script(model.eval()).save(path), or torch.jit.trace(model.eval(), example).save(path)"


def load(path: Path) -> Any:
    """The module or the program in a file, on the CPU; anything else is refused without running its code."""
    import torch

    is_program = _kind(path) == "program"
    if is_program:
        programs.check(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.export.load(path) if is_program else torch.jit.load(str(path), map_location="cpu").eval()
    except Exception as error:  # torch raises RuntimeError, but a damaged file can make its unpickler raise anything
        raise ModelFileError(
            f"{path} cannot be loaded by PyTorch {torch.__version__}: {files.first_line(error)}"
        ) from error


def state_dict(path: str | os.PathLike[str]) -> Any:
    """The weights in a file, by name; a checkpoint that keeps them under `state_dict` or `model_state_dict` will do."""
    import torch

    found = files.inspect_torch(Path(path))
    if found.kind != "state_dict":
        raise ModelFileError(f"{path} holds no state_dict, but a {found.kind}")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise ModelFileError(
            f"{path} cannot be loaded by PyTorch {torch.__version__}: {files.first_line(error)}"
        ) from error
    for key in ("state_dict", "model_state_dict"):
        if isinstance(state, dict) and isinstance(state.get(key), dict):
            return state[key]
    if not isinstance(state, dict):
        raise ModelFileError(f"{path} holds no state_dict, but a {type(state).__name__}")
    return state


def with_weights(module: Any, weights: Any, name: str) -> Any:
    """A copy of a module with the weights of a state_dict; a file is read without unpickling code."""
    import torch

    state = weights if isinstance(weights, Mapping) else state_dict(weights)
    changed = copy.deepcopy(module)
    try:
        changed.load_state_dict(state)
    except (RuntimeError, TypeError, AttributeError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise ShapeError(f"the state_dict does not fit {name}: {' '.join(lines[1:] or lines)}") from error
    assert isinstance(changed, torch.nn.Module)
    return changed


def _kind(path: Path) -> str:
    found = files.inspect_torch(path)
    match found.kind:
        case "torchscript" | "program":
            return found.kind
        case "state_dict":
            reason = (
                "holds a state_dict: weights without the network. Give the module, and this file as state_dict, to "
                f"pysofie.parse, or save the module itself: {_SAVE}"
            )
        case "module":
            reason = (
                f"is a pickled module ({found.detail}). It is not loaded, because unpickling runs whatever code the file names. "
                f"Where you trust it, load it yourself and save it as TorchScript: {_SAVE}"
            )
        case _:
            reason = f"is a Python pickle without a network. Save the module as TorchScript: {_SAVE}"
    raise ModelFileError(f"{path} {reason}")
