"""Ways of turning a loaded module into a Graph, tried in order; why each one failed is kept for the report."""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import sys
import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pysofie import files, passes, registry
from pysofie.errors import CaptureError, Missing, SofieError, UnsupportedOperator
from pysofie.onnx import reader
from pysofie.torch import origins

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pysofie.graph import Graph, TensorInfo

OPSET = 17


@dataclass(frozen=True, slots=True)
class Signature:
    """What a module is captured for: its name, inputs, and arguments that it runs on."""

    name: str
    inputs: tuple[TensorInfo, ...]
    arguments: tuple[Any, ...]


class Strategy(ABC):
    """One way of capturing a module."""

    name: ClassVar[str]

    @abstractmethod
    def __call__(self, module: Any, signature: Signature) -> Graph:
        """The Graph of a module; raises where this way does not work."""


class TorchScriptExport(Strategy):
    """``torch.onnx.export(..., dynamo=False)``: takes what `torch.jit.load` gives, control flow and named dims included."""

    name = "TorchScript's ONNX exporter"

    def __call__(self, module: Any, signature: Signature) -> Graph:
        """Export in memory; operators that PyTorch cannot express are all collected by a second, lenient export."""
        import torch

        try:
            model = _export(module, signature, lenient=False)
        except torch.onnx.errors.UnsupportedOperatorError as error:
            raise self._unsupported(module, signature, error) from error
        return origins.with_origins(self._graph(model, signature), module)

    def _graph(self, model: Any, signature: Signature) -> Graph:
        graph = reader.graph_of(model, signature.name)
        left = iter(info.name for info in signature.inputs)
        if not all(info.name in left for info in graph.inputs):
            raise CaptureError("the exporter changed the inputs")
        # What the module does not read, the exporter drops; its invented names of dims are of no use.
        return graph.replace(inputs=signature.inputs)

    def _unsupported(self, module: Any, signature: Signature, error: Exception) -> UnsupportedOperator:
        try:
            lenient = origins.with_origins(self._graph(_export(module, signature, lenient=True), signature), module)
            missing = registry.missing(
                passes.run(lenient)
            )  # after the passes: they take away what is only shape arithmetic
        except Exception:  # noqa: BLE001 - the list is a help; without it there is the exporter's own word
            missing = ()
        reason = "PyTorch's exporter knows no ONNX form of it"
        fallback = Missing(_quoted(error), "", reason, "express it by supported operations")
        return UnsupportedOperator(signature.name, missing or [fallback])


STRATEGIES: tuple[Strategy, ...] = (TorchScriptExport(),)


def capture(module: Any, signature: Signature, strategies: Sequence[Strategy] = STRATEGIES) -> Graph:
    """The Graph by the first way that succeeds; an error with every way's reason otherwise."""
    reasons: list[tuple[str, Exception]] = []
    for strategy in strategies:
        try:
            return strategy(module, signature)
        except Exception as error:  # noqa: BLE001 - exporters raise all sorts; each reason is reported
            reasons.append((strategy.name, error))
    if len(reasons) == 1 and isinstance(reasons[0][1], SofieError):
        raise reasons[0][1]
    told = "".join(f"\n  - {name}: {files.first_line(error)}" for name, error in reasons)
    raise CaptureError(f"{signature.name} cannot be turned into a graph:{told}") from reasons[-1][1]


def _export(module: Any, signature: Signature, *, lenient: bool) -> Any:
    import onnx
    import torch
    from torch.onnx import OperatorExportTypes, TrainingMode

    named = {
        info.name: {at: dim for at, dim in enumerate(info.shape) if isinstance(dim, str)} for info in signature.inputs
    }
    buffer = io.BytesIO()
    with quiet(), torch.no_grad():
        torch.onnx.export(
            module,
            signature.arguments,
            buffer,
            dynamo=False,
            opset_version=OPSET,
            input_names=[info.name for info in signature.inputs],
            dynamic_axes={name: axes for name, axes in named.items() if axes},
            # The module is in eval mode already; PRESERVE keeps the exporter from folding layers itself, and their names.
            training=TrainingMode.PRESERVE,
            do_constant_folding=False,
            operator_export_type=OperatorExportTypes.ONNX_FALLTHROUGH if lenient else OperatorExportTypes.ONNX,
        )
    return onnx.load_from_string(buffer.getvalue())


def _quoted(error: Exception) -> str:
    parts = str(error).split("'")
    return parts[1] if len(parts) > 2 else "an operator"


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep warnings and whatever C++ prints (an exporter's dump of its graph) off the terminal."""
    flush = ctypes.CDLL(None).fflush
    sys.stdout.flush()
    sys.stderr.flush()
    flush(None)
    with contextlib.ExitStack() as stack:
        sink = os.open(os.devnull, os.O_WRONLY)
        stack.callback(os.close, sink)
        for descriptor in (1, 2):
            saved = os.dup(descriptor)
            stack.callback(os.close, saved)
            stack.callback(os.dup2, saved, descriptor)
            os.dup2(sink, descriptor)
        stack.callback(flush, None)
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        yield
