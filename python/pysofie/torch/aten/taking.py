"""Takes a graph's ATen nodes apart, those of its subgraphs included."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pysofie import analysis, control
from pysofie.errors import Refusal, ShapeError
from pysofie.graph import Graph, Node
from pysofie.registry import REFUSED
from pysofie.values import TensorType, Value

from . import parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pysofie.graph import Array

_DOMAIN = "org.pytorch.aten"
_WHOLE = "ATen"  # the operator of any domain that tells in an attribute which one it is


def take_apart(graph: Graph) -> Graph:
    """The same graph of ONNX's operators, but for ATen nodes that no function takes; these say why."""
    if not any(operator(node) for node in _all(graph)):
        return graph
    strings = {
        node.outputs[0]: value
        for node in _all(graph)
        if node.op_type == "Constant"
        for value in (node.attributes.get("value"), node.attributes.get("value_string"))
        if isinstance(value, str)
    }
    taken = {name for one in _graphs(graph) for name in (*one.input_names, *one.initializers, *one.producers())}
    taker = _Taker(strings, taken, graph)
    return taker.graph(graph, analysis.sources(graph))


def operator(node: Node) -> str:
    """The ATen operator that a node is; "" of any other."""
    if node.op_type == _WHOLE and "operator" in node.attributes:
        return str(node.attributes["operator"])
    return node.op_type if node.domain == _DOMAIN else ""


def _graphs(graph: Graph) -> Iterator[Graph]:
    yield graph
    for node in graph.nodes:
        for inner in node.subgraphs:
            yield from _graphs(inner)


def _all(graph: Graph) -> Iterator[Node]:
    for one in _graphs(graph):
        yield from one.nodes


class _Taker:
    def __init__(self, strings: dict[str, str], taken: set[str], graph: Graph) -> None:
        self._strings, self._taken, self._opsets = strings, taken, graph.opsets

    def graph(self, graph: Graph, values: dict[str, Value]) -> Graph:
        nodes: list[Node] = []
        initializers: dict[str, Array] = dict(graph.initializers)
        for node in graph.nodes:
            if node.outputs[0] in self._strings:
                values[node.outputs[0]] = Value(node.outputs[0], TensorType(None, None))
                continue
            if operator(node):
                made, constants = self._parts(node, values)
                nodes += made
                initializers |= constants
                continue
            whole = self._with_bodies(node, values) if node.subgraphs else node
            nodes.append(whole)
            values.update(analysis.step(whole, values, self._opsets))
        return graph.replace(nodes=nodes, initializers=initializers)

    def _with_bodies(self, node: Node, values: dict[str, Value]) -> Node:
        """A node whose subgraphs are taken apart; a branch that is never taken stays as it is."""
        if not any(operator(one) for graph in node.subgraphs for one in _all(graph)):
            return node
        if node.op_type == "If" and (condition := values[node.inputs[0]].constant) is not None:
            name = "then_branch" if condition.reshape(-1)[0] else "else_branch"
            return self._with(node, values, {}, only=name)
        if node.op_type != "Loop":
            return self._with(node, values, {})
        body = control.body(node, "body")
        states = zip(body.input_names[2:], node.inputs[2:], strict=False)
        types = {info.name: TensorType(info.dtype, ()) for info in body.inputs[:2]}
        types |= {name: values[outer].type for name, outer in states}
        for _ in range(3):  # until the shapes that hold in every run are those that the body was taken apart with
            made = self._with(node, values, types)
            found = control.loop_inputs(made, values, self._opsets)
            if found == types:
                break
            types = found
        return made

    def _with(self, node: Node, values: dict[str, Value], types: dict[str, TensorType], only: str = "") -> Node:
        inputs = {name: Value(name, one) for name, one in types.items()}
        attributes = {
            name: self.graph(one, {**values, **inputs, **_constants(one)})
            if isinstance(one, Graph) and only in ("", name)
            else one
            for name, one in node.attributes.items()
        }
        return dataclasses.replace(node, attributes=attributes)

    def _parts(self, node: Node, values: dict[str, Value]) -> tuple[list[Node], dict[str, Array]]:
        """The nodes that make the same outputs, and their constants."""
        name = operator(node)
        function = parts.find(name)
        made = parts.Parts(name, node, values, self._opsets, self._taken, self._strings)
        reason = ""
        if function is not None:
            try:
                results = function(made, *made.arguments(function))
            except (Refusal, ShapeError) as error:
                reason = str(error)
            except LookupError as error:
                reason = str(error.args[0])
            else:
                return [*_named(made, results, values)], made.initializers
        values.update({one: Value(one, TensorType(None, None)) for one in node.outputs if one})
        attributes = {REFUSED: reason} if reason else {}
        return [Node(name, node.inputs, node.outputs, attributes, _DOMAIN, node.origin)], {}


def _constants(graph: Graph) -> dict[str, Value]:
    return {name: Value.of(name, array) for name, array in graph.initializers.items()}


def _named(made: parts.Parts, results: Value | Sequence[Value | None], values: dict[str, Value]) -> Iterator[Node]:
    """The nodes, the results under the names that the rest of the graph reads."""
    listed = results if isinstance(results, Sequence) else [results]
    pairs = zip(listed, made.node.outputs, strict=False)
    wanted = [(value, output) for value, output in pairs if output and value is not None]
    own = {output for node in made.nodes for output in node.outputs}
    renamed: dict[str, str] = {}
    copies: list[Node] = []
    for value, output in wanted:
        values[output] = dataclasses.replace(value, name=output)
        if value.name in own and value.name not in renamed:
            renamed[value.name] = output
        else:
            source = renamed.get(value.name, value.name)
            copies.append(Node("Identity", (source,), (output,), origin=made.node.origin))
    for node in made.nodes:
        yield dataclasses.replace(
            node,
            inputs=tuple(renamed.get(name, name) for name in node.inputs),
            outputs=tuple(renamed.get(name, name) for name in node.outputs),
        )
    yield from copies
