"""What is supported: one translator for each ONNX operator (and version), found by decorator.

A translator is a function ``(builder, *inputs, **attributes)``: inputs positional as ONNX lists them (None where absent),
attributes keyword-only with ONNX's defaults. Its signature is the operator's schema; what it does not name is refused.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from .dtypes import HALVES
from .errors import Missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .graph import Graph, Node
    from .values import TensorType

FLOATS = ("float32", "float64")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
NUMBERS = FLOATS + INTEGERS
ANY = (*NUMBERS, "bool")
ANY_OR_HALVES = (*ANY, *HALVES)

REFUSED = "pysofie_refused"
"""The attribute of a node that a front-end could not take apart: the reason."""

_RANDOM = frozenset(
    {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}
)

Translate: TypeAlias = Callable[..., None]
Infer: TypeAlias = "Callable[..., TensorType | Sequence[TensorType]]"
"""Types of the outputs from the inputs and attributes; of an operator with subgraphs from (node, values, opsets)."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A supported operator: how its types are inferred and how it is translated."""

    op_type: str
    domain: str
    since: int
    translate: Translate
    infer: Infer
    types: tuple[str, ...]
    restrictions: str
    inputs: tuple[int, int | None]
    attributes: tuple[str, ...]
    counts_outputs: bool = False
    """Whether its shapes depend on how many outputs a node has, which `infer` is then told as `outputs`."""

    def check(self, node: Node) -> str | None:
        """Why this translator cannot take the node, as far as inputs and attributes tell."""
        fewest, most = self.inputs
        if len(node.inputs) < fewest or (most is not None and len(node.inputs) > most):
            return f"{len(node.inputs)} inputs, {_span(fewest, most)} are supported"
        unknown = sorted(set(node.attributes) - set(self.attributes))
        if unknown:
            return f"no support for the attribute {', '.join(unknown)}"
        return None


_OPERATORS: dict[tuple[str, str], dict[int, Operator]] = {}


def translator(
    op_type: str,
    *,
    infer: Infer,
    since: int = 1,
    domain: str = "",
    types: tuple[str, ...] = FLOATS,
    restrictions: str = "",
    replace: bool = False,
) -> Callable[[Translate], Translate]:
    """Register a translator for an operator as it is defined from opset ``since`` on; a second one is an error unless it is to replace the first."""

    def register(function: Translate) -> Translate:
        versions = _OPERATORS.setdefault((domain, op_type), {})
        if since in versions and not replace:
            raise ValueError(
                f"two translators for {op_type} since opset {since}: {versions[since].translate} and {function}"
            )
        inputs, attributes = _schema(function)
        counts = "outputs" in inspect.signature(infer).parameters
        versions[since] = Operator(
            op_type, domain, since, function, infer, types, restrictions, inputs, attributes, counts
        )
        return function

    return register


def find(node: Node, opsets: Mapping[str, int]) -> tuple[Operator | None, str]:
    """The translator for a node, or None and the reason why there is none."""
    discover()
    versions = _OPERATORS.get((node.domain, node.op_type))
    if REFUSED in node.attributes:
        return None, str(node.attributes[REFUSED])
    if versions is None:
        return None, "its numbers are random" if node.op_type in _RANDOM else "there is no translator for it"
    opset = opsets.get(node.domain, 1)
    usable = [since for since in versions if since <= opset]
    if not usable:
        return None, f"opset {opset} is older than {min(versions)}, the first that is supported"
    operator = versions[max(usable)]
    reason = operator.check(node)
    return (None, reason) if reason else (operator, "")


def has_translator(op_type: str, domain: str, opsets: Mapping[str, int]) -> bool:
    """Whether an operator of these opsets is translated, whatever its attributes."""
    discover()
    return any(since <= opsets.get(domain, 1) for since in _OPERATORS.get((domain, op_type), ()))


def missing(graph: Graph) -> tuple[Missing, ...]:
    """Everything in a graph that has no translator, equal things once."""
    found: list[Missing] = []
    for node in graph.nodes:
        operator, reason = find(node, graph.opsets)
        if operator is None:
            found.append(Missing(node.kind, node.origin, reason, advice(node)))
        for inner in node.subgraphs:
            found.extend(missing(inner))
    return tuple(dict.fromkeys(found))


def advice(node: Node) -> str:
    """What to do about a node that cannot be translated."""
    if node.op_type in _RANDOM:
        return "a network at inference is deterministic: save it in eval() mode, without what draws numbers"
    if node.domain.startswith("org.pytorch"):
        return (
            "PyTorch's exporter knows no ONNX form of it; express it by supported operations, or have it computed by C++ of yours: "
            f"pysofie.register('{node.op_type}', domain='{node.domain}', header=...)"
        )
    if node.domain == "prim":
        return "a Python function of yours: give it a method symbolic, or write it with what can be translated"
    if node.domain:
        return (
            f"pysofie.register('{node.op_type}', domain='{node.domain}', header=...) has it computed by C++ of yours, pysofie.translator "
            "by operators that are there; docs/custom-operators.md"
        )
    return "pysofie.supported() lists what is; CONTRIBUTING.md says how an operator is added"


def operators() -> Iterator[Operator]:
    """All that is registered, by name and version."""
    discover()
    for key in sorted(_OPERATORS):
        for since in sorted(_OPERATORS[key]):
            yield _OPERATORS[key][since]


@cache
def discover() -> None:
    """Import every module of translators, once."""
    from . import translators  # noqa: PLC0415 - they import this module

    for module in pkgutil.iter_modules(translators.__path__):
        importlib.import_module(f"{translators.__name__}.{module.name}")


def _schema(function: Translate) -> tuple[tuple[int, int | None], tuple[str, ...]]:
    """Least and greatest number of inputs, and names of the attributes, from a translator's signature."""
    fewest, most, attributes = 0, 0, []
    parameters: list[Any] = list(inspect.signature(function).parameters.values())[1:]
    variadic = False
    for parameter in parameters:
        match parameter.kind:
            case inspect.Parameter.KEYWORD_ONLY:
                attributes.append(parameter.name)
            case inspect.Parameter.VAR_POSITIONAL:
                variadic = True
            case inspect.Parameter.VAR_KEYWORD:
                raise TypeError(f"{function.__name__}: a translator names its attributes one by one")
            case _:
                most += 1
                fewest += parameter.default is inspect.Parameter.empty
    return (fewest, None if variadic else most), tuple(attributes)


def _span(fewest: int, most: int | None) -> str:
    if most is None:
        return f"at least {fewest}"
    return str(fewest) if fewest == most else f"{fewest} to {most}"
