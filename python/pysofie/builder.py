"""From a graph to a recipe: the exact calls that make an RModel, as plain data that needs no ROOT to be looked at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from . import analysis, control, dims, registry
from .dims import Expression
from .errors import Missing, Refusal, UnsupportedOperator
from .graph import Array, Graph, Node, TensorInfo
from .names import DimNames, Names, fresh
from .values import Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .dims import Shape, Size
    from .values import TensorType

CPP_TYPES: Mapping[str, str] = {
    "float32": "float",
    "float64": "double",
    "int8": "int8_t",
    "int16": "int16_t",
    "int32": "int32_t",
    "int64": "int64_t",
    "uint8": "uint8_t",
    "uint16": "uint16_t",
    "uint32": "uint32_t",
    "uint64": "uint64_t",
    "bool": "bool",
    "float16": "float16",
    "bfloat16": "bfloat16",
}


@dataclass(frozen=True, slots=True)
class Enum:
    """A value of an enum of SOFIE's."""

    type: str
    name: str


@dataclass(frozen=True, slots=True)
class Vector:
    """A std::vector."""

    element: str
    items: tuple[int, ...] | tuple[float, ...] | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Struct:
    """A struct of SOFIE's with some members set."""

    type: str
    members: Mapping[str, Argument]


@dataclass(frozen=True, slots=True)
class Shapes:
    """A std::vector<std::vector<Dim>>; a dim is a number, or an expression over names in C++'s spelling."""

    items: tuple[tuple[int | str, ...], ...]


@dataclass(frozen=True, slots=True)
class Reals:
    """A std::vector<double>."""

    items: tuple[float, ...]


Argument: TypeAlias = "int | float | str | bool | Enum | Vector | Struct | Shapes | Reals | Recipe"


def sizes(items: tuple[int, ...]) -> Vector:
    """A std::vector<size_t>."""
    return Vector("size_t", tuple(items))


def integers(items: tuple[int, ...]) -> Vector:
    """A std::vector<int64_t>."""
    return Vector("int64_t", tuple(items))


@dataclass(frozen=True, slots=True)
class OperatorCall:
    """One operator: its class without ``ROperator_``, template arguments, constructor arguments."""

    cls: str
    template: tuple[str | Enum, ...]
    arguments: tuple[Argument, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class SizesTensor:
    """A tensor of sizes: integers, and expressions over named dims as C++ has them."""

    values: tuple[int | str, ...]
    is_scalar: bool


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that an RModel is made of, in the order in which it is made."""

    name: str
    inputs: tuple[TensorInfo, ...]
    outputs: tuple[str, ...]
    weights: Mapping[str, Array]
    operators: tuple[OperatorCall, ...]
    origins: Mapping[str, str]
    """The user's own names of tensors and dims, where they had to be spelled differently."""
    sizes: Mapping[str, SizesTensor] = field(default_factory=dict)
    """Tensors of sizes that depend on named dims."""
    ranks: Mapping[str, int] = field(default_factory=dict, compare=False)
    """The numbers of dimensions of the tensors that operators name, as far as they are known."""


@dataclass(slots=True)
class ModelBuilder:
    """Collects operators, weights and names for one model."""

    graph: Graph
    values: dict[str, Value]
    names: Names = field(default_factory=Names)
    dim_names: DimNames = field(default_factory=DimNames)
    outer: ModelBuilder | None = None
    weights: dict[str, Array] = field(default_factory=dict)
    operators: list[OperatorCall] = field(default_factory=list)
    ranks: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, tuple[str, Value]] = field(default_factory=dict)
    """Tensors of sizes by their names, each with the one that it has in C++."""

    def spell(self, value: Value) -> str:
        """The C++ name of a tensor; constants become weights of the model the first time, sizes a tensor of dims."""
        if value.is_sizes:
            return self._spell_sizes(value)
        name = self.names[value.name]
        if value.type.shape is not None:
            self.ranks[name] = value.rank
        if value.contents is None or name in self.weights:
            return name
        if value.name in self.graph.initializers:
            self.weights[name] = self.graph.initializers[value.name]
        elif self.outer is not None:
            self.outer.spell(value)
        return name

    def _spell_sizes(self, value: Value) -> str:
        """What is known of named dims is not computed: it is written down where it is read, under a name of its own."""
        if self.outer is not None:
            return self.outer._spell_sizes(value)
        if value.name not in self.sizes:
            self.sizes[value.name] = self.names[self.names.fresh(f"{value.name}_sizes")], value
        return self.sizes[value.name][0]

    def translate(self) -> tuple[Missing, ...]:
        """Translate all nodes; what cannot be is returned, equal things once."""
        nodes = [node for node in self.graph.nodes if not self._is_written_down(node)]
        refused = [found for node in nodes if (found := _translate(self, node)) is not None]
        return tuple(dict.fromkeys(refused))

    def _is_written_down(self, node: Node) -> bool:
        """Whether a node needs no operator, since all its outputs are sizes; one of the model's own is a copy of them."""
        outputs = [self.values[name] for name in node.outputs if name]
        if node.subgraphs or not all(one.is_sizes for one in outputs):
            return False
        for one in outputs:
            if one.name in self.graph.outputs:
                copy = (self.spell(one), self.names[one.name])
                self.operators.append(OperatorCall("Identity", ("int64_t",), copy, node.origin))
        return True

    def recipe(self, infos: Sequence[TensorInfo]) -> Recipe:
        """What was collected, as the model of these inputs."""
        inputs = tuple(
            TensorInfo(
                self.names[info.name],
                info.dtype,
                tuple(self.dim_names[dim] if isinstance(dim, str) else dim for dim in info.shape),
            )
            for info in infos
        )
        outputs = tuple(self.names[name] for name in self.graph.outputs)
        used = {*(info.name for info in inputs), *outputs, *self.weights}
        origins = {spelling: name for spelling, name in self.names.origins().items() if spelling in used}
        sizes = {name: _sizes_tensor(value, self.dim_names) for name, value in self.sizes.values()}
        return Recipe(self.graph.name, inputs, outputs, self.weights, tuple(self.operators), origins, sizes, self.ranks)

    def new_constant(self, stem: str, array: Array) -> Value:
        """A weight that the graph does not have."""
        value = Value.of(self.names.fresh(stem), np.asarray(array))
        self.weights[self.names[value.name]] = np.asarray(array)
        return value

    def new_tensor(self, stem: str, like: Value) -> Value:
        """An intermediate tensor that the graph does not have."""
        return Value(self.names.fresh(stem), like.type)


@dataclass(frozen=True, slots=True)
class NodeBuilder:
    """What a translator works with: the node's outputs, and `emit`."""

    model: ModelBuilder
    node: Node

    @property
    def outputs(self) -> tuple[Value | None, ...]:
        """The node's outputs, None where one is absent."""
        return tuple(self.model.values[name] if name else None for name in self.node.outputs)

    def all_outputs(self, count: int) -> tuple[Value | None, ...]:
        """As many outputs as the operator has, None where one is absent."""
        return (*self.outputs, *[None] * count)[:count]

    @property
    def output(self) -> Value:
        """The first output; a second one is refused."""
        if any(self.node.outputs[1:]):
            raise Refusal("outputs after the first one")
        return self.model.values[self.node.outputs[0]]

    def emit(
        self,
        cls: str,
        *arguments: Value | Argument | None,
        template: tuple[str | np.dtype[np.generic] | Enum, ...] = (),
    ) -> None:
        """Add ``ROperator_<cls><template>(arguments)``; tensors are passed as values, absent ones as None."""
        self.model.operators.append(
            OperatorCall(
                cls,
                tuple(cpp_type(one) if isinstance(one, np.dtype) else one for one in template),
                tuple(self._argument(one) for one in arguments),
                self.node.origin,
            )
        )

    def dims(self, x: Value) -> tuple[int | str, ...]:
        """The shape of a tensor in C++'s spelling of the names."""
        if not all(map(dims.is_given, x.shape)):
            raise Refusal(f"the shape of '{x.name}' depends on data")
        return tuple(_spelled(size, self.model.dim_names) for size in x.shape)

    def names(self, *tensors: Value | None) -> Vector:
        """A std::vector<std::string> of tensors, "" for one that is absent."""
        return Vector("std::string", tuple("" if one is None else self.model.spell(one) for one in tensors))

    def constant(self, what: str, array: Array) -> Value:
        """A constant of this node's that is no input of it."""
        return self.model.new_constant(f"{self.node.outputs[0]}_{what}", array)

    def constant_of(self, value: Value) -> Array:
        """The elements of an input that has to be known; a Refusal where it is computed at run time."""
        if value.constant is None:
            raise Refusal(f"the input '{value.name}' that is computed at run time")
        return value.constant

    def shape_constant(self, what: str, shape: Shape) -> Value:
        """A constant of this node's that is a shape, perhaps over named dims."""
        if dims.is_known(shape):
            return self.constant(what, np.array(shape, np.int64))
        name = self.model.names.fresh(f"{self.node.outputs[0]}_{what}")
        return Value.of(name, np.array(shape, object), np.dtype(np.int64))

    def temporary(self, what: str, like: Value) -> Value:
        """A tensor between two operators of this node's."""
        return self.model.new_tensor(f"{self.node.outputs[0]}_{what}", like)

    def body(self, graph: Graph, inputs: Mapping[str, TensorType]) -> Recipe:
        """A subgraph as a model of its own, which may read tensors of the model around it."""
        own = _with_own_outputs(graph, self.model.values)
        values = control.inside(own, self.model.values, dict(inputs), own.opsets)
        inner = ModelBuilder(own, values, self.model.names, self.model.dim_names, self.model)
        if refused := inner.translate():
            raise UnsupportedOperator(own.name, refused)
        infos = tuple(
            TensorInfo(name, values[name].dtype, tuple(map(_plain_dim, values[name].shape))) for name in own.input_names
        )
        return inner.recipe(infos)

    def _argument(self, argument: Value | Argument | None) -> Argument:
        if argument is None:
            return ""
        return self.model.spell(argument) if isinstance(argument, Value) else argument


def cpp_type(dtype: np.dtype[np.generic]) -> str:
    """The C++ type of the elements of a tensor."""
    return CPP_TYPES[dtype.name]


def recipe(graph: Graph) -> Recipe:
    """The calls that make an RModel of a graph; UnsupportedOperator lists all that is in the way."""
    graph = _with_own_outputs(graph)
    absent = registry.missing(graph)
    if absent:
        raise UnsupportedOperator(graph.name, absent)
    builder = ModelBuilder(graph, analysis.analyse(graph))
    builder.names.reserve((*graph.input_names, *graph.outputs, *graph.initializers))
    if refused := builder.translate():
        raise UnsupportedOperator(graph.name, refused)
    return builder.recipe(graph.inputs)


def _sizes_tensor(value: Value, spelling: DimNames) -> SizesTensor:
    contents = np.asarray(value.contents).reshape(-1).tolist()
    return SizesTensor(tuple(_spelled(one, spelling) for one in contents), value.rank == 0)


def _spelled(size: Size, spelling: DimNames) -> int | str:
    """A size as C++ has it."""
    return dims.code(size, spelling.__getitem__) if isinstance(size, Expression) else int(size)


def _translate(builder: ModelBuilder, node: Node) -> Missing | None:
    operator, reason = registry.find(node, builder.graph.opsets)
    inputs = [builder.values[name] if name else None for name in node.inputs]
    if operator is None:
        return Missing(node.kind, node.origin, reason, registry.advice(node))
    try:
        _check(operator, inputs)
        operator.translate(NodeBuilder(builder, node), *inputs, **node.attributes)
    except Refusal as refusal:
        return Missing(node.kind, node.origin, refusal.reason, refusal.advice)
    return None


def _check(operator: registry.Operator, inputs: list[Value | None]) -> None:
    for one in inputs:
        if one is not None and not one.is_known:
            raise Refusal(f"the type or shape of its input '{one.name}' is known only at run time")
    first = next((one for one in inputs if one is not None), None)
    if first is not None and first.dtype.name not in operator.types:
        raise Refusal(f"does not support input type {first.dtype}, but {', '.join(operator.types)}")


def _plain_dim(size: Size) -> int | str:
    """A dim of an input: a number or a name."""
    return str(size) if isinstance(size, Expression) else size


def _with_own_outputs(graph: Graph, outer: Iterable[str] = ()) -> Graph:
    """Give every output of the graph a tensor of its own that an operator makes; `outer` are names that are taken."""
    made, seen = graph.producers(), set[str]()
    nodes, outputs = list(graph.nodes), list[str]()
    taken = {*graph.input_names, *graph.initializers, *made, *outer}
    for name in graph.outputs:
        output = name
        if name in seen or name not in made:
            output = fresh(name, taken)
            nodes.append(Node("Identity", (name,), (output,)))
            taken.add(output)
        seen.add(output)
        outputs.append(output)
    return Graph(graph.name, graph.inputs, tuple(outputs), tuple(nodes), graph.initializers, graph.opsets)
