"""Ways of turning a loaded module into a Graph, tried in order; why each one failed is kept for the report."""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import inspect
import io
import logging
import os
import re
import sys
import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pysofie import analysis, files, passes, registry
from pysofie.errors import CaptureError, CaptureWarning, Missing, SofieError, UnsupportedOperator
from pysofie.graph import Graph
from pysofie.onnx import reader
from pysofie.torch import aten, interpreting, operators, origins
from pysofie.torch.aten.keeping import kept_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pysofie.graph import TensorInfo

OPSET = 20
_CHECKS = "/torch/nn/modules/"
"""Where PyTorch's own layers check their inputs' shapes, by branches that older releases warn of."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What a module is captured for: its name, inputs, and arguments that it runs on."""

    name: str
    inputs: tuple[TensorInfo, ...]
    arguments: tuple[Any, ...]
    outputs: tuple[str, ...] = ()
    """Names of the outputs, where the module has some."""
    prefix: str = ""
    """Where the user's module is inside the one that is captured."""


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
        """Export in memory; operators that PyTorch cannot express are left to functions of ours, or all collected."""
        try:
            graph = _graph(self._export(module, signature, "ONNX"), module, signature)
        except RuntimeError as error:
            if not _cannot_be_expressed(error):
                raise
            left = self._with_atens(module, signature)
            if left is None:
                raise self._unsupported(module, signature, error) from error
            return left
        return _checked(graph, signature)

    def _export(self, module: Any, signature: Signature, mode: str) -> Any:
        with quiet():
            return _export_script(module, signature, mode)

    def _with_atens(self, module: Any, signature: Signature) -> Graph | None:
        """The Graph with PyTorch's own operators as they are, where all of them are translated."""
        try:
            graph = _graph(self._export(module, signature, "ONNX_ATEN_FALLBACK"), module, signature)
            return None if _missing(graph) else graph
        except Exception:  # noqa: BLE001 - the error that is told is that of the export before
            return None

    def _unsupported(self, module: Any, signature: Signature, error: Exception) -> UnsupportedOperator:
        try:
            missing = _missing(_graph(self._export(module, signature, "ONNX_FALLTHROUGH"), module, signature))
        except Exception:  # noqa: BLE001 - the list is a help; without it there is the exporter's own word
            missing = ()
        reason = "PyTorch's exporter knows no ONNX form of it"
        fallback = Missing(_quoted(error), "", reason, "express it by supported operations")
        # What is not inlined here would be in a model without the others.
        others = [one for one in missing if one.operator != "prim::PythonOp"]
        return UnsupportedOperator(signature.name, others or missing or [fallback])


def _checked(graph: Graph, signature: Signature) -> Graph:
    """One whose shapes fit, and with branches that can be translated; another way is tried otherwise.

    The exporter takes a comparison of lists for one of tensors, does not know what is in a list, nor that a scripted layer's input may be
    without a batch.
    """
    taken = aten.take_apart(graph)
    analysis.analyse(taken)
    if any(node.subgraphs for node in taken.nodes) and registry.missing(taken):
        missing = _missing(taken)
        if missing:
            raise UnsupportedOperator(signature.name, missing)
    return graph


def _cannot_be_expressed(error: RuntimeError) -> bool:
    """Whether an operator is what an export failed at; one that a symbolic function wrote is told by text alone."""
    import torch

    return isinstance(error, torch.onnx.errors.UnsupportedOperatorError) or "Couldn't export operator" in str(error)


def _missing(graph: Graph) -> tuple[Missing, ...]:
    """What is not translated, after the passes: they take away what is only shape arithmetic."""
    return registry.missing(passes.run(aten.take_apart(graph)))


class Traced(TorchScriptExport):
    """The same for a live module, which it runs once: branches that Python takes are frozen, and it says so."""

    name = "tracing"

    def __init__(self, *, strict: bool = False) -> None:
        self._strict = strict
        """Whether to refuse what would be frozen."""

    def _export(self, module: Any, signature: Signature, mode: str) -> Any:
        import torch

        with quiet() as told:
            model = _export_script(module, signature, mode)
        frozen = dict.fromkeys(
            f"{files.first_line(one.message)} ({one.filename}:{one.lineno})"  # type: ignore[arg-type]
            for one in told
            if issubclass(one.category, torch.jit.TracerWarning) and _CHECKS not in Path(one.filename).as_posix()
        )
        if frozen and self._strict:
            raise CaptureError(next(iter(frozen)))
        for text in frozen:
            warnings.warn(f"{signature.name}: PyTorch warns of the trace: {text}", CaptureWarning, stacklevel=2)
        return model


class Scripted(TorchScriptExport):
    """The same for a live module that PyTorch can compile: branches on data stay branches."""

    name = "torch.jit.script"

    def _export(self, module: Any, signature: Signature, mode: str) -> Any:
        import torch

        with quiet():
            scripted = torch.jit.script(module)
        return super()._export(scripted, signature, mode)


class ProgramExport(Strategy):
    """``torch.export``, then ``torch.onnx.export`` of the program; a branch on data is refused and not frozen."""

    name = "torch.export"

    def __call__(self, module: Any, signature: Signature) -> Graph:
        """Export a module; a program as it is."""
        import torch

        if not isinstance(module, torch.export.ExportedProgram):
            with quiet(), torch.no_grad():
                module = _program(module, signature)
            return self._graph(module, signature)
        try:
            return self._graph(module, signature)
        except Exception as error:
            missing = operators.foreign(module)
            if missing:
                raise UnsupportedOperator(signature.name, missing) from error
            raise

    def _graph(self, program: Any, signature: Signature) -> Graph:
        import torch

        with quiet(), torch.no_grad():
            exported = torch.onnx.export(
                program,
                (),
                dynamo=True,
                optimize=False,  # the passes do it, and leave the names of the layers
                verbose=False,
                custom_translation_table=aten.translations() | operators.translations(),
                input_names=[info.name for info in signature.inputs],
                output_names=list(signature.outputs) or None,
            )
        return _graph(exported.model_proto, None, signature)


class Interpreted(Strategy):
    """A TorchScript module whose graph is gone through under `torch.export`: named sizes stay, and branches on them are looked at."""

    name = "torch.export of its graph"

    def __call__(self, module: Any, signature: Signature) -> Graph:
        """Of a module like it."""
        return ProgramExport()(interpreting.interpreted(module), dataclasses.replace(signature, prefix=""))


class Retraced(Strategy):
    """A TorchScript module seen operation by operation while it runs, then `torch.export`: takes what the exporter cannot.

    Sizes and branches on them are frozen by the run, which `torch.export` finds out; a branch on data raises an error.
    """

    name = "make_fx and torch.export"

    def __call__(self, module: Any, signature: Signature) -> Graph:
        """Run with gradients enabled: without them attention is one fused operation, which ONNX does not have."""
        import torch
        from torch.fx.experimental.proxy_tensor import make_fx

        with quiet(), torch.enable_grad():
            seen = make_fx(module)(*signature.arguments)
        return ProgramExport()(seen, dataclasses.replace(signature, prefix=""))


def _program(module: Any, signature: Signature) -> Any:
    import torch

    names = dict.fromkeys(dim for info in signature.inputs for dim in info.shape if isinstance(dim, str))
    dims = {name: torch.export.Dim(name if name.isidentifier() else f"dim{at}") for at, name in enumerate(names)}
    shapes = [{at: dims[dim] for at, dim in enumerate(info.shape) if isinstance(dim, str)} for info in signature.inputs]
    parameters = inspect.signature(module.forward).parameters.values()
    gathers = any(one.kind is inspect.Parameter.VAR_POSITIONAL for one in parameters)
    dynamic = (tuple(shapes),) if gathers else tuple(shapes)
    # Releases before 2.7 go by dynamo otherwise, which knows no modules of TorchScript.
    return torch.export.export(module, signature.arguments, dynamic_shapes=dynamic, strict=False)


def _graph(model: Any, module: Any | None, signature: Signature) -> Graph:
    """Of a model in ONNX; the module tells where the nodes are from, where the model does not."""
    graph = _with_rows(reader.graph_of(model, signature.name))
    if module is not None:
        graph = origins.with_origins(graph, module, signature.prefix)
    left = iter(info.name for info in signature.inputs)
    if not all(info.name in left for info in graph.inputs):
        raise CaptureError("the exporter changed the inputs")
    # What the module does not read, the exporter drops; its invented names of dims are of no use.
    return graph.replace(inputs=signature.inputs)


def _with_rows(graph: Graph) -> Graph:
    """With single rows without their dim where PyTorch means it (unbind): ONNX forgets it where lengths are given as well."""
    nodes = []
    for node in graph.nodes:
        attributes = {name: _with_rows(one) if isinstance(one, Graph) else one for name, one in node.attributes.items()}
        is_unbind = node.op_type == "SplitToSequence" and node.attributes.get("keepdims") == 0
        inputs = node.inputs[:1] if is_unbind else node.inputs
        nodes.append(dataclasses.replace(node, inputs=inputs, attributes=attributes))
    return graph.replace(nodes=nodes)


def capture(module: Any, signature: Signature, strategies: Sequence[Strategy]) -> Graph:
    """The Graph by the first way that succeeds; an error with every way's reason otherwise."""
    _check_weights_stay(module, signature.name)
    reasons: list[tuple[str, Exception]] = []
    for strategy in strategies:
        try:
            return strategy(module, signature)
        except Exception as error:  # noqa: BLE001 - exporters raise all sorts; each reason is reported
            reasons.append((strategy.name, error))
    if len(reasons) == 1 and isinstance(reasons[0][1], SofieError):
        raise reasons[0][1]
    told = tuple(f"{name}: {_reason(error)}" for name, error in reasons)
    for at, (_, found) in enumerate(reasons):
        if isinstance(found, UnsupportedOperator):  # it lists all that is missing; the others stop at the first
            raise UnsupportedOperator(found.model, found.missing, told[:at] + told[at + 1 :]) from found
    lines = "".join(f"\n  - {one}" for one in told)
    raise CaptureError(f"{signature.name} cannot be turned into a graph:{lines}") from reasons[-1][1]


def _check_weights_stay(module: Any, name: str) -> None:
    """Refuse what changes weights while it runs: every exporter leaves the change out, without a word."""
    code = getattr(module, "inlined_graph", getattr(module, "graph", ""))
    parts = module.modules() if hasattr(module, "modules") else ()
    tables = [one for one in parts if getattr(one, "original_name", type(one).__name__).startswith("Embedding")]
    if "embedding_renorm" in str(code) or any(getattr(one, "max_norm", None) is not None for one in tables):
        raise CaptureError(
            f"{name} has an Embedding with max_norm, which changes its weights at each call; scale them once and set max_norm to None"
        )


def _export_script(module: Any, signature: Signature, mode: str) -> Any:
    """The ModelProto of a module; `mode` is the name of one of PyTorch's ways to treat what it cannot express."""
    import onnx
    import torch
    from torch.onnx import OperatorExportTypes, TrainingMode

    named = {
        info.name: {at: dim for at, dim in enumerate(info.shape) if isinstance(dim, str)} for info in signature.inputs
    }
    options = {
        "dynamo": False,
        "opset_version": OPSET,
        "input_names": [info.name for info in signature.inputs],
        "output_names": list(signature.outputs) or None,
        "dynamic_axes": {name: axes for name, axes in named.items() if axes},
        # The module is in eval mode already; PRESERVE keeps the exporter from folding layers itself, and their names.
        "training": TrainingMode.PRESERVE,
        "do_constant_folding": False,
        "operator_export_type": getattr(OperatorExportTypes, mode),
    }
    with torch.no_grad(), kept_whole(OPSET), operators.passed_on():
        if mode != "ONNX":
            operators.tell(OPSET)
        while True:
            buffer = io.BytesIO()
            try:
                torch.onnx.export(module, signature.arguments, buffer, **options)
                break
            except torch.onnx.errors.UnsupportedOperatorError as error:
                if not operators.tell(OPSET, error):
                    raise
    return onnx.load_from_string(buffer.getvalue())


def _reason(error: BaseException) -> str:
    """What went wrong first, in a line and without colours: PyTorch wraps errors into others."""
    while error.__cause__ is not None:
        error = error.__cause__
    return re.sub(r"\x1b\[\d*m", "", files.first_line(error))


def _quoted(error: Exception) -> str:
    parts = str(error).split("'")
    return parts[1] if len(parts) > 2 else "an operator"


@contextlib.contextmanager
def quiet() -> Iterator[list[warnings.WarningMessage]]:
    """Keep warnings and whatever C++ prints (an exporter's dump of its graph) off the terminal; gives the warnings."""
    flush = ctypes.CDLL(None).fflush
    sys.stdout.flush()
    sys.stderr.flush()
    flush(None)
    disabled = logging.root.manager.disable
    with contextlib.ExitStack() as stack:
        stack.callback(logging.disable, disabled)
        logging.disable(logging.WARNING)
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
        told = stack.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("always")
        yield told
