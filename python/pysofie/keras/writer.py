"""Writes ONNX nodes one by one, and knows type, shape and, where it is constant, content of every tensor."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from pysofie import analysis, dims
from pysofie.errors import Refusal, ShapeError
from pysofie.graph import Array, Attribute, Node
from pysofie.names import claim
from pysofie.passes.folding import constant_target
from pysofie.shapes import ONNX_TYPES
from pysofie.values import TensorType, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pysofie.dims import Size

Operand: TypeAlias = "Value | Array | float | None"

OPSETS = {"": 23}
_NUMBERS = {name: number for number, name in ONNX_TYPES.items()}


class Writer:
    """The nodes of one graph, and the constants that they read."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.initializers: dict[str, Array] = {}
        self._values: dict[str, Value] = {}
        self._taken: set[str] = set()
        self._scope: list[tuple[str, str]] = []

    # ---Places and names---------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def at(self, name: str, kind: str) -> Iterator[None]:
        """Everything that is written inside comes from this part of the model."""
        self._scope.append((name, kind))
        try:
            yield
        finally:
            self._scope.pop()

    @property
    def origin(self) -> str:
        """Where the walk is, in the user's words: ``block/dense_1 (Dense)``."""
        return f"{self._path} ({self._scope[-1][1]})" if self._scope else ""

    @property
    def _path(self) -> str:
        return "/".join(name for name, _ in self._scope)

    def fresh(self, stem: str) -> str:
        """A name that no tensor has."""
        return claim(stem, self._taken)

    # ---Tensors------------------------------------------------------------------------------------------------------------------

    def input(self, name: str, dtype: Any, shape: Sequence[int | str | Size]) -> Value:
        """A tensor that the graph is given."""
        return self._keep(Value(self.fresh(name), TensorType(np.dtype(dtype), dims.shape(shape))))

    def constant(self, array: Any, name: str = "") -> Value:
        """A tensor of known content."""
        known = np.ascontiguousarray(array)
        value = Value.of(self.fresh(name or f"{self._path or 'model'}/constant"), known.reshape(np.shape(array)))
        self.initializers[value.name] = known.reshape(np.shape(array))
        return self._keep(value)

    def _keep(self, value: Value) -> Value:
        self._values[value.name] = value
        return value

    def integers(self, *numbers: int) -> Value:
        """A vector of int64: what ONNX wants for axes and shapes."""
        return self.constant(np.array(numbers, np.int64))

    @contextlib.contextmanager
    def body(self) -> Iterator[list[Node]]:
        """What is written inside goes into a list of its own: the nodes of a subgraph."""
        outer, self.nodes = self.nodes, []
        try:
            yield self.nodes
        finally:
            self.nodes = outer

    def op(self, op_type: str, *inputs: Operand, **attributes: Attribute) -> Value:
        """Write a node of one output."""
        (result,) = self.ops(op_type, *inputs, outputs=1, **attributes)
        return result

    def ops(self, op_type: str, *inputs: Operand, outputs: int, **attributes: Attribute) -> tuple[Value, ...]:
        """Write a node of several outputs."""
        given = [self._operand(one) for one in inputs]
        while given and given[-1] is None:
            given.pop()
        names = tuple(self.fresh(self._path or op_type) for _ in range(outputs))
        node = Node(op_type, tuple(one.name if one else "" for one in given), names, attributes, origin=self.origin)
        values = analysis.step(node, self._values, OPSETS)
        if any(not values[name].is_known for name in names):
            raise Refusal(f"what ONNX's {op_type} makes of it is not known")
        self.nodes.append(node)
        self._values |= values
        return tuple(values[name] for name in names)

    def _operand(self, one: Operand) -> Value | None:
        return one if one is None or isinstance(one, Value) else self.constant(one)

    # ---What many converters write----------------------------------------------------------------------------------------------

    def cast(self, x: Value, dtype: Any) -> Value:
        """The tensor in another type."""
        wanted = np.dtype(dtype)
        if x.dtype == wanted:
            return x
        if x.constant is not None:
            return self.constant(x.constant.astype(wanted))
        return self.op("Cast", x, to=_NUMBERS[wanted.name])

    def transpose(self, x: Value, perm: Sequence[int]) -> Value:
        """The tensor with its axes in another order."""
        order = tuple(perm)
        return x if order == tuple(range(x.rank)) else self.op("Transpose", x, perm=order)

    def reshape(self, x: Value, shape: Sequence[Size], *sources: Value) -> Value:
        """The tensor in another shape of the same size; other tensors may have to tell its named dims."""
        wanted = tuple(shape)
        if wanted == x.shape:
            return x
        target = constant_target(x.shape, wanted)
        return self.op("Reshape", x, target if target is not None else self.sizes(wanted, x, *sources))

    def sizes(self, shape: Sequence[Size], *sources: Value) -> Value:
        """A shape as a tensor, whose named dims are measured on other tensors."""
        if dims.is_known(shape):
            return self.integers(*(int(one) for one in shape if not isinstance(one, dims.Expression)))
        parts = [self._size(one, sources) for one in shape]
        return self.op("Concat", *parts, axis=0)

    def _size(self, size: Size, sources: Sequence[Value]) -> Value:
        if not isinstance(size, dims.Expression):
            return self.integers(size)
        for source in sources:
            for at, one in enumerate(source.shape):
                quotient = dims.divide(size, one) if one != 0 else None
                if quotient is not None and not isinstance(quotient, dims.Expression):
                    measured = self.op("Slice", self.op("Shape", source), self.integers(at), self.integers(at + 1))
                    return measured if quotient == 1 else self.op("Mul", measured, self.integers(quotient))
        whole = next((source for source in sources if dims.count(source.shape) == size), None)
        if whole is not None:
            return self.op("ReduceProd", self.op("Shape", whole), keepdims=1)
        raise Refusal(f"the size {size} is not one that can be measured")

    def flatten_axes(self, x: Value, first: int, last: int) -> Value:
        """The axes from `first` to before `last` as one."""
        return self.reshape(x, (*x.shape[:first], dims.count(x.shape[first:last]), *x.shape[last:]))

    def unsqueeze(self, x: Value, *axes: int) -> Value:
        """The tensor with new axes of size 1, counted in the result."""
        return self.op("Unsqueeze", x, self.integers(*axes)) if axes else x

    def squeeze(self, x: Value, *axes: int) -> Value:
        """The tensor without axes of size 1."""
        return self.op("Squeeze", x, self.integers(*axes)) if axes else x

    def slice(self, x: Value, axis: int, start: int, stop: int | None = None, step: int = 1) -> Value:
        """A part of the tensor along an axis, as Python slices; without a stop, to the end."""
        beyond = np.iinfo(np.int64).max if step > 0 else np.iinfo(np.int64).min
        ends = self.integers(int(beyond) if stop is None else stop)
        return self.op("Slice", x, self.integers(start), ends, self.integers(axis), self.integers(step))

    def reduce(self, kind: str, x: Value, axes: Sequence[int], *, keepdims: bool = False) -> Value:
        """ReduceSum, ReduceMean, ... over axes."""
        return self.op(f"Reduce{kind}", x, self.integers(*axes), keepdims=int(keepdims))

    def expand(self, x: Value, shape: Sequence[Size], *sources: Value) -> Value:
        """The tensor repeated to a shape."""
        return x if x.shape == tuple(shape) else self.op("Expand", x, self.sizes(shape, x, *sources))

    def number(self, value: float, like: Value) -> Value:
        """A scalar of another tensor's type."""
        return self.constant(np.array(value, like.dtype))

    def zeros(self, x: Value, shape: Sequence[Size], value: float = 0) -> Value:
        """A tensor of zeros whose named dims are those of `x`."""
        if dims.is_known(shape):
            return self.constant(np.full(shape, value, x.dtype))
        return self.op("Expand", self.number(value, x), self.sizes(shape, x))


def static(size: Size, what: str) -> int:
    """A size that has to be a number."""
    if isinstance(size, dims.Expression):
        raise Refusal(f"{what} is the named dim {size}", "fix it by input_shapes")
    return size


def axis_of(axis: int, rank: int) -> int:
    """An axis counted from the front."""
    if not -rank <= axis < rank:
        raise ShapeError(f"there is no axis {axis} in {rank} dimensions")
    return axis % rank


def axes_of(axis: Any, rank: int) -> tuple[int, ...]:
    """Axes counted from the front: all of them for None."""
    if axis is None:
        return tuple(range(rank))
    return tuple(axis_of(int(one), rank) for one in (axis if isinstance(axis, (list, tuple)) else (axis,)))
