"""The graph that every front-end makes and every pass and translator reads: small frozen records with ONNX semantics."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from .errors import GraphError
from .names import fresh

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

Dim: TypeAlias = "int | str"
Array: TypeAlias = "NDArray[np.generic]"
Attribute: TypeAlias = (
    "int | float | str | bytes | Array | Graph | tuple[int, ...] | tuple[float, ...] | tuple[str, ...]"
)


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """Name, data type and shape of a tensor; a dim is an int or a name."""

    name: str
    dtype: np.dtype[np.generic]
    shape: tuple[Dim, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "dtype", np.dtype(self.dtype))
        object.__setattr__(self, "shape", tuple(dim if isinstance(dim, str) else int(dim) for dim in self.shape))

    def __str__(self) -> str:
        return f"{self.name}: {self.dtype}[{', '.join(map(str, self.shape))}]"


@dataclass(frozen=True, slots=True)
class Node:
    """One operator; an absent optional input or output is ``""``."""

    op_type: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    domain: str = ""
    origin: str = ""
    """Where the node comes from in the user's model, in the user's words: ``fc1 (Linear)``."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "inputs", tuple(self.inputs))
        object.__setattr__(self, "outputs", tuple(self.outputs))
        object.__setattr__(self, "attributes", MappingProxyType(dict(self.attributes)))

    @property
    def kind(self) -> str:
        """The operator as it is shown: its domain, unless ONNX's own, and its type."""
        return f"{self.domain}::{self.op_type}" if self.domain else self.op_type

    @property
    def subgraphs(self) -> tuple[Graph, ...]:
        """The graphs among the attributes (the branches of an If, the body of a Loop)."""
        return tuple(value for value in self.attributes.values() if isinstance(value, Graph))

    def reads(self) -> Iterator[str]:
        """Names of all tensors that this node reads, those of its subgraphs' outer scope included."""
        yield from filter(None, self.inputs)
        for graph in self.subgraphs:
            yield from graph.outer_names()


@dataclass(frozen=True, slots=True)
class Graph:
    """Tensors and operators, the operators in an order in which they can run."""

    name: str
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[str, ...]
    nodes: tuple[Node, ...]
    initializers: Mapping[str, Array] = field(default_factory=dict)
    opsets: Mapping[str, int] = field(default_factory=lambda: {"": 17})
    """Version of each operator set by domain; ``""`` is ONNX's own."""

    def __post_init__(self) -> None:
        for name in ("inputs", "outputs", "nodes"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for name in ("initializers", "opsets"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def replace(
        self,
        *,
        nodes: Sequence[Node] | None = None,
        initializers: Mapping[str, Array] | None = None,
        inputs: Sequence[TensorInfo] | None = None,
    ) -> Graph:
        """A graph with some parts exchanged."""
        return dataclasses.replace(
            self,
            nodes=self.nodes if nodes is None else tuple(nodes),
            initializers=self.initializers if initializers is None else initializers,
            inputs=self.inputs if inputs is None else tuple(inputs),
        )

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of the inputs in order."""
        return tuple(info.name for info in self.inputs)

    @property
    def dims(self) -> tuple[str, ...]:
        """The named dims, in the order in which the inputs mention them."""
        return tuple(dict.fromkeys(dim for info in self.inputs for dim in info.shape if isinstance(dim, str)))

    def producers(self) -> dict[str, Node]:
        """The node that makes each tensor."""
        return {output: node for node in self.nodes for output in node.outputs if output}

    def uses(self) -> dict[str, int]:
        """How often each tensor is read; being an output of the graph counts."""
        counts: dict[str, int] = {}
        for name in _chain(*(node.reads() for node in self.nodes), self.outputs):
            counts[name] = counts.get(name, 0) + 1
        return counts

    def outer_names(self) -> Iterator[str]:
        """Names that this graph reads and does not define: a subgraph's view of the graph around it."""
        own = {*self.input_names, *self.initializers, *self.producers()}
        for name in _chain(*(node.reads() for node in self.nodes), self.outputs):
            if name not in own:
                yield name

    def validate(self, outer: Iterable[str] = ()) -> Graph:
        """The graph itself, if it is consistent; GraphError otherwise."""
        known = set(outer)
        for name in (*self.input_names, *self.initializers):
            _define(name, known, self.name)
        for node in self.nodes:
            for name in filter(None, node.inputs):
                if name not in known:
                    raise GraphError(f"{self.name}: {_place(node)} reads '{name}', which nothing before it makes")
            for graph in node.subgraphs:
                graph.validate(known)
            for name in filter(None, node.outputs):
                _define(name, known, self.name)
        unmade = [name for name in self.outputs if name not in known]
        if unmade:
            raise GraphError(f"{self.name}: nothing makes the output '{unmade[0]}'")
        if not self.outputs:
            raise GraphError(f"{self.name}: a graph without outputs computes nothing")
        return self

    def __str__(self) -> str:
        lines = [f"{self.name}({', '.join(map(str, self.inputs))}) -> {', '.join(self.outputs)}"]
        for node in self.nodes:
            attributes = ", ".join(f"{name}={_brief(value)}" for name, value in sorted(node.attributes.items()))
            where = f"   # {node.origin}" if node.origin else ""
            lines.append(
                f"  {', '.join(node.outputs)} = {node.kind}({', '.join(node.inputs)}{'; ' * bool(attributes)}{attributes}){where}"
            )
        return "\n".join(lines)


def with_distinct_names(graph: Graph) -> Graph:
    """The same graph, in which no two tensors share a name, those of subgraphs included."""
    return _renamed(graph, {}, {*graph.input_names, *graph.initializers, *graph.producers()}, top=True)


def renamed(graph: Graph, names: Mapping[str, str]) -> Graph:
    """The same graph, in which tensors have other names; nobody else may have these."""
    return _renamed(graph, names, {*graph.input_names, *graph.initializers, *graph.producers()}, top=True)


def inlined(graph: Graph, inputs: Sequence[str], taken: set[str]) -> Graph:
    """A subgraph whose inputs are tensors around it, with names of its own that are not taken, which are added to these."""
    return _renamed(graph.replace(inputs=()), dict(zip(graph.input_names, inputs, strict=True)), taken)


def _renamed(graph: Graph, names: Mapping[str, str], taken: set[str], *, top: bool = False) -> Graph:
    """A subgraph with new names for its own tensors where they are taken, and for those around it as `names` says."""
    scope = dict(names)
    if not top:
        for own in (*graph.input_names, *graph.initializers, *graph.producers()):
            scope[own] = fresh(own, taken)
            taken.add(scope[own])
    nodes = tuple(
        dataclasses.replace(
            node,
            inputs=tuple(scope.get(name, name) for name in node.inputs),
            outputs=tuple(scope.get(name, name) for name in node.outputs),
            attributes={
                name: _renamed(value, scope, taken) if isinstance(value, Graph) else value
                for name, value in node.attributes.items()
            },
        )
        if scope or node.subgraphs
        else node
        for node in graph.nodes
    )
    return dataclasses.replace(
        graph,
        inputs=tuple(dataclasses.replace(info, name=scope.get(info.name, info.name)) for info in graph.inputs),
        outputs=tuple(scope.get(name, name) for name in graph.outputs),
        nodes=nodes,
        initializers={scope.get(name, name): array for name, array in graph.initializers.items()},
    )


def _chain(*groups: Iterable[str]) -> Iterator[str]:
    for group in groups:
        yield from group


def _define(name: str, known: set[str], graph: str) -> None:
    if not name:
        raise GraphError(f"{graph}: a tensor without a name")
    if name in known:
        raise GraphError(f"{graph}: two tensors are called '{name}'")
    known.add(name)


def _place(node: Node) -> str:
    return f"{node.kind} at {node.origin}" if node.origin else node.kind


def _brief(value: Attribute) -> str:
    if isinstance(value, np.ndarray):
        return f"<{value.dtype}{list(value.shape)}>"
    return f"<graph {value.name}>" if isinstance(value, Graph) else str(value)
