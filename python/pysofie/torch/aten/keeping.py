"""PyTorch's TorchScript exporter, told to pass on whole what has a function here."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from . import parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


_NEVER = 1000
"""A version that no export is for."""

_told: set[str] = set()


@contextlib.contextmanager
def kept_whole(opset: int) -> Iterator[None]:
    """For the time of an export to a version.

    PyTorch's exporter asks the function for the newest version that is not newer than the export's. Ours are for the one before it: a
    symbolic function of the user's for the same version is asked instead, and those for older ones are there again afterwards.
    """
    import torch

    for name, keeps in parts.known().items():
        torch.onnx.register_custom_op_symbolic(f"aten::{name}", _symbolic(name, keeps), opset - 1)
        if name not in _told:
            # Where it has been told of an operator once, it stumbles over a list of functions that is empty.
            torch.onnx.register_custom_op_symbolic(f"aten::{name}", _symbolic(name, keeps), _NEVER)
            _told.add(name)
    torch.onnx.register_custom_op_symbolic("prim::Uninitialized", _uninitialized, opset - 1)
    try:
        yield
    finally:
        for name in parts.known():
            torch.onnx.unregister_custom_op_symbolic(f"aten::{name}", opset - 1)
        torch.onnx.unregister_custom_op_symbolic("prim::Uninitialized", opset - 1)


def _uninitialized(g: Any) -> Any:
    """What is in place of a value that is never read; PyTorch would write a single zero, whatever the shape."""
    import torch

    kinds = {"BoolType": torch.bool, "IntType": torch.int64}
    kind = kinds.get(g.original_node.output().type().kind(), torch.float32)
    zero = g.op("Constant", value_t=torch.zeros((), dtype=kind))
    made = g.op(f"{parts.DOMAIN}::{parts.NOTHING}", zero)
    made.setType(zero.type() if kind is not torch.float32 else zero.type().with_sizes(None))
    return made


def _symbolic(name: str, keeps: parts.Kept) -> Any:
    def symbolic(g: Any, *arguments: Any) -> Any:
        outputs = g.original_node.outputsSize()
        made = g.op(f"org.pytorch.aten::{name}", *arguments, outputs=outputs)
        kind = arguments[0].type()
        if keeps != "nothing" and kind.kind() == "TensorType":
            (made if outputs == 1 else made[0]).setType(_kept(kind, keeps, arguments))
        return made

    return symbolic


def _kept(kind: Any, keeps: parts.Kept, arguments: Sequence[Any]) -> Any:
    """The type with the sizes that are known of the result; None for a size that is not, and for all where the rank is not."""
    rank = kind.dim()
    if keeps == "shape" or rank is None:
        return kind if keeps == "shape" else kind.with_sizes([] if keeps == "scalar" else None)
    if keeps == "unflattened":
        sizes = arguments[2].node()
        more = sizes.inputsSize() if sizes.kind() == "prim::ListConstruct" else (arguments[2].type().sizes() or [0])[0]
        return kind.with_sizes([None] * (rank - 1 + more) if more else None)
    return kind.with_sizes({"scalar": [], "rank": [None] * rank}.get(keeps))
