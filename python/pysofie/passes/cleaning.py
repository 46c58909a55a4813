"""What does nothing goes: identities, and whatever no output needs."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from pysofie.graph import Graph, Node
from pysofie.shapes import ONNX_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np


def drop_identities(graph: Graph) -> Graph:
    """Leave out Identity, Dropout (inference copies its input) and Casts to the type that a tensor has."""
    sources: dict[str, str] = {}
    nodes: list[Node] = []
    dtypes = {info.name: info.dtype for info in graph.inputs} | {n: a.dtype for n, a in graph.initializers.items()}
    for node in graph.nodes:
        current = _rename(node, sources)
        if not _copies(current, dtypes) or current.outputs[0] in graph.outputs:
            nodes.append(current)
        else:
            sources[node.outputs[0]] = current.inputs[0]
    return _with_outputs_from_their_makers(graph.replace(nodes=nodes))


def _copies(node: Node, dtypes: Mapping[str, np.dtype[np.generic]]) -> bool:
    if node.domain or any(node.outputs[1:]):
        return False
    if node.op_type == "Cast":
        known = dtypes.get(node.inputs[0])
        return known is not None and known.name == ONNX_TYPES.get(node.attributes["to"])  # type: ignore[arg-type]
    # A Dropout that would drop has its training_mode as third input.
    return node.op_type == "Identity" or (node.op_type == "Dropout" and not any(node.inputs[2:]))


def _rename(node: Node, sources: Mapping[str, str]) -> Node:
    if not any(name in sources for name in node.reads()):
        return node
    attributes = {
        name: _rename_outer(value, sources) if isinstance(value, Graph) else value
        for name, value in node.attributes.items()
    }
    return dataclasses.replace(
        node, inputs=tuple(sources.get(name, name) for name in node.inputs), attributes=attributes
    )


def _rename_outer(graph: Graph, sources: Mapping[str, str]) -> Graph:
    nodes = tuple(_rename(node, sources) for node in graph.nodes)
    return dataclasses.replace(graph, nodes=nodes, outputs=tuple(sources.get(name, name) for name in graph.outputs))


def _with_outputs_from_their_makers(graph: Graph) -> Graph:
    """Where an identity only gives a result its output name, let its maker use that name."""
    made, uses = graph.producers(), graph.uses()
    names: dict[str, str] = {}
    for node in graph.nodes:
        if _copies(node, {}) and node.outputs[0] in graph.outputs:
            source = node.inputs[0]
            if source in made and source not in graph.outputs and source not in names and uses[source] == 1:
                names[source] = node.outputs[0]
    nodes = (
        dataclasses.replace(node, outputs=tuple(names.get(name, name) for name in node.outputs))
        for node in graph.nodes
        if not (_copies(node, {}) and names.get(node.inputs[0]) == node.outputs[0])
    )
    return graph.replace(nodes=tuple(nodes))


def drop_dead(graph: Graph) -> Graph:
    """Leave out nodes and constants that no output depends on; inputs stay, they are the model's signature."""
    needed = set(graph.outputs)
    kept: list[Node] = []
    for node in reversed(graph.nodes):
        if needed.intersection(node.outputs):
            kept.append(node)
            needed.update(node.reads())
    constants = {name: array for name, array in graph.initializers.items() if name in needed}
    return graph.replace(nodes=kept[::-1], initializers=constants)
