"""Takes a graph's ATen nodes and lists apart, those of its subgraphs included."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pysofie import analysis, control, dims
from pysofie.errors import Refusal, ShapeError
from pysofie.graph import Graph, Node, inlined
from pysofie.names import claim
from pysofie.passes.folding import taken_branch
from pysofie.registry import REFUSED
from pysofie.values import UNKNOWN, TensorType, Value

from . import lists, parts
from .unread import Unread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pysofie.graph import Array

_MOST_NODES = 20000
_WHOLE = "ATen"  # the operator of any domain that tells in an attribute which one it is


def take_apart(graph: Graph) -> Graph:
    """The same graph of ONNX's operators on tensors, but for nodes that no function takes; these say why."""
    if not _concerns(graph):
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
    return node.op_type if node.domain == parts.DOMAIN else ""


def _graphs(graph: Graph) -> Iterator[Graph]:
    yield graph
    for node in graph.nodes:
        for inner in node.subgraphs:
            yield from _graphs(inner)


def _all(graph: Graph) -> Iterator[Node]:
    for one in _graphs(graph):
        yield from one.nodes


def _concerns(graph: Graph) -> bool:
    return any(operator(node) or lists.is_operator(node) for node in _all(graph))


@dataclass
class _Made:
    """What becomes of nodes."""

    nodes: list[Node]
    initializers: dict[str, Array]
    values: dict[str, Value]
    """All that is known of tensors, those around included."""

    def add(self, others: _Made) -> None:
        self.nodes += others.nodes
        self.initializers |= others.initializers

    def constant(self, name: str, array: Array) -> str:
        self.initializers[name] = array
        self.values[name] = Value.of(name, array)
        return name


class _Taker:
    def __init__(self, strings: dict[str, str], taken: set[str], graph: Graph) -> None:
        self._strings, self._taken, self._opsets = strings, taken, graph.opsets
        self._lists = lists.Lists()
        self._unread = Unread(graph.input_names)
        self._makers: dict[str, Node] = {}

    def graph(self, graph: Graph, values: dict[str, Value]) -> Graph:
        made = _Made([], dict(graph.initializers), values)
        for node in graph.nodes:
            self._node(node, made)
        return graph.replace(nodes=made.nodes, initializers=made.initializers)

    def _node(self, node: Node, made: _Made) -> None:
        if node.outputs[0] in self._strings:
            made.values[node.outputs[0]] = Value(node.outputs[0], UNKNOWN)
        elif operator(node) == parts.NOTHING:
            made.add(self._parts(Node("Identity", node.inputs, node.outputs, origin=node.origin), made.values))
            if made.values[node.outputs[0]].dtype.kind == "f":
                self._unread.add(*node.outputs)
        elif node.op_type == "SequenceMap" and not node.domain:
            made.add(self._mapped(node, made.values))
        elif operator(node) or self._lists.concerns(node):
            made.add(self._parts(node, made.values))
        elif node.op_type == "Loop" and self._has_lists(node):
            self._loop(node, made)
        elif (branch := taken_branch(node, made.values)) is not None and self._has_lists(node):
            self._branch(node, branch, made)
        else:
            self._whole(node, made)

    def _whole(self, node: Node, made: _Made) -> None:
        whole = self._with_bodies(self._started(node, made), made.values) if node.subgraphs else node
        if node.op_type == "If":
            whole = self._unread.filled(whole, made.values, self._opsets, lambda name: self._zeros(name, made.values))
        self._unread.note(whole, made.values)
        made.nodes.append(whole)
        self._makers.update(dict.fromkeys(whole.outputs, whole))
        made.values.update(analysis.step(whole, made.values, self._opsets))

    def _branch(self, node: Node, branch: Graph, made: _Made) -> None:
        """A branch in place of the If that always takes it."""
        taken = inlined(branch, (), self._taken)
        made.initializers.update(taken.initializers)
        made.values.update(_constants(taken))
        for one in taken.nodes:
            self._node(one, made)
        for inner, outer in zip(taken.outputs, node.outputs, strict=True):
            made.add(self._parts(Node("Identity", (inner,), (outer,), origin=node.origin), made.values))

    # ------------------------------------------------------------------------------------------------ loops and lists

    def _has_lists(self, node: Node) -> bool:
        read = (name for one in (node.inputs, *(graph.outputs for graph in node.subgraphs)) for name in one)
        return any(name in self._lists for name in read) or any(
            lists.is_operator(one) for graph in node.subgraphs for one in _all(graph)
        )

    def _loop(self, node: Node, made: _Made) -> None:
        """A Loop with lists: run by run where it is known how often it runs, else with what it appends as rows."""
        most, condition = (made.values[name].constant if name else None for name in node.inputs[:2])
        try:
            if most is not None and (not node.inputs[1] or (condition is not None and condition.all())):
                made.add(self._unrolled(node, int(most.reshape(-1)[0]), made.values))
            elif any(name in self._lists for name in node.inputs[2:]):
                self._appending(node, made)
            else:
                self._whole(node, made)
        except (Refusal, ShapeError) as error:
            made.add(self._refused(node, str(error), made.values))

    def _unrolled(self, node: Node, runs: int, values: dict[str, Value]) -> _Made:
        body = control.body(node, "body")
        if runs * len(body.nodes) > _MOST_NODES:
            raise Refusal(f"lists in {runs} runs")
        made = _Made([], {}, values)
        states, goes_on = node.inputs[2:], made.constant(self._fresh(node, "goes_on"), np.array(True))
        scanned: list[Sequence[str]] = []
        for at in range(runs):
            number = made.constant(self._fresh(node, "run"), np.array(at, np.int64))
            run = inlined(body, (number, goes_on, *states), self._taken)
            made.initializers.update(run.initializers)
            values.update(_constants(run))
            for one in run.nodes:
                self._node(one, made)
            goes_on, states = run.outputs[0], run.outputs[1 : 1 + len(states)]
            scanned.append(run.outputs[1 + len(states) :])
            known = values[goes_on].constant
            if known is None:
                raise Refusal("how often it runs is not known before run time, and there are lists in it")
            if not known.all():
                break
        for state, output in zip(states, node.outputs, strict=False):
            made.add(self._parts(Node("Identity", (state,), (output,), origin=node.origin), values))
        for output, *rows in zip(node.outputs[len(states) :], *scanned, strict=True):
            made.add(self._stacked(Node("Concat", tuple(rows), (output,), origin=node.origin), values))
        return made

    def _mapped(self, node: Node, values: dict[str, Value]) -> _Made:
        """A body for each member of a list, and of other lists of as many."""
        made = _Made([], {}, values)
        try:
            given = [
                lists.written_out(self._lists[name]) if name in self._lists else values[name] for name in node.inputs
            ]
            found: list[Sequence[str]] = []
            for at in range(lists.common_length(given)):
                names = [(one[at] if isinstance(one, tuple) else one).name for one in given]
                run = inlined(control.body(node, "body"), names, self._taken)
                made.initializers.update(run.initializers)
                values.update(_constants(run))
                for one in run.nodes:
                    self._node(one, made)
                found.append(run.outputs)
        except (Refusal, ShapeError) as error:
            return self._refused(node, str(error), values)
        for at, output in enumerate(node.outputs):
            self._lists[output] = tuple(values[names[at]] for names in found)
            values[output] = Value(output, UNKNOWN)
        return made

    def _stacked(self, node: Node, values: dict[str, Value]) -> _Made:
        p = self._writer(node, values)
        if not node.inputs:
            raise Refusal("it does not run at all, and there are lists in it")
        rows = [p.unsqueeze(values[name], 0) for name in node.inputs]
        return _Made([*_named(p, p("Concat", *rows, axis=0), values)], p.initializers, values)

    def _appending(self, node: Node, made: _Made) -> None:
        """A Loop that appends a tensor to each of its lists, which were empty: these tensors are scanned out."""
        body, count = control.body(node, "body"), len(node.inputs) - 2
        kept: list[int] = []
        appended: list[tuple[int, str]] = []
        nodes = list(body.nodes)
        for at in range(count):
            if node.inputs[2 + at] not in self._lists:
                kept.append(at)
                continue
            name, after = body.input_names[2 + at], body.outputs[1 + at]
            insert = next((one for one in nodes if after in one.outputs), None)
            is_empty = self._lists[node.inputs[2 + at]] == ()
            if insert is None or insert.inputs[:1] != (name,) or len(insert.inputs) != 2 or body.uses()[name] != 1:
                raise Refusal("it does more to a list than to append one tensor in each run")
            if not is_empty:
                raise Refusal("it appends to a list that is not empty")
            row = self._fresh(node, "row")
            nodes[nodes.index(insert)] = Node("Identity", (insert.inputs[1],), (row,), origin=insert.origin)
            appended.append((at, row))
        rows = [row for _, row in appended]
        inner = dataclasses.replace(
            body,
            inputs=(*body.inputs[:2], *(body.inputs[2 + at] for at in kept)),
            outputs=(body.outputs[0], *(body.outputs[1 + at] for at in kept), *body.outputs[1 + count :], *rows),
            nodes=tuple(nodes),
        )
        outputs = [self._fresh(node, "rows") for _ in rows]
        whole = Node(
            "Loop",
            (*node.inputs[:2], *(node.inputs[2 + at] for at in kept)),
            (*(node.outputs[at] for at in kept), *node.outputs[count:], *outputs),
            {**node.attributes, "body": inner},
            origin=node.origin,
        )
        self._whole(whole, made)
        for (at, _), name in zip(appended, outputs, strict=True):
            found = made.values[name]
            if not all(dims.is_given(size) for size in found.shape[1:]):
                raise Refusal("the sizes of what it appends to a list are not known before run time")
            self._lists[node.outputs[at]] = lists.Stacked(found)

    def _started(self, node: Node, made: _Made) -> Node:
        """A Loop whose states have values of the shapes that a run leaves, where it begins with what is never read."""
        unread = [at for at, name in enumerate(node.inputs[2:]) if name in self._unread]
        if node.op_type != "Loop" or not unread:
            return node
        body = control.body(node, "body")
        types = {info.name: TensorType(info.dtype, ()) for info in body.inputs[:2]}
        types |= {
            name: made.values[outer].type for name, outer in zip(body.input_names[2:], node.inputs[2:], strict=True)
        }
        names = [body.input_names[2 + at] for at in unread]
        self._unread.add(*names)
        run = control.body(self._with(node, made.values, types), "body")
        self._unread.discard(*names)
        inner = control.inside(run, made.values, types, self._opsets)
        inputs = list(node.inputs)
        for at in unread:
            p = self._zeros(f"{node.outputs[at]}_first", made.values)
            zeros = (
                None if run.outputs[1 + at] in self._unread else self._unread.zeros(p, inner[run.outputs[1 + at]].type)
            )
            if zeros is not None:
                made.add(_Made(p.nodes, p.initializers, made.values))
                made.values[zeros.name] = zeros
                inputs[2 + at] = zeros.name
        return dataclasses.replace(node, inputs=tuple(inputs))

    def _zeros(self, name: str, values: dict[str, Value]) -> parts.Parts:
        return self._writer(Node("Expand", (), (f"{name}_unread",)), dict(values))

    def _fresh(self, node: Node, what: str) -> str:
        return claim(f"{node.outputs[0]}_{what}", self._taken)

    def _with_bodies(self, node: Node, values: dict[str, Value]) -> Node:
        """A node whose subgraphs are taken apart; a branch that is never taken stays as it is."""
        if not any(_concerns(graph) for graph in node.subgraphs) and not self._unread.are_in(node):
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

    def _parts(self, node: Node, values: dict[str, Value]) -> _Made:
        """The nodes that make the same outputs, and their constants."""
        name = operator(node)
        made = self._writer(node, values)
        reason = ""
        try:
            results = self._results(name, made)
        except (Refusal, ShapeError) as error:
            reason = str(error)
        except LookupError as error:
            reason = str(error.args[0])
        else:
            if results is not None:
                return _Made([*_named(made, results, values)], made.initializers, values)
        return self._refused(
            Node(name, node.inputs, node.outputs, {}, parts.DOMAIN, node.origin) if name else node, reason, values
        )

    def _refused(self, node: Node, reason: str, values: dict[str, Value]) -> _Made:
        """A node as it is, but for lists that it reads, whose makers are gone."""
        values.update({one: Value(one, UNKNOWN) for one in node.outputs if one})
        inputs = tuple("" if name in self._lists else name for name in node.inputs)
        made = dataclasses.replace(node, inputs=inputs, attributes={REFUSED: reason} if reason else {})
        return _Made([made], {}, values)

    def _results(self, name: str, made: parts.Parts) -> Value | Sequence[Value | None] | None:
        """What a node makes, nothing where it is lists; None where there is no function for it."""
        if name:
            function = parts.find(name)
            return None if function is None else function(made, *made.arguments(function))
        if made.node.op_type == "Identity" and made.node.inputs[0] not in self._lists:
            return made.given(0)
        found = self._lists.apply(made)
        if isinstance(found, Value):
            return found
        self._lists[made.node.outputs[0]] = found
        made.values[made.node.outputs[0]] = Value(made.node.outputs[0], UNKNOWN)
        return ()

    def _writer(self, node: Node, values: dict[str, Value]) -> parts.Parts:
        return parts.Parts(operator(node), node, values, self._opsets, self._taken, self._strings, self._makers)


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
