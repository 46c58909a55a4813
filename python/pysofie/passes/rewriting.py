"""What passes have in common that walk a graph and write some of its nodes anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from pysofie import analysis
from pysofie.names import claim

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pysofie.dims import Shape
    from pysofie.graph import Array, Graph, Node


class Rewriting:
    """A walk over a graph. Who inherits it says in `_rewrite` what is written in the place of a node."""

    _suffix: ClassVar[str]  # of the names of new tensors

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._values = analysis.analyse(graph)
        self._made, self._uses = graph.producers(), graph.uses()
        self._readers = {name: node for node in graph.nodes for name in node.reads()}
        self._constants = dict(graph.initializers)
        self._taken = {*graph.input_names, *graph.initializers, *self._made}
        self._ahead: set[str] = set()  # outputs that are written before their nodes are met
        self._nodes: list[Node] = []

    def graph(self) -> Graph:
        """The graph with all changes."""
        for node in self._graph.nodes:
            if not self._ahead.intersection(node.outputs) and (node.domain or not self._rewrite(node)):
                self._need(node.reads())
                self._nodes.append(node)
        self._need(self._graph.outputs)
        return self._graph.replace(nodes=self._nodes, initializers=self._constants)

    def _rewrite(self, node: Node) -> bool:
        """Write what a node computes in another way, if there is one."""
        raise NotImplementedError

    def _need(self, names: Iterable[str]) -> None:
        """See to it that tensors are there: what is not rewritten reads them, or they are outputs."""

    def _shape(self, name: str) -> Shape | None:
        return self._values[name].type.shape if name in self._values else None

    def _name(self, stem: str) -> str:
        """A name for a new tensor."""
        return claim(f"{stem}_{self._suffix}", self._taken)

    def _constant(self, stem: str, array: Array) -> str:
        name = self._name(stem)
        self._constants[name] = np.ascontiguousarray(array)
        return name
