"""PyTorch's TorchScript exporter, told to pass on whole what has a function here."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from . import parts

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def kept_whole(opset: int) -> Iterator[None]:
    """For the time of an export; a symbolic function of the user's for one of these operators is replaced."""
    import torch

    for name, keeps in parts.known().items():
        torch.onnx.register_custom_op_symbolic(f"aten::{name}", _symbolic(name, keeps), opset)
    try:
        yield
    finally:
        for name in parts.known():
            torch.onnx.unregister_custom_op_symbolic(f"aten::{name}", opset)


def _symbolic(name: str, keeps: parts.Kept) -> Any:
    def symbolic(g: Any, *arguments: Any) -> Any:
        outputs = g.original_node.outputsSize()
        made = g.op(f"org.pytorch.aten::{name}", *arguments, outputs=outputs)
        kind = arguments[0].type()
        if keeps != "nothing" and kind.kind() == "TensorType":
            (made if outputs == 1 else made[0]).setType(_kept(kind, keeps))
        return made

    return symbolic


def _kept(kind: Any, keeps: parts.Kept) -> Any:
    if keeps == "shape":
        return kind
    return kind.with_sizes([None] * kind.dim() if keeps == "rank" and kind.dim() is not None else None)
