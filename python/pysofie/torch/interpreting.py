"""A module of TorchScript as a Python module that goes through its graph node by node: torch.export then sees what it computes.

Sizes stay symbolic, so a branch on one is taken for all sizes or refused, as in any module that torch.export is given. What a node that
is about no tensor does (sizes, lists, numbers, texts) Python does here.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pysofie.errors import CaptureError
from pysofie.torch import scalars

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_Known = Callable[[], Any]


def interpreted(script: Any) -> Any:
    """A module in memory that computes what one of TorchScript does, of which it has the weights, under names without dots."""
    import torch

    def forward(*tensors: Any) -> Any:
        weights = dict(module.named_parameters()) | dict(module.named_buffers())
        return _Run(weights, real).graph(script.inlined_graph, (_Part(script, ""), *tensors))

    module: Any = type("Interpreted", (torch.nn.Module,), {})()
    module.forward = forward
    real = {_flat(name): tensor.detach() for name, tensor in script.state_dict().items()}
    for name, parameter in script.named_parameters(remove_duplicate=False):
        module.register_parameter(_flat(name), torch.nn.Parameter(parameter.detach(), requires_grad=False))
    for name, tensor in script.named_buffers(remove_duplicate=False):
        module.register_buffer(_flat(name), tensor.detach())
    return module.eval()


@dataclass(frozen=True)
class _Part:
    """A module inside, and where it is."""

    module: Any
    path: str


def _flat(name: str) -> str:
    return "weight_" + name.replace(".", "_")


class _Run:
    """One run through a graph.

    While torch.export looks on, tensors have no numbers. What follows from weights and known sizes alone is computed apart where a branch
    asks for it: whether a mask that belongs to the module is a causal one.
    """

    def __init__(self, weights: Mapping[str, Any], real: Mapping[str, Any]) -> None:
        self._weights, self._real = weights, real
        self._values: dict[str, Any] = {}
        self._known: dict[str, _Known] = {}

    def graph(self, graph: Any, arguments: Sequence[Any]) -> Any:
        results = self._block(graph, arguments)
        return results[0] if len(results) == 1 else tuple(results)

    def _block(self, block: Any, arguments: Sequence[Any]) -> list[Any]:
        for value, given in zip(block.inputs(), arguments, strict=True):
            self._values[value.debugName()] = given
            self._known.pop(value.debugName(), None)
        for node in block.nodes():
            outputs = list(node.outputs())
            for value in outputs:
                self._known.pop(value.debugName(), None)
            found = self._node(node)
            several = found if len(outputs) != 1 else (found,)
            for value, one in zip(outputs, several, strict=True):
                self._values[value.debugName()] = one
        return [self._values[value.debugName()] for value in block.outputs()]

    def _node(self, node: Any) -> Any:
        kind = node.kind()
        given = [self._values[value.debugName()] for value in node.inputs()]
        match kind:
            case "prim::Constant":
                return node.output().toIValue()
            case "prim::GetAttr":
                return self._attribute(given[0], node.s("name"), node.output().debugName())
            case "prim::If":
                return self._branch(node, given[0])
            case "prim::Loop":
                found = self._loop(node, *given)
                return found[0] if node.outputsSize() == 1 else found
            case "prim::ListConstruct":
                return given
            case "prim::TupleConstruct":
                return tuple(given)
            case "prim::DictConstruct":
                return dict(zip(given[::2], given[1::2], strict=True))
        return self._function(node, kind, given)

    def _function(self, node: Any, kind: str, given: list[Any]) -> Any:
        if kind.startswith("aten::"):
            name = kind.removeprefix("aten::")
            known = self._computed_apart(node, name, given)
            return known() if known and name in scalars.NUMBERS else _called(node, name, given)
        if kind not in scalars.PRIMITIVE:
            raise CaptureError(f"{kind} of TorchScript is not known")
        if kind.startswith("prim::unchecked"):
            self._pass_on(node.input(), node.output())
        return scalars.PRIMITIVE[kind](*given)

    def _branch(self, node: Any, condition: Any) -> Any:
        then, otherwise = node.blocks()
        taken = then if condition else otherwise
        found = self._block(taken, ())
        for inner, value in zip(taken.outputs(), node.outputs(), strict=True):
            self._pass_on(inner, value)
        return found[0] if node.outputsSize() == 1 else found

    def _pass_on(self, source: Any, target: Any) -> None:
        if source.debugName() in self._known:
            self._known[target.debugName()] = self._known[source.debugName()]

    def _computed_apart(self, node: Any, name: str, given: list[Any]) -> _Known | None:
        """How an ATen operator's result is computed from weights and numbers alone; None where it depends on more."""
        import torch

        if name.endswith("_") and not name.endswith("__"):
            self._known.clear()  # which of them it changes is not known
            return None
        if node.outputsSize() != 1 or (name in scalars.EITHER and name not in scalars.NUMBERS):
            return None
        names = [value.debugName() for value in node.inputs()]
        tensors = {at: self._known.get(names[at]) for at, one in enumerate(given) if isinstance(one, torch.Tensor)}
        others = [one for at, one in enumerate(given) if at not in tensors]
        if not all(tensors.values()) or not all(_is_plain(one) for one in others):
            return None

        def compute() -> Any:
            real = [tensors[at]() if at in tensors else one for at, one in enumerate(given)]  # type: ignore[misc]
            with ThreadPoolExecutor(1) as pool:  # export's way of looking on is one of this thread
                return pool.submit(_called, node, name, real).result()

        made = functools.cache(compute)
        self._known[node.output().debugName()] = made
        return made if tensors else None

    def _attribute(self, part: _Part, name: str, output: str) -> Any:
        import torch

        value = getattr(part.module, name)
        path = f"{part.path}.{name}" if part.path else name
        if isinstance(value, torch.nn.Module):
            return _Part(value, path)
        if not isinstance(value, torch.Tensor):
            return value
        real = self._real.get(_flat(path))
        if real is not None:
            self._known[output] = lambda: real
        return self._weights.get(_flat(path), value)

    def _loop(self, node: Any, most: int, goes_on: Any, *states: Any) -> list[Any]:
        (body,) = node.blocks()
        found, at = list(states), 0
        while at < most and goes_on:
            goes_on, *found = self._block(body, (at, *found))
            at += 1
        return found


def _called(node: Any, name: str, given: list[Any]) -> Any:
    """What an ATen operator makes: Python's own function where it is about no tensor, else PyTorch's."""
    import torch

    plain = scalars.PLAIN.get(name)
    if plain is not None and not any(isinstance(one, torch.Tensor) for one in given):
        return plain(*given)
    if name in scalars.EITHER:
        return scalars.EITHER[name](*given)
    _, _, overload = node.schema().partition("(")[0].partition(".")
    packet = getattr(torch.ops.aten, name, None)
    found = getattr(packet, overload or "default", None)
    if found is None:
        raise CaptureError(f"aten::{name} of TorchScript is not known")
    if not _of_tensors(given) and name not in scalars.MAKING:
        raise CaptureError(f"aten::{name} of TorchScript, without a tensor, is not known")
    positional, named = _converted(found, given)
    return found(*positional, **named)


def _converted(overload: Any, given: list[Any]) -> tuple[list[Any], dict[str, Any]]:
    """Arguments as Python gives them: TorchScript has numbers for types."""
    from torch.fx.operator_schemas import get_signature_for_torch_op

    (signature,) = get_signature_for_torch_op(overload)
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for parameter, one in zip(signature.parameters.values(), given, strict=False):
        value = None if parameter.name in ("layout", "pin_memory", "memory_format") else one
        if parameter.name == "dtype" and isinstance(value, int):
            value = scalars.types()[value]
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            if value is not None:
                named[parameter.name] = value
        else:
            positional.append(value)
    return positional, named


def _of_tensors(given: Any) -> bool:
    import torch

    return any(isinstance(one, torch.Tensor) or (isinstance(one, list | tuple) and _of_tensors(one)) for one in given)


def _is_plain(one: Any) -> bool:
    """Whether it is numbers, texts or types."""
    import torch

    if isinstance(one, list | tuple):
        return all(_is_plain(item) for item in one)
    return one is None or isinstance(one, int | float | str | torch.device | torch.dtype)
