"""What peers make of a case before it is timed, each in a process of its own: ``exports.py what case path options``.

PyTorch's exporters and compiler keep state and have much to say, which only matters where they fail.
"""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING, Any

import torch
from networks import find

if TYPE_CHECKING:
    from networks import Case


def onnx(case: Case, path: str) -> None:
    """Write the network as ONNX."""
    _write_onnx(case.module, case, path)


def onnx_identity(case: Case, path: str) -> None:
    """Write a network with the same input that computes nothing."""
    _write_onnx(torch.nn.Identity().eval(), case, path)


def _write_onnx(module: torch.nn.Module, case: Case, path: str) -> None:
    torch.onnx.export(module, (torch.from_numpy(case.input),), path, dynamo=True, external_data=False)


def aotinductor(case: Case, path: str, **options: Any) -> None:
    """Write AOTInductor's package with these options of the compiler."""
    with torch.no_grad():
        exported = torch.export.export(case.module, (torch.from_numpy(case.input),))
        torch._inductor.aoti_compile_and_package(exported, package_path=path, inductor_configs=options)


WRITERS = {writer.__name__: writer for writer in (onnx, onnx_identity, aotinductor)}

if __name__ == "__main__":
    torch.set_num_threads(1)
    what, case, path, options = sys.argv[1:]
    WRITERS[what](find(case), path, **ast.literal_eval(options))
